"""The checks of section 2 that answer at once. They use small distributions that can be worked out by hand.

The points come from other checks with other numbers, among them cases that are not listed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# Answers are often written with it. Its import takes a second or two, which the setup pays and no check.
import scipy.stats  # noqa: F401
from IPython.display import display

from .notebook_helpers import (
    ChecksFailed,
    Outcome,
    Report,
    as_number,
    expect_number,
    expect_refusal,
    expect_true,
    show,
)
from .student_files import StudentModule

STUDENT = StudentModule("divergence")

SPINNER = [1 / 2, 1 / 4, 1 / 8, 1 / 8]
OTHER_SPINNER = [1 / 4, 1 / 8, 1 / 8, 1 / 2]
"""What happens and what was believed in the notebook's first example; every probability is a power of 1/2."""

COIN, QUARTER = [1 / 2, 1 / 2], [1 / 4, 3 / 4]

SWAPPED = "that is the other direction. The first argument, P, holds the weights."


def check_kl() -> None:
    """Show the checks of ``DivergenceMeasures.kl_divergence``."""
    display(kl_report())


def check_refusals() -> None:
    """Show what ``DivergenceMeasures.kl_divergence`` does with input that is no pair of distributions."""
    display(refusals_report())


def check_cross_entropy() -> None:
    """Show the checks of ``DivergenceMeasures.cross_entropy``."""
    display(cross_entropy_report())


def check_js() -> None:
    """Show the checks of ``DivergenceMeasures.js_divergence``."""
    display(js_report())


def check_example_2() -> None:
    """Show the checks of the whole module, and fail if one of them fails.

    Raises
    ------
    ChecksFailed
        With the number of checks that do not pass and the functions they belong to.
    """
    reports = [kl_report(), refusals_report(), cross_entropy_report(), js_report()]
    for report in reports:
        display(report)
    if not all(report.passed for report in reports):
        raise ChecksFailed("; ".join(f"{report.title}: {report.summary}" for report in reports if not report.passed))


def check_exercise_2(names: Mapping[str, Any]) -> None:
    """Show whether what exercise-2 defines can be right; call with ``globals()``."""
    display(exercise_2_report(names))


def kl_report() -> Report:
    """Run the checks of ``kl_divergence`` on right input."""
    kl = _function("kl_divergence")
    return Report(
        "kl_divergence",
        (
            expect_number("Who believes the truth pays nothing: D(P||P) = 0.", lambda: kl(QUARTER, QUARTER), 0, "nats"),
            expect_number(
                "P = (1/2, 1/2) against Q = (1/4, 3/4) gives ln(4/3)/2 nats.",
                lambda: kl(COIN, QUARTER),
                math.log(4 / 3) / 2,
                "nats",
                hints=[
                    (0.13081203594113694, SWAPPED),
                    (0.2876820724517809, "that adds up the log ratios without the weights P(x)."),
                    (0.07192051811294523, "that divides by the number of outcomes. P(x) already is the weight."),
                    (
                        0.8369882167858358,
                        "that is the cross-entropy. It still contains H(P), which no model can avoid.",
                    ),
                ],
            ),
            expect_number(
                "The other direction is another number: ln(27/16)/4 nats.",
                lambda: kl(QUARTER, COIN),
                math.log(27 / 16) / 4,
                "nats",
                hints=[(math.log(4 / 3) / 2, SWAPPED)],
            ),
            expect_number(
                "The two spinners in bits: 0.5, with `base=2`.",
                lambda: kl(SPINNER, OTHER_SPINNER, base=2),
                0.5,
                hints=[
                    (0.625, SWAPPED),
                    (0.5 * math.log(2), "that is in nats. The argument `base` has no effect yet."),
                ],
            ),
            expect_number(
                "What Q rules out and P does not costs infinitely much: `[1/2, 1/2]` against `[1, 0]`.",
                lambda: kl(COIN, [1, 0]),
                math.inf,
                "nats",
                hints=[(math.log(2), f"{SWAPPED[:-1]}, or the impossible outcome was left out.")],
            ),
            expect_number(
                "What P rules out adds nothing: `[1, 0]` against `[1/2, 1/2]` gives ln 2 nats.",
                lambda: kl([1, 0], COIN),
                math.log(2),
                "nats",
                hints=[(math.inf, SWAPPED)],
            ),
            expect_true(
                "The arrays that you are given stay as they are.",
                lambda: _left_alone(kl),
                "An input array was changed. Work on a copy.",
            ),
        ),
    )


