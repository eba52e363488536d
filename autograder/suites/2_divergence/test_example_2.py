"""Hidden checks of `divergence.py`: KL divergence, cross-entropy and Jensen-Shannon divergence.

Oracles are values by hand, closed forms and exactly rounded sums in plain Python; the reference solution uses none of
them.

A mistake should cost the points of what it affects and no more. Checks of a value ask for the right unit; checks of a
property compare answers with each other (see :mod:`autograder.checks.comparisons`). The section is about the direction:
a swapped pair costs half the points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.answers import TOLERANCE, approx, assert_raised, fail, item, number, points
from autograder.checks.comparisons import (
    FLOAT32_TOLERANCE,
    NOTHING,
    assert_answers,
    assert_left_alone,
    assert_proportional,
    assert_refuses,
    assert_refuses_bases,
    assert_same,
    distribution,
    remembered,
)
from autograder.remote.calls import Given
from autograder.remote.faults import RemoteFault

pytestmark = item("example-2")

Array = NDArray[np.float64]
Pair = tuple[Any, Any]

KL = "DivergenceMeasures.kl_divergence"
CROSS = "DivergenceMeasures.cross_entropy"
JS = "DivergenceMeasures.js_divergence"

BASES = (2, math.e, 3, 10, 1.5, 1.0625, 1e6)
COIN, LOADED = [0.5, 0.5], [0.75, 0.25]

PRINTED: tuple[Pair, ...] = (
    ([0.142857142] * 7, [0.888888888] + [0.018518518] * 6),
    ([0.142857143] * 7, [0.888888889] + [0.018518519] * 6),
)
"""Probabilities as printed with nine digits: the sums are not exactly 1, but far closer to it than 1e-6."""

MANY: Pair = (
    np.array([31 / 32] + [2**-15] * 2**10),
    np.array([1 / 2] + [2**-11] * 2**10),
)
"""So many outcomes that an epsilon of 1e-9 inside a logarithm shows in each of the three quantities."""

HARDLY: Pair = (COIN, [1.0, 2.0**-100])
"""A probability that is tiny is not 0: it has a logarithm. Both sum to exactly 1."""

UNLIKELY: Pair = (COIN, [1.0, 2.0**-700])
"""And float32 cannot hold this one."""

NEARLY: Pair = ([0.25, 0.75], [0.253, 0.747])
"""Two distributions that a generous comparison takes for the same."""

WRONG_SUMS = (1.5, 0.5, 1.05, 0.95, 1.02, 0.98, 1.001, 0.999)

NO_PROBABILITIES = (
    ([1.25, -0.25], "a negative entry, sum 1"),
    ([0.5, 0.501, -0.001], "an entry a little below 0, sum 1"),
    ([math.nan, 1.0], "an entry that is NaN"),
    ([1.0, math.nan], "an entry that is NaN"),
    ([0.5, math.nan, 0.5], "an entry that is NaN"),
    ([math.inf, 0.5], "an infinite entry"),
    ([0.5, math.inf], "an infinite entry"),
    ([math.inf, -math.inf], "infinite entries of both signs"),
)


# --- oracles -------------------------------------------------------------------------------------------------------


def cells(p: Any) -> list[float]:
    """Return the probabilities as Python floats."""
    values: list[float] = np.asarray(p, dtype=float).tolist()
    return values


@remembered
def kl(p: Any, q: Any) -> float:
    """Return D(P||Q) in nats, as an exactly rounded sum of logarithms of P minus one of Q."""
    terms = [(x, y) for x, y in zip(cells(p), cells(q), strict=True) if x > 0]
    if any(y == 0 for _, y in terms):
        return math.inf
    return math.fsum([x * math.log(x) for x, _ in terms] + [-x * math.log(y) for x, y in terms])


@remembered
def cross(p: Any, q: Any) -> float:
    """Return H(P, Q) in nats."""
    terms = [(x, y) for x, y in zip(cells(p), cells(q), strict=True) if x > 0]
    return math.inf if any(y == 0 for _, y in terms) else math.fsum(-x * math.log(y) for x, y in terms)


def entropy(p: Any) -> float:
    """Return H(P) in nats."""
    return cross(p, p)


@remembered
def js(p: Any, q: Any) -> float:
    """Return JS(P, Q) in nats: the entropy of the mixture minus the mean entropy."""
    mixture = [(x + y) / 2 for x, y in zip(cells(p), cells(q), strict=True)]
    return entropy(mixture) - entropy(p) / 2 - entropy(q) / 2


def softmax(logits: Sequence[float]) -> Array:
    """Return exp(logits) divided by their sum, in multiples of 2^-30 so that every order of summation gives 1.

    That moves the losses below by less than 3e-9.
    """
    weights = np.exp(logits)
    counts = np.floor(weights / weights.sum() * 2**30)
    counts[counts.argmax()] += 2**30 - counts.sum()
    return np.asarray(counts / 2**30)


def different_pair(rng: np.random.Generator, size: int) -> tuple[Array, Array]:
    """Return two random distributions that are far enough apart and whose two divergences differ."""
    while True:
        p, q = distribution(rng, size), distribution(rng, size)
        if min(kl(p, q), kl(q, p)) > 0.1 and abs(kl(p, q) - kl(q, p)) > 0.01:
            return p, q


# --- comparisons ---------------------------------------------------------------------------------------------------


def assert_values(function: Any, oracle: Callable[[Any, Any], float], rng: np.random.Generator) -> None:
    """Fail unless `function` gives what `oracle` gives, in nats, for pairs of every size and in any order."""
    pairs: list[Pair] = []
    for size in (2, 3, 7, 40):
        p, q = different_pair(rng, size)
        order = rng.permutation(size)
        pairs += [(p, q), (q, p), (p[order], q[order])]
    pairs += [MANY, HARDLY, UNLIKELY]

    assert_answers(function, [Given(*pair) for pair in pairs], [oracle(*pair) for pair in pairs], "nats")


def assert_changes_unit(function: Any, oracle: Callable[[Any, Any], float], p: Any, q: Any) -> None:
    """Fail unless the answers for several bases are one quantity in several units, however the base is passed."""
    answers = function.each(*(Given(p, q, base=base) for base in BASES), Given(p, q, 10), Given(base=7, q=q, p=p))

    truths = [oracle(p, q) / math.log(base) for base in (*BASES, 10, 7)]
    assert_proportional(answers, truths, "The answers for several bases are not the same quantity in several units.")


def assert_infinite_or_proportional(answers: Sequence[Any], truths: Sequence[float], complaint: str) -> None:
    """Fail unless answers are infinite, with the sign of the others, where the truth is, and proportional elsewhere."""
    finite = [(answer, truth) for answer, truth in zip(answers, truths, strict=True) if math.isfinite(truth)]
    assert_proportional([answer for answer, _ in finite], [truth for _, truth in finite], complaint)
    answer, truth = max(finite, key=lambda entry: entry[1])
    infinity = math.copysign(math.inf, number(answer) / truth)
    got = [number(answer) for answer, truth in zip(answers, truths, strict=True) if math.isinf(truth)]

    assert all(value == infinity for value in got), f"{complaint} Infinity was expected somewhere and did not come."


def assert_any_kind_and_left_alone(function: Any, rng: np.random.Generator) -> None:
    """Fail unless the kind of sequence and number makes no difference and no input is changed."""
    p, q = (d.tolist() for d in different_pair(rng, 5))
    certain, predicted = [0, 1, 0], distribution(rng, 3)
    for first, second in (
        (np.array(p), np.array(q)),
        (p, q),
        (np.array(certain), predicted),
        (with_zeros(distribution(rng, 3), 1), distribution(rng, 4)),
        (distribution(rng, 4), with_zeros(distribution(rng, 3), 2)),
        (with_zeros(distribution(rng, 2), 0, 2), with_zeros(distribution(rng, 3), 0)),
        (np.array(PRINTED[0][0]), np.array(PRINTED[0][1])),
    ):
        assert_both_left_alone(function, first, second)
        assert_both_left_alone(function, first, second, base=2)
    drawn = assert_same_of_every_kind(
        function,
        Given(p, q),
        Given(np.array(p), np.array(q)),
        Given(tuple(p), tuple(q)),
        Given(p, np.array(q)),
    )
    assert_same_of_every_kind(
        function,
        Given([0.0, 1.0, 0.0], predicted.tolist()),
        Given(certain, predicted),
        Given(np.array(certain), tuple(predicted.tolist())),
        Given(np.array(certain, dtype=np.int8), predicted),
        Given(np.array([False, True, False]), predicted.tolist()),
        Given([0, True, 0.0], predicted),
    )
    sure = assert_same_of_every_kind(
        function,
        Given([0.0, 1.0], [0.0, 1.0]),
        Given([0, 1], [0, 1]),
        Given(np.array([0, 1]), [0.0, 1.0]),
        Given([0.0, 1.0], np.array([0, 1])),
        Given(np.array([False, True]), (0, 1)),
        Given(np.array([False, True]), np.array([False, True])),
        Given([False, True], [False, True]),
    )
    single = function(np.array(p, dtype=np.float32), np.array(q, dtype=np.float32))

    assert drawn is not None, "Two lists of numbers must be accepted."
    assert drawn != sure, "Two different pairs of distributions had the same answer."
    assert_same(single, drawn, "The same distributions in float32 and float64 must agree.", FLOAT32_TOLERANCE)


def assert_same_of_every_kind(function: Any, plain: Given, *others: Given) -> float | None:
    """Fail unless the answers to `others` are that to `plain`, the same numbers in lists of floats; return that one.

    Other checks are about programs that have no answer for lists of floats.
    """
    first, *rest = function.outcomes(plain, *others)
    if isinstance(first, RemoteFault):
        return None
    expected = number(first)
    for outcome in rest:
        if isinstance(outcome, RemoteFault):
            raise outcome
        got = number(outcome)
        same = abs(got - expected) <= TOLERANCE * max(1.0, abs(expected)) if math.isfinite(expected) else False
        same = same or got == expected or (math.isnan(got) and math.isnan(expected))
        assert same, "The kind of sequence or number must not matter, and here it does."
    return expected


def assert_both_left_alone(function: Any, p: Any, q: Any, **base: float) -> None:
    """Fail unless two arrays, or two lists, come back from a call as they were sent; one that raises sends nothing."""
    sent = [values.copy() for values in (p, q)]
    try:
        _, arguments = function.call_and_return_arguments(p, q, **base)
    except RemoteFault:  # other checks are about zeros, and no answer at all fails this one below
        return
    for before, after in zip(sent, arguments, strict=True):
        if isinstance(before, list):
            if after != before:
                fail("The list passed in had different values after the call. Work on a copy.", "input-changed")
        else:
            assert_left_alone(before, (after,))


def with_zeros(p: Array, *places: int) -> Array:
    """Return `p` with impossible outcomes at these places of the result, in ascending order."""
    values = p.tolist()
    for place in places:
        values.insert(place, 0.0)
    return np.array(values)


def assert_refuses_pairs(function: Any, accepted: Pair, refused: Sequence[tuple[Pair, str]]) -> None:
    """Fail unless `function` accepts the one pair and raises ValueError for all others."""
    complaint = "Two valid distributions must be accepted and not give 0"
    assert_refuses(function, Given(*accepted), [(Given(*pair), case) for pair, case in refused], complaint)


def assert_refuses_sums(function: Any, rng: np.random.Generator) -> None:
    """Fail unless sums that are not 1 are refused on either side, whatever the answer would be."""
    shares = distribution(rng, 3)
    refused: list[tuple[Pair, str]] = [  # the first distinguishes what is checked
        (([3, 5], [2, 7]), "Counts in both"),
        (([3, 5], [3, 5]), "The same counts in both"),
        ((COIN, [0.0, 0.5]), "A sum of 0.5, in `q`, with a zero"),
        (([0.0, 1.0], [0.5, 1.0]), "A sum of 1.5, in `q`, where `p` is certain"),
        (([0.5, 1.0], [0.0, 1.0]), "A sum of 1.5, in `p`, where `q` is certain"),
    ]
    wrong_sums: list[tuple[Any, str]] = [([3, 5], "Counts"), ([0.0, 0.0], "A sum of 0")]
    wrong_sums += [(shares * total, f"A sum of {total}") for total in WRONG_SUMS]
    for wrong, reason in wrong_sums:
        right = LOADED if len(wrong) == 2 else [0.5, 0.25, 0.25]
        refused += [((wrong, right), f"{reason}, in `p`"), ((right, wrong), f"{reason}, in `q`")]

    below, above = PRINTED
    assert_refuses_pairs(function, below, refused)
    assert_refuses_pairs(function, above, [])


def assert_refuses_no_probabilities(function: Any) -> None:
    """Fail unless negative, NaN and infinite entries and empty lists are refused on either side."""
    below, three = [0.75, 0.5, -0.25], [0.5, 0.25, 0.25]  # negative, with nothing above 1 that would show it
    refused: list[tuple[Pair, str]] = [
        (([], []), "No outcome at all"),
        ((below, three), "In `p`, a negative entry, sum 1"),
        ((three, below), "In `q`, a negative entry, sum 1"),
        ((below, below), "In both, the same negative entry, sum 1"),
        (([0, 1], [math.nan, 1.0]), "In `q`, NaN for what `p` rules out"),
        (([0, 1], [-0.25, 1.25]), "In `q`, a negative entry for what `p` rules out"),
        (([0.5, 0.0, 0.5], [0.0, math.nan, 1.0]), "In `q`, NaN and a zero"),
    ]
    for wrong, reason in NO_PROBABILITIES:
        right = LOADED if len(wrong) == 2 else three
        refused += [((wrong, right), f"In `p`, {reason}"), ((right, wrong), f"In `q`, {reason}")]

    assert_refuses_pairs(function, (COIN, [0.0625, 0.9375]), refused)


def assert_refuses_shapes(function: Any) -> None:
    """Fail unless distributions of different lengths, tables, and single numbers are refused."""
    table, other = np.full((2, 2), 0.25), np.array([[0.5, 0.25], [0.125, 0.125]])
    refused: list[tuple[Pair, str]] = [
        ((COIN, [0.25, 0.5, 0.25]), "Two outcomes against three"),
        (([0.25, 0.5, 0.25], COIN), "Three outcomes against two"),
        ((COIN, [0.25, 0.75, 0.0]), "Two outcomes against three, the last one impossible"),
        (([0.25, 0.75, 0.0], COIN), "Three outcomes against two, the last one impossible"),
        (([0.25, 0.0, 0.75], COIN), "Three outcomes against two, one of them impossible"),
        (([1.0], COIN), "One outcome against two"),
        ((COIN, [1.0]), "Two outcomes against one"),
        ((table, other), "Two tables"),
        ((table, table), "Twice the same table"),
        (([COIN], [LOADED]), "Two tables with one row"),
        ((np.array([COIN]), np.array([LOADED])), "Two tables with one row"),
        ((np.array([COIN]).T, np.array([LOADED]).T), "Two tables with one column"),
        ((np.array([COIN]), LOADED), "A table with one row against a list"),
        ((COIN, np.array([LOADED])), "A list against a table with one row"),
        ((COIN, np.array([[0.25], [0.75]])), "A list against a table with one column"),
        ((COIN, table), "A list against a table"),
    ]
    no_lists: list[tuple[Pair, str]] = [
        ((1.0, 1.0), "Two single numbers"),
        (([1.0], 1.0), "A list against a single number"),
        ((1, [1.0]), "A single number against a list"),
    ]

    assert_refuses_pairs(function, (COIN, [0.0625, 0.9375]), refused)
    for outcome, (_, case) in zip(function.outcomes(*(Given(*pair) for pair, _ in no_lists)), no_lists, strict=True):
        if not (isinstance(outcome, RemoteFault) and "TypeError" in outcome.types):
            assert_raised(outcome, ValueError, case)


def assert_refuses_bases_always(function: Any) -> None:
    """Fail unless bad bases are refused, also where the answer would be 0 or infinite in every unit."""
    unusual = [
        (Given(*pair, base=base), f"`base={base}`")
        for pair in ((COIN, COIN), (COIN, [1.0, 0.0]), ([1.0, 0.0], [0.0, 1.0]), ([1.0], [1.0]))
        for base in (1, 0, -2, 0.5, math.nan)
    ]

    assert_refuses_bases(function, COIN, [0.0625, 0.9375])
    assert_refuses(function, Given(COIN, [0.0625, 0.9375]), unusual, "The base may be left out")


# --- KL divergence, 4 points ---------------------------------------------------------------------------------------


@points(0.5, function=KL, reveal=True)
def test_kl_by_hand(divergence: Any) -> None:
    """D(P||Q) averages log P(x)/Q(x) with the weights P(x): (1/2, 1/2) against (3/4, 1/4) gives ln(4/3)/2 nats."""
    function = divergence.DivergenceMeasures.kl_divergence

    assert function(COIN, LOADED) == approx(math.log(4 / 3) / 2, TOLERANCE, unit="nats")
    assert function(LOADED, COIN) == approx(math.log(27 / 16) / 4, TOLERANCE, unit="nats")
    assert function([0.25, 0.75], [0.75, 0.25]) == approx(math.log(3) / 2, TOLERANCE, unit="nats")


@points(0.5, function=KL)
def test_kl_of_any_pair(divergence: Any, rng: np.random.Generator) -> None:
    """The divergence is right for distributions of every size, from two outcomes to very many, in any order."""
    assert_values(divergence.DivergenceMeasures.kl_divergence, kl, rng)


@points(0.25, function=KL)
def test_kl_is_not_symmetric(divergence: Any, rng: np.random.Generator) -> None:
    """D(P||Q) and D(Q||P) are two different numbers: the first argument gives the weights."""
    pairs = [different_pair(rng, size) for size in (2, 4)]
    function = divergence.DivergenceMeasures.kl_divergence
    answers = function.each(*(Given(first, second) for p, q in pairs for first, second in ((p, q), (q, p))))

    truths = [kl(first, second) for p, q in pairs for first, second in ((p, q), (q, p))]
    assert_proportional(answers, truths, "D(P||Q) and D(Q||P) of two pairs do not have the right ratios.")


@points(0.5, function=KL)
def test_kl_is_infinite_outside_the_support_of_q(divergence: Any, rng: np.random.Generator) -> None:
    """Where an outcome is possible under P but not under Q, D(P||Q) is infinite; the other direction may be finite."""
    function = divergence.DivergenceMeasures.kl_divergence
    wide, narrow = distribution(rng, 5), with_zeros(distribution(rng, 4), int(rng.integers(5)))
    answers = function.each(
        Given(narrow, wide),
        Given(wide, narrow),
        Given(wide, narrow, base=2),
        Given([0.25, 0.75, 0.0], [0.0, 0.5, 0.5]),
        Given([1, 0], [0, 1]),
        Given([0.0, 1.0], [1.0, 0.0]),
        Given([1 - 2**-40, 2**-40], [1, 0]),
    )

    truths = [kl(narrow, wide), *[math.inf] * 6]
    assert_infinite_or_proportional(answers, truths, "What Q rules out and P does not makes the divergence infinite.")


@points(0.25, function=KL)
def test_impossible_outcomes_add_nothing_to_kl(divergence: Any, rng: np.random.Generator) -> None:
    """An outcome that is impossible under P adds nothing, wherever it is and whatever Q gives it."""
    function = divergence.DivergenceMeasures.kl_divergence
    (p, q), wide = different_pair(rng, 3), distribution(rng, 5)
    answers = function.each(
        Given(p, q),
        Given(with_zeros(p, 1), with_zeros(q, 1)),
        Given(with_zeros(p, 0, 4, 5), with_zeros(q, 0, 4, 5)),
        Given(with_zeros(p, 0, 3), wide),
        Given([0.0, 1.0], [0.5, 0.5]),
    )

    truths = [kl(p, q)] * 3 + [kl(with_zeros(p, 0, 3), wide), math.log(2)]
    assert_proportional(answers, truths, "Outcomes with P(x) = 0 must not change the divergence.")


@points(0.25, function=KL)
def test_kl_of_equal_distributions_is_zero(divergence: Any, rng: np.random.Generator) -> None:
    """D(P||P) = 0 for every P, certain, uniform or neither; for different distributions, however close, it is not 0."""
    function = divergence.DivergenceMeasures.kl_divergence
    p = distribution(rng, 6)
    same = (Given(q, q) for q in (p, [1.0], [0.25] * 4, [0.5, 0.0, 0.5]))
    answers = function.each(*same, Given([0.25, 0.75], [0.75, 0.25]), Given(*NEARLY), Given(*NEARLY[::-1]))

    truths = [0.0] * 4 + [math.log(3) / 2, kl(*NEARLY), kl(*NEARLY[::-1])]
    assert_proportional(answers, truths, "Equal distributions have divergence 0, others do not.")


@points(0.5, function=KL)
def test_kl_in_other_bases(divergence: Any, rng: np.random.Generator) -> None:
    """The base sets the unit: D_b = D_e / ln(b), for bits (2), decimal digits (10) and any base above 1."""
    assert_changes_unit(divergence.DivergenceMeasures.kl_divergence, kl, *different_pair(rng, 5))


@points(0.25, function=KL)
def test_kl_accepts_any_sequences_and_leaves_them_alone(divergence: Any, rng: np.random.Generator) -> None:
    """Lists, tuples and arrays of any number type are fine, even mixed, and both arrays keep their values."""
    assert_any_kind_and_left_alone(divergence.DivergenceMeasures.kl_divergence, rng)


@points(0.25, function=KL)
def test_kl_refuses_what_does_not_sum_to_one(divergence: Any, rng: np.random.Generator) -> None:
    """Counts and other numbers that do not sum to 1 raise ValueError, in `p` and in `q`; rounding is accepted."""
    assert_refuses_sums(divergence.DivergenceMeasures.kl_divergence, rng)


@points(0.25, function=KL)
def test_kl_refuses_what_is_no_probability(divergence: Any) -> None:
    """Negative, NaN and infinite entries, in `p` or in `q`, and empty lists raise ValueError."""
    assert_refuses_no_probabilities(divergence.DivergenceMeasures.kl_divergence)


@points(0.25, function=KL)
def test_kl_refuses_other_shapes(divergence: Any) -> None:
    """Lists of different lengths cannot be compared, and tables and single numbers are not lists: ValueError."""
    assert_refuses_shapes(divergence.DivergenceMeasures.kl_divergence)


@points(0.25, function=KL)
def test_kl_refuses_bad_bases(divergence: Any) -> None:
    """A base that is not a finite number above 1 is not a unit of information: ValueError, whatever P and Q are."""
    assert_refuses_bases_always(divergence.DivergenceMeasures.kl_divergence)


# --- cross-entropy, 3 points ---------------------------------------------------------------------------------------


@points(0.25, function=CROSS, reveal=True)
def test_cross_entropy_by_hand(divergence: Any) -> None:
    """H(P, Q) averages the surprise log 1/Q(x) with the weights P(x); with one certain class it is -log Q(class)."""
    function = divergence.DivergenceMeasures.cross_entropy

    assert function([0.5, 0.25, 0.25], [0.25, 0.25, 0.5]) == approx(1.75 * math.log(2), TOLERANCE, unit="nats")
    assert function([0, 1, 0, 0], [0.125, 0.5, 0.25, 0.125]) == approx(math.log(2), TOLERANCE, unit="nats")


@points(0.5, function=CROSS)
def test_cross_entropy_of_any_pair(divergence: Any, rng: np.random.Generator) -> None:
    """The cross-entropy is right for any pair of distributions, and for predictions made from logits by a softmax."""
    function = divergence.DivergenceMeasures.cross_entropy
    assert_values(function, cross, rng)
    predictions = [Given([0, 1, 0, 0], softmax(logits)) for logits in ((1, 3.5, 0.5, 0.8), (2, 0.5, 1.5, 1))]
    assert_answers(function, predictions, [0.18155257764819, 2.28733867169833], "nats")


@points(0.25, function=CROSS)
def test_cross_entropy_is_infinite_outside_the_support_of_q(divergence: Any, rng: np.random.Generator) -> None:
    """Predicting 0 for an outcome that can happen costs infinitely much; otherwise it costs nothing."""
    function = divergence.DivergenceMeasures.cross_entropy
    wide, narrow = distribution(rng, 5), with_zeros(distribution(rng, 4), int(rng.integers(5)))
    answers = function.each(
        Given(narrow, wide),
        Given(wide, narrow),
        Given(wide, narrow, base=2),
        Given([0.25, 0.75, 0.0], [0.0, 0.5, 0.5]),
        Given([1, 0], [0, 1]),
        Given([0.0, 1.0], [1.0, 0.0]),
        Given([1 - 2**-40, 2**-40], [1, 0]),
    )

    truths = [cross(narrow, wide), *[math.inf] * 6]
    assert_infinite_or_proportional(
        answers, truths, "What Q rules out and P does not makes the cross-entropy infinite."
    )


@points(0.25, function=CROSS)
def test_impossible_outcomes_add_nothing_to_cross_entropy(divergence: Any, rng: np.random.Generator) -> None:
    """An outcome that is impossible under P adds nothing, wherever it is: 0 log 0 counts as 0."""
    function = divergence.DivergenceMeasures.cross_entropy
    (p, q), wide = different_pair(rng, 3), distribution(rng, 5)
    answers = function.each(
        Given(p, q),
        Given(with_zeros(p, 1), with_zeros(q, 1)),
        Given(with_zeros(p, 0, 4, 5), with_zeros(q, 0, 4, 5)),
        Given(with_zeros(p, 0, 3), wide),
        Given([0.5, 0.5, 0.0], [0.5, 0.5, 0.0]),
        Given([0, 1, 0], [0.0, 1.0, 0.0]),
    )

    truths = [cross(p, q)] * 3 + [cross(with_zeros(p, 0, 3), wide), math.log(2), 0.0]
    assert_proportional(answers, truths, "Outcomes with P(x) = 0 must not change the cross-entropy.")


@points(0.25, function=CROSS)
def test_cross_entropy_is_least_where_the_prediction_is_right(divergence: Any, rng: np.random.Generator) -> None:
    """H(P, P) = H(P), and by Gibbs' inequality no prediction does better; equal chances for k outcomes cost log k."""
    function = divergence.DivergenceMeasures.cross_entropy
    p, q = different_pair(rng, 4)
    uniform, lopsided, nearly = [0.25] * 4, [0.625, 0.125, 0.125, 0.125], [0.253, 0.247, 0.25, 0.25]
    answers = function.each(*(Given(r, r) for r in (p, uniform, lopsided, [1.0])), Given(p, q), Given(uniform, nearly))

    truths = [entropy(p), math.log(4), entropy(lopsided), 0.0, cross(p, q), cross(uniform, nearly)]
    complaint = "H(P, P) is the entropy of P, and every other prediction costs more."
    assert_proportional(answers, truths, complaint)


