"""Hidden checks of exercise 3: what I(X;Y) = 0 means.

Oracles. Tables that are products by construction, or are moved away from a product by a known step; properties of
the student's own examples, computed here with NumPy from the values that came back; the truth of eight statements.

Students may compare the cells or the mutual information with the tolerance, in bits or nats, so tables are on the same
side of it by all of these measures. That includes a common pair of rare labels: its cells are as far from the product
as its probability, and its information is a dozen times more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from autograder.checks.answers import TOLERANCE, approx, describe, fail, item, missing, number, points, value
from autograder.checks.comparisons import distribution
from autograder.remote.calls import Given
from autograder.sandbox.wire import Tensor

pytestmark = item("exercise-3")

Array = NDArray[np.float64]

LEAST_BITS = 0.05
"""How much variables must share to count as dependent."""

MOST_CELLS = 1_000_000

TRUE_CLAIMS = frozenset(
    {
        "zero_mi_means_zero_correlation",
        "functions_stay_independent",
        "independent_samples_score_above_zero",
        "knowing_y_leaves_the_entropy_of_x",
    }
)
FALSE_CLAIMS = frozenset(
    {
        "zero_correlation_means_zero_mi",
        "zero_mi_means_same_distribution",
        "pairwise_means_joint_independence",
        "conditioning_keeps_independence",
    }
)
"""As many are false as true: giving the same answer to all makes as many right as wrong, and gets no points."""


# --- oracles -------------------------------------------------------------------------------------------------------


def shared_bits(joint: Array) -> float:
    """Return D(P || product of the marginals) in bits, for any number of variables."""
    product = np.ones(())
    for axis in range(joint.ndim):
        others = tuple(i for i in range(joint.ndim) if i != axis)
        product = np.multiply.outer(product, joint.sum(axis=others))
    return float(rel_entr(joint, product).sum() / np.log(2))


def dependent_table(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Return a table that shares at least 0.05 bits."""
    while True:
        joint = distribution(rng, rows, columns)
        if shared_bits(joint) > LEAST_BITS:
            return joint