def refusals_report() -> Report:
    """Run the checks of ``kl_divergence`` on input that has to be refused."""
    kl = _function("kl_divergence")
    return Report(
        "kl_divergence, bad input",
        (
            expect_refusal("Counts: `[1, 3]` and `[2, 2]`.", lambda: kl([1, 3], [2, 2])),
            expect_refusal("`q` sums to 1.5: `[0.5, 1.0]`.", lambda: kl(COIN, [0.5, 1.0])),
            expect_refusal("Logits in `q`: `[2.0, -1.0]`.", lambda: kl(COIN, [2.0, -1.0])),
            expect_refusal("`[nan, 1.0]` has an entry that is no number.", lambda: kl([math.nan, 1.0], COIN)),
            expect_refusal("Two outcomes against three.", lambda: kl(COIN, [0.5, 0.5, 0.0])),
            expect_refusal("One outcome against two.", lambda: kl([1.0], COIN)),
            expect_refusal("Two tables.", lambda: kl(np.full((2, 2), 0.25), np.full((2, 2), 0.25))),
            expect_refusal("No outcomes at all.", lambda: kl([], [])),
            expect_refusal("`base=1` has no logarithm.", lambda: kl(COIN, QUARTER, base=1)),
        ),
    )


def cross_entropy_report() -> Report:
    """Run the checks of ``cross_entropy``."""
    cross = _function("cross_entropy")
    return Report(
        "cross_entropy",
        (
            expect_number(
                "The two spinners: 2.25 bits with `base=2`.",
                lambda: cross(SPINNER, OTHER_SPINNER, base=2),
                2.25,
                hints=[
                    (2.375, "that is H(Q, P). The first argument, P, holds the weights."),
                    (0.5, "that is D(P||Q). H(P) belongs to the cross-entropy as well."),
                    (1.75, "that is the entropy of one of the two. Weights and surprises come from different ones."),
                    (2.25 * math.log(2), "that is in nats. The argument `base` has no effect yet."),
                ],
            ),
            expect_number(
                "H(P, P) is the entropy: ln 2 of a fair coin.", lambda: cross(COIN, COIN), math.log(2), "nats"
            ),
            expect_number(
                "One certain class, predicted with probability 1/4: the loss is ln 4.",
                lambda: cross([0, 1, 0], [1 / 2, 1 / 4, 1 / 4]),
                math.log(4),
                "nats",
                hints=[(math.inf, "that is H(Q, P). The first argument, P, holds the weights.")],
            ),
            expect_number(
                "A prediction of 0 for what happens costs infinitely much.",
                lambda: cross(COIN, [1, 0]),
                math.inf,
                "nats",
            ),
            expect_number("What is certain and was predicted costs 0.", lambda: cross([1, 0], [1, 0]), 0, "nats"),
            expect_true(
                "The arrays that you are given stay as they are.",
                lambda: _left_alone(cross),
                "An input array was changed. Work on a copy.",
            ),
            expect_refusal("Logits in `q`: `[2.0, -1.0]`.", lambda: cross([0, 1], [2.0, -1.0])),
            expect_refusal("Two outcomes against three.", lambda: cross(COIN, [0.5, 0.5, 0.0])),
            expect_refusal("`base=0` has no logarithm.", lambda: cross(COIN, QUARTER, base=0)),
        ),
    )


