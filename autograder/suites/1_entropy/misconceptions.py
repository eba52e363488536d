"""What students of section 1 are known to believe instead of the truth, in the grammar of checks.beliefs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from autograder.checks.beliefs import misconception, truth, unknown
from autograder.checks.rules import Asked, Rule, base_multiplied, holds_float32, log_of_base, nan_slips_through

Array = NDArray[np.float64]

ENTROPY = "InformationMeasures.entropy"
JOINT = "InformationMeasures.joint_entropy"
CONDITIONAL = "InformationMeasures.conditional_entropy"
EACH = (ENTROPY, JOINT, CONDITIONAL)
NUMBERS = ("die_entropy", "coin_entropy", "difference", "tosses_per_roll")

ITEMS = {"example-1": EACH, "exercise-1": NUMBERS}

BUILDS_ON = {JOINT: (ENTROPY,), CONDITIONAL: (ENTROPY, JOINT), **dict.fromkeys(NUMBERS, (ENTROPY,))}
"""The numbers of the exercise are computed with the module, so a mistake in it can be why they lose points."""


# --- truths --------------------------------------------------------------------------------------------------------


def _distribution(p: Any) -> Array:
    table = np.asarray(p, dtype=float)
    if table.size == 0 or not np.isfinite(table).all() or (table < 0).any() or abs(table.sum() - 1) > 1e-6:
        raise ValueError("no distribution")
    return table


def _weights(p: Any) -> Array:
    """Return finite, non-negative numbers with a positive sum, whatever that sum is; refuse all others."""
    table = np.asarray(p, dtype=float)
    if table.size == 0 or not np.isfinite(table).all() or (table < 0).any() or not table.sum() > 0:
        raise ValueError("no weights")
    return table


def _one_axis(table: Array) -> Array:
    """Return the distribution of one variable; refuse numbers and tables."""
    if table.ndim != 1:
        raise ValueError("not one axis")
    return table


def _two_axes(table: Array, axis: int) -> Array:
    """Return the table with the condition as its second axis."""
    if table.ndim != 2 or axis not in (0, 1):
        raise ValueError("not a table, or not one of its axes")
    return table if axis == 1 else table.T


def _nats(p: Any) -> float:
    return float(entr(np.asarray(p, dtype=float)).sum())


def _left(table: Array) -> float:
    """Return H(X|Y) in nats."""
    return _nats(table) - _nats(table.sum(axis=0))


@truth(of=ENTROPY, silent_on=holds_float32)
def entropy(p: Any, base: float = 2) -> float:
    """Return H(X)."""
    return _nats(_one_axis(_distribution(p))) / log_of_base(base)


@truth(of=JOINT, silent_on=holds_float32)
def joint_entropy(joint_p: Any, base: float = 2) -> float:
    """Return H(X, Y, ...)."""
    return _nats(_distribution(joint_p)) / log_of_base(base)


@truth(of=CONDITIONAL, silent_on=holds_float32)
def conditional_entropy(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    """Return H(X|Y) or, for `axis` 0, H(Y|X): the joint entropy minus that of the condition."""
    table = _two_axes(_distribution(joint_p), axis)
    return _left(table) / log_of_base(base)


DIE = truth(of="die_entropy")(math.log2(6))
COIN = truth(of="coin_entropy")(-(0.8 * math.log2(0.8) + 0.2 * math.log2(0.2)))
truth(of="difference")(DIE - COIN)
truth(of="tosses_per_roll")(DIE / COIN)


# --- of each of the three functions --------------------------------------------------------------------------------


def _unchecked(call: Asked) -> float:
    """Return what the formula gives for numbers of any sum."""
    weights, base = _weights(call.first), call.arguments["base"]
    if call.truth is entropy:
        _one_axis(weights)
    if call.truth is not conditional_entropy:
        return _nats(weights) / log_of_base(base)
    table = _two_axes(weights, call.arguments["axis"])
    return _left(table) / log_of_base(base)


def _sum(call: Asked) -> float:
    """Return the sum of finite, non-negative numbers; NaN for others."""
    p = np.asarray(call.first, dtype=float)
    return float(p.sum()) if p.size > 0 and np.isfinite(p).all() and (p >= 0).all() else math.nan


def _given(call: Asked) -> tuple[Array, float]:
    """Return the numbers and the base of a call."""
    return np.asarray(call.first, dtype=float), call.arguments["base"]


@misconception("nats-for-bits", of=EACH)
def nats_for_bits(answer, base):
    """The entropy is measured in nats, with the natural logarithm, whatever `base` says.

    The natural logarithm measures in nats. To measure in another unit, divide by the natural logarithm of its base; one
    bit is log 2 nats.
    """
    return answer * math.log(base)


@misconception("nats-by-default", of=EACH)
def nats_by_default(answer, call):
    """Without `base` the entropy should be in nats.

    When `base` is given, your unit is right. Without it, the contract says bits: look at the default of `base`.
    """
    return answer if "base" in call.given else answer * math.log(2)


@misconception("decimal-digits-for-bits", of=EACH)
def decimal_digits_for_bits(answer, base):
    """The logarithm to base 10 is the right one.

    log10 counts decimal digits. Which logarithm gives a fair coin an entropy of 1?
    """
    return answer * math.log10(base)


@misconception("base-ignored", of=EACH)
def base_ignored(answer, base):
    """The entropy is always measured in bits.

    Your bits are right, but `base` has no influence on the answer. To convert one unit into another, divide by a
    constant that depends only on the base.
    """
    return answer * math.log2(base)


misconception("base-multiplied", of=EACH)(base_multiplied)


@misconception("lost-minus", of=EACH)
def lost_minus(answer):
    """The entropy is the sum of P log P.

    Logarithms of probabilities are never positive, and an entropy is never negative: a minus sign is missing.
    """
    return -answer


@misconception("perplexity-for-entropy", of=EACH)
def perplexity_for_entropy(answer, base):
    """The perplexity b^H is the entropy.

    You return how many equally likely outcomes would have the same entropy. The entropy is its logarithm.
    """
    return float(base) ** answer


@misconception("zero-times-infinity", of=EACH)
def zero_times_infinity(call):
    """P log P can be computed as it stands where P = 0.

    0 times -infinity is NaN for a computer. The term of an impossible outcome counts as 0: leave it out, or use a
    function that follows this convention.
    """
    p, base = _given(call)
    is_there = base > 1 and math.isclose(p.sum(), 1, abs_tol=1e-6) and (p == 0).any() and (p >= 0).all()
    return math.nan if is_there else call.right()


@misconception("epsilon-in-the-logarithm", of=EACH, epsilon=unknown(like=1e-6))
def epsilon_in_the_logarithm(call, epsilon):
    """A small number added inside the logarithm makes zeros harmless.

    The number you add changes the logarithm of every outcome, not only of the impossible ones. With many outcomes the
    error becomes visible. Leave out the terms with P = 0 instead: they are exactly 0.
    """
    call.right()  # refuses what is not a distribution
    table, base = _given(call)
    if call.truth is not conditional_entropy:
        return -(table * np.log(table + epsilon)).sum() / log_of_base(base)
    table = _two_axes(table, call.arguments["axis"])
    given = np.divide(table, table.sum(axis=0), out=np.zeros_like(table), where=table > 0)
    return -(table * np.log(given + epsilon)).sum() / log_of_base(base)


@misconception("any-sum-accepted", of=EACH)
def any_sum_accepted(call):
    """Any list of non-negative numbers has an entropy.

    The formula gives a number for counts too, but that number means nothing. Raise ValueError unless the sum is 1 up to
    rounding.
    """
    return _unchecked(call)


@misconception(
    "sum-too-loose",
    of=EACH,
    accepts=(lambda s: abs(s - 1) < 0.01, lambda s: abs(s - 1) < 0.1, lambda s: 0 < s < 1, lambda s: s > 1),
)
def sum_too_loose(call, accepts):
    """A sum that is nearly 1 is good enough.

    Your function accepts sums that are off by a thousandth or more, on one side of 1 or on both. The contract only
    allows for rounding: 1e-6.
    """
    return _unchecked(call) if accepts(_sum(call)) else call.right()


@misconception("rounding-refused", of=EACH, off=(lambda s: abs(s - 1), lambda s: s - 1, lambda s: 1 - s))
def rounding_refused(call, off):
    """A sum must be exactly 1.

    Probabilities that were rounded to nine digits do not sum to exactly 1, and neither do most sums of decimal
    fractions. The contract allows a difference of 1e-6, on both sides.
    """
    if 1e-12 < off(_sum(call)) < 1e-6:
        raise ValueError
    return call.right()


@misconception("negative-accepted", of=EACH, wrong=(math.nan, -math.inf))
def negative_accepted(call, wrong):
    """Numbers that sum to 1 are probabilities.

    A negative number is not a probability, even where the sum is 1. The contract wants ValueError.
    """
    p, base = _given(call)
    is_taken = base > 1 and np.isfinite(p).all() and (p < 0).any() and abs(p.sum() - 1) < 1e-6
    return wrong if is_taken else call.right()


@misconception("empty-accepted", of=EACH, wrong=(0.0, math.nan))
def empty_accepted(call, wrong):
    """Where there are no outcomes, there is no uncertainty.

    An empty list is not a distribution: its sum is 0. The contract wants ValueError.
    """
    p, base = _given(call)
    return wrong if base > 1 and p.size == 0 else call.right()


@misconception("small-probabilities-dropped", of=EACH, threshold=(1e-10, 1e-4))
def small_probabilities_dropped(answer, call, threshold):
    """A very small probability counts as 0.

    Only outcomes with a probability of exactly 0 may be left out. Many rare outcomes together add up.
    """
    table, base = _given(call)
    surprise = np.log(np.where(table > 0, table, 1.0))
    if call.truth is conditional_entropy:
        of_condition = table.sum(axis=1 - call.arguments["axis"], keepdims=True)
        surprise -= np.log(np.maximum(of_condition, 1e-300)) * (table > 0)
    return answer + float((table * surprise)[table < threshold].sum()) / log_of_base(base)


@misconception("silent-normalisation", of=EACH)
def silent_normalisation(call):
    """Numbers that do not sum to 1 should be divided by their sum.

    Anyone who passes counts by mistake gets a number that looks right. The contract wants ValueError, so that the
    mistake shows up where it is made.
    """
    weights = _weights(call.first)
    return call.right(weights / weights.sum())


@misconception("everything-refused", of=EACH)
def everything_refused(call):
    """The input is not a distribution.

    Valid distributions are refused too. Find the test in your validation that is too strict: sums are compared up to
    rounding, and zeros are allowed.
    """
    raise ValueError


def _has_nan(call: Asked) -> bool:
    table, base = _given(call)
    return base > 1 and bool(np.isnan(table).any())


misconception("nan-slips-through", of=EACH, passes=[_has_nan])(nan_slips_through)


@misconception("nan-slips-through", of=EACH)
def nan_dropped_by_a_filter(call):
    """Whatever is not greater than 0 is a zero and can be left out.

    NaN is neither greater than 0 nor equal to it. Filtering for positive numbers drops it silently. Check that all
    numbers are finite before you filter.
    """
    table, base = _given(call)
    if not _has_nan(call) or np.isinf(table).any():
        return call.right()
    if call.truth is conditional_entropy:
        table = _two_axes(table, call.arguments["axis"])
        table = _weights(table[:, ~np.isnan(table).any(axis=0)])
        return _left(table) / log_of_base(base)
    if call.truth is entropy:
        _one_axis(table)
    return _nats(_weights(table[table > 0])) / log_of_base(base)


@misconception("same-answer-always", of=EACH)
def always_nan():
    """The answer does not depend on the input.

    Your function returns NaN for every input. Print what it computes, step by step, and find out where the first NaN
    comes from.
    """
    return math.nan


@misconception("same-answer-always", of=EACH)
def always_zero():
    """The answer does not depend on the input.

    Your function returns 0 for every input. Only a certain outcome has no entropy. Print what it computes, step by
    step, and find out where the 0 comes from.
    """
    return 0.0


# The logarithm of the base, and whether dividing by 0 gives infinity, as in NumPy, or an error, as in Python.
LOGARITHMS = ((math.log, False), (math.log, True), (np.log, True))


def _kind_of_base(base: Any) -> str:
    """Return the name of the family that a bad base belongs to; empty for a good one, or if it is not a number."""
    if not isinstance(base, int | float):
        return ""
    if math.isnan(base):
        return "nan"
    if base == math.inf:
        return "inf"
    if base < 0:
        return "negative"
    if base in (0, 1):
        return "one" if base else "zero"
    return "half" if base < 1 else ""


def _with_bad_base(call: Asked, slips: str, logarithm: tuple[Callable[[float], Any], bool]) -> float:
    """Return what is computed with the base of a call if that base is one of those that slip through."""
    base, (log, divides) = call.arguments["base"], logarithm
    if _kind_of_base(base) not in slips.split():
        return float(call.right())
    nats, unit = float(call.right(base=math.e)), float(log(base))
    return float(np.float64(nats) / unit) if divides else nats / unit


@misconception("base-not-checked", of=EACH, slips=["half one nan inf zero negative"], logarithm=LOGARITHMS)
def base_not_checked(call, slips, logarithm):
    """Every base has a logarithm.

    Your function accepts bases that measure nothing. Some give infinity, NaN or a negative entropy; others raise an
    error that does not mention the base. Look at `base` before you compute.
    """
    return _with_bad_base(call, slips, logarithm)


@misconception("base-not-checked", of=EACH, slips=["half one nan inf"], logarithm=LOGARITHMS)
def positive_bases_not_checked(call, slips, logarithm):
    """A base is only wrong if it is not positive.

    Zero and negative bases are not the only ones that measure no information: so do bases up to 1 and those that are
    not finite. The contract says greater than 1, and finite.
    """
    return _with_bad_base(call, slips, logarithm)


@misconception("base-below-one-accepted", of=EACH, slips=["half nan inf"], logarithm=LOGARITHMS)
def bases_with_a_logarithm_accepted(call, slips, logarithm):
    """A base is only wrong if its logarithm does not exist or is 0.

    A base between 0 and 1 has a negative logarithm, so the entropy comes out negative. The contract says greater than
    1, and finite.
    """
    return _with_bad_base(call, slips, logarithm)


@misconception("base-below-one-accepted", of=EACH, slips=("half inf", "half"), logarithm=LOGARITHMS)
def base_below_one_accepted(call, slips, logarithm):
    """A base between 0 and 1 is a unit too.

    A base between 0 and 1 has a negative logarithm, so the entropy comes out negative. The contract says greater than
    1, and finite.
    """
    return _with_bad_base(call, slips, logarithm)


@misconception("base-one-accepted", of=EACH, slips=("one nan inf", "one inf", "one"), logarithm=LOGARITHMS)
def base_one_accepted(call, slips, logarithm):
    """1 is the smallest base.

    The logarithm of 1 is 0, and you cannot divide by it. The contract says *greater* than 1, and finite.
    """
    return _with_bad_base(call, slips, logarithm)


@misconception("nan-base-slips-through", of=EACH, slips=("nan inf", "nan"), logarithm=LOGARITHMS)
def nan_base_slips_through(call, slips, logarithm):
    """If a base is not less than or equal to 1, it is greater than 1.

    Every comparison with NaN is false, so a test for bases that are too small lets NaN through. Check that the base is
    finite and greater than 1.
    """
    return _with_bad_base(call, slips, logarithm)


@misconception("infinite-base-accepted", of=EACH, slips=["inf"], logarithm=LOGARITHMS)
def infinite_base_accepted(call, slips, logarithm):
    """Everything greater than 1 is a base.

    Infinity is greater than 1, and it makes every entropy 0. The contract wants a *finite* base.
    """
    return _with_bad_base(call, slips, logarithm)


@misconception("rounded-result", of=EACH, digits=range(1, 7))
def rounded_result(answer, digits):
    """A result is returned with as many decimals as people read.

    The answer is right but rounded. Return the number as it was computed, and round only when you print.
    """
    return round(answer, digits)


@misconception("divided-by-base", of=EACH, logarithm=(math.log, math.log2))
def divided_by_base(answer, base, logarithm):
    """A logarithm to base b is another logarithm divided by b.

    You divide by the base itself. The change of base divides by the *logarithm* of the base.
    """
    return answer * logarithm(base) / base


@misconception("base-multiplied", of=EACH)
def bits_multiplied(answer, base):
    """To convert bits into another unit, multiply by the binary logarithm of its base.

    A larger base is a larger unit, so the number gets smaller: divide where you multiply.
    """
    return answer * math.log2(base) ** 2


# --- of one function -----------------------------------------------------------------------------------------------


def of_outcomes(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(p)`, in nats, for every distribution with the base taken into account."""
    return lambda p, base: float(formula(_one_axis(_distribution(p)))) / log_of_base(base)


