"""Hidden checks of `entropy.py`: entropy, joint entropy and conditional entropy.

Oracles are values by hand, closed forms and exactly rounded sums in plain Python; the reference solution uses none of
them.

A mistake should cost what it touches and no more. Checks of a value ask for the right unit and the right axis;
checks of a property compare answers with one another (see :mod:`autograder.comparisons`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.comparisons import (
    FLOAT32_TOLERANCE,
    assert_left_alone,
    assert_proportional,
    assert_refuses,
    assert_refuses_bases,
    assert_same,
    distribution,
)
from autograder.suite import TOLERANCE, approx, item, number, points, raises

pytestmark = item("example-1")

Array = NDArray[np.float64]

ENTROPY = "InformationMeasures.entropy"
JOINT = "InformationMeasures.joint_entropy"
CONDITIONAL = "InformationMeasures.conditional_entropy"

RAIN = np.array([[0.2, 0.1], [0.15, 0.55]])
SEVENTHS = [0.142857142] * 7
THIRDS = [[0.333333333, 0.166666666], [0.166666666, 0.333333333]]
"""Probabilities as printed with nine digits: the sum is not exactly 1, but far closer to it than 1e-6."""

MANY = np.array([31 / 32] + [2**-15] * 2**10)
MANY_BITS = 31 / 32 * math.log2(32 / 31) + 15 / 32
"""So many outcomes, and so few bits, that an epsilon of 1e-10 inside the logarithm is seen.