def product_table(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """Return the joint distribution of two independent variables."""
    return np.outer(distribution(rng, rows), distribution(rng, columns))


def uncorrelated_table(rng: np.random.Generator) -> Array:
    """Return a 3 × 3 table of dependent variables whose numbers of row and column have covariance 0."""
    joint = product_table(rng, 3, 3)
    step = joint.min() / 2
    return joint + step * np.array([[1, -1, 0], [-1, 0, 1], [0, 1, -1]])


def moved_in_one_corner(rng: np.random.Generator, top: bool) -> Array:
    """Return a 4 × 4 table that is a product but for four cells at the top right or at the bottom left."""
    joint = product_table(rng, 4, 4)
    corner = joint[:2, 2:] if top else joint[2:, :2]
    corner += corner.min() / 2 * np.array([[1, -1], [-1, 1]])
    return joint


# --- is_independent, 1.25 points -----------------------------------------------------------------------------------


INDEPENDENT = "Independent variables were called dependent."
DEPENDENT = "Dependent variables were called independent."


def assert_tells_apart(function: Any, independent: Sequence[Any], dependent: Sequence[Any], hint: str = "") -> None:
    """Fail unless `function` is True for every independent table and False for every dependent one.

    All answers are collected before the first one is judged: one wrong answer shows too little of a wrong rule.
    """
    answers = function.each(*map(Given, (*independent, *dependent)))
    expected = [(True, INDEPENDENT)] * len(independent) + [(False, f"{DEPENDENT} {hint}".strip())] * len(dependent)
    for answer, (truth, complaint) in zip(answers, expected, strict=True):
        assert_says(answer, truth, complaint)


def assert_says(answer: Any, truth: bool, complaint: str) -> None:
    """Fail with `complaint` unless the answer is `truth`."""
    plain = value(answer)
    said = truth_value(plain)
    if said is None:
        fail(f"True or False was expected; got {describe(plain)}.")
    if said is not truth:
        fail(complaint)


def truth_value(plain: Any) -> bool | None:
    """Return True or False, also where NumPy or torch says so, and None for anything else."""
    plain = plain.array if isinstance(plain, Tensor) else plain
    if isinstance(plain, bool | np.bool_) or (
        isinstance(plain, np.ndarray) and plain.size == 1 and plain.dtype.kind == "b"
    ):
        return bool(plain)
    return None


@points(0.5, function="is_independent")
def test_tells_independent_from_dependent_tables(notebook: Any, rng: np.random.Generator) -> None:
    """`is_independent` is True for products of two distributions and False for all others, even uncorrelated ones."""
    shapes = ((2, 2), (3, 2), (2, 5), (4, 4))
    independent = [product_table(rng, *shape) for shape in shapes]
    dependent = [uncorrelated_table(rng), *(dependent_table(rng, *shape) for shape in shapes)]

    assert_tells_apart(notebook.is_independent, independent, dependent)


@points(0.25, function="is_independent")
def test_is_not_misled_by_symmetry_or_zero_correlation(notebook: Any, rng: np.random.Generator) -> None:
    """Symmetric tables, equal marginals, zero correlation or a determinant of 0 do not make variables independent.

    Nor is a part of the table enough: all but four cells may fit a product. Rows and columns of zeros change nothing.
    """
    p = distribution(rng, 3)
    independent = [np.outer(other, p) for other in ([0.5, 0.5], [0.5, 0.0, 0.25, 0.25], p)]
    independent.append(independent[1].T)
    misleading = [
        moved_in_one_corner(rng, top=True),
        moved_in_one_corner(rng, top=False),
        np.array([[0.125, 0.0, 0.25], [0.25, 0.0, 0.0], [0.125, 0.0, 0.25]]),
        np.array([[0.0, 0.25, 0.0], [0.25, 0.0, 0.25], [0.0, 0.25, 0.0]]),
        np.array([[0.125, 0.25, 0.125], [0.0, 0.0, 0.0], [0.25, 0.0, 0.25]]),
        np.array([[0.25, 0.125, 0.0], [0.25, 0.125, 0.0], [0.0, 0.125, 0.125]]),
        np.array([[0.25, 0.0625, 0.0], [0.0, 0.25, 0.0625], [0.0625, 0.0, 0.25]]) / 0.9375,
        np.array([[0.375, 0.125], [0.125, 0.375]]),
        np.diag(p),
    ]

    assert_tells_apart(notebook.is_independent, independent, misleading, "Some regularity of the table is misleading.")


@points(0.25, function="is_independent")
def test_rounding_is_no_dependence(notebook: Any) -> None:
    """Tables that are products up to the last digits, as computed or as lists, are independent."""
    thirds = [1 / 3, 1 / 3, 1 / 3]
    factors = (([0.1, 0.2, 0.7], thirds), ([0.3, 0.7], [0.1, 0.6, 0.3]), ([1.0], thirds))
    products = [[[a * b for b in q] for a in p] for p, q in factors]

    assert_tells_apart(notebook.is_independent, products, [[[0.29, 0.21], [0.21, 0.29]]])


@points(0.25, function="is_independent")
def test_tolerance_decides_what_counts_as_rounding(notebook: Any) -> None:
    """With a larger `tol` a table close to a product counts as independent, with a smaller one it does not."""
    near, step, rare = [[0.26, 0.24], [0.24, 0.26]], 1.5e-10, 4e-9
    nearest = [[0.25 + step, 0.25 - step], [0.25 - step, 0.25 + step]]
    hardly = 1.25e-6
    by_default, strict, generous, by_place, rounded, rarely, strictest = notebook.is_independent.each(
        Given(near),
        Given(near, tol=5e-4),
        Given(near, tol=0.05),
        Given(near, 0.05),
        Given(nearest),
        Given([[1 - rare, 0.0], [0.0, rare]]),
        Given([[0.25 + hardly, 0.25 - hardly], [0.25 - hardly, 0.25 + hardly]], tol=1e-12),
    )

    assert_says(by_default, False, "By default a difference of 0.01 in each cell is more than rounding.")
    assert_says(strict, False, "A difference of 0.01 in each cell, 8e-4 nats, exceeds `tol=5e-4`.")
    for answer in (generous, by_place):
        assert_says(answer, True, "A difference of 0.01 in each cell is within `tol=0.05`.")
    assert_says(rounded, True, f"By default a difference of {step} in each cell is within the tolerance.")
    assert_says(rarely, False, f"By default a difference of {rare} in each cell, 1e-7 bits, exceeds the tolerance.")
    assert_says(strictest, False, f"A difference of {hardly} in each cell, 5e-11 nats, exceeds `tol=1e-12`.")


# --- independent_version, 0.75 points ------------------------------------------------------------------------------


@points(0.5, function="independent_version")
def test_independent_version_of_any_table(notebook: Any, rng: np.random.Generator) -> None:
    """`independent_version` is the product of the marginals, in the shape of the table, square or not."""
    for shape in ((2, 3), (4, 2), (3, 3)):
        joint = dependent_table(rng, *shape)
        product = np.array([[row * column for column in joint.sum(axis=0)] for row in joint.sum(axis=1)])

        assert notebook.independent_version(joint) == approx(product, TOLERANCE)


@points(0.25, function="independent_version")
def test_independent_version_keeps_the_marginals(notebook: Any, rng: np.random.Generator) -> None:
    """The variables keep their marginals, impossible labels too; a product stays as it is."""
    p = distribution(rng, 3)
    gaps = np.zeros((4, 3))
    gaps[0], gaps[2] = [0.25, 0.0, 0.125], [0.125, 0.0, 0.5]
    expected = [[3 / 8 * 3 / 8, 0, 3 / 8 * 5 / 8], [0, 0, 0], [5 / 8 * 3 / 8, 0, 5 / 8 * 5 / 8], [0, 0, 0]]
    product = np.outer(p, [0.5, 0.25, 0.25])
    row, column = np.outer([1.0], p), np.outer(p, [1.0])
    answers = notebook.independent_version.each(
        Given(gaps.tolist()), Given(product), Given(row.tolist()), Given(column)
    )

    for answer, truth in zip(answers, (expected, product, row, column), strict=True):
        assert answer == approx(truth, TOLERANCE)


# --- examples, 1 point each ----------------------------------------------------------------------------------------


def as_floats(part: Any, ndim: int, name: str) -> Array:
    """Return a part of the student's example as an array of finite floats with `ndim` axes."""
    plain = part.array if isinstance(part, Tensor) else part
    if isinstance(plain, list | tuple):
        plain = _from_lists(plain, ndim, name)
    if not isinstance(plain, np.ndarray) or plain.dtype.kind not in "biuf" or plain.ndim != ndim:
        fail(f"{name} must be an array of numbers with {ndim} {'axis' if ndim == 1 else 'axes'}; got {describe(part)}.")
    if not 0 < plain.size <= MOST_CELLS:
        fail(f"{name} must have between 1 and {MOST_CELLS:,} numbers; got {plain.size:,}.")
    with np.errstate(all="ignore"):
        numbers = plain.astype(float)
    if not np.isfinite(numbers).all():
        fail(f"{name} must hold finite numbers.")
    return numbers


def _from_lists(rows: Sequence[Any], ndim: int, name: str) -> Array:
    """Return nested lists of numbers as an array; text, gaps and deeper lists are refused before NumPy gets them."""
    rows = [row.array if isinstance(row, Tensor) else row for row in rows]
    if ndim == 1:
        return np.array([number(row) for row in rows])
    parts = [as_floats(row, ndim - 1, f"a row of {name}") for row in rows]
    if len({part.shape for part in parts}) != 1:
        fail(f"{name} must have rows of equal length.")
    return np.array(parts)


def as_distribution(part: Any, ndim: int, name: str) -> Array:
    """Return a part of the student's example as a joint distribution with `ndim` axes."""
    joint = as_floats(part, ndim, name)
    if (joint < 0).any():
        fail(f"{name} must not hold a negative number; the smallest is {joint.min():.6g}.")
    with np.errstate(all="ignore"):
        total = float(joint.sum())
    if not abs(total - 1) <= 1e-6:
        fail(f"{name} must sum to 1; it sums to {total:.8g}.")
    return joint / total


@points(1, function="dependent_but_uncorrelated")
def test_dependent_but_uncorrelated(notebook: Any) -> None:
    """`dependent_but_uncorrelated` gives values of X and Y and a joint distribution: covariance 0, 0.05 bits or more.

    Any example will do. Both variables must vary.
    """
    answer = value(notebook.dependent_but_uncorrelated())
    if not isinstance(answer, list | tuple) or len(answer) != 3:
        fail(f"Three parts were expected, (x_values, y_values, joint_p); got {describe(answer)}.")
    x_values, y_values = as_floats(answer[0], 1, "`x_values`"), as_floats(answer[1], 1, "`y_values`")
    joint = as_distribution(answer[2], 2, "`joint_p`")
    if joint.shape != (x_values.size, y_values.size):
        fail(
            f"`joint_p` must have a row for each of {x_values.size} values of X and a column for each of "
            f"{y_values.size} values of Y; its shape is {joint.shape}."
        )
    with np.errstate(all="ignore"):
        x, y = x_values - joint.sum(axis=1) @ x_values, y_values - joint.sum(axis=0) @ y_values
        spread_x, spread_y = np.sqrt(joint.sum(axis=1) @ x**2), np.sqrt(joint.sum(axis=0) @ y**2)
        covariance = float(x @ joint @ y)
    if not (1e-6 < spread_x < 1e6 and 1e-6 < spread_y < 1e6):
        complaint = "X and Y must both vary, with standard deviations between a millionth and a million."
        fail(complaint, "constant-for-variable" if min(spread_x, spread_y) < 1e-6 else None)
    if abs(covariance) >= 1e-12 * max(1.0, spread_x * spread_y) or abs(covariance) >= 1e-9 * spread_x * spread_y:
        fail(f"X and Y must be uncorrelated; their covariance is {covariance:.6g}.")
    bits = shared_bits(_merged(_merged(joint, x_values, 0), y_values, 1))
    if bits < LEAST_BITS:
        fail(f"X and Y must share at least {LEAST_BITS} bits; they share {bits:.6g}.")


def _merged(joint: Array, values: Array, axis: int) -> Array:
    """Return the table with equal values of a variable merged: a value that appears twice is one value."""
    distinct, place = np.unique(values, return_inverse=True)
    rows = np.moveaxis(joint, axis, 0)
    merged = np.zeros((distinct.size, rows.shape[1]))
    np.add.at(merged, place.reshape(-1), rows)
    return np.moveaxis(merged, 0, axis)


@points(1, function="pairwise_independent_joint")
def test_pairwise_independent_joint(notebook: Any) -> None:
    """`pairwise_independent_joint` is a 2×2×2 distribution: any two variables are independent, all three are not.

    Any example will do.
    """
    joint = as_distribution(value(notebook.pairwise_independent_joint()), 3, "The joint distribution")
    if joint.shape != (2, 2, 2):
        fail(f"Three variables with two values each were expected; the shape is {joint.shape}.")
    for axis, pair in ((2, "first and second"), (1, "first and third"), (0, "second and third")):
        margin = joint.sum(axis=axis)
        distance = float(np.abs(margin - np.outer(margin.sum(axis=1), margin.sum(axis=0))).max())
        if distance > 1e-9:
            fail(f"The {pair} variable must be independent; their table is {distance:.3g} away from a product.")
    bits = shared_bits(joint)
    if bits < LEAST_BITS:
        fail(f"All three together must share at least {LEAST_BITS} bits; they share {bits:.6g}.")


# --- claims, 2 points ----------------------------------------------------------------------------------------------


def assert_right_minus_wrong(path: Any, least: int) -> None:
    """Fail unless at least `least` more claims are right than wrong; unanswered claims count as neither."""
    claims = value(path)
    if not isinstance(claims, dict):
        fail(f"`claims` must be a dict of statements to True or False; got {describe(claims)}.")
    keys = (*TRUE_CLAIMS, *FALSE_CLAIMS)
    if all(key in claims and claims[key] is None for key in keys):
        missing("Not written yet: none of the eight statements in `claims` is answered.")
    answered = {key: claims[key] for key in keys if claims.get(key) is not None}
    given = {key: said for key, answer in answered.items() if (said := truth_value(answer)) is not None}
    right = sum(answer is (key in TRUE_CLAIMS) for key, answer in given.items())
    wrong = len(given) - right
    if right - wrong < least:
        odd = len(answered) - len(given)
        note = f" {odd} more are neither True nor False." if odd else ""
        fail(f"Of eight statements {len(given)} are answered; right minus wrong is {right - wrong}.{note}")


@points(0.25, function="claims")
def test_claims_1_of_8(notebook: Any) -> None:
    """More of the statements in `claims` are judged right than wrong."""
    assert_right_minus_wrong(notebook.claims, 1)


@points(0.25, function="claims")
def test_claims_2_of_8(notebook: Any) -> None:
    """At least two more of the statements in `claims` are judged right than wrong."""
    assert_right_minus_wrong(notebook.claims, 2)


@points(0.25, function="claims")
def test_claims_3_of_8(notebook: Any) -> None:
    """At least three more of the statements in `claims` are judged right than wrong."""
    assert_right_minus_wrong(notebook.claims, 3)


@points(0.25, function="claims")
def test_claims_4_of_8(notebook: Any) -> None:
    """At least four more of the statements in `claims` are judged right than wrong."""
    assert_right_minus_wrong(notebook.claims, 4)


@points(0.25, function="claims")
def test_claims_5_of_8(notebook: Any) -> None:
    """At least five more of the statements in `claims` are judged right than wrong."""
    assert_right_minus_wrong(notebook.claims, 5)


@points(0.25, function="claims")
def test_claims_6_of_8(notebook: Any) -> None:
    """At least six more of the statements in `claims` are judged right than wrong."""
    assert_right_minus_wrong(notebook.claims, 6)


@points(0.25, function="claims")
def test_claims_7_of_8(notebook: Any) -> None:
    """At least seven more of the statements in `claims` are judged right than wrong."""
    assert_right_minus_wrong(notebook.claims, 7)


@points(0.25, function="claims")
def test_claims_8_of_8(notebook: Any) -> None:
    """All eight statements in `claims` are judged right."""
    assert_right_minus_wrong(notebook.claims, 8)