@points(0.25, function=CROSS)
def test_cross_entropy_in_other_bases(divergence: Any, rng: np.random.Generator) -> None:
    """The base sets the unit of the cross-entropy too: H_b = H_e / ln(b)."""
    assert_changes_unit(divergence.DivergenceMeasures.cross_entropy, cross, *different_pair(rng, 5))


@points(0.25, function=CROSS)
def test_cross_entropy_accepts_any_sequences_and_leaves_them_alone(divergence: Any, rng: np.random.Generator) -> None:
    """Lists, tuples and arrays of any number type are fine, even mixed, and both arrays keep their values."""
    assert_any_kind_and_left_alone(divergence.DivergenceMeasures.cross_entropy, rng)


@points(0.25, function=CROSS)
def test_cross_entropy_refuses_what_does_not_sum_to_one(divergence: Any, rng: np.random.Generator) -> None:
    """Counts and other numbers that do not sum to 1 raise ValueError, in `p` and in `q`; rounding is accepted."""
    assert_refuses_sums(divergence.DivergenceMeasures.cross_entropy, rng)


@points(0.25, function=CROSS)
def test_cross_entropy_refuses_what_is_no_probability(divergence: Any) -> None:
    """Negative (logits), NaN and infinite entries, in `p` or in `q`, and empty lists raise ValueError."""
    assert_refuses_no_probabilities(divergence.DivergenceMeasures.cross_entropy)