An epsilon takes about n epsilon / ln 2 from the entropy of n outcomes: 1.5e-7 here, more than the tolerance. More
outcomes would be slow for a program that is right but sums a marginal anew for every cell.
"""

BASES = (2, math.e, 3, 10, 1.5)


# --- oracles -------------------------------------------------------------------------------------------------------


def bits(p: Any) -> float:
    """Return the entropy of all cells of `p` in bits."""
    return math.fsum(-x * math.log2(x) for x in np.asarray(p, dtype=float).ravel().tolist() if x > 0)


def conditional_bits(table: Array, axis: int) -> float:
    """Return H(X|Y) (`axis` 1) or H(Y|X) (`axis` 0) in bits, as the average over the conditions."""
    conditions = [(math.fsum(row), row) for row in (table.T if axis == 1 else table).tolist()]
    return math.fsum(weight * bits([x / weight for x in row]) for weight, row in conditions if weight > 0)


def lopsided_table(rng: np.random.Generator, *shape: int) -> Array:
    """Return a random table whose H(X|Y) and H(Y|X) are at least 0.1 bits apart."""
    while True:
        table = distribution(rng, *shape)
        if abs(conditional_bits(table, 0) - conditional_bits(table, 1)) > 0.1:
            return table


# --- comparisons ---------------------------------------------------------------------------------------------------


def assert_changes_base(function: Callable[..., Any], argument: Any, truth: float) -> None:
    """Fail unless `function(argument, base)` is `truth` bits in the unit of every base, however it is passed."""
    for base in BASES:
        assert function(argument, base=base) == approx(truth / math.log2(base), TOLERANCE)
    assert function(argument, 10) == approx(truth / math.log2(10), TOLERANCE)


# --- entropy, 3.5 points -------------------------------------------------------------------------------------------


@points(0.25, function=ENTROPY, reveal=True)
def test_fair_coin_has_one_bit(entropy: Any) -> None:
    """A fair coin has an entropy of exactly 1 bit, and eight equally likely outcomes have 3 bits."""
    assert entropy.InformationMeasures.entropy([0.5, 0.5]) == approx(1.0, TOLERANCE, unit="bits")
    assert entropy.InformationMeasures.entropy([0.125] * 8) == approx(3.0, TOLERANCE, unit="bits")


@points(0.25, function=ENTROPY, reveal=True)
def test_unequal_outcomes(entropy: Any) -> None:
    """Outcomes of probability 1/2, 1/4, 1/8, 1/8 carry 1, 2, 3 and 3 bits, on average 1.75 bits."""
    p = [0.5, 0.25, 0.125, 0.125]

    assert entropy.InformationMeasures.entropy(p) == approx(1.75, TOLERANCE, unit="bits")


@points(0.5, function=ENTROPY)
def test_entropy_of_any_distribution(entropy: Any, rng: np.random.Generator) -> None:
    """The entropy is right for distributions of every size, from two outcomes to very many, in any order."""
    for size in (2, 3, 7, 40):
        p = distribution(rng, size)
        assert entropy.InformationMeasures.entropy(p) == approx(bits(p), TOLERANCE, unit="bits")
        assert entropy.InformationMeasures.entropy(rng.permutation(p)) == approx(bits(p), TOLERANCE, unit="bits")
    assert entropy.InformationMeasures.entropy(MANY) == approx(MANY_BITS, TOLERANCE, unit="bits")


@points(0.5, function=ENTROPY)
def test_entropy_in_other_bases(entropy: Any, rng: np.random.Generator) -> None:
    """The base sets the unit: H_b = H_2 / log2(b), for nats (e), decimal digits (10) and any other base above 1."""
    p = distribution(rng, 5)

    assert_changes_base(entropy.InformationMeasures.entropy, p, bits(p))


@points(0.5, function=ENTROPY)
def test_impossible_outcomes_add_nothing(entropy: Any) -> None:
    """0 log 0 counts as 0: an outcome of probability zero, first, last or in between, adds nothing."""
    answers = [
        entropy.InformationMeasures.entropy(p)
        for p in ([0.5, 0.25, 0.25], [0.5, 0.0, 0.25, 0.25], [0.0, 0.5, 0.5], [0.5, 0.5, 0.0, 0.0, 0.0], [0, 1, 0])
    ]

    assert_proportional(answers, [1.5, 1.5, 1.0, 1.0, 0.0], "Outcomes of probability 0 must not change the entropy.")


@points(0.25, function=ENTROPY)
def test_certain_outcome_has_no_entropy(entropy: Any) -> None:
    """Where there is one outcome only, it is certain and the entropy is 0; with two or four outcomes it is not."""
    answers = [entropy.InformationMeasures.entropy(p) for p in ([1.0], (1.0,), [0.5, 0.5], [0.25] * 4)]

    assert_proportional(answers, [0.0, 0.0, 1.0, 2.0], "A certain outcome has entropy 0, a fair coin has not.")


@points(0.25, function=ENTROPY)
def test_entropy_accepts_sequences_and_number_types(entropy: Any) -> None:
    """Lists, tuples, and arrays of floats, float32, integers or booleans give the same entropy."""
    p = [0.25, 0.5, 0.125, 0.125]
    function = entropy.InformationMeasures.entropy
    answers = [
        function(tuple(p)),
        function(np.array(p)),
        function(p),
        function([1]),
        function(np.array([1])),
        function(np.array([True])),
    ]

    assert_proportional(answers, [1.75, 1.75, 1.75, 0.0, 0.0, 0.0], "The kind of sequence or number must not matter.")
    complaint = "The same distribution in float32 and in float64 must have the same entropy."
    assert_same(function(np.array(p, dtype=np.float32)), answers[1], complaint, FLOAT32_TOLERANCE)


@points(0.25, function=ENTROPY)
def test_entropy_leaves_its_input_alone(entropy: Any) -> None:
    """The array that is given holds the same values after the call, and a second call gives the same answer."""
    function = entropy.InformationMeasures.entropy
    for p in (np.array([0.5, 0.0, 0.5]), np.array([0.125, 0.5, 0.25, 0.125])):
        _, arguments = function.call_and_return_arguments(p)
        assert_left_alone(p, arguments)

    answers = [function(q) for q in ([0.5, 0.5], p, p)]
    assert_proportional(answers, [1.0, 1.75, 1.75], "The entropies of two distributions do not fit together.")


@points(0.25, function=ENTROPY)
def test_entropy_refuses_what_does_not_sum_to_one(entropy: Any) -> None:
    """Numbers that do not sum to 1 (counts, weights) raise ValueError; a sum that is 1 up to rounding is accepted."""
    refused = [
        ([3, 5, 2], "Counts that sum to 10"),
        ([0.75, 0.75], "A sum of 1.5"),
        ([0.25, 0.25], "A sum of 0.5"),
        ([0.0, 0.0], "A sum of 0"),
        (np.full(5, 0.21), "A sum of 1.05"),
    ]

    assert_refuses(entropy.InformationMeasures.entropy, SEVENTHS, refused)


@points(0.25, function=ENTROPY)
def test_entropy_refuses_what_is_no_probability(entropy: Any) -> None:
    """Negative, NaN and infinite entries raise ValueError, and so does an empty list, even where the sum looks fine."""
    refused = [
        ([1.25, -0.25], "A negative entry, sum 1"),
        ([0.5, 0.75, -0.25], "A negative entry, sum 1"),
        ([math.nan, 0.5, 0.5], "An entry that is NaN"),
        (np.array([math.nan, 1.0]), "An entry that is NaN"),
        ([math.inf, 0.5], "An infinite entry"),
        ([], "No outcome at all"),
    ]

    assert_refuses(entropy.InformationMeasures.entropy, [0.25, 0.75], refused)


@points(0.25, function=ENTROPY)
def test_entropy_refuses_bad_bases(entropy: Any) -> None:
    """A base of 1, 0, a negative number or NaN is no unit of information and raises ValueError."""
    assert_refuses_bases(entropy.InformationMeasures.entropy, [0.25, 0.75])


# --- joint entropy, 2.5 points -------------------------------------------------------------------------------------


@points(0.25, function=JOINT, reveal=True)
def test_joint_entropy_by_hand(entropy: Any) -> None:
    """Every cell of the table is one outcome: the joint entropy is the entropy of all cells together."""
    function = entropy.InformationMeasures.joint_entropy

    assert function([[0.5, 0.25], [0.125, 0.125]]) == approx(1.75, TOLERANCE, unit="bits")
    rain = -sum(p * math.log2(p) for p in (0.2, 0.1, 0.15, 0.55))
    assert function(RAIN) == approx(rain, TOLERANCE, unit="bits")


@points(0.25, function=JOINT)
def test_joint_entropy_of_any_table(entropy: Any, rng: np.random.Generator) -> None:
    """The joint entropy is right for tables of every size, square or not, small or large."""
    for shape in ((2, 3), (5, 2), (4, 4), (1, 6)):
        table = distribution(rng, *shape)
        assert entropy.InformationMeasures.joint_entropy(table) == approx(bits(table), TOLERANCE, unit="bits")
    many = MANY.reshape(-1, 5)
    assert entropy.InformationMeasures.joint_entropy(many) == approx(MANY_BITS, TOLERANCE, unit="bits")


@points(0.5, function=JOINT)
def test_joint_entropy_of_any_number_of_variables(entropy: Any, rng: np.random.Generator) -> None:
    """The joint distribution may have one axis or many: one variable, three, four."""
    tables = [distribution(rng, *shape) for shape in ((6,), (2, 3, 4), (2, 1, 3, 2), (3, 5))]
    answers = [entropy.InformationMeasures.joint_entropy(table) for table in tables]

    complaint = "The joint entropies of tables with one, three, four and two axes do not fit together."
    assert_proportional(answers, [bits(table) for table in tables], complaint)


@points(0.25, function=JOINT)
def test_joint_entropy_adds_up_for_independent_variables(entropy: Any, rng: np.random.Generator) -> None:
    """For independent variables, and only for them, the joint entropy is the sum of the single entropies."""
    function = entropy.InformationMeasures.joint_entropy
    p, q = distribution(rng, 4), distribution(rng, 3)
    dependent = np.array([[0.375, 0.125], [0.0625, 0.4375]])
    answers = [function(np.outer(p, q)), function(p[:, np.newaxis]), function(q[np.newaxis, :]), function(dependent)]

    truths = [bits(p) + bits(q), bits(p), bits(q), bits(dependent)]
    complaint = "Two independent variables, each of them alone, and two dependent ones do not fit together."
    assert_proportional(answers, truths, complaint)


@points(0.25, function=JOINT)
def test_joint_entropy_in_other_bases(entropy: Any, rng: np.random.Generator) -> None:
    """The base sets the unit of the joint entropy too: H_b = H_2 / log2(b)."""
    table = distribution(rng, 3, 2)

    assert_changes_base(entropy.InformationMeasures.joint_entropy, table, bits(table))


@points(0.25, function=JOINT)
def test_impossible_cells_add_nothing(entropy: Any) -> None:
    """Cells of probability zero add nothing, and a table with one certain cell has a joint entropy of 0."""
    tables = ([[0.5, 0.0], [0.25, 0.25]], [[0.0, 0.5, 0.0], [0.5, 0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]], [[1]])
    answers = [entropy.InformationMeasures.joint_entropy(table) for table in tables]

    assert_proportional(answers, [1.5, 1.0, 0.0, 0.0], "Cells of probability 0 must not change the joint entropy.")


@points(0.25, function=JOINT)
def test_joint_entropy_accepts_any_array_and_leaves_it_alone(entropy: Any) -> None:
    """Nested lists, tuples and arrays of any number type are fine, and the array given keeps its values."""
    function = entropy.InformationMeasures.joint_entropy
    for table in (np.array([[0.5, 0.0], [0.0, 0.5]]), np.array([[0.5, 0.0625], [0.125, 0.3125]])):
        _, arguments = function.call_and_return_arguments(table)
        assert_left_alone(table, arguments)
    answers = [
        function(table),
        function(table.tolist()),
        function(tuple(tuple(row) for row in table.tolist())),
        function([[1]]),
        function(np.array([[1]])),
        function(np.array([[True]])),
    ]

    complaint = "The kind of sequence or number must not matter."
    assert_proportional(answers, [bits(table)] * 3 + [0.0] * 3, complaint)
    assert_same(function(table.astype(np.float32)), answers[0], complaint, FLOAT32_TOLERANCE)


@points(0.25, function=JOINT)
def test_joint_entropy_refuses_what_is_no_distribution(entropy: Any) -> None:
    """All cells together must be a distribution; rows that each sum to 1, counts, negative or NaN cells are not."""
    refused = [
        ([[0.5, 0.5], [0.25, 0.75]], "Two rows that each sum to 1"),
        ([[3, 5], [2, 10]], "Counts"),
        (np.full((2, 2), 0.2), "A sum of 0.8"),
        ([[0.75, 0.5], [-0.25, 0.0]], "A negative cell, sum 1"),
        ([[math.nan, 0.5], [0.25, 0.25]], "A cell that is NaN"),
        ([[math.inf, 0.5], [0.25, 0.25]], "An infinite cell"),
        (np.zeros((0, 2)), "A table without cells"),
    ]

    assert_refuses(entropy.InformationMeasures.joint_entropy, THIRDS, refused)


@points(0.25, function=JOINT)
def test_joint_entropy_refuses_bad_bases(entropy: Any) -> None:
    """A base of 1, 0, a negative number or NaN raises ValueError in the joint entropy too."""
    assert_refuses_bases(entropy.InformationMeasures.joint_entropy, RAIN)


# --- conditional entropy, 4 points ---------------------------------------------------------------------------------


@points(0.5, function=CONDITIONAL, reveal=True)
def test_entropy_of_x_given_y_by_hand(entropy: Any) -> None:
    """`axis=1` conditions on the columns: H(X|Y) is the average entropy of a column, weighted with P(y)."""
    function = entropy.InformationMeasures.conditional_entropy

    thirds = math.log2(3) - 2 / 3  # entropy of (1/3, 2/3)
    table = [[0.25, 0.125, 0.125], [0.125, 0.25, 0.125]]
    assert function(table, axis=1) == approx(0.75 * thirds + 0.25, TOLERANCE, unit="bits")
    rain = -sum(p * math.log2(p / p_y) for p, p_y in ((0.2, 0.35), (0.15, 0.35), (0.1, 0.65), (0.55, 0.65)))
    assert function(RAIN, axis=1) == approx(rain, TOLERANCE, unit="bits")


@points(0.5, function=CONDITIONAL, reveal=True)
def test_entropy_of_y_given_x_by_hand(entropy: Any) -> None:
    """`axis=0` conditions on the rows: H(Y|X) is the average entropy of a row, weighted with P(x)."""
    function = entropy.InformationMeasures.conditional_entropy

    table = [[0.25, 0.125, 0.125], [0.125, 0.25, 0.125]]
    assert function(table, axis=0) == approx(1.5, TOLERANCE, unit="bits")
    rain = -sum(p * math.log2(p / p_x) for p, p_x in ((0.2, 0.3), (0.1, 0.3), (0.15, 0.7), (0.55, 0.7)))
    assert function(RAIN, axis=0) == approx(rain, TOLERANCE, unit="bits")


@points(0.5, function=CONDITIONAL)
def test_conditional_entropy_of_any_table(entropy: Any, rng: np.random.Generator) -> None:
    """Both directions are right for tables of every size, square or not, with few outcomes or many."""
    function = entropy.InformationMeasures.conditional_entropy
    for shape in ((2, 5), (4, 3), (3, 3)):
        table = lopsided_table(rng, *shape)
        for axis in (0, 1):
            assert function(table, axis=axis) == approx(conditional_bits(table, axis), TOLERANCE, unit="bits")
    assert function(MANY[:, np.newaxis], axis=1) == approx(MANY_BITS, TOLERANCE, unit="bits")


@points(0.25, function=CONDITIONAL)
def test_condition_is_y_by_default(entropy: Any, rng: np.random.Generator) -> None:
    """Without `axis` the function gives what it gives for `axis=1`, which is not what it gives for `axis=0`."""
    table = lopsided_table(rng, 3, 4)
    function = entropy.InformationMeasures.conditional_entropy
    by_default, given_y, given_x = number(function(table)), number(function(table, 1)), number(function(table, axis=0))

    assert_same(by_default, given_y, "Without `axis` the answer must be that of `axis=1`.")
    different = abs(given_y - given_x) > 0.05
    assert different, f"This table's H(X|Y) and H(Y|X) differ; got {given_y:.6g} for both axes."


@points(0.25, function=CONDITIONAL)
def test_both_directions_add_up(entropy: Any, rng: np.random.Generator) -> None:
    """By the chain rule H(X|Y) + H(Y|X) = 2 H(X,Y) - H(X) - H(Y)."""
    function = entropy.InformationMeasures.conditional_entropy
    tables = [lopsided_table(rng, *shape) for shape in ((2, 3), (4, 2), (5, 6))]
    answers = [number(function(table, axis=0)) + number(function(table, axis=1)) for table in tables]

    truths = [2 * bits(t) - bits(t.sum(axis=0)) - bits(t.sum(axis=1)) for t in tables]
    assert_proportional(answers, truths, "H(X|Y) + H(Y|X) of several tables do not stand in the right proportion.")


@points(0.25, function=CONDITIONAL)
def test_impossible_conditions_add_nothing(entropy: Any, rng: np.random.Generator) -> None:
    """A row, column or single cell of probability zero adds nothing: the answer is that without it."""
    function = entropy.InformationMeasures.conditional_entropy
    tables = [lopsided_table(rng, 2, 3), lopsided_table(rng, 4, 2)]
    with_gaps = [np.insert(np.insert(table, 1, 0.0, axis=1), 0, 0.0, axis=0) for table in tables]
    answers = []
    for table, gaps in zip(tables, with_gaps, strict=True):
        for axis in (0, 1):
            complaint = "Empty rows and columns must not change the conditional entropy."
            assert_same(function(gaps, axis=axis), function(table, axis=axis), complaint)
        answers.append(number(function(gaps, axis=0)) + number(function(gaps, axis=1)))
    scattered = np.array([[0.25, 0.0, 0.125], [0.0, 0.25, 0.375]])
    answers.append(number(function(scattered, axis=0)) + number(function(scattered, axis=1)))

    truths = [conditional_bits(t, 0) + conditional_bits(t, 1) for t in (*with_gaps, scattered)]
    complaint = "The conditional entropies of tables with empty rows, columns and cells do not fit together."
    assert_proportional(answers, truths, complaint)


@points(0.25, function=CONDITIONAL)
def test_knowing_everything_or_nothing(entropy: Any, rng: np.random.Generator) -> None:
    """Given a copy of X nothing is left to know about X; given an independent variable all of H(X) is left."""
    p = distribution(rng, 4)
    function = entropy.InformationMeasures.conditional_entropy
    answers = [function(table, axis=axis) for table in (np.diag(p), np.outer(p, p), [[1.0]]) for axis in (0, 1)]

    complaint = "A copy leaves nothing to know, an independent variable everything."
    assert_proportional(answers, [0.0, 0.0, bits(p), bits(p), 0.0, 0.0], complaint)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_in_other_bases(entropy: Any, rng: np.random.Generator) -> None:
    """The base sets the unit in both directions: H_b(X|Y) log2(b) is the same number for every base b."""
    table = lopsided_table(rng, 3, 3)
    function = entropy.InformationMeasures.conditional_entropy
    for axis in (0, 1):
        answers = [function(table, axis=axis, base=base) for base in BASES] + [function(table, axis, 10)]
        truths = [1 / math.log2(base) for base in (*BASES, 10)]
        assert_proportional(answers, truths, "The answers for several bases are not the same entropy in several units.")


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_other_axes(entropy: Any) -> None:
    """A table has the axes 0 and 1; any other `axis` raises ValueError."""
    function = entropy.InformationMeasures.conditional_entropy
    for axis in (0, 1):
        value = number(function(RAIN, axis=axis))
        assert abs(value) > 0.05, f"Axis {axis} must be accepted; got {value:.6g}."
    for axis in (2, -1, 3):
        with raises(ValueError, f"`axis={axis}`"):
            function(RAIN, axis=axis)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_other_dimensions(entropy: Any) -> None:
    """The joint distribution of two variables is a table: one axis, or three, raise ValueError."""
    refused = [
        ([0.25, 0.75], "One axis"),
        (np.full((2, 2, 2), 0.125), "Three axes"),
        (np.array([[[0.5, 0.25, 0.25]]]), "Three axes"),
    ]

    assert_refuses(entropy.InformationMeasures.conditional_entropy, RAIN, refused)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_what_is_no_distribution(entropy: Any) -> None:
    """A table of conditional probabilities, counts, negative, NaN or infinite cells, or no cells raise ValueError."""
    refused = [
        ([[0.5, 0.5], [0.25, 0.75]], "Rows that each sum to 1"),
        ([[0.5, 0.25], [0.5, 0.75]], "Columns that each sum to 1"),
        ([[3, 5, 1], [2, 10, 4]], "Counts"),
        (np.full((2, 3), 0.15), "A sum of 0.9"),
        ([[0.75, 0.5], [-0.25, 0.0]], "A negative cell, sum 1"),
        ([[math.nan, 0.5], [0.25, 0.25]], "A cell that is NaN"),
        ([[math.inf, 0.5], [0.25, 0.25]], "An infinite cell"),
        (np.zeros((2, 0)), "A table without cells"),
    ]

    assert_refuses(entropy.InformationMeasures.conditional_entropy, THIRDS, refused)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_bad_bases(entropy: Any) -> None:
    """A base of 1, 0, a negative number or NaN raises ValueError in the conditional entropy too."""
    assert_refuses_bases(entropy.InformationMeasures.conditional_entropy, RAIN)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_accepts_any_table_and_leaves_it_alone(entropy: Any) -> None:
    """Nested lists, tuples and arrays of any number type are fine, and the array given keeps its values."""
    function = entropy.InformationMeasures.conditional_entropy
    complaint = "The kind of sequence or number must not matter."
    tables = (np.array([[0.5, 0.0], [0.0, 0.5]]), np.array([[0.25, 0.0625], [0.1875, 0.5]]))
    for axis in (0, 1):
        for table in tables:
            _, arguments = function.call_and_return_arguments(table, axis=axis)
            assert_left_alone(table, arguments)
        value = number(function(table, axis=axis))
        assert abs(value) > 0.05, f"This table's conditional entropy is not 0; got {value:.6g}."
        for same in (table.tolist(), tuple(tuple(row) for row in table.tolist())):
            assert_same(function(same, axis=axis), value, complaint)
        assert_same(function(table.astype(np.float32), axis=axis), value, complaint, FLOAT32_TOLERANCE)
        for certain in ([[1]], np.array([[1]]), np.array([[True]])):
            assert_same(function(certain, axis=axis), 0.0, "Where there is one cell only, nothing is left to know.")
