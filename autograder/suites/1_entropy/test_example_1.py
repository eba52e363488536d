"""Hidden checks of `entropy.py`: entropy, joint entropy and conditional entropy.

Oracles are values by hand, closed forms and exactly rounded sums in plain Python; the reference solution uses none of
them.

A mistake should cost the points of what it affects and no more. Checks of a value ask for the right unit and the right
axis; checks of a property compare answers with each other (see :mod:`autograder.checks.comparisons`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.answers import TOLERANCE, approx, assert_raised, fail, item, number, points
from autograder.checks.comparisons import (
    FLOAT32_TOLERANCE,
    NO_NUMBERS,
    assert_accepted,
    assert_answers,
    assert_proportional,
    assert_refuses_bases,
    assert_refuses_distributions,
    assert_same,
    distribution,
)
from autograder.remote.calls import Given
from autograder.remote.faults import RemoteFault

pytestmark = item("example-1")

Array = NDArray[np.float64]

ENTROPY = "InformationMeasures.entropy"
JOINT = "InformationMeasures.joint_entropy"
CONDITIONAL = "InformationMeasures.conditional_entropy"

RAIN = np.array([[0.2, 0.1], [0.15, 0.55]])
SEVENTHS = [0.142857142] * 7
THIRDS = [[0.333333333, 0.166666666], [0.166666666, 0.333333333]]
"""Probabilities as printed with nine digits: the sum is not exactly 1, but far closer to it than 1e-6."""

SEVENTHS_ABOVE = [0.142857143] * 7
THIRDS_ABOVE = [[0.333333334, 0.166666667], [0.166666667, 0.333333334]]
"""The same, rounded up: these sums are a little above 1."""

WRONG_SUMS = (0.5, 0.98, 0.999, 1.001, 1.02, 1.5)
"""Sums that a distribution may not have. Sums between 1e-8 and 1e-3 away from 1 are not tested."""

MANY = np.array([31 / 32] + [2**-15] * 2**10)
MANY_BITS = 31 / 32 * math.log2(32 / 31) + 15 / 32
"""So many outcomes, and so few bits, that an epsilon of 1e-10 inside the logarithm shows.