@points(0.25, function=CROSS)
def test_cross_entropy_refuses_other_shapes(divergence: Any) -> None:
    """Lists of different lengths cannot be compared, and tables and single numbers are not lists: ValueError."""
    assert_refuses_shapes(divergence.DivergenceMeasures.cross_entropy)


@points(0.25, function=CROSS)
def test_cross_entropy_refuses_bad_bases(divergence: Any) -> None:
    """A base that is not a finite number above 1 is not a unit of information: ValueError, whatever P and Q are."""
    assert_refuses_bases_always(divergence.DivergenceMeasures.cross_entropy)


# --- Jensen-Shannon divergence, 3 points ---------------------------------------------------------------------------


@points(0.25, function=JS, reveal=True)
def test_js_by_hand(divergence: Any) -> None:
    """JS averages the divergences of P and Q from their mixture: (1, 0) against (1/2, 1/2), mixture (3/4, 1/4)."""
    function = divergence.DivergenceMeasures.js_divergence

    half = math.log(4 / 3) / 2 + (math.log(2 / 3) + math.log(2)) / 4
    assert function([1.0, 0.0], [0.5, 0.5]) == approx(half, TOLERANCE, unit="nats")
    apart = 0.75 * math.log(3) - math.log(2)  # the mixture is an even chance: ln 2 minus the entropy of (3/4, 1/4)
    assert function([0.75, 0.25], [0.25, 0.75]) == approx(apart, TOLERANCE, unit="nats")


