"""Wrong rules that students of section 1 are known to follow, as code, with what to say to whom follows them.

Trust: rules run in the judge on arguments that the suite chose itself. They are compared with a student's answers,
never with the reference solution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from autograder.checks.misconceptions import Misconception
from autograder.checks.rules import Family, Rule, bound, converted, in_double, refuse

Array = NDArray[np.float64]

ENTROPY = "InformationMeasures.entropy"
JOINT = "InformationMeasures.joint_entropy"
CONDITIONAL = "InformationMeasures.conditional_entropy"


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


def _log(base: float) -> float:
    """Return the natural logarithm of a finite base above 1; refuse all others."""
    if not 1 < base < math.inf:
        raise ValueError("no base")
    return math.log(base)


def _two_axes(table: Array, axis: int) -> Array:
    """Return the table with the condition as its second axis."""
    if table.ndim != 2 or axis not in (0, 1):
        raise ValueError("no table, or none of its axes")
    return table if axis == 1 else table.T


def _nats(p: Any) -> float:
    return float(entr(np.asarray(p, dtype=float)).sum())


def _one_axis(table: Array) -> Array:
    """Return the distribution of one variable; refuse numbers and tables."""
    if table.ndim != 1:
        raise ValueError("not one axis")
    return table


def entropy(p: Any, base: float = 2) -> float:
    """Return H(X)."""
    return _nats(_one_axis(_distribution(p))) / _log(base)


def joint_entropy(joint_p: Any, base: float = 2) -> float:
    """Return H(X, Y, ...)."""
    return _nats(_distribution(joint_p)) / _log(base)


def conditional_entropy(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    """Return H(X|Y) or, for `axis` 0, H(Y|X): the joint entropy less that of the condition."""
    table = _two_axes(_distribution(joint_p), axis)
    return (_nats(table) - _nats(table.sum(axis=0))) / _log(base)


DIE = math.log2(6)
COIN = -(0.8 * math.log2(0.8) + 0.2 * math.log2(0.2))

TRUTHS: Mapping[str, Rule | float] = {
    ENTROPY: entropy,
    JOINT: joint_entropy,
    CONDITIONAL: conditional_entropy,
    "die_entropy": DIE,
    "coin_entropy": COIN,
    "difference": DIE - COIN,
    "tosses_per_roll": DIE / COIN,
}

BUILDS_ON = {
    JOINT: (ENTROPY,),
    CONDITIONAL: (ENTROPY, JOINT),
    **dict.fromkeys(("die_entropy", "coin_entropy", "difference", "tosses_per_roll"), (ENTROPY,)),
}
"""The numbers of the exercise are to be computed with the module, so their loss can follow from it."""


# --- mistakes that can be made in each of the three functions ------------------------------------------------------


def _bound(truth: Rule, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, float, bool]:
    """Return the distribution and the base of a call, and whether the base was given."""
    arguments, given = bound(truth, args, kwargs)
    return next(iter(arguments.values())), arguments["base"], "base" in given


def _axis(truth: Rule, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> int:
    """Return the axis of a call of a function that takes one."""
    axis: int = bound(truth, args, kwargs)[0]["axis"]
    return axis


def _nats_by_default(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        answer = float(truth(*args, **kwargs))
        return answer if _bound(truth, args, kwargs)[2] else answer * math.log(2)

    return rule


def _replaced(truth: Rule, condition: Callable[[Array, float], bool], answer: float) -> Rule:
    """Return the rule that gives `answer` where `condition(distribution, base)` holds, and else the truth."""

    def rule(*args: Any, **kwargs: Any) -> float:
        p, base, _ = _bound(truth, args, kwargs)
        return answer if condition(np.asarray(p, dtype=float), base) else float(truth(*args, **kwargs))

    return rule


def _has_nan(p: Array, base: float) -> bool:
    return base > 1 and bool(np.isnan(p).any())


def _has_zero(p: Array, base: float) -> bool:
    return base > 1 and math.isclose(p.sum(), 1, abs_tol=1e-6) and bool((p == 0).any()) and bool((p >= 0).all())


def _common(function: str, truth: Rule, unchecked: Rule) -> Iterator[Misconception]:
    """Yield the mistakes that `function` shares with the other two; `unchecked` is its formula without checks."""

    def named(name: str, believed: str, hint: str, rule: Rule) -> Misconception:
        return Misconception(name, "example-1", function, believed, hint, in_double(truth, rule))

    def normalised(*args: Any, **kwargs: Any) -> float:
        first, *others = bound(truth, args, kwargs)[0].values()
        weights = _weights(first)
        return float(truth(weights / weights.sum(), *others))

    yield named(
        "nats-for-bits",
        "The entropy is measured in nats, with the natural logarithm, whatever `base` says.",
        "The natural logarithm measures in nats. To measure in another unit divide by the natural logarithm of its "
        "base; one bit is log 2 nats.",
        converted(truth, lambda answer, base: answer * math.log(base)),
    )
    yield named(
        "nats-by-default",
        "Without `base` the entropy is wanted in nats.",
        "With a given base your unit is right. Without one the contract says bits: look at the default of `base`.",
        _nats_by_default(truth),
    )
    yield named(
        "decimal-digits-for-bits",
        "The logarithm is the one to base 10.",
        "log10 counts decimal digits. Which logarithm makes the entropy of a fair coin 1?",
        converted(truth, lambda answer, base: answer * math.log10(base)),
    )
    yield named(
        "base-ignored",
        "The entropy is always measured in bits.",
        "Your bits are right, but `base` has no influence on the answer. One unit is turned into another by "
        "dividing by a constant that depends on the base alone.",
        converted(truth, lambda answer, base: answer * math.log2(base)),
    )
    yield named(
        "base-multiplied",
        "Nats become another unit by multiplying with the logarithm of its base.",
        "A larger base is a larger unit, so the number gets smaller: dividing is needed where you multiply.",
        converted(truth, lambda answer, base: answer * math.log(base) ** 2),
    )
    yield named(
        "lost-minus",
        "The entropy is the sum of P log P.",
        "Logarithms of probabilities are not positive, an entropy is never negative: a minus sign is missing.",
        converted(truth, lambda answer, base: -answer),
    )
    yield named(
        "perplexity-for-entropy",
        "The perplexity b^H is the entropy.",
        "You return the number of equally likely outcomes with the same entropy. The entropy is its logarithm.",
        converted(truth, lambda answer, base: float(base) ** answer),
    )
    yield named(
        "zero-times-infinity",
        "P log P can be computed as it stands where P = 0.",
        "0 times -infinity is NaN for a computer. The term of an impossible outcome counts as 0: leave it out or use "
        "a function that knows this convention.",
        _replaced(truth, _has_zero, math.nan),
    )
    yield Misconception(
        "epsilon-in-the-logarithm",
        "example-1",
        function,
        "A small number added inside the logarithm makes zeros harmless.",
        "The number you add changes the logarithm of every outcome, not only of the impossible ones; with many "
        "outcomes it shows. Leave out the terms with P = 0 instead, they are exactly 0.",
        Family(lambda epsilon: in_double(truth, _with_epsilon(truth, epsilon)), example=1e-6),
    )
    yield named(
        "any-sum-accepted",
        "Any list of non-negative numbers has an entropy.",
        "The formula gives a number for counts too, and it means nothing. Raise ValueError unless the sum is 1 up to "
        "rounding.",
        unchecked,
    )
    for loose in (
        lambda total: abs(total - 1) < 0.01,
        lambda total: abs(total - 1) < 0.1,
        lambda total: 0 < total < 1,
        lambda total: total > 1,
    ):
        yield named(
            "sum-too-loose",
            "A sum that is nearly 1 will do.",
            "Sums that are wrong by a thousandth or more are accepted, on one side of 1 or on both. The contract "
            "allows no more than rounding: 1e-6.",
            _where_sum(truth, loose, unchecked),
        )
    for strict in (
        lambda total: 1e-12 < abs(total - 1) < 1e-6,
        lambda total: 1e-12 < total - 1 < 1e-6,
        lambda total: 1e-12 < 1 - total < 1e-6,
    ):
        yield named(
            "rounding-refused",
            "A sum is 1 or it is not.",
            "Probabilities that were rounded to nine digits do not sum to exactly 1, and neither do most sums of "
            "decimal fractions. The contract allows a difference of 1e-6, on both sides.",
            _where_sum(truth, strict, refuse),
        )
    for answer in (math.nan, -math.inf):
        yield named(
            "negative-accepted",
            "Numbers that sum to 1 are probabilities.",
            "A negative number is not a probability, even where the sum is 1. The contract wants ValueError.",
            _replaced(truth, _has_negative, answer),
        )
    for answer in (0.0, math.nan):
        yield named(
            "empty-accepted",
            "Where there is nothing there is no uncertainty.",
            "Nothing at all is not a distribution: its sum is 0. The contract wants ValueError.",
            _replaced(truth, _is_empty, answer),
        )
    for threshold in (1e-10, 1e-4):
        yield named(
            "small-probabilities-dropped",
            "What is very small is 0.",
            "Only what is exactly 0 may be left out. Many outcomes that are rare add up to something.",
            _without_small(truth, threshold),
        )
    yield named(
        "silent-normalisation",
        "Numbers that do not sum to 1 are to be divided by their sum.",
        "Whoever passes counts by mistake gets a number that looks right. The contract wants ValueError, so that the "
        "mistake is seen where it is made.",
        normalised,
    )
    yield named(
        "everything-refused",
        "What is given is no distribution.",
        "Distributions that are fine are refused too. Look at which test in your validation is too strict: sums are "
        "compared up to rounding, and zeros are allowed.",
        refuse,
    )
    yield named(
        "nan-slips-through",
        "A check that finds nothing too large or too small has found nothing wrong.",
        "Every comparison with NaN is false, so a test for what is wrong lets NaN pass. Ask whether the numbers are "
        "right, or whether they are finite.",
        _replaced(truth, _has_nan, math.nan),
    )
    yield named(
        "nan-slips-through",
        "What is not greater than 0 is a zero and can be left out.",
        "NaN is neither greater than 0 nor equal to it. Filtering for positive numbers drops it silently; look whether "
        "all numbers are finite before you filter.",
        _nan_dropped(truth),
    )
    yield named(
        "same-answer-always",
        "The answer does not depend on what is given.",
        "Your function answers NaN whatever it is given. Print what it computes on the way, step by step, and look "
        "where the first NaN comes from.",
        _always(math.nan),
    )
    yield named(
        "same-answer-always",
        "The answer does not depend on what is given.",
        "Your function answers 0 whatever it is given. Only a certain outcome has no entropy. Print what it computes "
        "on the way, and look where the 0 comes from.",
        _always(0.0),
    )
    for name, believed, hint, slips in _BASES:
        for log, divides in _LOGARITHMS:
            yield named(name, believed, hint, _with_bad_bases(truth, slips, log, divides))
    for name, believed, hint, digits in _ROUNDED:
        yield named(name, believed, hint, _rounded(truth, digits))
    for logarithm in (math.log, math.log2):
        yield named(
            "divided-by-base",
            "A logarithm to base b is another logarithm divided by b.",
            "You divide by the base itself. The change of base divides by the *logarithm* of the base.",
            converted(truth, _divided_by_base(logarithm)),
        )
    yield named(
        "base-multiplied",
        "Bits become another unit by multiplying with the binary logarithm of its base.",
        "A larger base is a larger unit, so the number gets smaller: dividing is needed where you multiply.",
        converted(truth, lambda answer, base: answer * math.log2(base) ** 2),
    )


def _where_sum(truth: Rule, condition: Callable[[float], bool], rule: Rule) -> Rule:
    """Return `rule` where the sum of non-negative finite numbers fulfils the condition, and else the truth."""

    def chosen(*args: Any, **kwargs: Any) -> float:
        p = np.asarray(_bound(truth, args, kwargs)[0], dtype=float)
        fits = p.size > 0 and np.isfinite(p).all() and bool((p >= 0).all()) and condition(float(p.sum()))
        return float((rule if fits else truth)(*args, **kwargs))

    return chosen


def _has_negative(p: Array, base: float) -> bool:
    return base > 1 and bool(np.isfinite(p).all() and (p < 0).any()) and abs(p.sum() - 1) < 1e-6


def _is_empty(p: Array, base: float) -> bool:
    return base > 1 and p.size == 0


def _without_small(truth: Rule, threshold: float) -> Rule:
    """Return the rule that leaves out what is below the threshold, and does not divide by the new sum."""

    def rule(*args: Any, **kwargs: Any) -> float:
        answer = float(truth(*args, **kwargs))
        p, base, _ = _bound(truth, args, kwargs)
        table = np.asarray(p, dtype=float)
        surprise = np.log(np.where(table > 0, table, 1.0))
        if truth is conditional_entropy:
            axis = _axis(truth, args, kwargs)
            surprise -= np.log(np.maximum(table.sum(axis=1 - axis, keepdims=True), 1e-300)) * (table > 0)
        return answer + float((table * surprise)[table < threshold].sum()) / _log(base)

    return rule


def _divided_by_base(logarithm: Callable[[float], float]) -> Callable[[float, float], float]:
    """Return what makes an entropy in base b one in the unit of `logarithm`, divided by b."""
    return lambda answer, base: answer * logarithm(base) / base


def _always(answer: float) -> Rule:
    def rule(*_args: Any, **_kwargs: Any) -> float:
        return answer

    return rule


_ROUNDED = tuple(
    (
        "rounded-result",
        "A result is returned with as many decimals as one reads.",
        "The answer is right but rounded. Return the number as it was computed, and round only what you print.",
        digits,
    )
    for digits in range(1, 7)
)


def _rounded(truth: Rule, digits: int) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        return round(float(truth(*args, **kwargs)), digits)

    return rule


_HALF = "A base between 0 and 1 has a negative logarithm, so the entropy comes out negative. The contract says greater "
_HALF += "than 1, and finite."
_ONE = "The logarithm of 1 is 0, and dividing by it gives no number. The contract says *greater* than 1, and finite."
_NAN = (
    "Every comparison with NaN is false, so a test for a base that is too small lets NaN pass. Ask whether the base is "
)
_NAN += "finite and greater than 1."

_BASES: tuple[tuple[str, str, str, str], ...] = (
    (
        "base-not-checked",
        "Every base has a logarithm.",
        "Bases that measure nothing are taken: some give infinity, NaN or a negative entropy, others an error that "
        "says nothing about the base. Look at `base` before you compute.",
        "half one nan inf zero negative",
    ),
    (
        "base-not-checked",
        "A base is only wrong if it is not positive.",
        "A base of 1 or less, or one that is not finite, measures no information, and not only zero and negative ones. "
        "The contract says greater than 1, and finite.",
        "half one nan inf",
    ),
    ("base-below-one-accepted", "A base is only wrong if its logarithm does not exist or is 0.", _HALF, "half nan inf"),
    ("base-below-one-accepted", "A base between 0 and 1 is a unit too.", _HALF, "half inf"),
    ("base-below-one-accepted", "A base between 0 and 1 is a unit too.", _HALF, "half"),
    ("base-one-accepted", "1 is the smallest base.", _ONE, "one nan inf"),
    ("base-one-accepted", "1 is the smallest base.", _ONE, "one inf"),
    ("base-one-accepted", "1 is the smallest base.", _ONE, "one"),
    ("nan-base-slips-through", "A base that is not found to be 1 or less is greater than 1.", _NAN, "nan inf"),
    ("nan-base-slips-through", "A base that is not found to be 1 or less is greater than 1.", _NAN, "nan"),
    (
        "infinite-base-accepted",
        "What is greater than 1 is a base.",
        "Infinity is greater than 1, and with it every entropy becomes 0. The contract wants a *finite* base.",
        "inf",
    ),
)
"""What is believed of bases, and which of the bad ones slip through then."""

_LOGARITHMS = ((math.log, False), (math.log, True), (np.log, True))
"""The logarithm of the base, and whether dividing by 0 gives infinity, as in NumPy, or an error, as in Python."""


def _kind_of_base(base: Any) -> str:
    """Return the name of the family that a bad base belongs to; empty for a good one, and for what is no number."""
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


def _with_bad_bases(truth: Rule, slips: str, logarithm: Callable[[float], Any], divides: bool) -> Rule:
    """Return the rule that computes with those bad bases that slip through."""
    through = slips.split()

    def rule(*args: Any, **kwargs: Any) -> float:
        arguments, _ = bound(truth, args, kwargs)
        base = arguments["base"]
        if _kind_of_base(base) not in through:
            return float(truth(*args, **kwargs))
        nats = float(truth(**{**arguments, "base": math.e}))
        unit = float(logarithm(base))
        return float(np.float64(nats) / unit) if divides else nats / unit

    return rule


def _with_epsilon(truth: Rule, epsilon: float) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        truth(*args, **kwargs)  # refuses what is no distribution
        p, base, _ = _bound(truth, args, kwargs)
        table = np.asarray(p, dtype=float)
        if truth is not conditional_entropy:
            return float(-(table * np.log(table + epsilon)).sum()) / _log(base)
        axis = _axis(truth, args, kwargs)
        table = _two_axes(table, axis)
        given = np.divide(table, table.sum(axis=0), out=np.zeros_like(table), where=table > 0)
        return float(-(table * np.log(given + epsilon)).sum()) / _log(base)

    return rule


def _nan_dropped(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        p, base, _ = _bound(truth, args, kwargs)
        table = np.asarray(p, dtype=float)
        if not _has_nan(table, base) or np.isinf(table).any():
            return float(truth(*args, **kwargs))
        if truth is conditional_entropy:
            table = _two_axes(table, _axis(truth, args, kwargs))
            table = table[:, ~np.isnan(table).any(axis=0)]
            return _unchecked_conditional(table, base=base)
        if truth is entropy:
            _one_axis(table)
        return _unchecked_joint(table[table > 0], base)

    return rule


def _unchecked_entropy(p: Any, base: float = 2) -> float:
    return _nats(_one_axis(_weights(p))) / _log(base)


def _unchecked_joint(joint_p: Any, base: float = 2) -> float:
    return _nats(_weights(joint_p)) / _log(base)


def _unchecked_conditional(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    table = _two_axes(_weights(joint_p), axis)
    return (_nats(table) - _nats(table.sum(axis=0))) / _log(base)


# --- mistakes of one function --------------------------------------------------------------------------------------


def _of_outcomes(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(p)`, in nats, for every distribution with the base taken into account."""

    def rule(p: Any, base: float = 2) -> float:
        return float(formula(_one_axis(_distribution(p)))) / _log(base)

    return rule


