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

from autograder.diagnose import Misconception
from autograder.rules import Family, Rule, bound, converted, in_double, refuse

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


def _base_is_nan(p: Array, base: float) -> bool:
    return math.isnan(base)


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
        "nan-base-slips-through",
        "A base that is not found to be 1 or less is greater than 1.",
        "Every comparison with NaN is false, so a test for a base that is too small lets NaN pass. Ask whether the "
        "base is greater than 1.",
        _replaced(truth, _base_is_nan, math.nan),
    )


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


def _of_table(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(joint_p)`, in nats, for tables; for one variable or three, the truth."""

    def rule(joint_p: Any, base: float = 2) -> float:
        table = _distribution(joint_p)
        return float(formula(table)) / _log(base) if table.ndim == 2 else joint_entropy(table, base)

    return rule


def _of_conditions(formula: Callable[[Array], float]) -> Rule:
    """Return the rule that answers `formula(table)`, in nats, with the condition as second axis of the table."""

    def rule(joint_p: Any, axis: int = 1, base: float = 2) -> float:
        return float(formula(_two_axes(_distribution(joint_p), axis))) / _log(base)

    return rule


def _column_entropies(table: Array) -> Array:
    """Return H(X|Y=y) in nats for every y that can happen, shape (number of such y,)."""
    possible = table[:, table.sum(axis=0) > 0]
    return np.asarray(entr(possible / possible.sum(axis=0)).sum(axis=0))


def _not_averaged(joint_p: Any, axis: int = 1, base: float = 2) -> Array:
    return _column_entropies(_two_axes(_distribution(joint_p), axis)) / _log(base)


def _rows_by_default(joint_p: Any, axis: int = 0, base: float = 2) -> float:
    return conditional_entropy(joint_p, axis, base)


def _other_axis(joint_p: Any, axis: int = 1, base: float = 2) -> float:
    return conditional_entropy(joint_p, 1 - axis, base)


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
    ("coin_entropy", _NATS, COIN * math.log(2)),
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
        "rounded-number",
        "exercise-1",
        "die_entropy",
        "A result is given with the decimals that one reads.",
        "The number is right but rounded. Let Python keep all its digits, and round only what you print.",
        None,
    ),
]