@points(0.5, function=JS)
def test_js_of_any_pair(divergence: Any, rng: np.random.Generator) -> None:
    """The Jensen-Shannon divergence is right for distributions of every size, in any order."""
    assert_values(divergence.DivergenceMeasures.js_divergence, js, rng)


@points(0.25, function=JS)
def test_js_is_symmetric(divergence: Any, rng: np.random.Generator) -> None:
    """JS(P, Q) = JS(Q, P), even where P rules out what Q does not."""
    pairs: list[Pair] = [different_pair(rng, size) for size in (2, 5)]
    pairs += [([1.0, 0.0, 0.0], [0.25, 0.25, 0.5]), (with_zeros(distribution(rng, 3), 2), distribution(rng, 4))]
    function = divergence.DivergenceMeasures.js_divergence
    answers = function.each(*(Given(first, second) for p, q in pairs for first, second in ((p, q), (q, p))))

    truths = [js(p, q) for p, q in pairs for _ in range(2)]
    assert_proportional(answers, truths, "JS(P, Q) and JS(Q, P) of several pairs do not fit together.")


@points(0.25, function=JS)
def test_js_is_finite_and_largest_for_distributions_that_share_nothing(
    divergence: Any, rng: np.random.Generator
) -> None:
    """Zeros never make JS infinite: distributions without a common outcome have JS = log 2, the largest value."""
    function = divergence.DivergenceMeasures.js_divergence
    p, q = distribution(rng, 3), distribution(rng, 2)
    answers = function.each(
        Given([1, 0], [0, 1]),
        Given(with_zeros(p, 0, 3), with_zeros(q, 1, 2, 4)),
        Given([0.0, 1.0, 0.0], [0.5, 0.0, 0.5]),
        Given([1, 0], [0, 1], base=2),
        Given([0.5, 0.5, 0.0], [0.0, 0.5, 0.5]),
        Given([0.0, 0.5, 0.0, 0.5, 0.0], [0.0, 0.0, 0.0, 0.5, 0.5]),
        Given([1 - 2**-40, 2**-40], [1, 0]),
    )
    in_bits = number(answers.pop(3))

    truths = [math.log(2)] * 3 + [math.log(2) / 2] * 2 + [0.0]
    assert_proportional(answers, truths, "Zeros must leave the Jensen-Shannon divergence finite and at most log 2.")
    assert math.isfinite(in_bits), f"Zeros must leave the Jensen-Shannon divergence finite in any base. Got {in_bits}."