def _where_possible(formula: Callable[[Array], float]) -> Rule:
    """Return the rule of `formula` where no outcome is impossible; about others this belief says nothing."""

    def rule(p: Any, base: float = 2) -> float:
        outcomes = _one_axis(_distribution(p))
        return float(formula(outcomes)) / _log(base) if (outcomes > 0).all() else entropy(p, base)

    return rule


def _of_cells(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(cells)`, in nats, for the cells of a joint distribution."""

    def rule(joint_p: Any, base: float = 2) -> float:
        return float(formula(_distribution(joint_p).ravel())) / _log(base)

    return rule


def _of_table(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(joint_p)`, in nats, for tables; for one variable or three, the truth."""

    def rule(joint_p: Any, base: float = 2) -> float:
        table = _distribution(joint_p)
        return float(formula(table)) / _log(base) if table.ndim == 2 else joint_entropy(table, base)

    return rule


def _per_axis(axis: int) -> Rule:
    """Return the rule that sums over one axis of a table only."""

    def rule(joint_p: Any, base: float = 2) -> Any:
        table = _distribution(joint_p)
        return entr(table).sum(axis=axis) / _log(base) if table.ndim == 2 else joint_entropy(table, base)

    return rule


def _table_only(joint_p: Any) -> Array:
    table = _distribution(joint_p)
    if table.ndim != 2:
        raise ValueError("not a table")
    return table


def _several_axes(joint_p: Any) -> Array:
    table = _distribution(joint_p)
    if table.ndim < 2:
        raise ValueError("one axis only")
    return table


def _of_conditions(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(table)`, in nats, with the condition as second axis of the table."""

    def rule(joint_p: Any, axis: int = 1, base: float = 2) -> float:
        return float(formula(_two_axes(_distribution(joint_p), axis))) / _log(base)

    return rule


def _column_entropies(table: Array) -> Array:
    """Return H(X|Y=y) in nats for every y that can happen, shape (number of such y,)."""
    possible = table[:, table.sum(axis=0) > 0]
    return np.asarray(entr(possible / possible.sum(axis=0)).sum(axis=0))


def _weighted(table: Array, weight: Callable[[Array], Array]) -> float:
    """Return the sum of the H(X|Y=y) in nats, each with a weight that is made of the P(y)."""
    p_y = table.sum(axis=0)
    return float((_column_entropies(table) * weight(p_y[p_y > 0])).sum())


def _exchanged(table: Array) -> float:
    possible = table > 0
    given = np.divide(table, table.sum(axis=0), out=np.zeros_like(table), where=possible)
    return float(-(given[possible] * np.log(table[possible])).sum())


def _other_weights(table: Array) -> float:
    """Return the average with the weights P(x); for tables that are not square, or with empty columns, the truth."""
    if table.shape[0] != table.shape[1] or not table.sum(axis=0).all():
        return _nats(table) - _nats(table.sum(axis=0))
    return float((_column_entropies(table) * table.sum(axis=1)).sum())


def _terms(joint_p: Any, axis: int = 1, base: float = 2) -> Array:
    table = _two_axes(_distribution(joint_p), axis)
    p_y = table.sum(axis=0)
    return np.asarray(_column_entropies(table) * p_y[p_y > 0] / _log(base))


def _not_averaged(joint_p: Any, axis: int = 1, base: float = 2) -> Array:
    return _column_entropies(_two_axes(_distribution(joint_p), axis)) / _log(base)


def _rows_by_default(joint_p: Any, axis: int = 0, base: float = 2) -> float:
    return conditional_entropy(joint_p, axis, base)


def _other_axis(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    return conditional_entropy(joint_p, 1 - axis if axis in (0, 1) else axis, base)


def _no_axis(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    if axis not in (0, 1):
        raise ValueError("no axis")
    return conditional_entropy(joint_p, 1, base)


def _empty_condition_is_nan(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    answer = conditional_entropy(joint_p, axis, base)
    marginal = _two_axes(np.asarray(joint_p, dtype=float), axis).sum(axis=0)
    return answer if (marginal > 0).all() else math.nan


def _negative_axis(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    return conditional_entropy(joint_p, axis % 2 if axis in (-1, -2) else axis, base)


_ENTROPY_ONLY: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "all-outcomes-equal",
        "The entropy is the logarithm of the number of outcomes.",
        "That is the largest possible value, reached where all outcomes are equally likely. Each outcome's surprise "
        "must be weighted with its own probability.",
        _of_outcomes(lambda p: math.log(p.size)),
    ),
    (
        "likeliest-outcome-only",
        "The entropy is the surprise of the most likely outcome.",
        "Every outcome has a surprise. The entropy is the average over all of them, not the smallest.",
        _of_outcomes(lambda p: -math.log(p.max())),
    ),
    (
        "unweighted-surprise",
        "The surprises log 1/P of the outcomes are summed as they are.",
        "An entropy is an average: each surprise counts with the probability of its outcome.",
        _of_outcomes(lambda p: -np.log(p[p > 0]).sum()),
    ),
    (
        "mean-over-outcomes",
        "The terms P log 1/P are to be averaged.",
        "The probabilities already are the weights of the average. Sum the terms and do not divide by their number.",
        _of_outcomes(lambda p: entr(p).mean()),
    ),
    (
        "divided-by-its-maximum",
        "An entropy is a share of the largest possible one.",
        "You divide by the logarithm of the number of outcomes, so that every fair choice gets 1. Eight equally likely "
        "outcomes are harder to guess than two, and the entropy says so.",
        lambda p, base=2: entropy(p, base) / (math.log(len(p), base) if base > 1 and len(p) > 1 else 1.0),
    ),
    (
        "uniform-weights",
        "The surprises of the outcomes are averaged with equal weights.",
        "You take the plain average of the surprises. Likely outcomes come more often, so each surprise counts with "
        "the probability of its outcome.",
        _where_possible(lambda p: -np.log(p).mean()),
    ),
    (
        "rarest-outcome-only",
        "The entropy is the surprise of the least likely outcome.",
        "Every outcome has a surprise. The entropy is the average over all of them, not the largest.",
        _of_outcomes(lambda p: -math.log(p[p > 0].min())),
    ),
    (
        "collision-entropy",
        "The entropy is the logarithm of the sum of the squared probabilities, with a minus sign.",
        "That is the collision entropy, another measure of uncertainty. Shannon takes the logarithm of each "
        "probability first and averages then.",
        _of_outcomes(lambda p: -math.log((p**2).sum())),
    ),
    (
        "weighted-twice",
        "Each surprise counts with the square of its probability.",
        "The probability of an outcome is in your sum once too often.",
        _of_outcomes(lambda p: (p * entr(p)).sum()),
    ),
    (
        "log-of-one-plus",
        "log1p(P) is the logarithm of P.",
        "log1p adds 1 before it takes the logarithm. Which function takes that of P itself?",
        _of_outcomes(lambda p: -(p * np.log1p(p)).sum()),
    ),
    (
        "log-of-one-plus",
        "The logarithm of 1 + P does no harm and spares the zeros.",
        "Adding 1 inside the logarithm keeps zeros away, and changes every term. An impossible outcome is left out "
        "instead.",
        _of_outcomes(lambda p: (p * np.log1p(p)).sum()),
    ),
    (
        "last-outcome-left-out",
        "The sum ends before the last outcome.",
        "One outcome is missing from your sum: the last one. Look at where the loop or the slice ends.",
        _of_outcomes(lambda p: entr(p[:-1]).sum()),
    ),
    (
        "first-outcome-left-out",
        "The sum begins after the first outcome.",
        "One outcome is missing from your sum: the first one. Look at where the loop or the slice begins.",
        _of_outcomes(lambda p: entr(p[1:]).sum()),
    ),
    (
        "first-outcome-only",
        "The entropy is the term of the first outcome.",
        "Only one term of the sum is returned. A `return` inside the loop ends it after the first round.",
        _of_outcomes(lambda p: entr(p[0])),
    ),
    (
        "equal-probabilities-counted-once",
        "Outcomes with the same probability are one outcome.",
        "Two outcomes that are equally likely are still two. A set, or `np.unique`, keeps only one of them.",
        _of_outcomes(lambda p: entr(np.unique(p)).sum()),
    ),
    (
        "binary-entropies-added",
        "Each outcome has a term for happening and one for not happening.",
        "You add up P log P and (1 - P) log(1 - P) of every outcome. That an outcome does not happen is counted by "
        "the terms of the others.",
        _of_outcomes(lambda p: (entr(p) + entr(1 - p)).sum()),
    ),
    (
        "binary-entropy-for-all",
        "Every choice is one between the first outcome and the rest.",
        "Your formula is that of a coin: the first outcome against all others. With more than two outcomes each has "
        "a term of its own.",
        _of_outcomes(lambda p: entr(p[0]) + entr(1 - p[0])),
    ),
    (
        "largest-term-only",
        "The entropy is the largest of the terms P log 1/P.",
        "The terms are to be summed. Taking the largest forgets all others.",
        _of_outcomes(lambda p: entr(p).max()),
    ),
    (
        "table-accepted",
        "A table is a longer list of probabilities.",
        "`entropy` is about one variable. It has to refuse a table or a single number; `joint_entropy` is for tables.",
        lambda p, base=2: joint_entropy(p, base),
    ),
    (
        "table-accepted",
        "A table is a longer list of probabilities.",
        "`entropy` is about one variable. It has to refuse a table; `joint_entropy` is for tables.",
        lambda p, base=2: joint_entropy(p, base) if np.ndim(p) > 0 else entropy(p, base),
    ),
    (
        "gini-impurity",
        "Uncertainty is 1 minus the sum of the squared probabilities.",
        "That is the Gini impurity, another measure of spread. Shannon's entropy has the logarithm in it.",
        lambda p, base=2: float(1 - (_one_axis(_distribution(p)) ** 2).sum()) if base > 1 else entropy(p, base),
    ),
)

_JOINT_ONLY: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "marginals-added",
        "The joint entropy is the sum of the entropies of the variables.",
        "That holds for independent variables only. In general what they share is counted twice; use the cells of the "
        "table, not its margins.",
        _of_table(lambda t: _nats(t.sum(axis=0)) + _nats(t.sum(axis=1))),
    ),
    (
        "margin-of-x-for-joint",
        "The joint entropy is the entropy of the row sums.",
        "Row sums are the distribution of X alone. The joint entropy asks for the pair, one outcome for each cell.",
        _of_table(lambda t: _nats(t.sum(axis=1))),
    ),
    (
        "margin-of-y-for-joint",
        "The joint entropy is the entropy of the column sums.",
        "Column sums are the distribution of Y alone. The joint entropy asks for the pair, one outcome for each cell.",
        _of_table(lambda t: _nats(t.sum(axis=0))),
    ),
    (
        "rows-normalised-for-joint",
        "Each row of the table is a distribution of its own.",
        "A row that is divided by its sum is conditional on X. The cells as they stand are the joint distribution.",
        _of_table(lambda t: _column_entropies(t.T).sum()),
    ),
    (
        "mean-over-cells",
        "The terms P log 1/P of the cells are to be averaged.",
        "The probabilities already are the weights of the average. Sum the terms and do not divide by their number.",
        _of_cells(lambda p: entr(p).mean()),
    ),
    (
        "unweighted-surprise",
        "The surprises log 1/P of the cells are summed as they are.",
        "An entropy is an average: each surprise counts with the probability of its cell.",
        _of_cells(lambda p: -np.log(p[p > 0]).sum()),
    ),
    (
        "all-outcomes-equal",
        "The joint entropy is the logarithm of the number of cells.",
        "That is the largest possible value, reached where all cells are equally likely.",
        _of_cells(lambda p: math.log(p.size)),
    ),
    (
        "divided-by-its-maximum",
        "An entropy is a share of the largest possible one.",
        "You divide by the logarithm of the number of cells. The joint entropy is not a share but a number of bits.",
        lambda joint_p, base=2: (
            joint_entropy(joint_p, base)
            / (math.log(np.size(joint_p), base) if base > 1 and np.size(joint_p) > 1 else 1.0)
        ),
    ),
    (
        "gini-impurity",
        "Uncertainty is 1 minus the sum of the squared probabilities.",
        "That is the Gini impurity, another measure of spread. Shannon's entropy has the logarithm in it.",
        lambda joint_p, base=2: (
            float(1 - (_distribution(joint_p) ** 2).sum()) if 1 < base < math.inf else joint_entropy(joint_p, base)
        ),
    ),
    (
        "larger-margin-for-joint",
        "The joint entropy is the larger of the two entropies.",
        "The pair is at least as uncertain as either variable, and usually more. Each cell is one outcome.",
        _of_table(lambda t: max(_nats(t.sum(axis=0)), _nats(t.sum(axis=1)))),
    ),
    (
        "conditional-for-joint",
        "The joint entropy is what is left of Y when X is known.",
        "You return H(Y|X). By the chain rule the joint entropy is that and H(X) together.",
        _of_table(lambda t: _nats(t) - _nats(t.sum(axis=1))),
    ),
    (
        "conditional-for-joint",
        "The joint entropy is what is left of X when Y is known.",
        "You return H(X|Y). By the chain rule the joint entropy is that and H(Y) together.",
        _of_table(lambda t: _nats(t) - _nats(t.sum(axis=0))),
    ),
    (
        "mutual-information-for-joint",
        "The joint entropy is what the variables share.",
        "You return the mutual information, what one variable tells about the other. The joint entropy is the "
        "uncertainty about both together.",
        _of_table(lambda t: _nats(t.sum(axis=0)) + _nats(t.sum(axis=1)) - _nats(t)),
    ),
    (
        "diagonal-only",
        "Only the cells on the diagonal are pairs.",
        "Every cell of the table is a pair of values, not only those on the diagonal.",
        _of_table(lambda t: _nats(np.diag(t))),
    ),
    (
        "one-number-per-row",
        "A table has an entropy for each row.",
        "You return an array. All cells together are one distribution and have one entropy: sum over both axes.",
        _per_axis(1),
    ),
    (
        "one-number-per-row",
        "A table has an entropy for each column.",
        "You return an array. All cells together are one distribution and have one entropy: sum over both axes.",
        _per_axis(0),
    ),
    (
        "two-variables-only",
        "A joint distribution is a table.",
        "There may be one variable, three or more: the array has an axis for each, and the formula is the same.",
        lambda joint_p, base=2: joint_entropy(_table_only(joint_p), base),
    ),
    (
        "one-variable-refused",
        "A joint distribution has two axes or more.",
        "One variable is allowed too: an array with one axis has a joint entropy, which is its entropy.",
        lambda joint_p, base=2: joint_entropy(_several_axes(joint_p), base),
    ),
)

_CONDITIONAL_ONLY: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "axis-swapped",
        "`axis` names the variable whose entropy is wanted, or the axis to sum over.",
        "`axis` names the variable you know: with 1 that is Y, the columns. You return H(Y|X) for H(X|Y) and the other "
        "way round. Check which marginal each sum gives on a table that is not square.",
        _other_axis,
    ),
    (
        "axis-default",
        "Without `axis` the rows are the condition.",
        "With a given axis you are right. Without one the contract says 1, that is H(X|Y).",
        _rows_by_default,
    ),
    (
        "axis-ignored",
        "There is only H(X|Y).",
        "`axis` has no influence on your answer. With 0 the rows are the condition and H(Y|X) is asked for.",
        _no_axis,
    ),
    (
        "negative-axis-accepted",
        "An axis may be counted from the end, as in NumPy.",
        "The contract knows the axes 0 and 1 only and wants ValueError for others. NumPy takes -1 without a word, so "
        "`axis` must be looked at before it is passed on.",
        _negative_axis,
    ),
    (
        "negative-axis-accepted",
        "The last axis may be called -1.",
        "The contract knows the axes 0 and 1 only and wants ValueError for others. NumPy takes -1 without a word, so "
        "`axis` must be looked at before it is passed on.",
        lambda joint_p, axis=1, base=2: conditional_entropy(joint_p, 1 if axis == -1 else axis, base),
    ),
    (
        "joint-for-conditional",
        "The conditional entropy is the joint entropy.",
        "What is known has to be taken off: by the chain rule the joint entropy is that of the condition plus the "
        "conditional entropy.",
        _of_conditions(_nats),
    ),
    (
        "marginal-for-conditional",
        "The conditional entropy is the entropy of the variable that is asked about.",
        "The sum over the condition forgets it. Each value of the condition leaves a distribution of its own.",
        _of_conditions(lambda t: _nats(t.sum(axis=1))),
    ),
    (
        "condition-for-conditional",
        "The conditional entropy is the entropy of the condition.",
        "The marginal of the condition gives the weights. What is asked for is the uncertainty that is left about the "
        "other variable.",
        _of_conditions(lambda t: _nats(t.sum(axis=0))),
    ),
    (
        "mutual-information-for-conditional",
        "The conditional entropy is what one variable tells about the other.",
        "You return the information that the variables share, the part that goes away. Asked for is the part that "
        "is left.",
        _of_conditions(lambda t: _nats(t.sum(axis=0)) + _nats(t.sum(axis=1)) - _nats(t)),
    ),
    (
        "unweighted-average",
        "All values of the condition count the same.",
        "The average over the values y of the condition has the weights P(y), and they are equal only if Y is uniform.",
        _of_conditions(lambda t: _column_entropies(t).mean()),
    ),
    (
        "not-averaged",
        "The conditional entropy is one number for each value of the condition.",
        "You return all the H(X|Y=y). The conditional entropy is one number, their average with the weights P(y).",
        _not_averaged,
    ),
    (
        "unweighted-sum",
        "The entropies H(X|Y=y) are to be summed.",
        "The conditional entropy is an average over the values y, with the weights P(y), not a sum.",
        _of_conditions(lambda t: _column_entropies(t).sum()),
    ),
    (
        "first-condition-only",
        "The conditional entropy is that for one value of the condition.",
        "H(X|Y=y) for one y is one term. H(X|Y) is the average over all y, with the weights P(y).",
        _of_conditions(lambda t: _column_entropies(t)[0]),
    ),
    (
        "largest-condition-only",
        "The conditional entropy is the largest that a value of the condition leaves.",
        "H(X|Y) is the average over all values y, with the weights P(y), not the worst case.",
        _of_conditions(lambda t: _column_entropies(t).max()),
    ),
    (
        "columns-not-normalised",
        "The cells of a column are the distribution of X given that column.",
        "The cells of a column sum to P(y), not to 1. Divide by P(y) before you take the logarithm.",
        _of_conditions(lambda t: (entr(t).sum(axis=0) * t.sum(axis=0)).sum()),
    ),
    (
        "last-condition-only",
        "The conditional entropy is that for the last value of the condition.",
        "Your loop forgets what it found before: the answer is the H(X|Y=y) of the last y. H(X|Y) is the average over "
        "all y, with the weights P(y).",
        _of_conditions(lambda t: _column_entropies(t)[-1]),
    ),
    (
        "smallest-condition-only",
        "The conditional entropy is the smallest that a value of the condition leaves.",
        "H(X|Y) is the average over all values y, with the weights P(y), not the best case.",
        _of_conditions(lambda t: _column_entropies(t).min()),
    ),
    (
        "weighted-twice",
        "Each condition counts with the square of its probability.",
        "The weight P(y) is in your sum once too often.",
        _of_conditions(lambda t: _weighted(t, lambda p_y: p_y**2)),
    ),
    (
        "joint-in-the-logarithm",
        "The average is that of log P(x, y) with the conditional probabilities as weights.",
        "You have exchanged the two: the logarithm is that of P(x|y), and P(x, y) is the weight.",
        _of_conditions(_exchanged),
    ),
    (
        "margins-added",
        "The conditional entropy is the sum of both entropies.",
        "To know more never makes less certain on average. By the chain rule an entropy is taken off, not added.",
        _of_conditions(lambda t: _nats(t.sum(axis=0)) + _nats(t.sum(axis=1))),
    ),
    (
        "condition-added",
        "The entropy of the condition comes on top of the joint entropy.",
        "By the chain rule H(X,Y) is H(Y) and H(X|Y) together. So H(Y) has to be taken off H(X,Y), not added.",
        _of_conditions(lambda t: _nats(t) + _nats(t.sum(axis=0))),
    ),
    (
        "mean-over-cells",
        "The terms of the cells are to be averaged.",
        "The probabilities P(x, y) already are the weights of the average. Sum the terms and do not divide by their "
        "number.",
        _of_conditions(lambda t: (_nats(t) - _nats(t.sum(axis=0))) / t.size),
    ),
    (
        "averaged-twice",
        "The weighted entropies of the conditions are to be averaged.",
        "The weights P(y) already make the average. Sum over the conditions and do not divide by their number.",
        _of_conditions(lambda t: (_nats(t) - _nats(t.sum(axis=0))) / t.shape[1]),
    ),
    (
        "divided-by-its-maximum",
        "A conditional entropy is a share of the largest possible one.",
        "You divide by the logarithm of a number of outcomes. Asked for is a number of bits, not a share.",
        _of_conditions(lambda t: (_nats(t) - _nats(t.sum(axis=0))) / (math.log(t.shape[0]) if t.shape[0] > 1 else 1.0)),
    ),
    (
        "weights-of-the-other-variable",
        "The weights are the probabilities of X.",
        "Each H(X|Y=y) counts with the probability of its own y. You weight with the other margin.",
        _of_conditions(_other_weights),
    ),
    (
        "not-averaged",
        "The conditional entropy is one number for each value of the condition.",
        "You return one term for each y. They carry the weights P(y) already: sum them.",
        _terms,
    ),
    (
        "one-axis-accepted",
        "A list of probabilities is a table of one row.",
        "A list has one axis, and a condition needs another one. The contract wants ValueError.",
        lambda joint_p, axis=1, base=2: conditional_entropy(
            np.reshape(joint_p, (1, -1)) if np.ndim(joint_p) == 1 else joint_p, axis, base
        ),
    ),
    (
        "one-axis-accepted",
        "A list of probabilities is a table of one column.",
        "A list has one axis, and a condition needs another one. The contract wants ValueError.",
        lambda joint_p, axis=1, base=2: conditional_entropy(
            np.reshape(joint_p, (-1, 1)) if np.ndim(joint_p) == 1 else joint_p, axis, base
        ),
    ),
    (
        "other-axes-accepted",
        "An axis that is not 0 is 1.",
        "Every other `axis` counts as 1 in your program. A table has the axes 0 and 1 only, and the contract wants "
        "ValueError for others.",
        lambda joint_p, axis=1, base=2: conditional_entropy(joint_p, axis if axis == 0 else 1, base),
    ),
    (
        "other-axes-accepted",
        "An axis that is not 1 is 0.",
        "Every other `axis` counts as 0 in your program. A table has the axes 0 and 1 only, and the contract wants "
        "ValueError for others.",
        lambda joint_p, axis=1, base=2: conditional_entropy(joint_p, axis if axis == 1 else 0, base),
    ),
    (
        "empty-condition-divides-by-zero",
        "Every value of the condition has a probability above 0.",
        "Dividing an empty row or column by its sum gives 0/0. A condition that cannot happen has weight 0 and must be "
        "left out before dividing.",
        _empty_condition_is_nan,
    ),
)