def of_cells(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(cells)`, in nats, for the cells of a joint distribution."""
    return lambda joint_p, base: float(formula(_distribution(joint_p).ravel())) / log_of_base(base)


def of_table(formula: Callable[[Array], Any]) -> Rule:
    """Return the rule that answers `formula(joint_p)`, in nats, for tables; for one variable or three, the truth."""

    def rule(joint_p: Any, base: float) -> Any:
        table = _distribution(joint_p)
        return formula(table) / log_of_base(base) if table.ndim == 2 else joint_entropy(table, base)

    return rule


def of_conditions(formula: Callable[[Array], Any]) -> Rule:
    """Return the rule that answers `formula(table)`, in nats, with the condition as second axis of the table."""
    return lambda joint_p, axis, base: formula(_two_axes(_distribution(joint_p), axis)) / log_of_base(base)


def _column_entropies(table: Array) -> Array:
    """Return H(X|Y=y) in nats for every y that can happen, shape (number of such y,)."""
    possible = table[:, table.sum(axis=0) > 0]
    return np.asarray(entr(possible / possible.sum(axis=0)).sum(axis=0))


@misconception("all-outcomes-equal", of=ENTROPY, form=of_outcomes)
def all_outcomes_equal(p):
    """The entropy is the logarithm of the number of outcomes.

    That is the largest possible value, reached where all outcomes are equally likely. Weight the surprise of each
    outcome with its own probability.
    """
    return math.log(p.size)


@misconception("likeliest-outcome-only", of=ENTROPY, form=of_outcomes)
def likeliest_outcome_only(p):
    """The entropy is the surprise of the most likely outcome.

    Every outcome has a surprise. The entropy is the average over all of them, not the smallest.
    """
    return -math.log(p.max())


@misconception("unweighted-surprise", of=ENTROPY, form=of_outcomes)
def unweighted_surprise(p):
    """The surprises log 1/P of the outcomes are simply added.

    An entropy is an average: each surprise counts with the probability of its outcome.
    """
    return -np.log(p[p > 0]).sum()


@misconception("mean-over-outcomes", of=ENTROPY, form=of_outcomes)
def mean_over_outcomes(p):
    """The terms P log 1/P should be averaged.

    The probabilities already are the weights of the average. Sum the terms and do not divide by their number.
    """
    return entr(p).mean()


@misconception("divided-by-its-maximum", of=ENTROPY)
def divided_by_its_maximum(p, base):
    """An entropy is a share of the largest possible one.

    You divide by the logarithm of the number of outcomes, so that every fair choice gets 1. Eight equally likely
    outcomes are harder to guess than two, and the entropy says so.
    """
    return entropy(p, base) / (math.log(len(p), base) if base > 1 and len(p) > 1 else 1.0)


@misconception("uniform-weights", of=ENTROPY)
def uniform_weights(p, base):
    """The surprises of the outcomes are averaged with equal weights.

    You take the plain average of the surprises. Likely outcomes come more often, so each surprise counts with the
    probability of its outcome.
    """
    outcomes = _one_axis(_distribution(p))
    # This belief says nothing about impossible outcomes.
    return -np.log(outcomes).mean() / log_of_base(base) if (outcomes > 0).all() else entropy(p, base)


@misconception("rarest-outcome-only", of=ENTROPY, form=of_outcomes)
def rarest_outcome_only(p):
    """The entropy is the surprise of the least likely outcome.

    Every outcome has a surprise. The entropy is the average over all of them, not the largest.
    """
    return -math.log(p[p > 0].min())


@misconception("collision-entropy", of=ENTROPY, form=of_outcomes)
def collision_entropy(p):
    """The entropy is the logarithm of the sum of the squared probabilities, with a minus sign.

    That is the collision entropy, another measure of uncertainty. Shannon takes the logarithm of each probability
    first, and then averages.
    """
    return -math.log((p**2).sum())


@misconception("weighted-twice", of=ENTROPY, form=of_outcomes)
def weighted_twice(p):
    """Each surprise counts with the square of its probability.

    Your sum contains the probability of each outcome once too often.
    """
    return (p * entr(p)).sum()


@misconception("log-of-one-plus", of=ENTROPY, form=of_outcomes)
def log_of_one_plus(p):
    """log1p(P) is the logarithm of P.

    log1p adds 1 before it takes the logarithm. Which function takes the logarithm of P itself?
    """
    return -(p * np.log1p(p)).sum()


@misconception("log-of-one-plus", of=ENTROPY, form=of_outcomes)
def log_of_one_plus_without_minus(p):
    """The logarithm of 1 + P does no harm and avoids log 0.

    Adding 1 inside the logarithm avoids log 0, but it changes every term. Leave impossible outcomes out instead.
    """
    return (p * np.log1p(p)).sum()


@misconception("last-outcome-left-out", of=ENTROPY, form=of_outcomes)
def last_outcome_left_out(p):
    """The sum ends before the last outcome.

    One outcome is missing from your sum: the last one. Check where the loop or the slice ends.
    """
    return entr(p[:-1]).sum()


@misconception("first-outcome-left-out", of=ENTROPY, form=of_outcomes)
def first_outcome_left_out(p):
    """The sum begins after the first outcome.

    One outcome is missing from your sum: the first one. Check where the loop or the slice begins.
    """
    return entr(p[1:]).sum()


@misconception("first-outcome-only", of=ENTROPY, form=of_outcomes)
def first_outcome_only(p):
    """The entropy is the term of the first outcome.

    Only one term of the sum is returned. A `return` inside the loop ends it after the first pass.
    """
    return entr(p[0])


@misconception("equal-probabilities-counted-once", of=ENTROPY, form=of_outcomes)
def equal_probabilities_counted_once(p):
    """Outcomes with the same probability are one outcome.

    Two outcomes that are equally likely are still two. A set, or `np.unique`, keeps only one of them.
    """
    return entr(np.unique(p)).sum()


@misconception("binary-entropies-added", of=ENTROPY, form=of_outcomes)
def binary_entropies_added(p):
    """Each outcome has a term for happening and one for not happening.

    You add up P log P and (1 - P) log(1 - P) of every outcome. The terms of the other outcomes already count the case
    that this one does not happen.
    """
    return (entr(p) + entr(1 - p)).sum()


@misconception("binary-entropy-for-all", of=ENTROPY, form=of_outcomes)
def binary_entropy_for_all(p):
    """Every choice is one between the first outcome and the rest.

    Your formula is the one for a coin: the first outcome against all others. With more than two outcomes, each has a
    term of its own.
    """
    return entr(p[0]) + entr(1 - p[0])


@misconception("largest-term-only", of=ENTROPY, form=of_outcomes)
def largest_term_only(p):
    """The entropy is the largest of the terms P log 1/P.

    Add the terms. Taking the largest ignores all the others.
    """
    return entr(p).max()


@misconception("table-accepted", of=ENTROPY)
def table_or_number_accepted(p, base):
    """A table is a longer list of probabilities.

    `entropy` is about one variable. It must refuse a table or a single number; `joint_entropy` is for tables.
    """
    return joint_entropy(p, base)


@misconception("table-accepted", of=ENTROPY)
def table_accepted(p, base):
    """A table is a longer list of probabilities.

    `entropy` is about one variable. It must refuse a table; `joint_entropy` is for tables.
    """
    return joint_entropy(p, base) if np.ndim(p) > 0 else entropy(p, base)


@misconception("marginals-added", of=JOINT, form=of_table)
def marginals_added(t):
    """The joint entropy is the sum of the entropies of the variables.

    That holds only for independent variables. In general, what they share is counted twice. Use the cells of the table,
    not its margins.
    """
    return _nats(t.sum(axis=0)) + _nats(t.sum(axis=1))


@misconception("margin-of-x-for-joint", of=JOINT, form=of_table)
def margin_of_x_for_joint(t):
    """The joint entropy is the entropy of the row sums.

    Row sums are the distribution of X alone. The joint entropy is about the pair: each cell is one outcome.
    """
    return _nats(t.sum(axis=1))


@misconception("margin-of-y-for-joint", of=JOINT, form=of_table)
def margin_of_y_for_joint(t):
    """The joint entropy is the entropy of the column sums.

    Column sums are the distribution of Y alone. The joint entropy is about the pair: each cell is one outcome.
    """
    return _nats(t.sum(axis=0))


@misconception("rows-normalised-for-joint", of=JOINT, form=of_table)
def rows_normalised_for_joint(t):
    """Each row of the table is a distribution of its own.

    A row divided by its sum is a distribution conditional on X. The cells as they are form the joint distribution.
    """
    return _column_entropies(t.T).sum()


@misconception("mean-over-cells", of=JOINT, form=of_cells)
def mean_over_cells(p):
    """The terms P log 1/P of the cells should be averaged.

    The probabilities already are the weights of the average. Sum the terms and do not divide by their number.
    """
    return entr(p).mean()


@misconception("unweighted-surprise", of=JOINT, form=of_cells)
def unweighted_surprise_of_joint(p):
    """The surprises log 1/P of the cells are simply added.

    An entropy is an average: each surprise counts with the probability of its cell.
    """
    return -np.log(p[p > 0]).sum()


@misconception("all-outcomes-equal", of=JOINT, form=of_cells)
def all_outcomes_equal_of_joint(p):
    """The joint entropy is the logarithm of the number of cells.

    That is the largest possible value, reached where all cells are equally likely.
    """
    return math.log(p.size)


@misconception("divided-by-its-maximum", of=JOINT)
def divided_by_its_maximum_of_joint(joint_p, base):
    """An entropy is a share of the largest possible one.

    You divide by the logarithm of the number of cells. The joint entropy is not a share but a number of bits.
    """
    return joint_entropy(joint_p, base) / (
        math.log(np.size(joint_p), base) if base > 1 and np.size(joint_p) > 1 else 1.0
    )


@misconception("gini-impurity", of=(ENTROPY, JOINT))
def gini_impurity(call, base):
    """Uncertainty is 1 minus the sum of the squared probabilities.

    That is the Gini impurity, another measure of spread. Shannon's entropy contains a logarithm.
    """
    if base != math.inf or call.truth is not entropy:
        call.right()  # refuses what is not a distribution
    return 1 - (np.asarray(call.first, dtype=float) ** 2).sum()


@misconception("larger-margin-for-joint", of=JOINT, form=of_table)
def larger_margin_for_joint(t):
    """The joint entropy is the larger of the two entropies.

    The pair is at least as uncertain as either variable, and usually more. Each cell is one outcome.
    """
    return max(_nats(t.sum(axis=0)), _nats(t.sum(axis=1)))


@misconception("conditional-for-joint", of=JOINT, form=of_table)
def rest_of_y_for_joint(t):
    """The joint entropy is what is left of Y when X is known.

    You return H(Y|X). By the chain rule, the joint entropy is H(Y|X) plus H(X).
    """
    return _nats(t) - _nats(t.sum(axis=1))


@misconception("conditional-for-joint", of=JOINT, form=of_table)
def rest_of_x_for_joint(t):
    """The joint entropy is what is left of X when Y is known.

    You return H(X|Y). By the chain rule, the joint entropy is H(X|Y) plus H(Y).
    """
    return _left(t)


@misconception("mutual-information-for-joint", of=JOINT, form=of_table)
def mutual_information_for_joint(t):
    """The joint entropy is what the variables share.

    You return the mutual information: what one variable tells you about the other. The joint entropy is the uncertainty
    about both together.
    """
    return _nats(t.sum(axis=0)) + _nats(t.sum(axis=1)) - _nats(t)


@misconception("diagonal-only", of=JOINT, form=of_table)
def diagonal_only(t):
    """Only the cells on the diagonal are pairs.

    Every cell of the table is a pair of values, not only those on the diagonal.
    """
    return _nats(np.diag(t))


@misconception("one-number-per-row", of=JOINT, form=of_table)
def one_number_per_row(t):
    """A table has an entropy for each row.

    You return an array. All cells together are one distribution and have one entropy: sum over both axes.
    """
    return entr(t).sum(axis=1)


@misconception("one-number-per-row", of=JOINT, form=of_table)
def one_number_per_column(t):
    """A table has an entropy for each column.

    You return an array. All cells together are one distribution and have one entropy: sum over both axes.
    """
    return entr(t).sum(axis=0)


@misconception("two-variables-only", of=JOINT)
def two_variables_only(joint_p, base):
    """A joint distribution is a table.

    There may be one variable, or three or more. The array has an axis for each, and the formula stays the same.
    """
    if np.ndim(joint_p) != 2:
        raise ValueError
    return joint_entropy(joint_p, base)


@misconception("one-variable-refused", of=JOINT)
def one_variable_refused(joint_p, base):
    """A joint distribution has two axes or more.

    One variable is allowed too: an array with one axis has a joint entropy, which is its entropy.
    """
    if np.ndim(joint_p) < 2:
        raise ValueError
    return joint_entropy(joint_p, base)


@misconception("axis-swapped", of=CONDITIONAL)
def axis_swapped(joint_p, axis, base):
    """`axis` names the variable whose entropy is wanted, or the axis to sum over.

    `axis` names the variable you know: with 1 that is Y, the columns. You return H(Y|X) for H(X|Y), and the other way
    round. Take a table that is not square and check which marginal each sum gives.
    """
    return conditional_entropy(joint_p, 1 - axis if axis in (0, 1) else axis, base)


@misconception("axis-default", of=CONDITIONAL)
def axis_default(joint_p, axis=0, base=2):
    """Without `axis` the rows are the condition.

    When `axis` is given, you are right. Without it, the contract says 1, that is H(X|Y).
    """
    return conditional_entropy(joint_p, axis, base)


@misconception("axis-ignored", of=CONDITIONAL)
def axis_ignored(joint_p, axis, base):
    """There is only H(X|Y).

    `axis` has no influence on your answer. With 0 the rows are the condition, and the answer should be H(Y|X).
    """
    if axis not in (0, 1):
        raise ValueError("no axis")
    return conditional_entropy(joint_p, 1, base)


@misconception("negative-axis-accepted", of=CONDITIONAL)
def negative_axes_accepted(joint_p, axis, base):
    """An axis may be counted from the end, as in NumPy.

    The contract allows only the axes 0 and 1, and wants ValueError for others. NumPy accepts -1 without complaint, so
    check `axis` before you pass it on.
    """
    return conditional_entropy(joint_p, axis % 2 if axis in (-1, -2) else axis, base)


@misconception("negative-axis-accepted", of=CONDITIONAL)
def last_axis_called_minus_one(joint_p, axis, base):
    """The last axis may be called -1.

    The contract allows only the axes 0 and 1, and wants ValueError for others. NumPy accepts -1 without complaint, so
    check `axis` before you pass it on.
    """
    return conditional_entropy(joint_p, 1 if axis == -1 else axis, base)


@misconception("joint-for-conditional", of=CONDITIONAL, form=of_conditions)
def joint_for_conditional(p):
    """The conditional entropy is the joint entropy.

    Subtract what is known: by the chain rule, the joint entropy is the entropy of the condition plus the conditional
    entropy.
    """
    return _nats(p)


@misconception("marginal-for-conditional", of=CONDITIONAL, form=of_conditions)
def marginal_for_conditional(t):
    """The conditional entropy is the entropy of the variable in question.

    Summing over the condition ignores it. Each value of the condition leaves a distribution of its own.
    """
    return _nats(t.sum(axis=1))


@misconception("condition-for-conditional", of=CONDITIONAL, form=of_conditions)
def condition_for_conditional(t):
    """The conditional entropy is the entropy of the condition.

    The marginal of the condition only gives the weights. The conditional entropy is the uncertainty that remains about
    the other variable.
    """
    return _nats(t.sum(axis=0))


@misconception("mutual-information-for-conditional", of=CONDITIONAL, form=of_conditions)
def mutual_information_for_conditional(t):
    """The conditional entropy is what one variable tells you about the other.

    You return what the variables share: the part that goes away. The conditional entropy is the part that remains.
    """
    return _nats(t.sum(axis=0)) + _nats(t.sum(axis=1)) - _nats(t)


@misconception("unweighted-average", of=CONDITIONAL, form=of_conditions)
def unweighted_average(t):
    """All values of the condition count equally.

    The average over the values y of the condition has the weights P(y). These are equal only if Y is uniform.
    """
    return _column_entropies(t).mean()


@misconception("not-averaged", of=CONDITIONAL)
def not_averaged(joint_p, axis, base):
    """The conditional entropy is one number for each value of the condition.

    You return all the H(X|Y=y). The conditional entropy is one number, their average with the weights P(y).
    """
    return _column_entropies(_two_axes(_distribution(joint_p), axis)) / log_of_base(base)


@misconception("unweighted-sum", of=CONDITIONAL, form=of_conditions)
def unweighted_sum(t):
    """The entropies H(X|Y=y) should be added.

    The conditional entropy is an average over the values y, with the weights P(y), not a sum.
    """
    return _column_entropies(t).sum()


@misconception("first-condition-only", of=CONDITIONAL, form=of_conditions)
def first_condition_only(t):
    """The conditional entropy is the entropy for one value of the condition.

    H(X|Y=y) for one y is one term. H(X|Y) is the average over all y, with the weights P(y).
    """
    return _column_entropies(t)[0]


@misconception("largest-condition-only", of=CONDITIONAL, form=of_conditions)
def largest_condition_only(t):
    """The conditional entropy is the largest that a value of the condition leaves.

    H(X|Y) is the average over all values y, with the weights P(y), not the worst case.
    """
    return _column_entropies(t).max()


@misconception("columns-not-normalised", of=CONDITIONAL, form=of_conditions)
def columns_not_normalised(t):
    """The cells of a column are the distribution of X given that column.

    The cells of a column sum to P(y), not to 1. Divide by P(y) before you take the logarithm.
    """
    return (entr(t).sum(axis=0) * t.sum(axis=0)).sum()


@misconception("last-condition-only", of=CONDITIONAL, form=of_conditions)
def last_condition_only(t):
    """The conditional entropy is the entropy for the last value of the condition.

    Your loop overwrites what it found before: the answer is the H(X|Y=y) of the last y. H(X|Y) is the average over all
    y, with the weights P(y).
    """
    return _column_entropies(t)[-1]


@misconception("smallest-condition-only", of=CONDITIONAL, form=of_conditions)
def smallest_condition_only(t):
    """The conditional entropy is the smallest that a value of the condition leaves.

    H(X|Y) is the average over all values y, with the weights P(y), not the best case.
    """
    return _column_entropies(t).min()


@misconception("weighted-twice", of=CONDITIONAL, form=of_conditions)
def weighted_twice_of_conditional(t):
    """Each condition counts with the square of its probability.

    Your sum contains the weight P(y) once too often.
    """
    p_y = t.sum(axis=0)
    return (_column_entropies(t) * p_y[p_y > 0] ** 2).sum()


@misconception("joint-in-the-logarithm", of=CONDITIONAL, form=of_conditions)
def joint_in_the_logarithm(table):
    """The average is over log P(x, y), with the conditional probabilities as weights.

    It is the other way round: take the logarithm of P(x|y), and use P(x, y) as the weight.
    """
    possible = table > 0
    given = np.divide(table, table.sum(axis=0), out=np.zeros_like(table), where=possible)
    return float(-(given[possible] * np.log(table[possible])).sum())


@misconception("margins-added", of=CONDITIONAL, form=of_conditions)
def margins_added(t):
    """The conditional entropy is the sum of both entropies.

    On average, knowing more never makes you less certain. By the chain rule an entropy is subtracted, not added.
    """
    return _nats(t.sum(axis=0)) + _nats(t.sum(axis=1))


@misconception("condition-added", of=CONDITIONAL, form=of_conditions)
def condition_added(t):
    """The entropy of the condition is added to the joint entropy.

    By the chain rule, H(X,Y) is H(Y) plus H(X|Y). So subtract H(Y) from H(X,Y).
    """
    return _nats(t) + _nats(t.sum(axis=0))


@misconception("mean-over-cells", of=CONDITIONAL, form=of_conditions)
def mean_over_cells_of_conditional(t):
    """The terms of the cells should be averaged.

    The probabilities P(x, y) already are the weights of the average. Sum the terms and do not divide by their number.
    """
    return (_left(t)) / t.size


@misconception("averaged-twice", of=CONDITIONAL, form=of_conditions)
def averaged_twice(t):
    """The weighted entropies of the conditions should be averaged.

    The weights P(y) already make the average. Sum over the conditions and do not divide by their number.
    """
    return (_left(t)) / t.shape[1]


@misconception("divided-by-its-maximum", of=CONDITIONAL, form=of_conditions)
def divided_by_its_maximum_of_conditional(t):
    """A conditional entropy is a share of the largest possible one.

    You divide by the logarithm of a number of outcomes. The contract wants a number of bits, not a share.
    """
    return (_left(t)) / (math.log(t.shape[0]) if t.shape[0] > 1 else 1.0)


@misconception("weights-of-the-other-variable", of=CONDITIONAL, form=of_conditions)
def weights_of_the_other_variable(table):
    """The weights are the probabilities of X.

    Each H(X|Y=y) counts with the probability of its own y. You use the weights of the other margin.
    """
    # Where the table is not square, or has an empty column, this belief says nothing.
    if table.shape[0] != table.shape[1] or not table.sum(axis=0).all():
        return _left(table)
    return float((_column_entropies(table) * table.sum(axis=1)).sum())


@misconception("not-averaged", of=CONDITIONAL)
def not_summed(joint_p, axis, base):
    """The conditional entropy is one number for each value of the condition.

    You return one term for each y. They already contain the weights P(y): add them.
    """
    table = _two_axes(_distribution(joint_p), axis)
    p_y = table.sum(axis=0)
    return _column_entropies(table) * p_y[p_y > 0] / log_of_base(base)


@misconception("one-axis-accepted", of=CONDITIONAL)
def list_taken_for_a_row(joint_p, axis, base):
    """A list of probabilities is a table of one row.

    A list has one axis, and a condition needs a second one. The contract wants ValueError.
    """
    return conditional_entropy(np.reshape(joint_p, (1, -1)) if np.ndim(joint_p) == 1 else joint_p, axis, base)


@misconception("one-axis-accepted", of=CONDITIONAL)
def list_taken_for_a_column(joint_p, axis, base):
    """A list of probabilities is a table of one column.

    A list has one axis, and a condition needs a second one. The contract wants ValueError.
    """
    return conditional_entropy(np.reshape(joint_p, (-1, 1)) if np.ndim(joint_p) == 1 else joint_p, axis, base)


@misconception("other-axes-accepted", of=CONDITIONAL)
def other_axes_taken_for_1(joint_p, axis, base):
    """An axis that is not 0 is 1.

    Every other `axis` counts as 1 in your program. A table has the axes 0 and 1 only, and the contract wants ValueError
    for others.
    """
    return conditional_entropy(joint_p, axis if axis == 0 else 1, base)


@misconception("other-axes-accepted", of=CONDITIONAL)
def other_axes_taken_for_0(joint_p, axis, base):
    """An axis that is not 1 is 0.

    Every other `axis` counts as 0 in your program. A table has the axes 0 and 1 only, and the contract wants ValueError
    for others.
    """
    return conditional_entropy(joint_p, axis if axis == 1 else 0, base)


@misconception("empty-condition-divides-by-zero", of=CONDITIONAL)
def empty_condition_divides_by_zero(joint_p, axis, base):
    """Every value of the condition has a probability above 0.

    Dividing an empty row or column by its sum gives 0/0. A condition that cannot happen has weight 0 and must be left
    out before dividing.
    """
    answer = conditional_entropy(joint_p, axis, base)
    marginal = _two_axes(np.asarray(joint_p, dtype=float), axis).sum(axis=0)
    return answer if (marginal > 0).all() else math.nan


# --- numbers of the exercise ---------------------------------------------------------------------------------------

# What each side of the coin adds to its entropy.
HEADS = -0.8 * math.log2(0.8)
TAILS = -0.2 * math.log2(0.2)


@misconception("nats-for-bits", of=("die_entropy", "coin_entropy", "difference"))
def nats_for_bits_of_the_die(answer):
    """The natural logarithm measures in bits.

    Your number is right in nats. The exercise asks for bits: use the logarithm to base 2, or divide by log 2.
    """
    return answer * math.log(2)


@misconception("gini-impurity", of="coin_entropy")
def gini_impurity_of_the_coin():
    """Uncertainty is 1 minus the sum of the squared probabilities.

    That is the Gini impurity. Shannon's entropy contains a logarithm.
    """
    return 1 - 0.8**2 - 0.2**2


@misconception("mean-over-outcomes", of="coin_entropy")
def mean_over_outcomes_of_the_coin(answer):
    """The terms P log 1/P should be averaged.

    The probabilities already are the weights of the average. Sum the two terms and do not halve the sum.
    """
    return answer / 2


@misconception("uniform-weights", of="coin_entropy")
def uniform_weights_of_the_coin():
    """The surprises of heads and tails are averaged with equal weights.

    Heads comes up four times as often as tails, so its surprise counts four times as much.
    """
    return (-math.log2(0.8) - math.log2(0.2)) / 2


@misconception("one-term-only", of="coin_entropy")
def heads_only_in_nats():
    """The entropy of the coin is the term of heads.

    You have the term of heads, in nats. Tails is an outcome too, and the exercise asks for bits.
    """
    return -0.8 * math.log(0.8)


@misconception("probability-for-entropy", of="coin_entropy")
def probability_for_entropy():
    """The entropy of the coin is the probability of heads.

    Your number is a probability. The entropy is the average of the logarithms of the inverse probabilities.
    """
    return 0.8


@misconception("decimal-digits-for-bits", of=("die_entropy", "coin_entropy", "difference"))
def decimal_digits_for_bits_of_the_die(answer):
    """The logarithm to base 10 measures in bits.

    Your number is right in decimal digits. The exercise asks for bits: use the logarithm to base 2.
    """
    return answer * math.log10(2)


@misconception("perplexity-for-entropy", of=("die_entropy", "coin_entropy"))
def perplexity_of_one(answer):
    """2 to the power of the entropy is the entropy.

    Your number says how many equally likely outcomes would have that entropy. The entropy is its logarithm.
    """
    return 2**answer


@misconception("lost-minus", of=("die_entropy", "coin_entropy"))
def lost_minus_of_the_die(answer):
    """The entropy is the sum of P log P.

    An entropy is never negative. The logarithms of probabilities are, and a minus sign makes them positive.
    """
    return -answer


@misconception("one-term-only", of="die_entropy")
def one_face_only(answer):
    """The entropy is the term of one face.

    You have one of the six equal terms of the sum. Each face contributes.
    """
    return answer / 6


@misconception("unweighted-surprise", of="die_entropy")
def unweighted_surprise_of_the_die(answer):
    """The surprises of the six faces are simply added.

    The entropy is the average surprise: each face counts with its probability.
    """
    return 6 * answer


@misconception("whole-questions", of="die_entropy")
def whole_questions():
    """A roll costs a whole number of yes/no questions.

    Three questions are enough for a single roll. The entropy is the average over many rolls and need not be whole.
    """
    return 3.0


@misconception("mean-of-the-die", of="die_entropy")
def mean_of_the_die():
    """The entropy is the expected number on the die.

    That is the average of what the faces show. The entropy depends on how likely the faces are, not on what they show.
    """
    return 3.5


@misconception("probability-for-entropy", of="die_entropy")
def probability_for_entropy_of_the_die():
    """The entropy of the die is the probability of a face.

    Your number is the probability of a face. Its surprise is the logarithm of the inverse.
    """
    return 1 / 6


@misconception("one-term-only", of="coin_entropy")
def heads_only():
    """The entropy of the coin is the term of heads.

    You have the term of heads. Tails is an outcome too and adds a term of its own, the larger one.
    """
    return HEADS


@misconception("one-term-only", of="coin_entropy")
def tails_only():
    """The entropy of the coin is the term of tails.

    You have the term of tails. Heads is an outcome too and adds a term of its own.
    """
    return TAILS


@misconception("surprise-for-entropy", of="coin_entropy")
def surprise_of_heads():
    """The entropy of the coin is the surprise of heads.

    log2(1/P) of one outcome is its surprise. The entropy is the average over both outcomes.
    """
    return -math.log2(0.8)


@misconception("surprise-for-entropy", of="coin_entropy")
def surprise_of_tails():
    """The entropy of the coin is the surprise of tails.

    log2(1/P) of one outcome is its surprise. The entropy is the average over both outcomes.
    """
    return -math.log2(0.2)


@misconception("unweighted-surprise", of="coin_entropy")
def unweighted_surprise_of_the_coin():
    """The surprises of heads and tails are simply added.

    The entropy is the average surprise: each outcome counts with its probability.
    """
    return -math.log2(0.8) - math.log2(0.2)


@misconception("all-outcomes-equal", of="coin_entropy")
def all_outcomes_equal_of_the_coin():
    """A coin has two outcomes and so 1 bit.

    That is a fair coin. This one shows heads four times as often as tails, so it is less surprising.
    """
    return 1.0


@misconception("difference-reversed", of="difference")
def difference_reversed():
    """The difference is the coin's entropy minus the die's.

    The exercise asks how much *more* the die carries: a positive number.
    """
    return COIN - DIE


@misconception("sum-for-difference", of="difference")
def sum_for_difference():
    """The two entropies are added.

    Your number is the entropy of a roll and a toss together. The exercise asks how much larger one is than the other.
    """
    return DIE + COIN


@misconception("ratio-for-difference", of="difference")
def ratio_for_difference():
    """The difference says how many times as uncertain the roll is.

    You divide. That belongs to `tosses_per_roll`; for a difference, subtract.
    """
    return DIE / COIN


@misconception("units-mixed", of="difference")
def bits_less_nats():
    """Entropies in bits and in nats may be subtracted.

    Your entropy of the die is in bits and that of the coin in nats. Subtract only numbers that have the same unit.
    """
    return DIE - COIN * math.log(2)


@misconception("units-mixed", of="difference")
def nats_less_bits():
    """Entropies in nats and in bits may be subtracted.

    Your entropy of the die is in nats and that of the coin in bits. Subtract only numbers that have the same unit.
    """
    return DIE * math.log(2) - COIN


@misconception("perplexity-for-entropy", of="difference")
def perplexity_for_entropy_of_the_difference():
    """The difference is between perplexities.

    You subtract numbers of equally likely outcomes. Subtract the entropies, in bits.
    """
    return 6 - 2**COIN


@misconception("all-outcomes-equal", of="difference")
def all_outcomes_equal_of_the_difference():
    """The coin carries 1 bit.

    You subtracted the entropy of a fair coin. This one shows heads with probability 0.8.
    """
    return DIE - 1


@misconception("one-term-only", of="difference")
def less_heads_only():
    """The entropy of the coin is the term of heads.

    The entropy that you subtracted has only the term of heads. Your answer will be right once `coin_entropy` is.
    """
    return DIE - HEADS


@misconception("one-term-only", of="difference")
def less_tails_only():
    """The entropy of the coin is the term of tails.

    The entropy that you subtracted has only the term of tails. Your answer will be right once `coin_entropy` is.
    """
    return DIE - TAILS


@misconception("ratio-inverted", of="tosses_per_roll")
def ratio_inverted():
    """The number of tosses is the coin's entropy divided by the die's.

    That says how many rolls carry as much as one toss, which is less than one. Turn the ratio round.
    """
    return COIN / DIE


@misconception("difference-for-ratio", of="tosses_per_roll")
def difference_for_ratio():
    """The number of tosses is the difference of the entropies.

    A difference is a number of bits. How many times does the entropy of a toss fit into that of a roll?
    """
    return DIE - COIN


@misconception("whole-tosses", of="tosses_per_roll", tosses=(4.0, 3.0))
def whole_tosses(tosses):
    """The number of tosses has to be whole.

    Entropy is an average over many rolls, so the number need not be whole. Do not round it.
    """
    return tosses


@misconception("perplexity-for-entropy", of="tosses_per_roll")
def perplexity_for_entropy_of_the_ratio():
    """The number of tosses is the ratio of the perplexities.

    You divide numbers of equally likely outcomes. Divide the entropies: those add up over tosses.
    """
    return 6 / 2**COIN


@misconception("product-for-ratio", of="tosses_per_roll")
def product_for_ratio():
    """The number of tosses is the product of the entropies.

    A product of two entropies has no meaning here. How many times does the entropy of a toss fit into that of a roll?
    """
    return DIE * COIN


@misconception("sum-for-ratio", of="tosses_per_roll")
def sum_for_ratio():
    """The number of tosses is the sum of the entropies.

    A sum is the entropy of a roll and a toss together. How many times does the entropy of a toss fit into that of a
    roll?
    """
    return DIE + COIN


@misconception("probability-for-entropy", of="tosses_per_roll")
def probability_for_entropy_of_the_ratio():
    """A toss carries as many bits as the probability of heads.

    You divide by the probability of heads. Divide by the *entropy* of a toss.
    """
    return DIE / 0.8


@misconception("units-mixed", of="tosses_per_roll")
def nats_over_bits():
    """Entropies in nats and in bits may be used in one ratio.

    One of your two entropies is in nats and the other in bits. The unit cancels only if both have the same one.
    """
    return DIE * math.log(2) / COIN


@misconception("units-mixed", of="tosses_per_roll")
def bits_over_nats():
    """Entropies in bits and in nats may be used in one ratio.

    One of your two entropies is in nats and the other in bits. The unit cancels only if both have the same one.
    """
    return DIE / (COIN * math.log(2))


@misconception("all-outcomes-equal", of="tosses_per_roll")
def all_outcomes_equal_of_the_ratio():
    """A toss of the coin carries 1 bit.

    That is a fair coin. This one shows heads with probability 0.8, so it takes more tosses.
    """
    return DIE


@misconception("one-term-only", of="tosses_per_roll")
def divided_by_heads_only():
    """The entropy of the coin is the term of heads.

    The entropy that you divide by has only the term of heads. Your answer will be right once `coin_entropy` is.
    """
    return DIE / HEADS


@misconception("one-term-only", of="tosses_per_roll")
def divided_by_tails_only():
    """The entropy of the coin is the term of tails.

    The entropy that you divide by has only the term of tails. Your answer will be right once `coin_entropy` is.
    """
    return DIE / TAILS


@misconception("text-for-number", of="die_entropy")
def text_for_number():
    """A number is given as text.

    You cannot compute with text. Leave out the quotes, or the formatting, and assign the number itself.
    """


@misconception("rounded-number", of="die_entropy")
def rounded_number():
    """A result is given with the decimals that people read.

    The number is right but rounded. Let Python keep all its digits, and round only when you print.
    """