@points(0.25, function=JS)
def test_js_of_equal_distributions_is_zero(divergence: Any, rng: np.random.Generator) -> None:
    """JS(P, P) = 0 for every P; for two different distributions, however close, it is not 0."""
    function = divergence.DivergenceMeasures.js_divergence
    p = distribution(rng, 6)
    same = (Given(q, q) for q in (p, [1.0], [0.25] * 4, [0.5, 0.0, 0.5]))
    answers = function.each(*same, Given([1, 0], [0, 1]), Given([1.0, 0.0], [0.5, 0.5]), Given(*NEARLY))

    truths = [0.0] * 4 + [math.log(2), js([1, 0], [0.5, 0.5]), js(*NEARLY)]
    assert_proportional(answers, truths, "Equal distributions have JS = 0, others do not.")


@points(0.25, function=JS)
def test_js_in_other_bases(divergence: Any, rng: np.random.Generator) -> None:
    """The base sets the unit of the Jensen-Shannon divergence too: JS_b = JS_e / ln(b)."""
    assert_changes_unit(divergence.DivergenceMeasures.js_divergence, js, *different_pair(rng, 5))
    function = divergence.DivergenceMeasures.js_divergence
    bases = (math.e, 2, 10)
    largest = [number(answer) for answer in function.each(*(Given([1, 0], [0, 1], base=base) for base in bases))]
    if math.isfinite(largest[0]) and abs(largest[0]) > NOTHING:  # another check is about zeros
        complaint = "Distributions without a common outcome have the largest value: log 2 in the unit of the base."
        assert_proportional(largest, [math.log(2) / math.log(base) for base in bases], complaint)