# --- numbers of the exercise ---------------------------------------------------------------------------------------

_NATS = (
    "nats-for-bits",
    "The natural logarithm measures in bits.",
    "Your number is right in nats. The exercise asks for bits: use the logarithm to base 2, or divide by log 2.",
)
_DIGITS = (
    "decimal-digits-for-bits",
    "The logarithm to base 10 measures in bits.",
    "Your number is right in decimal digits. The exercise asks for bits: use the logarithm to base 2.",
)
_PERPLEXITY = (
    "perplexity-for-entropy",
    "2 to the power of the entropy is the entropy.",
    "You give the number of equally likely outcomes with that entropy. The entropy is its logarithm.",
)
_MINUS = (
    "lost-minus",
    "The entropy is the sum of P log P.",
    "An entropy is never negative: the logarithms of probabilities are, and a minus sign turns them round.",
)
_HEADS_TERM = -0.8 * math.log2(0.8)
_TAILS_TERM = -0.2 * math.log2(0.2)

_NUMBERS: tuple[tuple[str, tuple[str, str, str], float], ...] = (
    ("die_entropy", _NATS, DIE * math.log(2)),
    ("die_entropy", _DIGITS, DIE * math.log10(2)),
    ("die_entropy", _PERPLEXITY, 6.0),
    ("die_entropy", _MINUS, -DIE),
    (
        "die_entropy",
        (
            "one-term-only",
            "The entropy is the term of one face.",
            "You have one of the six equal terms of the sum. Each face contributes.",
        ),
        DIE / 6,
    ),
    (
        "die_entropy",
        (
            "unweighted-surprise",
            "The surprises of the six faces are summed as they are.",
            "The entropy is the average surprise: each face counts with its probability.",
        ),
        6 * DIE,
    ),
    (
        "die_entropy",
        (
            "whole-questions",
            "A roll costs a whole number of yes/no questions.",
            "Three questions are enough for a single roll. The entropy is the average over many rolls and need not be "
            "whole.",
        ),
        3.0,
    ),
    (
        "die_entropy",
        (
            "mean-of-the-die",
            "The entropy is the expected number on the die.",
            "That is the average of what the faces show. The entropy asks how likely they are and not what they show.",
        ),
        3.5,
    ),
    (
        "die_entropy",
        (
            "probability-for-entropy",
            "The entropy of the die is the probability of a face.",
            "You give the probability of a face. Its surprise is the logarithm of the inverse.",
        ),
        1 / 6,
    ),
    ("coin_entropy", _NATS, COIN * math.log(2)),
    (
        "coin_entropy",
        (
            "gini-impurity",
            "Uncertainty is 1 minus the sum of the squared probabilities.",
            "That is the Gini impurity. Shannon's entropy has the logarithm in it.",
        ),
        1 - 0.8**2 - 0.2**2,
    ),
    (
        "coin_entropy",
        (
            "mean-over-outcomes",
            "The terms P log 1/P are to be averaged.",
            "The probabilities already are the weights of the average. Sum the two terms and do not halve the sum.",
        ),
        COIN / 2,
    ),
    (
        "coin_entropy",
        (
            "uniform-weights",
            "The surprises of heads and tails are averaged with equal weights.",
            "Heads comes four times as often as tails, so its surprise counts four times as much.",
        ),
        (-math.log2(0.8) - math.log2(0.2)) / 2,
    ),
    (
        "coin_entropy",
        (
            "one-term-only",
            "The entropy of the coin is the term of heads.",
            "You have the term of heads, in nats. Tails is an outcome too, and bits are asked for.",
        ),
        -0.8 * math.log(0.8),
    ),
    (
        "coin_entropy",
        (
            "probability-for-entropy",
            "The entropy of the coin is the probability of heads.",
            "You give a probability. The entropy is the average of the logarithms of inverse probabilities.",
        ),
        0.8,
    ),
    ("coin_entropy", _DIGITS, COIN * math.log10(2)),
    ("coin_entropy", _PERPLEXITY, 2**COIN),
    ("coin_entropy", _MINUS, -COIN),
    (
        "coin_entropy",
        (
            "one-term-only",
            "The entropy of the coin is the term of heads.",
            "You have the term of heads. Tails is an outcome too and adds a term of its own, the larger one.",
        ),
        _HEADS_TERM,
    ),
    (
        "coin_entropy",
        (
            "one-term-only",
            "The entropy of the coin is the term of tails.",
            "You have the term of tails. Heads is an outcome too and adds a term of its own.",
        ),
        _TAILS_TERM,
    ),
    (
        "coin_entropy",
        (
            "surprise-for-entropy",
            "The entropy of the coin is the surprise of heads.",
            "log2(1/P) of one outcome is its surprise. The entropy is the average over both outcomes.",
        ),
        -math.log2(0.8),
    ),
    (
        "coin_entropy",
        (
            "surprise-for-entropy",
            "The entropy of the coin is the surprise of tails.",
            "log2(1/P) of one outcome is its surprise. The entropy is the average over both outcomes.",
        ),
        -math.log2(0.2),
    ),
    (
        "coin_entropy",
        (
            "unweighted-surprise",
            "The surprises of heads and tails are summed as they are.",
            "The entropy is the average surprise: each outcome counts with its probability.",
        ),
        -math.log2(0.8) - math.log2(0.2),
    ),
    (
        "coin_entropy",
        (
            "all-outcomes-equal",
            "A coin has two outcomes and so 1 bit.",
            "That is a fair coin. This one shows heads four times as often as tails and surprises less.",
        ),
        1.0,
    ),
    ("difference", _NATS, (DIE - COIN) * math.log(2)),
    ("difference", _DIGITS, (DIE - COIN) * math.log10(2)),
    (
        "difference",
        (
            "difference-reversed",
            "The difference is the coin's entropy less the die's.",
            "The exercise asks how much *more* the die carries: a positive number.",
        ),
        COIN - DIE,
    ),
    (
        "difference",
        (
            "sum-for-difference",
            "The two entropies are added.",
            "You give the entropy of a roll and a toss together. Asked for is by how much the one is larger.",
        ),
        DIE + COIN,
    ),
    (
        "difference",
        (
            "ratio-for-difference",
            "The difference is how many times as uncertain the roll is.",
            "You divide. That is asked for in `tosses_per_roll`; a difference subtracts.",
        ),
        DIE / COIN,
    ),
    (
        "difference",
        (
            "units-mixed",
            "Entropies in bits and in nats may be subtracted.",
            "Your entropy of the die is in bits and that of the coin in nats. Subtract only what has the same unit.",
        ),
        DIE - COIN * math.log(2),
    ),
    (
        "difference",
        (
            "units-mixed",
            "Entropies in nats and in bits may be subtracted.",
            "Your entropy of the die is in nats and that of the coin in bits. Subtract only what has the same unit.",
        ),
        DIE * math.log(2) - COIN,
    ),
    (
        "difference",
        (
            "perplexity-for-entropy",
            "The difference is one of perplexities.",
            "You subtract numbers of equally likely outcomes. Subtract the entropies, in bits.",
        ),
        6 - 2**COIN,
    ),
    (
        "difference",
        (
            "all-outcomes-equal",
            "The coin carries 1 bit.",
            "You subtracted the entropy of a fair coin. This one shows heads with probability 0.8.",
        ),
        DIE - 1,
    ),
    (
        "difference",
        (
            "one-term-only",
            "The entropy of the coin is the term of heads.",
            "The entropy that you subtracted has only the term of heads. It follows once `coin_entropy` is right.",
        ),
        DIE - _HEADS_TERM,
    ),
    (
        "difference",
        (
            "one-term-only",
            "The entropy of the coin is the term of tails.",
            "The entropy that you subtracted has only the term of tails. It follows once `coin_entropy` is right.",
        ),
        DIE - _TAILS_TERM,
    ),
    (
        "tosses_per_roll",
        (
            "ratio-inverted",
            "The number of tosses is the coin's entropy divided by the die's.",
            "That is how many rolls carry as much as one toss, less than one. Turn the ratio round.",
        ),
        COIN / DIE,
    ),
    (
        "tosses_per_roll",
        (
            "difference-for-ratio",
            "The number of tosses is the difference of the entropies.",
            "A difference is a number of bits. How many times does the entropy of a toss fit into that of a roll?",
        ),
        DIE - COIN,
    ),
    (
        "tosses_per_roll",
        (
            "whole-tosses",
            "The number of tosses has to be whole.",
            "Information is an average over many rolls, so the number need not be whole. Do not round it.",
        ),
        4.0,
    ),
    (
        "tosses_per_roll",
        (
            "whole-tosses",
            "The number of tosses has to be whole.",
            "Information is an average over many rolls, so the number need not be whole. Do not round it.",
        ),
        3.0,
    ),
    (
        "tosses_per_roll",
        (
            "perplexity-for-entropy",
            "The number of tosses is the ratio of the perplexities.",
            "You divide numbers of equally likely outcomes. Divide the entropies: those add up over tosses.",
        ),
        6 / 2**COIN,
    ),
    (
        "tosses_per_roll",
        (
            "product-for-ratio",
            "The number of tosses is the product of the entropies.",
            "A product of two entropies has no meaning here. How many times does the entropy of a toss fit into that "
            "of a roll?",
        ),
        DIE * COIN,
    ),
    (
        "tosses_per_roll",
        (
            "sum-for-ratio",
            "The number of tosses is the sum of the entropies.",
            "A sum is the entropy of a roll and a toss together. How many times does the entropy of a toss fit into "
            "that of a roll?",
        ),
        DIE + COIN,
    ),
    (
        "tosses_per_roll",
        (
            "probability-for-entropy",
            "A toss carries as many bits as the probability of heads.",
            "You divide by the probability of heads. What fits into a roll is the *entropy* of a toss.",
        ),
        DIE / 0.8,
    ),
    (
        "tosses_per_roll",
        (
            "units-mixed",
            "Entropies in nats and in bits may stand in one ratio.",
            "One of your two entropies is in nats and the other in bits. The unit cancels only if it is the same.",
        ),
        DIE * math.log(2) / COIN,
    ),
    (
        "tosses_per_roll",
        (
            "units-mixed",
            "Entropies in bits and in nats may stand in one ratio.",
            "One of your two entropies is in nats and the other in bits. The unit cancels only if it is the same.",
        ),
        DIE / (COIN * math.log(2)),
    ),
    (
        "tosses_per_roll",
        (
            "all-outcomes-equal",
            "A toss of the coin carries 1 bit.",
            "That is a fair coin. This one shows heads with probability 0.8, so more tosses are needed.",
        ),
        DIE,
    ),
    (
        "tosses_per_roll",
        (
            "one-term-only",
            "The entropy of the coin is the term of heads.",
            "The entropy that you divide by has only the term of heads. It follows once `coin_entropy` is right.",
        ),
        DIE / _HEADS_TERM,
    ),
    (
        "tosses_per_roll",
        (
            "one-term-only",
            "The entropy of the coin is the term of tails.",
            "The entropy that you divide by has only the term of tails. It follows once `coin_entropy` is right.",
        ),
        DIE / _TAILS_TERM,
    ),
)

MISCONCEPTIONS: list[Misconception] = [
    *_common(ENTROPY, entropy, _unchecked_entropy),
    *_common(JOINT, joint_entropy, _unchecked_joint),
    *_common(CONDITIONAL, conditional_entropy, _unchecked_conditional),
    *(
        Misconception(name, "example-1", function, believed, hint, in_double(truth, rule))
        for function, truth, entries in (
            (ENTROPY, entropy, _ENTROPY_ONLY),
            (JOINT, joint_entropy, _JOINT_ONLY),
            (CONDITIONAL, conditional_entropy, _CONDITIONAL_ONLY),
        )
        for name, believed, hint, rule in entries
    ),
    *(Misconception(words[0], "exercise-1", function, words[1], words[2], rule) for function, words, rule in _NUMBERS),
    Misconception(
        "text-for-number",
        "exercise-1",
        "die_entropy",
        "A number is given as text.",
        "A text cannot be computed with. Leave out the quotes, or the formatting, and name the number itself.",
        None,
    ),
    Misconception(
        "rounded-number",
        "exercise-1",
        "die_entropy",
        "A result is given with the decimals that one reads.",
        "The number is right but rounded. Let Python keep all its digits, and round only what you print.",
        None,
    ),
]