An epsilon takes about n epsilon / ln 2 from the entropy of n outcomes: 1.5e-7 here, more than the tolerance. More
outcomes would be slow for a right program that sums a marginal again for every cell.
"""

RARE = np.array([1 - 2**-26] + [2**-34] * 2**8)
RARE_BITS = 34 * 2**-26 - (1 - 2**-26) * math.log1p(-(2**-26)) / math.log(2)
"""Outcomes of 6e-11 each, 5e-7 bits together: a program that turns what is below 1e-10 into 0, or into 1e-10, is off by
more than the tolerance."""

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


def some_bases(rng: np.random.Generator) -> tuple[float, ...]:
    """Return the usual bases, one between 1 and 2, and a large one."""
    return *BASES, float(rng.uniform(1.1, 1.4)), float(rng.uniform(20, 2000))


def assert_changes_base(function: Any, argument: Any, truth: float, rng: np.random.Generator) -> None:
    """Fail unless `function(argument, base)` is `truth` bits in the unit of every base, however it is passed."""
    bases = some_bases(rng)
    given = [*(Given(argument, base=base) for base in bases), Given(argument, 10)]

    assert_answers(function, given, [truth / math.log2(base) for base in (*bases, 10)])


def assert_changes_nothing(function: Any, arrays: Sequence[Array], **options: Any) -> None:
    """Fail unless `function` leaves arrays of both kinds of floats as they were, and lists too."""
    kinds = [kind for p in arrays for kind in (p, p.astype(np.float32), p.tolist())]
    calls = function.each_with_arguments(*(Given(kind, **options) for kind in kinds))
    for sent, (_, arguments) in zip(kinds, calls, strict=True):
        after: Any = arguments[0] if arguments else None
        same = type(after) is type(sent) and np.array_equal(after, sent)
        if not same or getattr(after, "dtype", None) != getattr(sent, "dtype", None):
            what = "list" if isinstance(sent, list) else "array"
            fail(f"The {what} passed in had different values after the call. Work on a copy.", "input-changed")


def pair_sums(answers: Sequence[Any]) -> list[float]:
    """Return the sums of the first two answers, the next two, and so on."""
    return [number(one) + number(other) for one, other in zip(answers[::2], answers[1::2], strict=True)]


def with_sums(p: Array, sums: Sequence[float] = WRONG_SUMS) -> list[tuple[Array, str]]:
    """Return `p` with each of the sums that a distribution may not have, and its name."""
    return [(p * total, f"A sum of {total:g}") for total in sums]


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
    given, truths = [Given(MANY), Given(RARE)], [MANY_BITS, RARE_BITS]
    for size in (2, 3, 7, 40):
        p = distribution(rng, size)
        given += [Given(p), Given(rng.permutation(p))]
        truths += [bits(p)] * 2

    assert_answers(entropy.InformationMeasures.entropy, given, truths, "bits")


@points(0.5, function=ENTROPY)
def test_entropy_in_other_bases(entropy: Any, rng: np.random.Generator) -> None:
    """The base sets the unit: H_b = H_2 / log2(b), for nats (e), decimal digits (10) and any other base above 1."""
    p = distribution(rng, 5)

    assert_changes_base(entropy.InformationMeasures.entropy, p, bits(p), rng)


@points(0.5, function=ENTROPY)
def test_impossible_outcomes_add_nothing(entropy: Any) -> None:
    """0 log 0 counts as 0: an outcome of probability zero, whether first, last or in between, adds nothing."""
    possible = ([0.5, 0.25, 0.25], [0.5, 0.0, 0.25, 0.25], [0.0, 0.5, 0.5], [0.5, 0.5, 0.0, 0.0, 0.0])
    certain = ([0, 1, 0], np.array([0, 0, 1]), np.array([True, False]))
    answers = entropy.InformationMeasures.entropy.each(*map(Given, (*possible, *certain)))

    truths = [1.5, 1.5, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert_proportional(answers, truths, "Outcomes of probability 0 must not change the entropy.")


@points(0.25, function=ENTROPY)
def test_certain_outcome_has_no_entropy(entropy: Any) -> None:
    """If there is only one outcome, it is certain and the entropy is 0; with two or four outcomes it is not 0."""
    answers = entropy.InformationMeasures.entropy.each(*map(Given, ([1.0], (1.0,), [0.5, 0.5], [0.25] * 4)))

    assert_proportional(answers, [0.0, 0.0, 1.0, 2.0], "A certain outcome has entropy 0, a fair coin does not.")


@points(0.25, function=ENTROPY)
def test_entropy_accepts_any_sequence_and_leaves_it_alone(entropy: Any, rng: np.random.Generator) -> None:
    """Lists, tuples and arrays of any number type give the same entropy, and the input keeps its values."""
    function = entropy.InformationMeasures.entropy
    p = np.array([0.25, 0.5, 0.125, 0.125])
    kinds = (tuple(p.tolist()), p, p.tolist(), rng.permutation(p))
    certain = ([1], np.array([1]), np.array([True]))
    drawn = distribution(rng, 5)
    floats = (Given(drawn), Given(drawn.astype(np.float32)))
    *answers, by_name, double, single = function.each(*map(Given, (*kinds, *certain)), Given(p=p), *floats)

    complaint = "The kind of sequence or number must not matter."
    assert_proportional([*answers, by_name], [1.75] * 4 + [0.0] * 3 + [1.75], complaint)
    complaint = "The same distribution in float32 and in float64 must have the same entropy."
    assert_same(single, double, complaint, FLOAT32_TOLERANCE)
    for options in ({}, {"base": math.e}):
        assert_changes_nothing(function, [np.array([0.5, 0.0, 0.5]), np.array([0.125, 0.5, 0.25, 0.125])], **options)


@points(0.25, function=ENTROPY)
def test_entropy_refuses_what_does_not_sum_to_one(entropy: Any, rng: np.random.Generator) -> None:
    """Numbers that do not sum to 1 (counts, weights) raise ValueError; a sum that is 1 up to rounding is accepted."""
    refused = [
        ([3, 5, 2], "Counts that sum to 10"),
        ([0.0, 0.0], "A sum of 0"),
        *with_sums(distribution(rng, 5)),
        *with_sums(distribution(rng, 2)),
    ]

    function = entropy.InformationMeasures.entropy
    assert_refuses_distributions(function, SEVENTHS, refused)
    assert_accepted(function.outcomes(Given(SEVENTHS_ABOVE))[0], "A sum that is 1 up to rounding must be accepted")


@points(0.25, function=ENTROPY)
def test_entropy_refuses_what_is_no_probability(entropy: Any, rng: np.random.Generator) -> None:
    """Negative, NaN and infinite entries raise ValueError, and so does an empty list, even where the sum looks fine."""
    first, *others = distribution(rng, 4).tolist()
    refused = [
        ([1.25, -0.25], "A negative entry, sum 1"),
        ([0.5, 0.75, -0.25], "A negative entry, sum 1"),
        ([first + 0.01, *others, -0.01], "A negative entry, sum 1"),
        ([math.nan, 0.5, 0.5], "An entry that is NaN"),
        (np.array([math.nan, 1.0]), "An entry that is NaN"),
        ([first, *others, math.nan], "An entry that is NaN"),
        ([math.nan, math.nan], "Only NaN"),
        ([math.inf, 0.5], "An infinite entry"),
        ([1.0, math.inf], "An infinite entry"),
        ([1.0, -math.inf], "An infinite entry"),
        ([math.inf, -math.inf], "Two infinite entries"),
        ([], "No outcome at all"),
        (np.zeros(0), "No outcome at all"),
    ]

    assert_refuses_distributions(entropy.InformationMeasures.entropy, [0.25, 0.75], refused)


@points(0.25, function=ENTROPY)
def test_entropy_refuses_other_dimensions(entropy: Any, rng: np.random.Generator) -> None:
    """The distribution of one variable has one axis: a table, even with one row, or a number raises ValueError."""
    p = distribution(rng, 3)
    refused = [
        (1.0, "A number"),
        (1, "A number"),
        (np.array(1.0), "An array without axes"),
        (p[np.newaxis, :], "A table of one row"),
        (p[:, np.newaxis].tolist(), "A table of one column"),
        ([[1.0]], "A table of one cell"),
        (distribution(rng, 2, 3), "A table"),
        (np.full((2, 2, 2), 0.125), "Three axes"),
        ([[0.5, 0.5], [0.25, 0.75]], "A table whose rows each sum to 1"),
    ]

    assert_refuses_distributions(entropy.InformationMeasures.entropy, p, refused)


@points(0.25, function=ENTROPY)
def test_entropy_refuses_bad_bases(entropy: Any) -> None:
    """A base that is not a finite number above 1 is not a unit of information and raises ValueError."""
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
    tables = [distribution(rng, *shape) for shape in ((2, 3), (5, 2), (4, 4), (1, 6))]
    given = [*map(Given, tables), Given(MANY.reshape(-1, 5)), Given(RARE[np.newaxis, :])]
    truths = [*map(bits, tables), MANY_BITS, RARE_BITS]

    assert_answers(entropy.InformationMeasures.joint_entropy, given, truths, "bits")


@points(0.5, function=JOINT)
def test_joint_entropy_of_any_number_of_variables(entropy: Any, rng: np.random.Generator) -> None:
    """The joint distribution may have one axis or many: one variable, three, four."""
    tables = [distribution(rng, *shape) for shape in ((6,), (2, 3, 4), (2, 1, 3, 2), (3, 5))]
    answers = entropy.InformationMeasures.joint_entropy.each(*map(Given, tables))

    complaint = "The joint entropies of tables with one, three, four and two axes do not fit together."
    assert_proportional(answers, [bits(table) for table in tables], complaint)


@points(0.25, function=JOINT)
def test_joint_entropy_adds_up_for_independent_variables(entropy: Any, rng: np.random.Generator) -> None:
    """For independent variables, and only for them, the joint entropy is the sum of the single entropies."""
    p, q = distribution(rng, 4), distribution(rng, 3)
    dependent = np.array([[0.375, 0.125], [0.0625, 0.4375]])
    tables = (np.outer(p, q), p[:, np.newaxis], q[np.newaxis, :], dependent)
    answers = entropy.InformationMeasures.joint_entropy.each(*map(Given, tables))

    truths = [bits(p) + bits(q), bits(p), bits(q), bits(dependent)]
    complaint = "Two independent variables, each of them alone, and two dependent ones do not fit together."
    assert_proportional(answers, truths, complaint)


@points(0.25, function=JOINT)
def test_joint_entropy_in_other_bases(entropy: Any, rng: np.random.Generator) -> None:
    """The base sets the unit of the joint entropy too: H_b = H_2 / log2(b)."""
    table = distribution(rng, 3, 2)

    assert_changes_base(entropy.InformationMeasures.joint_entropy, table, bits(table), rng)


@points(0.25, function=JOINT)
def test_impossible_cells_add_nothing(entropy: Any) -> None:
    """Cells of probability zero add nothing, and a table with one certain cell has a joint entropy of 0."""
    possible = ([[0.5, 0.0], [0.25, 0.25]], [[0.0, 0.5, 0.0], [0.5, 0.0, 0.0]])
    certain = ([[0.0, 1.0], [0.0, 0.0]], np.array([[0, 0], [1, 0]]), np.array([[False, True], [False, False]]))
    answers = entropy.InformationMeasures.joint_entropy.each(*map(Given, (*possible, *certain)))

    complaint = "Cells of probability 0 must not change the joint entropy."
    assert_proportional(answers, [1.5, 1.0, 0.0, 0.0, 0.0], complaint)


@points(0.25, function=JOINT)
def test_joint_entropy_accepts_any_array_and_leaves_it_alone(entropy: Any, rng: np.random.Generator) -> None:
    """Nested lists, tuples and arrays of any number type are fine, and the input array keeps its values."""
    function = entropy.InformationMeasures.joint_entropy
    table = distribution(rng, 2, 2)
    kinds = (table, table.tolist(), tuple(tuple(row) for row in table.tolist()))
    certain = ([[1]], np.array([[1]]), np.array([[True]]))
    *answers, by_name, single = function.each(
        *map(Given, (*kinds, *certain)), Given(joint_p=table), Given(table.astype(np.float32))
    )

    complaint = "The kind of sequence or number must not matter."
    assert_proportional([*answers, by_name], [bits(table)] * 3 + [0.0] * 3 + [bits(table)], complaint)
    assert_same(single, answers[0], complaint, FLOAT32_TOLERANCE)
    for options in ({}, {"base": math.e}):
        assert_changes_nothing(function, [np.array([[0.5, 0.0], [0.0, 0.5]]), table], **options)


@points(0.25, function=JOINT)
def test_joint_entropy_refuses_what_is_no_distribution(entropy: Any, rng: np.random.Generator) -> None:
    """All cells together must form a distribution; rows that each sum to 1, counts, negative or NaN cells do not."""
    nearly = distribution(rng, 2, 2)
    negative = np.append(nearly, [[0.01, -0.01]], axis=0)
    refused = [
        ([[0.5, 0.5], [0.25, 0.75]], "Two rows that each sum to 1"),
        ([[0.5, 0.25], [0.5, 0.75]], "Two columns that each sum to 1"),
        ([[3, 5], [2, 10]], "Counts"),
        *with_sums(distribution(rng, 2, 3)),
        *with_sums(distribution(rng, 2, 1, 2)),
        ([[0.75, 0.5], [-0.25, 0.0]], "A negative cell, sum 1"),
        (negative, "A negative cell, sum 1"),
        ([[math.nan, 0.5], [0.25, 0.25]], "A cell that is NaN"),
        (np.append(nearly, [[0.0, math.nan]], axis=0), "A cell that is NaN"),
        ([[math.inf, 0.5], [0.25, 0.25]], "An infinite cell"),
        ([[1.0, -math.inf]], "An infinite cell"),
        (np.zeros((0, 2)), "A table without cells"),
        ([], "Nothing at all"),
    ]

    function = entropy.InformationMeasures.joint_entropy
    assert_refuses_distributions(function, THIRDS, refused)
    assert_accepted(function.outcomes(Given(THIRDS_ABOVE))[0], "A sum that is 1 up to rounding must be accepted")


@points(0.25, function=JOINT)
def test_joint_entropy_refuses_bad_bases(entropy: Any) -> None:
    """A base that is not a finite number above 1 raises ValueError in the joint entropy too."""
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
    cases = [(lopsided_table(rng, *shape), axis) for shape in ((2, 5), (4, 3), (3, 3)) for axis in (0, 1)]
    given = [Given(table, axis=axis) for table, axis in (*cases, (MANY[:, np.newaxis], 1), (RARE[np.newaxis, :], 0))]
    truths = [*(conditional_bits(table, axis) for table, axis in cases), MANY_BITS, RARE_BITS]

    assert_answers(entropy.InformationMeasures.conditional_entropy, given, truths, "bits")


@points(0.5, function=CONDITIONAL)
def test_condition_is_y_by_default(entropy: Any, rng: np.random.Generator) -> None:
    """Without `axis` the answer is H(X|Y), as with `axis=1` and not as with `axis=0`."""
    tables = (lopsided_table(rng, 3, 4), lopsided_table(rng, 4, 3))
    calls = ((), (1,), (0,))
    answers = entropy.InformationMeasures.conditional_entropy.each(*(Given(t, *axis) for t in tables for axis in calls))

    truths = [conditional_bits(t, axis) for t in tables for axis in (1, 1, 0)]
    complaint = "The answers without `axis`, for `axis=1` and for `axis=0` do not fit together."
    assert_proportional(answers, truths, complaint)


@points(0.25, function=CONDITIONAL)
def test_impossible_conditions_add_nothing(entropy: Any, rng: np.random.Generator) -> None:
    """A row, column or single cell of probability zero adds nothing: the answer is the same without it."""
    tables = [lopsided_table(rng, 2, 3), lopsided_table(rng, 4, 2)]
    with_gaps = [np.insert(np.insert(table, 1, 0.0, axis=1), 0, 0.0, axis=0) for table in tables]
    scattered = np.array([[0.25, 0.0, 0.125], [0.0, 0.25, 0.375]])
    given = [Given(table, axis=axis) for table in (*tables, *with_gaps, scattered) for axis in (0, 1)]
    answers = entropy.InformationMeasures.conditional_entropy.each(*given)

    for without, answer in zip(answers[:4], answers[4:8], strict=True):
        assert_same(answer, without, "Empty rows and columns must not change the conditional entropy.")
    sums = pair_sums(answers[4:])
    truths = [conditional_bits(t, 0) + conditional_bits(t, 1) for t in (*with_gaps, scattered)]
    complaint = "The conditional entropies of tables with empty rows, columns and cells do not fit together."
    assert_proportional(sums, truths, complaint)


@points(0.25, function=CONDITIONAL)
def test_knowing_everything_or_nothing(entropy: Any, rng: np.random.Generator) -> None:
    """Given a copy of X, no uncertainty about X remains; given an independent variable, all of H(X) remains."""
    p = distribution(rng, 4)
    given = [Given(table, axis=axis) for table in (np.diag(p), np.outer(p, p), [[1.0]]) for axis in (0, 1)]
    answers = entropy.InformationMeasures.conditional_entropy.each(*given)

    complaint = "A copy leaves no uncertainty, an independent variable all of it."
    assert_proportional(answers, [0.0, 0.0, bits(p), bits(p), 0.0, 0.0], complaint)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_in_other_bases(entropy: Any, rng: np.random.Generator) -> None:
    """The base sets the unit in both directions: H_b(X|Y) log2(b) is the same number for every base b."""
    table, bases = lopsided_table(rng, 3, 3), some_bases(rng)
    truths = [1 / math.log2(base) for base in (*bases, 10)]
    for options in ({"axis": 0}, {"axis": 1}, {}):
        last = Given(table, options["axis"], 10) if options else Given(table, base=10)
        given = [*(Given(table, **options, base=base) for base in bases), last]
        answers = entropy.InformationMeasures.conditional_entropy.each(*given)
        assert_proportional(answers, truths, "The answers for several bases are not the same entropy in several units.")


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_other_axes(entropy: Any) -> None:
    """A table has the axes 0 and 1; any other `axis` raises ValueError."""
    function = entropy.InformationMeasures.conditional_entropy
    for axis, outcome in zip((0, 1), function.outcomes(Given(RAIN, axis=0), Given(RAIN, axis=1)), strict=True):
        assert_accepted(outcome, f"Axis {axis} must be accepted")
    others = (2, -1, -2, 3, 10, 0.5, 1.5)
    for other, outcome in zip(others, function.outcomes(*(Given(RAIN, axis=axis) for axis in others)), strict=True):
        assert_raised(outcome, ValueError, f"`axis={other}`")
    for word, outcome in zip(NO_NUMBERS, function.outcomes(*(Given(RAIN, axis=no) for no in NO_NUMBERS)), strict=True):
        if not (isinstance(outcome, RemoteFault) and "TypeError" in outcome.types):
            assert_raised(outcome, ValueError, f"`axis={word!r}`")


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_other_dimensions(entropy: Any, rng: np.random.Generator) -> None:
    """The joint distribution of two variables is a table: one axis, three axes, or none raise ValueError."""
    p = distribution(rng, 4)
    refused = [
        ([0.25, 0.75], "One axis"),
        (p, "One axis"),
        ([1.0], "One axis"),
        (np.full((2, 2, 2), 0.125), "Three axes"),
        (np.array([[[0.5, 0.25, 0.25]]]), "Three axes"),
        (p.reshape(2, 2, 1), "Three axes"),
        (1.0, "A number"),
        (np.array(1.0), "An array without axes"),
    ]

    function = entropy.InformationMeasures.conditional_entropy
    assert_refuses_distributions(function, RAIN, refused)
    for outcome, (_, case) in zip(function.outcomes(*(Given(p, axis=0) for p, _ in refused)), refused, strict=True):
        assert_raised(outcome, ValueError, case)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_what_is_no_distribution(entropy: Any, rng: np.random.Generator) -> None:
    """A table of conditional probabilities, counts, negative, NaN or infinite cells, or no cells raise ValueError."""
    nearly = distribution(rng, 2, 2)
    refused = [
        ([[0.5, 0.5], [0.25, 0.75]], "Rows that each sum to 1"),
        ([[0.5, 0.25], [0.5, 0.75]], "Columns that each sum to 1"),
        ([[3, 5, 1], [2, 10, 4]], "Counts"),
        *with_sums(distribution(rng, 2, 3)),
        *with_sums(nearly),
        ([[0.75, 0.5], [-0.25, 0.0]], "A negative cell, sum 1"),
        (np.append(nearly, [[0.01, -0.01]], axis=0), "A negative cell, sum 1"),
        ([[math.nan, 0.5], [0.25, 0.25]], "A cell that is NaN"),
        (np.append(nearly, [[0.0, math.nan]], axis=0), "A cell that is NaN"),
        ([[math.inf, 0.5], [0.25, 0.25]], "An infinite cell"),
        (np.append(nearly, [[0.0, -math.inf]], axis=0), "An infinite cell"),
        (np.zeros((2, 0)), "A table without cells"),
        (np.zeros((0, 2)), "A table without cells"),
    ]

    function = entropy.InformationMeasures.conditional_entropy
    assert_refuses_distributions(function, THIRDS, refused)
    assert_accepted(function.outcomes(Given(THIRDS_ABOVE))[0], "A sum that is 1 up to rounding must be accepted")
    for outcome, (_, case) in zip(function.outcomes(*(Given(p, axis=0) for p, _ in refused)), refused, strict=True):
        assert_raised(outcome, ValueError, case)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_refuses_bad_bases(entropy: Any) -> None:
    """A base that is not a finite number above 1 raises ValueError in the conditional entropy too."""
    for axis in (1, 0):
        assert_refuses_bases(entropy.InformationMeasures.conditional_entropy, RAIN, axis)


@points(0.25, function=CONDITIONAL)
def test_conditional_entropy_accepts_any_table_and_leaves_it_alone(entropy: Any, rng: np.random.Generator) -> None:
    """Nested lists, tuples and arrays of any number type are fine, and the input array keeps its values."""
    function = entropy.InformationMeasures.conditional_entropy
    complaint = "The kind of sequence or number must not matter."
    # Fixed, so that a wrong rule is not near 0 by chance. The numbers are exact, in float32 too.
    table = np.array([[0.125, 0.375], [0.3125, 0.1875]])
    tables = (np.array([[0.5, 0.0], [0.0, 0.5]]), distribution(rng, 2, 2))
    kinds = (table, table.tolist(), tuple(tuple(row) for row in table.tolist()), table.astype(np.float32))
    certain = ([[1]], np.array([[1]]), np.array([[True]]))
    for axis in (0, 1):
        given = [*(Given(same, axis=axis) for same in (*kinds, *certain)), Given(joint_p=table, axis=axis)]
        value, *answers, by_name = map(number, function.each(*given))
        assert abs(value) > 0.05, f"This table's conditional entropy is not 0; got {value:.6g}."
        for answer, tolerance in zip(answers[:3], (TOLERANCE, TOLERANCE, FLOAT32_TOLERANCE), strict=True):
            assert_same(answer, value, complaint, tolerance)
        for answer in answers[3:]:
            assert_same(answer, 0.0, "If there is only one cell, no uncertainty remains.")
        assert_same(by_name, value, "The table may be passed by its name, `joint_p`, too.")
        assert_changes_nothing(function, tables, axis=axis)
    assert_changes_nothing(function, tables, base=math.e)