@points(0.25, function=JS)
def test_js_accepts_any_sequences_and_leaves_them_alone(divergence: Any, rng: np.random.Generator) -> None:
    """Lists, tuples and arrays of any number type are fine, even mixed, and both arrays keep their values."""
    assert_any_kind_and_left_alone(divergence.DivergenceMeasures.js_divergence, rng)


@points(0.25, function=JS)
def test_js_refuses_what_does_not_sum_to_one(divergence: Any, rng: np.random.Generator) -> None:
    """Counts and other numbers that do not sum to 1 raise ValueError, in `p` and in `q`; rounding is accepted."""
    assert_refuses_sums(divergence.DivergenceMeasures.js_divergence, rng)


@points(0.25, function=JS)
def test_js_refuses_what_is_no_probability(divergence: Any) -> None:
    """Negative, NaN and infinite entries, in `p` or in `q`, and empty lists raise ValueError."""
    assert_refuses_no_probabilities(divergence.DivergenceMeasures.js_divergence)


@points(0.25, function=JS)
def test_js_refuses_other_shapes(divergence: Any) -> None:
    """Lists of different lengths cannot be compared, and tables and single numbers are not lists: ValueError."""
    assert_refuses_shapes(divergence.DivergenceMeasures.js_divergence)


@points(0.25, function=JS)
def test_js_refuses_bad_bases(divergence: Any) -> None:
    """A base that is not a finite number above 1 is not a unit of information: ValueError, whatever P and Q are."""
    assert_refuses_bases_always(divergence.DivergenceMeasures.js_divergence)