def js_report() -> Report:
    """Run the checks of ``js_divergence``."""
    js = _function("js_divergence")
    root = "that is the square root, the Jensen-Shannon *distance*. The divergence is its square."
    return Report(
        "js_divergence",
        (
            expect_number("Equal distributions are at 0.", lambda: js(QUARTER, QUARTER), 0, "nats"),
            expect_number(
                "Distributions that share nothing have ln 2, the largest value.",
                lambda: js([1, 0], [0, 1]),
                math.log(2),
                "nats",
                hints=[
                    (2 * math.log(2), "that adds the two divergences. Each counts half."),
                    (math.sqrt(math.log(2)), root),
                    (math.inf, "no term can be infinite if both are compared with their mixture."),
                ],
            ),
            expect_number(
                "`[1, 0]` and `[1/2, 1/2]`, whose mixture is `[3/4, 1/4]`: 0.311278 bits with `base=2`.",
                lambda: js([1, 0], COIN, base=2),
                0.3112781244591328,
                hints=[
                    (math.sqrt(0.3112781244591328), root),
                    (0.20751874963942196, "that is only the half of P. Q is compared with the mixture too."),
                    (0.4150374992788438, "that is D(P||M) alone. Q is compared with the mixture too."),
                    (0.3112781244591328 * math.log(2), "that is in nats. The argument `base` has no effect yet."),
                ],
            ),
            expect_number(
                "The same the other way round.", lambda: js(COIN, [1, 0], base=2), 0.3112781244591328, hints=[]
            ),
            expect_true(
                "The arrays that you are given stay as they are.",
                lambda: _left_alone(js),
                "An input array was changed. Work on a copy.",
            ),
            expect_refusal("Counts: `[1, 3]` and `[2, 2]`.", lambda: js([1, 3], [2, 2])),
            expect_refusal("Two outcomes against three.", lambda: js(COIN, [0.5, 0.5, 0.0])),
            expect_refusal("`base=-2` has no logarithm.", lambda: js(COIN, QUARTER, base=-2)),
        ),
    )


def exercise_2_report(names: Mapping[str, Any]) -> Report:
    """Check what can be said about the function and the three numbers without giving them away."""
    to_do = "Write the function and the three numbers in the cell above and run it."

    def gaussian_kl(*four: float) -> Any:
        if not callable(names.get("gaussian_kl")):
            raise NotImplementedError(to_do)
        return names["gaussian_kl"](*four)

    def apart(first: str, second: str) -> Callable[[], bool]:
        return lambda: abs(_number(names, first, to_do) - _number(names, second, to_do)) > 0.01

    return Report(
        "exercise-2",
        (
            expect_number("Equal Gaussians are at 0.", lambda: gaussian_kl(3, 2, 3, 2), 0, "nats", tolerance=1e-5),
            expect_number(
                "A mean that is off by one standard deviation costs half a nat.",
                lambda: gaussian_kl(5, 2, 7, 2),
                0.5,
                "nats",
                hints=[(1.0, "are your widths standard deviations? The variance of this Gaussian is 4, not 2.")],
                tolerance=1e-5,
            ),
            expect_refusal("A standard deviation of 0 is refused.", lambda: gaussian_kl(0, 0, 2, 1)),
            expect_refusal("A negative standard deviation is refused.", lambda: gaussian_kl(0, 1, 2, -1)),
            *(_between(names, name, 0, 4, to_do) for name in ("kl_forward", "kl_reverse", "kl_forward_std2")),
            expect_true(
                "The two directions are not the same.",
                apart("kl_forward", "kl_reverse"),
                "They are. Which of the two Gaussians holds the weights?",
            ),
            expect_true(
                "A variance of 2 and a standard deviation of 2 are not the same.",
                apart("kl_forward", "kl_forward_std2"),
                "They are. What do you give to `gaussian_kl` for N(2, 2)?",
            ),
        ),
    )


def _number(names: Mapping[str, Any], name: str, to_do: str) -> float:
    """Return the number called `name`; one that is missing says what to do."""
    number = as_number(names.get(name))
    if number is None:
        raise NotImplementedError(to_do)
    return number


def _between(names: Mapping[str, Any], name: str, low: float, high: float, to_do: str) -> Outcome:
    """Check that the number called `name` lies between `low` and `high`."""
    title = f"`{name}` is a number of nats between {low} and {high}."
    if name not in names:
        return Outcome("unfinished", title, to_do)
    number = as_number(names[name])
    if number is None:
        return Outcome("wrong", title, f"It is {show(names[name])}, which is not one number.")
    if low < number < high:
        return Outcome("passed", title)
    return Outcome("wrong", title, f"It is {number:.6f}. Divergences are positive, and these two Gaussians overlap.")


def _left_alone(function: Any) -> bool:
    """Whether `function` leaves two arrays with zeros as they are."""
    p, q = np.array([0.0, 0.25, 0.75]), np.array([0.5, 0.0, 0.5])
    function(p, q)
    return bool((p == [0.0, 0.25, 0.75]).all() and (q == [0.5, 0.0, 0.5]).all())


def _function(name: str) -> Any:
    return STUDENT.function(f"DivergenceMeasures.{name}")
