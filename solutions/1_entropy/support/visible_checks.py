"""The checks of section 1 that answer at once. They use small tables that can be worked out by hand.

The points come from other checks with other numbers, among them cases that are not listed here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
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

STUDENT = StudentModule("entropy")

TWO_BY_THREE = [[1 / 4, 1 / 4, 0], [0, 1 / 4, 1 / 4]]
"""A table with 2 rows and 3 columns, so that a wrong axis shows."""


def check_entropy() -> None:
    """Show the checks of ``InformationMeasures.entropy``."""
    display(entropy_report())


def check_refusals() -> None:
    """Show what ``InformationMeasures.entropy`` does with input that is no distribution."""
    display(refusals_report())


def check_joint_entropy() -> None:
    """Show the checks of ``InformationMeasures.joint_entropy``."""
    display(joint_entropy_report())


def check_conditional_entropy() -> None:
    """Show the checks of ``InformationMeasures.conditional_entropy``."""
    display(conditional_entropy_report())


def check_example_1() -> None:
    """Show the checks of the whole module, and fail if one of them fails.

    Raises
    ------
    ChecksFailed
        With the number of checks that do not pass and the functions they belong to.
    """
    reports = [entropy_report(), refusals_report(), joint_entropy_report(), conditional_entropy_report()]
    for report in reports:
        display(report)
    if not all(report.passed for report in reports):
        raise ChecksFailed("; ".join(f"{report.title}: {report.summary}" for report in reports if not report.passed))


def check_exercise_1(names: Mapping[str, Any]) -> None:
    """Show whether the four numbers of exercise-1 can be right; call with ``globals()``."""
    display(exercise_1_report(names))


def entropy_report() -> Report:
    """Run the checks of ``entropy`` on right input."""
    entropy = _function("entropy")
    coin = np.array([0.25, 0.75])

    def leaves_input_alone() -> bool:
        entropy(coin)
        return bool((coin == [0.25, 0.75]).all())

    return Report(
        "entropy",
        (
            expect_number("A fair coin has 1 bit.", lambda: entropy([0.5, 0.5]), 1.0),
            expect_number(
                "The spinner 1/2, 1/4, 1/8, 1/8 has 1.75 bits.",
                lambda: entropy([1 / 2, 1 / 4, 1 / 8, 1 / 8]),
                1.75,
                hints=[
                    (2.0, "that is log2 of the number of outcomes. Each outcome has to count with its own P(x)."),
                    (9.0, "that adds up −log2 P(x) without the weights P(x)."),
                    (2.25, "that is the plain average of −log2 P(x). Each outcome has to count with its own P(x)."),
                ],
            ),
            expect_number("Eight equally likely outcomes have 3 bits.", lambda: entropy(np.full(8, 0.125)), 3.0),
            expect_number("A certain outcome has 0 bits: `[1, 0, 0]`.", lambda: entropy([1, 0, 0]), 0.0),
            expect_number(
                "A fair coin has ln 2 nats: `base=math.e`.",
                lambda: entropy((0.5, 0.5), base=math.e),
                math.log(2),
                unit="nats",
                hints=[(1.0, "that is in bits. The argument `base` has no effect yet.")],
            ),
            expect_true(
                "The array that you are given stays as it is.",
                leaves_input_alone,
                "The input array was changed. Work on a copy.",
            ),
        ),
    )


def refusals_report() -> Report:
    """Run the checks of ``entropy`` on input that has to be refused."""
    entropy = _function("entropy")
    return Report(
        "entropy, bad input",
        (
            expect_refusal("`[0.5, 1.0]` sums to 1.5.", lambda: entropy([0.5, 1.0])),
            expect_refusal("`[3, 1]` are counts.", lambda: entropy([3, 1])),
            expect_refusal("`[1.5, -0.5]` has a negative entry.", lambda: entropy([1.5, -0.5])),
            expect_refusal("`[nan, 1.0]` has an entry that is no number.", lambda: entropy([math.nan, 1.0])),
            expect_refusal("`[]` has no outcome.", lambda: entropy([])),
            expect_refusal("`base=1` has no logarithm.", lambda: entropy([0.5, 0.5], base=1)),
            expect_refusal("`base=-2` has no logarithm.", lambda: entropy([0.5, 0.5], base=-2)),
        ),
    )


def joint_entropy_report() -> Report:
    """Run the checks of ``joint_entropy``."""
    joint_entropy = _function("joint_entropy")
    return Report(
        "joint_entropy",
        (
            expect_number("Two fair coins have 2 bits.", lambda: joint_entropy(np.full((2, 2), 0.25)), 2.0),
            expect_number(
                "The table `[[1/2, 1/4], [1/4, 0]]` has 1.5 bits.",
                lambda: joint_entropy([[0.5, 0.25], [0.25, 0]]),
                1.5,
            ),
            expect_number(
                "Three fair coins have 3 bits: a table with three axes.",
                lambda: joint_entropy(np.full((2, 2, 2), 0.125)),
                3.0,
            ),
            expect_number(
                "Two fair coins have 2 ln 2 nats: `base=math.e`.",
                lambda: joint_entropy(np.full((2, 2), 0.25), base=math.e),
                2 * math.log(2),
                unit="nats",
                hints=[(2.0, "that is in bits. The argument `base` has no effect yet.")],
            ),
            expect_refusal(
                "`[[0.5, 0.5], [0.5, 0.5]]` sums to 2: each row is a distribution, the table is none.",
                lambda: joint_entropy([[0.5, 0.5], [0.5, 0.5]]),
            ),
        ),
    )


def conditional_entropy_report() -> Report:
    """Run the checks of ``conditional_entropy``."""
    conditional_entropy = _function("conditional_entropy")
    wrong_way = "`axis` names the variable you know, not the one you are uncertain about."
    table = "[[1/4, 1/4, 0], [0, 1/4, 1/4]]"
    return Report(
        "conditional_entropy",
        (
            expect_number(
                f"H(X|Y) of `{table}` is 0.5 bits: only the middle column leaves a doubt.",
                lambda: conditional_entropy(TWO_BY_THREE),
                0.5,
                hints=[
                    (1.0, f"that is H(Y|X), or an average without the weights P(y). {wrong_way}"),
                    (1.5, "that is H(Y). What is left is H(X,Y) − H(Y)."),
                    (2.0, "that is H(X,Y). Nothing has been conditioned on."),
                    (1 / 3, "that is a plain average over the columns. Column y has to count with its own P(y)."),
                ],
            ),
            expect_number(
                f"H(Y|X) of `{table}` is 1 bit: `axis=0`.",
                lambda: conditional_entropy(TWO_BY_THREE, axis=0),
                1.0,
                hints=[(0.5, f"that is H(X|Y). {wrong_way}")],
            ),
            expect_number(
                "A column of zeros contributes nothing: H(X|Y) of `[[1/4, 0, 1/2], [1/4, 0, 0]]` is 0.5 bits.",
                lambda: conditional_entropy([[0.25, 0, 0.5], [0.25, 0, 0]]),
                0.5,
            ),
            expect_number(
                "Of independent variables one says nothing about the other: `[[1/8, 3/8], [1/8, 3/8]]` gives 1 bit.",
                lambda: conditional_entropy([[1 / 8, 3 / 8], [1 / 8, 3 / 8]]),
                1.0,
                hints=[(0.8112781244591328, f"that is H(Y|X). {wrong_way}")],
            ),
            expect_number(
                "The same in nats is ln 2: `base=math.e`.",
                lambda: conditional_entropy([[1 / 8, 3 / 8], [1 / 8, 3 / 8]], base=math.e),
                math.log(2),
                unit="nats",
                hints=[(1.0, "that is in bits. The argument `base` has no effect yet.")],
            ),
            expect_refusal("There is no `axis=2`.", lambda: conditional_entropy(TWO_BY_THREE, axis=2)),
            expect_refusal("A list with one axis is no table.", lambda: conditional_entropy([0.5, 0.5])),
        ),
    )


def exercise_1_report(names: Mapping[str, Any]) -> Report:
    """Check what can be said about the four numbers without knowing them."""
    return Report(
        "exercise-1",
        (
            _between(names, "die_entropy", 2, 3, "Two yes/no questions tell 4 outcomes apart, three tell 8."),
            _between(names, "coin_entropy", 0, 1, "A coin that is not fair has less than 1 bit."),
            _between(names, "difference", 1, 3, "The die has more than 2 bits, the coin less than 1."),
            _between(names, "tosses_per_roll", 2, 8, "A toss carries less than a bit, so it takes more of them."),
        ),
    )


def _between(names: Mapping[str, Any], name: str, low: float, high: float, reason: str) -> Outcome:
    """Check that the number called `name` lies between `low` and `high`, which `reason` explains."""
    title = f"`{name}` is a number between {low} and {high}. {reason}"
    if name not in names:
        return Outcome("unfinished", title, "Write the four numbers in the cell above and run it.")
    number = as_number(names[name])
    if number is None:
        return Outcome("wrong", title, f"It is {show(names[name])}, which is not one number.")
    if low < number < high:
        return Outcome("passed", title)
    return Outcome("wrong", title, f"It is {number:.6f}. Is it in bits, and is it what the name says?")


def _function(name: str) -> Any:
    return STUDENT.function(f"InformationMeasures.{name}")
