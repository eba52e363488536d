"""The checks of section 3 that answer at once. They use small columns and tables that can be worked out by hand.

The points come from other checks with other numbers, among them cases that are not listed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from IPython.display import display
from numpy.typing import NDArray

# Answers are often written with these. Their import takes a second or two, which the setup pays and no check.
from sklearn import feature_selection, metrics  # noqa: F401

from .notebook_helpers import (
    ChecksFailed,
    Outcome,
    Report,
    expect_number,
    expect_refusal,
    expect_true,
    show,
)
from .student_files import StudentModule

STUDENT = StudentModule("mutual_information")

CLAIMS = (
    "zero_mi_means_zero_correlation",
    "zero_correlation_means_zero_mi",
    "zero_mi_means_same_distribution",
    "pairwise_means_joint_independence",
    "functions_stay_independent",
    "conditioning_keeps_independence",
    "independent_samples_score_above_zero",
    "knowing_y_leaves_the_entropy_of_x",
)

HEIGHTS = [0.11, 0.95, 0.27, 0.83, 0.42, 0.71, 0.58, 0.64, 0.19, 0.88, 0.35, 0.77, 0.05, 0.49, 0.92, 0.23]
GROUPS = [0] * 8 + [1] * 8


def check_mutual_information() -> None:
    """Show the checks of ``MutualInformation.mutual_information_discrete``."""
    display(mutual_information_report())


def check_refusals() -> None:
    """Show what ``MutualInformation.mutual_information_discrete`` does with input that holds no pairs."""
    display(refusals_report())


def check_feature_selection() -> None:
    """Show the checks of ``MutualInformation.feature_selection_by_mi``."""
    display(feature_selection_report())


def check_example_3() -> None:
    """Show the checks of the whole module, and fail if one of them fails.

    Raises
    ------
    ChecksFailed
        With the number of checks that do not pass and the functions they belong to.
    """
    reports = [mutual_information_report(), refusals_report(), feature_selection_report()]
    for report in reports:
        display(report)
    if not all(report.passed for report in reports):
        raise ChecksFailed("; ".join(f"{report.title}: {report.summary}" for report in reports if not report.passed))


def check_exercise_3(names: Mapping[str, Any]) -> None:
    """Show whether the answers of exercise-3 have the right form; call with ``globals()``."""
    display(exercise_3_report(names))


def mutual_information_report() -> Report:
    """Run the checks of ``mutual_information_discrete`` on right input."""
    shared = _function("mutual_information_discrete")
    sky = np.array(["wet", "dry", "dry", "wet"])

    def leaves_input_alone() -> bool:
        shared(sky, sky)
        return sky.tolist() == ["wet", "dry", "dry", "wet"]

    return Report(
        "mutual_information_discrete",
        (
            expect_number("A copy of a fair coin shares 1 bit with it.", lambda: shared([0, 1, 0, 1], [5, 7, 5, 7]), 1),
            expect_number(
                "Two coins of which every pair comes once share 0 bits.",
                lambda: shared([0, 0, 1, 1], [0, 1, 0, 1]),
                0.0,
                hints=[(2.0, "that is H(X,Y), or H(X) + H(Y)."), (1.0, "that is the entropy of one of them.")],
            ),
            expect_number(
                "`[a, a, b, b]` and `[0, 0, 0, 1]`: 0.8113 + 1 − 1.5 bits.",
                lambda: shared(["a", "a", "b", "b"], [0, 0, 0, 1]),
                0.31127812445913283,
                hints=[
                    (0.5, "that is H(Y|X), what is left of Y when X is known."),
                    (0.6887218755408671, "that is H(X|Y), what is left of X when Y is known."),
                    (1.5, "that is H(X,Y)."),
                    (0.3437110184854508, "that is divided by the mean of both entropies. Leave it in bits."),
                ],
            ),
            expect_number(
                "The same in nats: `base=math.e`.",
                lambda: shared(["a", "a", "b", "b"], [0, 0, 0, 1], base=math.e),
                0.21576155433883565,
                unit="nats",
                hints=[(0.31127812445913283, "that is in bits. The argument `base` has no effect yet.")],
            ),
            expect_number(
                'A column may mix types: `[1, "1", None]` with `[0, 1, 2]` share log2(3) bits.',
                lambda: shared([1, "1", None], [0, 1, 2]),
                math.log2(3),
                hints=[(0.9182958340544896, 'that takes 1 and "1" for the same label.')],
            ),
            expect_number(
                "A tuple is one label: the pairs of two coins with their sum share 1.5 bits.",
                lambda: shared([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 2]),
                1.5,
            ),
            expect_number(
                "Large integers stay apart: 2⁶⁰ and 2⁶⁰ + 1 share 1 bit with a copy.",
                lambda: shared([2**60, 2**60 + 1], [0, 1]),
                1.0,
                hints=[(0.0, "as floats they are the same number. Count the labels as they are.")],
            ),
            expect_number(
                "Labels are the same if they are equal: `[1, 1.0, True]` with `[0, 1, 2]` share 0 bits.",
                lambda: shared([1, 1.0, True], [0, 1, 2]),
                0.0,
                hints=[(math.log2(3), "that takes them for three labels. Leave it to `==`.")],
            ),
            expect_number("A single observation shares 0 bits.", lambda: shared(["only"], ["one"]), 0.0),
            expect_true(
                "The array that you are given stays as it is.",
                leaves_input_alone,
                "The input array was changed. Work on a copy.",
            ),
        ),
    )


def refusals_report() -> Report:
    """Run the checks of ``mutual_information_discrete`` on input that has to be refused."""
    shared = _function("mutual_information_discrete")
    return Report(
        "mutual_information_discrete, bad input",
        (
            expect_refusal("Three labels and two are no pairs.", lambda: shared([0, 1, 1], [0, 1])),
            expect_refusal("`[]` and `[]` hold no observation.", lambda: shared([], [])),
            expect_refusal("`base=1` has no logarithm.", lambda: shared([0, 1], [0, 1], base=1)),
            expect_refusal("`base=-2` has no logarithm.", lambda: shared([0, 1], [0, 1], base=-2)),
            expect_refusal("`base=0.5` is not above 1.", lambda: shared([0, 1], [0, 1], base=0.5)),
            expect_refusal("`base=math.inf` is not finite.", lambda: shared([0, 1], [0, 1], base=math.inf)),
        ),
    )


def feature_selection_report() -> Report:
    """Run the checks of ``feature_selection_by_mi``."""
    select = _function("feature_selection_by_mi")
    separates = [height + 3 * group for height, group in zip(HEIGHTS, GROUPS, strict=True)]
    table = np.array([HEIGHTS, separates, HEIGHTS[::-1], separates]).T  # (16, 4), columns 1 and 3 are equal
    coarse = (3 * table).round()  # so many equal distances that another seed nearly always gives other scores

    def indices(n_features: int) -> Callable[[], Any]:
        return lambda: [int(index) for index in select(table, GROUPS, n_features)[0]]

    return Report(
        "feature_selection_by_mi",
        (
            expect_true(
                "It returns two parts: indices of the selected columns, and the scores of all four.",
                lambda: len(select(table, GROUPS, 2)) == 2 and len(select(table, GROUPS, 2)[1]) == 4,
                "The result is to be a pair (selected_indices, mi_scores), with a score for every column.",
            ),
            expect_number(
                "A column that separates two classes of 8 scores ψ(16) − ψ(8) = 0.725372 nats.",
                lambda: select(table, GROUPS, 2)[1][1],
                0.7253718503718505,
                unit="nats",
                hints=[(math.log(2), "that comes from counting, as if every number were a label.")],
            ),
            expect_true(
                "Of the two equal best columns, 1 and 3, the lower index comes first.",
                lambda: indices(2)() == [1, 3],
                "Expected the indices 1, 3. A reversed ascending order turns ties round.",
            ),
            expect_true(
                "With `n_features=1` one index comes back.",
                lambda: indices(1)() == [1],
                "Expected the index 1 alone.",
            ),
            expect_true(
                "The same call gives the same scores.",
                lambda: list(select(coarse, GROUPS, 2)[1]) == list(select(coarse, GROUPS, 2)[1]),
                "The scores differ from call to call. Give `random_state` a number.",
            ),
            expect_refusal("No column cannot be selected: `n_features=0`.", lambda: select(table, GROUPS, 0)),
            expect_refusal("Nor five of four.", lambda: select(table, GROUPS, 5)),
        ),
    )


def exercise_3_report(names: Mapping[str, Any]) -> Report:
    """Check the form of the answers, and what a single small table shows."""
    product = [[0.125, 0.375], [0.125, 0.375]]
    return Report(
        "exercise-3",
        (
            _named(names, "is_independent", "`is_independent` is True for a product and False for a copy.", _tells),
            _named(
                names,
                "independent_version",
                "`independent_version` leaves the product `[[1/8, 3/8], [1/8, 3/8]]` as it is.",
                lambda version: np.allclose(_array(version(product)), product, rtol=0, atol=1e-9),
            ),
            _named(
                names,
                "dependent_but_uncorrelated",
                "`dependent_but_uncorrelated` gives a distribution of two variables with covariance 0.",
                _is_uncorrelated,
            ),
            _named(
                names,
                "pairwise_independent_joint",
                "`pairwise_independent_joint` gives 2 × 2 × 2 probabilities that sum to 1.",
                lambda make: _is_distribution(_array(make()), (2, 2, 2)),
            ),
            _named(
                names,
                "claims",
                "`claims` answers all eight statements with True or False.",
                lambda claims: all(isinstance(claims.get(key), bool | np.bool_) for key in CLAIMS),
            ),
        ),
    )


def _tells(is_independent: Any) -> bool:
    return bool(is_independent([[0.125, 0.375], [0.125, 0.375]])) and not is_independent([[0.5, 0.0], [0.0, 0.5]])


def _is_uncorrelated(make: Any) -> bool:
    x, y, p = map(_array, make())
    if not _is_distribution(p, (x.size, y.size)):
        return False
    x, y = x - p.sum(axis=1) @ x, y - p.sum(axis=0) @ y
    spreads = math.sqrt((p.sum(axis=1) @ x**2) * (p.sum(axis=0) @ y**2))
    return bool(abs(x @ p @ y) < 1e-12 * max(1.0, spreads))


def _array(numbers: Any) -> NDArray[np.float64]:
    """Return numbers in lists, an array or a tensor as an array."""
    return np.asarray(numbers.detach() if hasattr(numbers, "detach") else numbers, dtype=float)


def _is_distribution(p: NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    return p.shape == shape and bool((p >= 0).all()) and bool(abs(p.sum() - 1) < 1e-6)


def _named(names: Mapping[str, Any], name: str, title: str, test: Callable[[Any], bool]) -> Outcome:
    """Check what the notebook calls `name` with `test`."""
    if name not in names:
        return Outcome("unfinished", title, f"Define `{name}` in the cell above and run it.")
    if name == "claims" and isinstance(names[name], dict) and not any(names[name].values()):
        return Outcome("unfinished", title, "Replace each None by True or False.")
    return expect_true(title, lambda: test(names[name]), f"This does not hold for your {show(names[name])}.")


def _function(name: str) -> Any:
    return STUDENT.function(f"MutualInformation.{name}")
