"""Wrong rules that students of section 2 are known to follow, as code, with what to say to whom follows them.

Trust: rules run in the judge on arguments that the suite chose itself. They are compared with a student's answers,
never with the reference solution.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, rel_entr, xlogy

from autograder.checks.misconceptions import Misconception
from autograder.checks.rules import Family, Rule, bound, converted, in_double, refuse

Array = NDArray[np.float64]
Formula = Callable[[Array, Array], float]

KL = "DivergenceMeasures.kl_divergence"
CROSS = "DivergenceMeasures.cross_entropy"
JS = "DivergenceMeasures.js_divergence"
GAUSSIAN = "gaussian_kl"


# --- truths --------------------------------------------------------------------------------------------------------


def _distribution(p: Any) -> Array:
    values = np.asarray(p, dtype=float)
    if values.ndim != 1 or values.size == 0:
        raise ValueError("no list of numbers")
    if not abs(values.sum() - 1) <= 1e-6 or values.min() < 0:  # NaN and infinities spoil the sum
        raise ValueError("no distribution")
    return values


def _weights(p: Any) -> Array:
    """Return finite, non-negative numbers with a positive sum, whatever that sum is; refuse all others."""
    values = np.asarray(p, dtype=float)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("no weights")
    if not values.sum() > 0:
        raise ValueError("no weights")
    return values


def _log(base: float) -> float:
    """Return the natural logarithm of a finite base above 1; refuse all others."""
    if not 1 < base < math.inf:
        raise ValueError("no base")
    return math.log(base)


def _of_pair(formula: Formula, first: Any = _distribution, second: Any = _distribution) -> Rule:
    """Return the rule that answers `formula(p, q)`, in nats, for equally long distributions, in the unit of the base.

    `first` and `second` refuse what may not be given as `p` and as `q`.
    """

    def rule(p: Any, q: Any, base: float = math.e) -> float:
        a, b = first(p), second(q)
        if a.size != b.size:
            raise ValueError("not the same outcomes")
        with np.errstate(all="ignore"):
            return float(formula(a, b)) / _log(base)

    return rule


def _kl(p: Array, q: Array) -> float:
    return float(rel_entr(p, q).sum())


def _cross(p: Array, q: Array) -> float:
    return -float(xlogy(p, q).sum())


def _js(p: Array, q: Array) -> float:
    mixture = (p + q) / 2
    return (_kl(p, mixture) + _kl(q, mixture)) / 2


kl_divergence = _of_pair(_kl)
cross_entropy = _of_pair(_cross)
js_divergence = _of_pair(_js)


def _widths(sigma1: float, sigma2: float) -> None:
    if not (sigma1 > 0 and sigma2 > 0):
        raise ValueError("no width")


def gaussian_kl(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    """Return D(N(mu1, sigma1^2) || N(mu2, sigma2^2)) in nats."""
    _widths(sigma1, sigma2)
    return math.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


FORWARD = gaussian_kl(0, 1, 2, math.sqrt(2))
REVERSE = gaussian_kl(2, math.sqrt(2), 0, 1)
FORWARD_STD2 = gaussian_kl(0, 1, 2, 2)
REVERSE_STD2 = gaussian_kl(2, 2, 0, 1)

TRUTHS: Mapping[str, Rule | float] = {
    KL: kl_divergence,
    CROSS: cross_entropy,
    JS: js_divergence,
    GAUSSIAN: gaussian_kl,
    "kl_forward": FORWARD,
    "kl_reverse": REVERSE,
    "kl_forward_std2": FORWARD_STD2,
}

BUILDS_ON = {
    CROSS: (KL,),
    JS: (KL, CROSS),
    **dict.fromkeys(("kl_forward", "kl_reverse", "kl_forward_std2"), (GAUSSIAN,)),
}


# --- mistakes that can be made in each of the three functions ------------------------------------------------------


def _arguments(truth: Rule, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, Any, float, bool]:
    """Return p, q and base of a call, and whether the base was given."""
    arguments, given = bound(truth, args, kwargs)
    return arguments["p"], arguments["q"], arguments["base"], "base" in given


def _bits_by_default(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        answer = float(truth(*args, **kwargs))
        return answer if _arguments(truth, args, kwargs)[3] else answer / math.log(2)

    return rule


def _replaced(truth: Rule, condition: Callable[[Array, Array], bool], answer: float | type[Exception]) -> Rule:
    """Return the rule that answers with, or raises, `answer` for right input where `condition(p, q)` holds."""

    def rule(*args: Any, **kwargs: Any) -> float:
        right = float(truth(*args, **kwargs))
        p, q, _, _ = _arguments(truth, args, kwargs)
        if not condition(np.asarray(p, dtype=float), np.asarray(q, dtype=float)):
            return right
        if isinstance(answer, float):
            return answer
        raise answer

    return rule


def _nan_accepted(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, base, _ = _arguments(truth, args, kwargs)
        both = [np.asarray(values, dtype=float) for values in (p, q)]
        same = base > 1 and both[0].shape == both[1].shape and both[0].ndim == 1
        return math.nan if same and np.isnan(both).any() else float(truth(*args, **kwargs))

    return rule


def _nan_base_accepted(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        base = _arguments(truth, args, kwargs)[2]
        return math.nan if math.isnan(base) else float(truth(*args, **kwargs))

    return rule


def _bases_accepted(truth: Rule, below_one: bool, nan: bool, infinite: bool) -> Rule:
    """Return the rule that takes the logarithm of these bases too, as if they were good ones."""

    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, base, _ = _arguments(truth, args, kwargs)
        taken = (below_one and 0 < base < 1) or (nan and math.isnan(base)) or (infinite and base == math.inf)
        return float(truth(p, q)) / math.log(base) if taken else float(truth(*args, **kwargs))

    return rule


def _base_unchecked(truth: Rule, log: Callable[[Any], Any]) -> Rule:
    """Return the rule that divides by the logarithm of whatever base is given, and fails as that does."""

    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, base, _ = _arguments(truth, args, kwargs)
        return float(truth(p, q) / log(base))

    return rule


def _sums_accepted(formula: Formula, accepted: Callable[[float], bool]) -> Rule:
    """Return the rule that takes non-negative numbers for a distribution where `accepted(sum)` holds."""

    def check(p: Any) -> Array:
        values = _weights(p)
        if not (accepted(float(values.sum())) or abs(values.sum() - 1) <= 1e-6):
            raise ValueError("no distribution")
        return values

    return _of_pair(formula, check, check)


def _is_near_one(tolerance: float, total: float) -> bool:
    return abs(total - 1) < tolerance


def _exact_sums(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, _, _ = _arguments(truth, args, kwargs)
        right = float(truth(*args, **kwargs))
        if any(abs(math.fsum(np.asarray(values, dtype=float).tolist()) - 1) > 1e-12 for values in (p, q)):
            raise ValueError("no distribution")
        return right

    return rule


def _signs_accepted(p: Any) -> Array:
    """Return finite numbers that sum to 1, whatever their signs; refuse all others."""
    values = np.asarray(p, dtype=float)
    if values.ndim != 1 or values.size == 0 or not abs(values.sum() - 1) <= 1e-6:
        raise ValueError("no distribution")
    return values


def _always_nan(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        truth(*args, **kwargs)
        return math.nan

    return rule


def _raveled(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, base, _ = _arguments(truth, args, kwargs)
        return float(truth(np.ravel(p), np.ravel(q), base))

    return rule


def _tables_accepted(truth: Rule) -> Rule:
    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, base, _ = _arguments(truth, args, kwargs)
        if np.shape(p) != np.shape(q):
            raise ValueError("not the same shape")
        return float(truth(np.ravel(p), np.ravel(q), base))

    return rule


def _truncated(truth: Rule, formula: Formula) -> Rule:
    """Return the rule that stops at the end of the shorter distribution."""

    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, base, _ = _arguments(truth, args, kwargs)
        a, b = _distribution(p), _distribution(q)
        size = min(a.size, b.size)
        return float(formula(a[:size], b[:size])) / _log(base)

    return rule


def _broadcast(truth: Rule, formula: Formula) -> Rule:
    """Return the rule that spreads a single outcome over all outcomes of the other distribution, as NumPy does."""

    def rule(*args: Any, **kwargs: Any) -> float:
        p, q, base, _ = _arguments(truth, args, kwargs)
        a, b = np.broadcast_arrays(_distribution(p), _distribution(q))
        return float(formula(a, b)) / _log(base)

    return rule


def _common(function: str, formula: Formula, undefined: Callable[[Array, Array], bool]) -> Iterator[Misconception]:
    """Yield the mistakes that `function` shares with the other two; `undefined` says where 0 log 0 comes up in it."""
    truth = TRUTHS[function]
    assert callable(truth)

    def named(name: str, believed: str, hint: str, rule: Rule) -> Misconception:
        return Misconception(name, "example-2", function, believed, hint, in_double(truth, rule))

    def normalised(p: Any, q: Any, base: float = math.e) -> float:
        a, b = _weights(p), _weights(q)
        return float(truth(a / a.sum(), b / b.sum(), base))

    yield named(
        "bits-for-nats",
        "The answer is measured in bits, with the logarithm to base 2, whatever `base` says.",
        "The logarithm to base 2 measures in bits. Without `base` the contract wants nats; with one, divide the "
        "natural logarithm by that of the base.",
        converted(truth, lambda answer, base: answer * math.log2(base)),
    )
    yield named(
        "bits-by-default",
        "Without `base` the answer is wanted in bits.",
        "With a given base your unit is right. Without one the contract of this module says nats, other than that of "
        "section 1: look at the default of `base`.",
        _bits_by_default(truth),
    )
    yield named(
        "decimal-digits-for-nats",
        "The logarithm is the one to base 10.",
        "log10 counts decimal digits. Nats are made by the natural logarithm.",
        converted(truth, lambda answer, base: answer * math.log10(base)),
    )
    yield named(
        "base-ignored",
        "The answer is always measured in nats.",
        "Your nats are right, but `base` has no influence on the answer. One unit is turned into another by dividing "
        "by a constant that depends on the base alone.",
        converted(truth, lambda answer, base: answer * math.log(base)),
    )
    yield named(
        "base-multiplied",
        "Nats become another unit by multiplying with the logarithm of its base.",
        "A larger base is a larger unit, so the number gets smaller: dividing is needed where you multiply.",
        converted(truth, lambda answer, base: answer * math.log(base) ** 2),
    )
    yield named(
        "lost-minus",
        "The sign of the logarithm does not matter.",
        "None of these quantities is ever negative. Look which probability stands in the numerator, and whether a "
        "minus sign is missing.",
        converted(truth, lambda answer, base: -answer),
    )
    yield named(
        "mean-over-outcomes",
        "The terms of the outcomes are to be averaged.",
        "The probabilities already are the weights of an average. Sum the terms and do not divide by their number.",
        _of_pair(lambda p, q: formula(p, q) / p.size),
    )
    yield named(
        "zero-times-infinity",
        "0 log 0 can be computed as it stands.",
        "0 times an infinite logarithm is NaN for a computer. The term of an outcome whose weight is 0 counts as 0: "
        "leave it out, or use a function that knows this convention.",
        _replaced(truth, undefined, math.nan),
    )
    yield named(
        "any-sum-accepted",
        "Any two lists of non-negative numbers can be compared.",
        "The formula gives a number for counts too, and it means nothing. Raise ValueError unless both sums are 1 up "
        "to rounding.",
        _of_pair(formula, _weights, _weights),
    )
    yield named(
        "second-not-checked",
        "Only `p` has to be a distribution.",
        "What does not sum to 1 is refused in `p` and accepted in `q`. Both have to be distributions.",
        _of_pair(formula, _distribution, _weights),
    )
    yield named(
        "first-not-checked",
        "Only `q` has to be a distribution.",
        "What does not sum to 1 is refused in `q` and accepted in `p`. Both have to be distributions.",
        _of_pair(formula, _weights, _distribution),
    )
    yield named(
        "silent-normalisation",
        "Numbers that do not sum to 1 are to be divided by their sum.",
        "Whoever passes counts or logits by mistake gets a number that looks right. The contract wants ValueError, so "
        "that the mistake is seen where it is made. (`scipy.stats.entropy` divides too.)",
        normalised,
    )
    yield named(
        "everything-refused",
        "What is given is no pair of distributions.",
        "Distributions that are fine are refused too. Look at which test in your validation is too strict: sums are "
        "compared up to rounding, and zeros are allowed.",
        refuse,
    )
    yield named(
        "nan-slips-through",
        "A check that finds nothing too large or too small has found nothing wrong.",
        "Every comparison with NaN is false, so a test for what is wrong lets NaN pass. Ask whether the numbers are "
        "right, or whether they are finite.",
        _nan_accepted(truth),
    )
    yield named(
        "nan-base-slips-through",
        "A base that is not found to be 1 or less is greater than 1.",
        "Every comparison with NaN is false, so a test for a base that is too small lets NaN pass. Ask whether the "
        "base is greater than 1.",
        _nan_base_accepted(truth),
    )
    yield named(
        "nan-base-slips-through",
        "A base that is not found to be 1 or less is a finite number greater than 1.",
        "Every comparison with NaN is false, so a test for a base that is too small lets NaN pass, and infinity too. "
        "Ask whether the base is greater than 1 and finite.",
        _bases_accepted(truth, below_one=False, nan=True, infinite=True),
    )
    yield named(
        "infinite-base-accepted",
        "Whatever is greater than 1 can be the base.",
        "Infinity is greater than 1 and no base: its logarithm is infinite, and every answer becomes 0. Ask for a "
        "finite base.",
        _bases_accepted(truth, below_one=False, nan=False, infinite=True),
    )
    for nan, infinite in ((False, False), (False, True), (True, True), (True, False)):
        yield named(
            "bases-below-one-accepted",
            "Every positive base but 1 has a logarithm.",
            "A base between 0 and 1 has a negative logarithm, so a divergence would be negative. The contract wants a "
            "base greater than 1 and ValueError for all others.",
            _bases_accepted(truth, below_one=True, nan=nan, infinite=infinite),
        )
    for log in (math.log, np.log, math.log2, np.log2):
        yield named(
            "base-not-checked",
            "A logarithm looks after its base itself.",
            "Not for every base: for some the logarithm is 0, negative or NaN, and the quotient looks like an answer "
            "or raises another exception. Compare the base with 1 before you take its logarithm.",
            _base_unchecked(truth, log if log in (math.log, np.log) else functools.partial(_nats_of, log)),
        )
    for rule in (_always_nan(truth), lambda *_args, **_kwargs: math.nan):
        yield named(
            "always-nan",
            "What is computed is a number.",
            "Your function answers NaN, whatever it is given. Print what goes into its last line for two plain "
            "distributions, and look for the first NaN: a logarithm of a negative number, or infinity less infinity.",
            rule,
        )
    for tolerance in (0.005, 0.03, 0.1):
        yield named(
            "sum-tolerance-too-wide",
            "A sum that is nearly 1 is near enough.",
            "Your check accepts sums that differ from 1 by a hundredth or a thousandth. That is no rounding: something "
            "is missing. The docstring says how far a sum may be from 1.",
            _sums_accepted(formula, functools.partial(_is_near_one, tolerance)),
        )
    for accepted in (lambda total: total < 1, lambda total: total > 1):
        yield named(
            "one-sided-sum",
            "A sum can be wrong in one direction only.",
            "Your check refuses sums on one side of 1 and lets those on the other side pass. Look at the distance "
            "of the sum from 1.",
            _sums_accepted(formula, accepted),
        )
    yield named(
        "exact-sum-required",
        "The probabilities of a distribution sum to exactly 1.",
        "Not in floating point, and not where they were printed with nine digits. The docstring allows a small "
        "distance from 1: compare with it, and not with `==`.",
        _exact_sums(truth),
    )
    for wrong in (formula, lambda p, q: math.nan if min(p.min(), q.min()) < 0 else formula(p, q)):
        yield named(
            "negative-slips-through",
            "Numbers that sum to 1 are probabilities.",
            "A negative number and one above 1 can sum to 1 as well; so can logits. Look at the sign of every entry, "
            "in `p` and in `q`.",
            _of_pair(wrong, _signs_accepted, _signs_accepted),
        )
    yield named(
        "divided-by-log-k",
        "The answer is to lie between 0 and 1, so it is divided by the logarithm of the number of outcomes.",
        "That makes a share of the largest entropy out of it, without a unit. The contract wants the sum itself: look "
        "at what you divide by, and which unit that gives.",
        _of_pair(lambda p, q: formula(p, q) / float(np.log(p.size))),
    )
    yield named(
        "tables-accepted",
        "A table is a distribution like any other.",
        "You make flat whatever you are given. The contract knows one dimension only and wants ValueError for tables: "
        "whoever has one says first which of its numbers belong together.",
        _raveled(truth),
    )
    yield named(
        "shorter-one-decides",
        "Outcomes beyond the end of the shorter distribution can be left out.",
        "`zip` stops at the end of the shorter list without a word. Compare the lengths first: distributions over "
        "different outcomes cannot be compared, and the contract wants ValueError.",
        _truncated(truth, formula),
    )
    yield named(
        "one-outcome-is-spread",
        "NumPy refuses arrays of different lengths by itself.",
        "Not where one of them has length 1: NumPy spreads its single number over all outcomes. Compare the shapes "
        "yourself.",
        _broadcast(truth, formula),
    )
    yield named(
        "tables-accepted",
        "A table is a distribution like any other.",
        "The contract knows one dimension only and wants ValueError for tables: whoever has one says first which of "
        "its numbers belong together.",
        _tables_accepted(truth),
    )


def _nats_of(log: Callable[[Any], Any], base: Any) -> Any:
    return log(base) * math.log(2)


def _with_epsilon(function: str, formula: Callable[[Array, Array, float], float]) -> Misconception:
    """Return the rules `formula(p, q, epsilon)` for small numbers epsilon."""
    truth = TRUTHS[function]
    assert callable(truth)
    return Misconception(
        "epsilon-in-the-logarithm",
        "example-2",
        function,
        "A small number added to the probabilities makes zeros harmless.",
        "What Q rules out and P does not costs infinitely much. With a small number in its place the answer is "
        "large and finite, and says how small that number is and nothing else. Let infinity be infinite, and leave "
        "out only the terms with P = 0.",
        Family(lambda epsilon: in_double(truth, _of_pair(lambda p, q: formula(p, q, epsilon))), example=1e-7),
    )


# --- mistakes of one function --------------------------------------------------------------------------------------


def _softmax(x: Array) -> Array:
    weights = np.exp(x - x.max())
    return np.asarray(weights / weights.sum())


def _entropy(p: Array) -> float:
    return float(entr(p).sum())


def _where(keep: NDArray[np.bool_], formula: Formula, p: Array, q: Array) -> float:
    return formula(p[keep], q[keep])


def _rules_out(p: Array, q: Array) -> bool:
    """Whether Q rules out what P does not."""
    return bool(((q == 0) & (p > 0)).any())


_RULED_OUT_LEFT_OUT = (
    "impossible-events-left-out",
    "An outcome with Q(x) = 0 can be left out, as one with P(x) = 0.",
    "Only P(x) = 0 makes a term 0. Where P(x) is positive and Q(x) is 0 the term is infinite, and leaving it out makes "
    "the worst prediction look like a good one.",
)
_INFINITY_REFUSED = (
    "infinity-refused",
    "An infinite answer is an error.",
    "Distributions with zeros are allowed. Where Q rules out what P does not, the answer is infinity, a number like "
    "any other for floating point: return it.",
)
_DIVIDED_BY_ZERO = (
    "division-by-zero",
    "Python divides by 0 if asked to.",
    "Python raises an exception where NumPy gives infinity. Decide before the division what Q(x) = 0 means: infinity "
    "where P(x) is positive, nothing where it is 0 too.",
)
_SWAPPED = (
    "arguments-swapped",
    "The second argument holds the weights.",
    "The order matters: P, the first argument, is what really happens and holds the weights; Q, the second, is what "
    "was believed. You compute it the other way round.",
)

_KL_ONLY: tuple[tuple[tuple[str, str, str], Rule], ...] = (
    (_SWAPPED, _of_pair(lambda p, q: _kl(q, p))),
    (
        (
            "negative-terms-dropped",
            "No term of a divergence is negative.",
            "Only the sum is never negative. Where Q(x) is larger than P(x) the term is below 0, and it counts.",
        ),
        _of_pair(lambda p, q: float(np.maximum(rel_entr(p, q), 0).sum())),
    ),
    (_RULED_OUT_LEFT_OUT, _of_pair(lambda p, q: _where(q > 0, _kl, p, q))),
    (_INFINITY_REFUSED, _replaced(kl_divergence, _rules_out, ValueError)),
    (_DIVIDED_BY_ZERO, _replaced(kl_divergence, lambda p, q: bool(((q == 0) & (p > 0)).any()), ZeroDivisionError)),
    (_DIVIDED_BY_ZERO, _replaced(kl_divergence, lambda p, q: bool((q == 0).any()), ZeroDivisionError)),
    (
        (
            "symmetrised",
            "A distance must be the same both ways, so both directions are added.",
            "You add D(P||Q) and D(Q||P) (Jeffreys' divergence). Asked for is the one direction in which P holds the "
            "weights; it is no distance.",
        ),
        _of_pair(lambda p, q: _kl(p, q) + _kl(q, p)),
    ),
    (
        (
            "symmetrised",
            "A distance must be the same both ways, so both directions are averaged.",
            "You average D(P||Q) and D(Q||P). Asked for is the one direction in which P holds the weights; it is no "
            "distance.",
        ),
        _of_pair(lambda p, q: (_kl(p, q) + _kl(q, p)) / 2),
    ),
    (
        (
            "jensen-shannon-for-kl",
            "The divergence is taken from the mixture of both.",
            "That is the Jensen-Shannon divergence, which is the third function of the module. Here P is compared with "
            "Q itself.",
        ),
        _of_pair(_js),
    ),
    (
        (
            "cross-entropy-for-kl",
            "The divergence is the average surprise under Q.",
            "That is the cross-entropy. It contains the entropy of P, which nobody can save; the divergence is what is "
            "paid beyond it.",
        ),
        _of_pair(_cross),
    ),
    (
        (
            "difference-of-entropies",
            "The divergence is the entropy of Q less that of P.",
            "The surprise under Q must be averaged with the weights of P, not with those of Q: two distributions of "
            "the same entropy need not be equal.",
        ),
        _of_pair(lambda p, q: _entropy(q) - _entropy(p)),
    ),
    (
        (
            "difference-of-entropies",
            "The divergence is the entropy of P less that of Q.",
            "The surprise under Q must be averaged with the weights of P, not with those of Q: two distributions of "
            "the same entropy need not be equal.",
        ),
        _of_pair(lambda p, q: _entropy(p) - _entropy(q)),
    ),
    (
        (
            "unweighted-ratios",
            "The logarithms of the ratios P/Q are summed as they are.",
            "The divergence is an average: each log ratio counts with the probability P(x) of its outcome.",
        ),
        _of_pair(lambda p, q: float(np.log(p[p > 0] / q[p > 0]).sum())),
    ),
    (
        (
            "unweighted-ratios",
            "The logarithms of the ratios P/Q are averaged, one as much as the other.",
            "The divergence is an average, but with the weights P(x): what happens often counts more than what happens "
            "hardly ever.",
        ),
        _of_pair(lambda p, q: float(np.log(p[p > 0] / q[p > 0]).mean())),
    ),
    (
        (
            "logarithm-of-the-average",
            "The logarithm may be taken after averaging.",
            "The average of the logarithms of the ratios is asked for, not the logarithm of their average; by Jensen's "
            "inequality that is larger.",
        ),
        _of_pair(lambda p, q: float(np.log((p * p / q)[p > 0].sum()))),
    ),
    (
        (
            "logarithm-missing",
            "The ratios P/Q are averaged as they are.",
            "What is averaged is the logarithm of the ratio: it is 0 where P and Q agree, the ratio itself is 1 there.",
        ),
        _of_pair(lambda p, q: float((p * p / q)[p > 0].sum())),
    ),
    (
        (
            "chi-squared",
            "The distance is the sum of the squared differences, each divided by Q.",
            "That is the chi-squared distance of statistics. It is close to twice the divergence where P and Q are "
            "close, and has no logarithm in it.",
        ),
        _of_pair(lambda p, q: float(((p - q)[q > 0] ** 2 / q[q > 0]).sum())),
    ),
    (
        (
            "log-of-one-plus",
            "`log1p` is a safe logarithm.",
            "`log1p(x)` is the logarithm of 1 + x, another number. It makes zeros harmless by changing all other "
            "terms too.",
        ),
        _of_pair(lambda p, q: float((p * np.log1p(p / q))[p > 0].sum())),
    ),
    (
        (
            "infinite-for-any-zero",
            "A zero in Q makes the divergence infinite.",
            "Only where P(x) is positive. What both rule out never happens, so nobody pays for it: its term is 0.",
        ),
        _replaced(kl_divergence, lambda p, q: bool((q == 0).any()), math.inf),
    ),
    (
        (
            "weights-of-q",
            "The log ratios P/Q are averaged with the weights of Q.",
            "What really happens follows P, so P holds the weights. With the weights of Q the average is negative.",
        ),
        _of_pair(lambda p, q: -_kl(q, p)),
    ),
    (
        (
            "absolute-log-ratio",
            "Each term has to be positive.",
            "Single terms may be negative: where Q gives more than P something is saved. Only their sum is never "
            "negative (Gibbs' inequality).",
        ),
        _of_pair(lambda p, q: float((p * np.abs(np.log(np.where(p > 0, p, 1) / np.where(p > 0, q, 1)))).sum())),
    ),
    (
        (
            "total-variation",
            "The distance is half the sum of the absolute differences.",
            "That is the total variation distance, and it has no logarithm in it.",
        ),
        lambda p, q, base=math.e: _unitless(p, q, base, lambda a, b: np.abs(a - b).sum() / 2),
    ),
    (
        (
            "squared-differences",
            "The distance is the sum of the squared differences.",
            "That is a squared Euclidean distance, and it has no logarithm in it.",
        ),
        lambda p, q, base=math.e: _unitless(p, q, base, lambda a, b: ((a - b) ** 2).sum()),
    ),
)


def _unitless(p: Any, q: Any, base: float, formula: Formula) -> float:
    return float(_of_pair(formula)(p, q, base)) * _log(base)


_CROSS_ONLY: tuple[tuple[tuple[str, str, str], Rule], ...] = (
    (_SWAPPED, _of_pair(lambda p, q: _cross(q, p))),
    (_RULED_OUT_LEFT_OUT, _of_pair(lambda p, q: _where(q > 0, _cross, p, q))),
    (_INFINITY_REFUSED, _replaced(cross_entropy, _rules_out, ValueError)),
    (
        (
            "zero-prediction-refused",
            "A prediction of 0 is an error.",
            "`math.log(0)` raises ValueError. Decide before taking the logarithm what Q(x) = 0 means: infinity where "
            "P(x) is positive, nothing where it is 0 too.",
        ),
        _replaced(cross_entropy, lambda p, q: bool((q == 0).any()), ValueError),
    ),
    (
        (
            "kl-for-cross-entropy",
            "The cross-entropy is 0 for a perfect prediction.",
            "You return the KL divergence. The cross-entropy is larger by the entropy of P, which remains however good "
            "the prediction is.",
        ),
        _of_pair(_kl),
    ),
    (
        (
            "entropy-for-cross-entropy",
            "The cross-entropy is the entropy of P.",
            "The surprise that is averaged is that of the prediction Q. Your answer does not depend on Q.",
        ),
        _of_pair(lambda p, q: _entropy(p)),
    ),
    (
        (
            "entropy-of-the-prediction",
            "The cross-entropy is the entropy of Q.",
            "What happens follows P, so P holds the weights. Your answer does not depend on P.",
        ),
        _of_pair(lambda p, q: _entropy(q)),
    ),
    (
        (
            "entropies-added",
            "The cross-entropy is the sum of both entropies.",
            "What is added to the entropy of P is the divergence D(P||Q), not the entropy of Q.",
        ),
        _of_pair(lambda p, q: _entropy(p) + _entropy(q)),
    ),
    (
        (
            "softmax-of-probabilities",
            "The prediction still needs a softmax.",
            "`q` holds probabilities already; a softmax of them flattens every prediction. Library losses such as "
            "`F.cross_entropy` want logits and apply it themselves.",
        ),
        _of_pair(lambda p, q: _cross(p, _softmax(q))),
    ),
    (
        (
            "likeliest-class-only",
            "Only the most probable class of P counts.",
            "That is right where P is certain. In general each outcome counts with its own P(x).",
        ),
        _of_pair(lambda p, q: -math.log(q[p.argmax()]) if q[p.argmax()] > 0 else math.inf),
    ),
    (
        (
            "binary-terms-added",
            "Each class is a yes/no question of its own.",
            "The terms (1 - P) log (1 - Q) belong to the loss of separate yes/no questions. For one distribution over "
            "several outcomes only P log Q is summed.",
        ),
        _of_pair(lambda p, q: _cross(p, q) + _cross(np.maximum(1 - p, 0), np.maximum(1 - q, 0))),
    ),
    (
        (
            "unweighted-surprise",
            "The surprises under Q are summed as they are.",
            "The cross-entropy is an average: each surprise counts with the probability P(x) of its outcome.",
        ),
        _of_pair(lambda p, q: -float(np.log(q).sum())),
    ),
    (
        (
            "other-divergence-added",
            "The cross-entropy is the entropy of P and the divergence D(Q||P).",
            "The right entropy, and the wrong direction: what is paid beyond H(P) is the divergence in which P holds "
            "the weights.",
        ),
        _of_pair(lambda p, q: _entropy(p) + _kl(q, p)),
    ),
    (
        (
            "entropy-of-the-other",
            "The cross-entropy is the entropy of Q and the divergence D(P||Q).",
            "The divergence is right. It is paid beyond what cannot be saved, the entropy of what really happens.",
        ),
        _of_pair(lambda p, q: _entropy(q) + _kl(p, q)),
    ),
    (
        (
            "entropy-subtracted",
            "The entropy of P is taken off the divergence.",
            "Cross-entropy, entropy and divergence are tied by one identity; look which of the three is the sum of "
            "the two others.",
        ),
        _of_pair(lambda p, q: _kl(p, q) - _entropy(p)),
    ),
    (
        (
            "squared-differences",
            "The loss of a prediction is the sum of the squared differences.",
            "That is Brier's score, and it has no logarithm in it.",
        ),
        lambda p, q, base=math.e: _unitless(p, q, base, lambda a, b: ((a - b) ** 2).sum()),
    ),
    (
        (
            "log-of-one-plus",
            "`log1p` is a safe logarithm.",
            "`log1p(x)` is the logarithm of 1 + x, another number. It makes zeros harmless by changing all other "
            "terms too.",
        ),
        _of_pair(lambda p, q: -float((p * np.log1p(q)).sum())),
    ),
    (
        (
            "infinite-for-any-zero",
            "A zero in Q makes the cross-entropy infinite.",
            "Only where P(x) is positive. What both rule out never happens, so nobody pays for it: its term is 0.",
        ),
        _replaced(cross_entropy, lambda p, q: bool((q == 0).any()), math.inf),
    ),
    (
        (
            "unweighted-surprise",
            "The surprises under Q are averaged, one as much as the other.",
            "The cross-entropy is an average, but with the weights P(x): what happens often counts more than what "
            "happens hardly ever.",
        ),
        _of_pair(lambda p, q: -float(np.log(q).mean())),
    ),
    (
        (
            "perplexity-for-cross-entropy",
            "The perplexity b^H is the cross-entropy.",
            "You return the number of equally likely outcomes with the same cross-entropy. The cross-entropy is its "
            "logarithm.",
        ),
        converted(cross_entropy, lambda answer, base: float(base) ** answer),
    ),
    (
        (
            "logarithm-of-the-average",
            "The logarithm may be taken after averaging.",
            "The average of the logarithms is asked for, not the logarithm of the average probability; by Jensen's "
            "inequality that is smaller.",
        ),
        _of_pair(lambda p, q: -float(np.log((p * q).sum()))),
    ),
)

_JS_ONLY: tuple[tuple[tuple[str, str, str], Rule], ...] = (
    (
        (
            "root-for-divergence",
            "The Jensen-Shannon divergence is its own square root.",
            "You return the square root, the Jensen-Shannon *distance*, as "
            "`scipy.spatial.distance.jensenshannon` does. The divergence is its square.",
        ),
        lambda p, q, base=math.e: math.sqrt(max(js_divergence(p, q, base), 0.0)),
    ),
    (
        (
            "halves-missing",
            "The divergences of both from the mixture are added.",
            "Each of the two divergences counts half. Two distributions that share nothing then have log 2, not twice "
            "as much.",
        ),
        _of_pair(lambda p, q: 2 * _js(p, q)),
    ),
    (
        (
            "symmetrised-kl-for-js",
            "Averaging D(P||Q) and D(Q||P) gives the Jensen-Shannon divergence.",
            "That average is symmetric too, but infinite wherever one of the two rules something out. P and Q are to "
            "be compared with their mixture, not with one another.",
        ),
        _of_pair(lambda p, q: (_kl(p, q) + _kl(q, p)) / 2),
    ),
    (
        (
            "symmetrised-kl-for-js",
            "Adding D(P||Q) and D(Q||P) gives the Jensen-Shannon divergence.",
            "That sum is symmetric too, but infinite wherever one of the two rules something out. P and Q are to be "
            "compared with their mixture, not with one another.",
        ),
        _of_pair(lambda p, q: _kl(p, q) + _kl(q, p)),
    ),
    (
        (
            "kl-for-js",
            "The Jensen-Shannon divergence is D(P||Q).",
            "That is the KL divergence, not symmetric and infinite for some pairs. P and Q are each to be compared "
            "with their mixture.",
        ),
        _of_pair(_kl),
    ),
    (
        (
            "one-side-only",
            "The divergence of P from the mixture is enough.",
            "Q is to be compared with the mixture as well; the answer is the average of the two divergences.",
        ),
        _of_pair(lambda p, q: _kl(p, (p + q) / 2)),
    ),
    (
        (
            "one-side-only",
            "The divergence of Q from the mixture is enough.",
            "P is to be compared with the mixture as well; the answer is the average of the two divergences.",
        ),
        _of_pair(lambda p, q: _kl(q, (p + q) / 2)),
    ),
    (
        (
            "one-side-only",
            "Half the divergence of P from the mixture is enough.",
            "The other half comes from Q: the answer is the average of the two divergences from the mixture.",
        ),
        _of_pair(lambda p, q: _kl(p, (p + q) / 2) / 2),
    ),
    (
        (
            "square-for-divergence",
            "The root of the Jensen-Shannon divergence is taken off by squaring it.",
            "You return the square of the divergence. SciPy's function returns its root, and that is what would have "
            "to be squared.",
        ),
        lambda p, q, base=math.e: js_divergence(p, q, base) ** 2,
    ),
    (
        (
            "one-side-only",
            "Half the divergence of Q from the mixture is enough.",
            "The other half comes from P: the answer is the average of the two divergences from the mixture.",
        ),
        _of_pair(lambda p, q: _kl(q, (p + q) / 2) / 2),
    ),
    (
        (
            "total-variation",
            "The distance is half the sum of the absolute differences.",
            "That is the total variation distance, and it has no logarithm in it.",
        ),
        lambda p, q, base=math.e: _unitless(p, q, base, lambda a, b: np.abs(a - b).sum() / 2),
    ),
    (
        (
            "cross-entropies-for-divergences",
            "P and Q are compared with one another by their cross-entropies, and averaged.",
            "P and Q are to be compared with their mixture, by the divergence: equal distributions are at 0, whatever "
            "their entropy is.",
        ),
        _of_pair(lambda p, q: (_cross(p, q) + _cross(q, p)) / 2),
    ),
    (
        (
            "mixture-not-halved",
            "The mixture is the sum P + Q.",
            "P + Q sums to 2 and is no distribution; the mixture is half of it. Your answer is off by log 2, and "
            "negative.",
        ),
        _of_pair(lambda p, q: (_kl(p, p + q) + _kl(q, p + q)) / 2),
    ),
    (
        (
            "mixture-holds-the-weights",
            "The mixture is compared with P and with Q.",
            "The direction matters: P and Q hold the weights and the mixture stands in the denominator. That is what "
            "keeps every term finite.",
        ),
        _of_pair(lambda p, q: (_kl((p + q) / 2, p) + _kl((p + q) / 2, q)) / 2),
    ),
    (
        (
            "mixture-of-logarithms",
            "The mixture is the geometric mean of P and Q.",
            "The mixture is what you get if a fair coin decides from which of the two to draw: the arithmetic mean.",
        ),
        _of_pair(lambda p, q: (_kl(p, np.sqrt(p * q)) + _kl(q, np.sqrt(p * q))) / 2),
    ),
    (
        (
            "entropy-of-the-mixture",
            "The Jensen-Shannon divergence is the entropy of the mixture.",
            "From the entropy of the mixture the average entropy of P and Q has to be taken off; otherwise equal "
            "distributions would not be at 0.",
        ),
        _of_pair(lambda p, q: _entropy((p + q) / 2)),
    ),
    (
        (
            "entropies-not-averaged",
            "Both entropies are taken off the entropy of the mixture.",
            "Their average is to be taken off, each with weight one half; otherwise equal distributions would not be "
            "at 0.",
        ),
        _of_pair(lambda p, q: _entropy((p + q) / 2) - _entropy(p) - _entropy(q)),
    ),
    (
        (
            "similarity-for-divergence",
            "1 stands for equal distributions.",
            "A divergence is 0 for equal distributions and grows as they part. You return 1 less it.",
        ),
        lambda p, q, base=math.e: 1 - js_divergence(p, q, base),
    ),
    (
        (
            "impossible-events-left-out",
            "An outcome that one of the two rules out can be left out.",
            "An outcome of P that is impossible under Q is where the two differ most. The mixture gives it a positive "
            "probability, so nothing is infinite; leave out only terms of weight 0.",
        ),
        _of_pair(lambda p, q: _where((p > 0) & (q > 0), _js, p, q)),
    ),
)


# --- gaussian_kl ---------------------------------------------------------------------------------------------------


def _of_gaussians(formula: Callable[[float, float, float, float], float]) -> Rule:
    """Return the rule that answers `formula(mu1, sigma1, mu2, sigma2)` for positive widths."""

    def rule(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
        _widths(sigma1, sigma2)
        return formula(mu1, sigma1, mu2, sigma2)

    return rule


def _any_width(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    if sigma1 == 0 or sigma2 == 0:
        raise ValueError("no width")
    return gaussian_kl(mu1, abs(sigma1), mu2, abs(sigma2))


def _two_negative_widths(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    if sigma1 * sigma2 <= 0:
        raise ValueError("no width")
    return gaussian_kl(mu1, abs(sigma1), mu2, abs(sigma2))


def _zero_width(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    if sigma1 < 0 or sigma2 < 0:
        raise ValueError("no width")
    return math.inf if sigma1 == 0 or sigma2 == 0 else gaussian_kl(mu1, sigma1, mu2, sigma2)


def _widths_by_numpy(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    a, b = np.float64(sigma1), np.float64(sigma2)
    return float(np.log(b / a) + (a**2 + (mu1 - mu2) ** 2) / (2 * b**2) - 0.5)


def _unchecked_by_math(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    """Return what the formula gives, or raise what it raises, with nothing refused before."""
    return math.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


_GAUSSIAN: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "variances-for-standard-deviations",
        "`sigma1` and `sigma2` are the variances.",
        "The arguments are standard deviations, and their squares the variances: you take what is given for the "
        "variance already. Ask your function for D(N(0, 1) || N(0, 2^2)): it is ln 2 - 3/8.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, math.sqrt(s1), m2, math.sqrt(s2))),
    ),
    (
        "arguments-swapped",
        "The second Gaussian holds the weights.",
        "The first Gaussian is what really happens, the second what was believed. You compute the divergence the "
        "other way round.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m2, s2, m1, s1)),
    ),
    (
        "own-variance-below-the-line",
        "Distances are measured by the width of the first Gaussian.",
        "What P does is judged by Q: the squared distance and the variance of P are divided by the variance of Q.",
        _of_gaussians(lambda m1, s1, m2, s2: math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s1**2) - 0.5),
    ),
    (
        "bits-for-nats",
        "The divergence is asked for in bits.",
        "Your answer is right in bits. The exercise asks for nats, the unit of the natural logarithm.",
        _of_gaussians(lambda *four: gaussian_kl(*four) / math.log(2)),
    ),
    (
        "half-not-subtracted",
        "The logarithm and the quotient are all there is.",
        "Two equal Gaussians have divergence 0. Try it with yours: what is left is missing in the formula.",
        _of_gaussians(lambda *four: gaussian_kl(*four) + 0.5),
    ),
    (
        "means-ignored",
        "Only the widths matter.",
        "Your answer does not depend on the means. Two Gaussians of equal width in different places differ as well.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(0, s1, 0, s2)),
    ),
    (
        "widths-ignored",
        "Only the distance of the means matters.",
        "That is right where both widths are equal. The exercise has two different ones, which add terms of their own.",
        _of_gaussians(lambda m1, s1, m2, s2: (m1 - m2) ** 2 / (2 * s2**2)),
    ),
    (
        "distance-not-squared",
        "The distance of the means enters as it is.",
        "The exponent of a Gaussian holds the squared distance. Without the square the answer changes its unit with x.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(0, s1, math.sqrt(abs(m1 - m2)), s2)),
    ),
    (
        "log-ratio-inverted",
        "The logarithm is that of sigma1/sigma2.",
        "A wide Q makes all of P less dense, which costs: look at which of the two widths stands in the numerator.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) - 2 * math.log(s2 / s1)),
    ),
    (
        "log-ratio-of-variances",
        "The logarithm is that of the ratio of the variances.",
        "The logarithm of the ratio of the variances is twice that of the standard deviations: a factor one half is "
        "missing before it.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) + math.log(s2 / s1)),
    ),
    (
        "log-ratio-halved",
        "One half stands before the logarithm of the standard deviations.",
        "One half belongs before the logarithm of the ratio of the *variances*. With standard deviations it is gone.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) - math.log(s2 / s1) / 2),
    ),
    (
        "quotient-not-halved",
        "The quotient has the variance of Q as its denominator.",
        "The exponent of a Gaussian has twice the variance below it. A factor two is missing in your denominator.",
        _of_gaussians(
            lambda m1, s1, m2, s2: math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / s2**2 - 0.5,
        ),
    ),
    (
        "divided-by-the-first-variance",
        "The squared distance is measured in standard deviations of P.",
        "It is Q that finds the points of P surprising, so the distance is measured in standard deviations of Q.",
        _of_gaussians(
            lambda m1, s1, m2, s2: math.log(s2 / s1) + (s2**2 + (m1 - m2) ** 2) / (2 * s1**2) - 0.5,
        ),
    ),
    (
        "first-variance-forgotten",
        "What counts is how far the mean of P lies from that of Q.",
        "The points of P scatter around its mean, and that costs as well: it belongs into the numerator.",
        _of_gaussians(lambda m1, s1, m2, s2: math.log(s2 / s1) + (m1 - m2) ** 2 / (2 * s2**2) - 0.5),
    ),
    (
        "widths-not-squared",
        "The quotient has the standard deviations in it.",
        "Variances belong into the quotient, that is, the squares of the standard deviations.",
        _of_gaussians(lambda m1, s1, m2, s2: math.log(s2 / s1) + (s1 + (m1 - m2) ** 2) / (2 * s2) - 0.5),
    ),
    (
        "lost-minus",
        "The sign does not matter.",
        "A divergence is never negative. Look which density stands in the numerator of the logarithm.",
        _of_gaussians(lambda *four: -gaussian_kl(*four)),
    ),
    (
        "means-added",
        "The means enter with the same sign.",
        "What counts is how far the means are apart. Shift both Gaussians by the same distance: your answer changes.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, -m2, s2)),
    ),
    (
        "decimal-digits-for-nats",
        "The logarithm is the one to base 10.",
        "`log10` counts decimal digits, and only in one of the terms. Nats are made by the natural logarithm.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) - math.log(s2 / s1) + math.log10(s2 / s1)),
    ),
    (
        "bits-for-nats",
        "The logarithm is the one to base 2.",
        "`log2` gives bits, and only in one of the terms. The other terms are nats, so the sum is neither.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) - math.log(s2 / s1) + math.log2(s2 / s1)),
    ),
    (
        "one-subtracted",
        "The last term is 1.",
        "Two equal Gaussians have divergence 0. Try it with yours: too much is taken off.",
        _of_gaussians(lambda *four: gaussian_kl(*four) - 0.5),
    ),
    (
        "half-missing",
        "The terms are not halved.",
        "The logarithm of the ratio of the *variances* and the two quotients all stand behind one factor one half. "
        "Your answer is twice as large.",
        _of_gaussians(lambda *four: 2 * gaussian_kl(*four)),
    ),
    (
        "distance-not-divided",
        "The squared distance of the means is a number of its own.",
        "The distance is measured in standard deviations of Q. Measure x in other units: your answer changes.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(0, s1, 0, s2) + (m1 - m2) ** 2 / 2),
    ),
    (
        "distance-divided-by-the-first-variance",
        "The squared distance is measured in standard deviations of P.",
        "It is Q that finds the points of P surprising, so the distance is measured in standard deviations of Q.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(0, s1, 0, s2) + (m1 - m2) ** 2 / (2 * s1**2)),
    ),
    (
        "half-of-the-variance-forgotten",
        "Only the distance is halved.",
        "The variance of P stands in the same numerator as the squared distance, above the same denominator.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) + s1**2 / (2 * s2**2)),
    ),
    (
        "two-negative-widths-accepted",
        "A product or a ratio that is positive has positive parts.",
        "Two negative widths have a positive ratio too. Look at each of the two by itself.",
        _two_negative_widths,
    ),
    (
        "one-width-checked",
        "Only the first standard deviation can be wrong.",
        "A standard deviation that is not positive is refused in the first Gaussian and accepted in the second. Look "
        "at both.",
        lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, abs(s2)) if s2 else math.inf,
    ),
    (
        "symmetrised",
        "A distance must be the same both ways.",
        "You take both directions together. Asked for is the one in which the first Gaussian holds the weights.",
        _of_gaussians(lambda m1, s1, m2, s2: (gaussian_kl(m1, s1, m2, s2) + gaussian_kl(m2, s2, m1, s1)) / 2),
    ),
    (
        "symmetrised",
        "A distance must be the same both ways.",
        "You add both directions. Asked for is the one in which the first Gaussian holds the weights.",
        _of_gaussians(lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) + gaussian_kl(m2, s2, m1, s1)),
    ),
    (
        "cross-entropy-for-kl",
        "The divergence is the average surprise under Q.",
        "That is the cross-entropy. The entropy of P has to be taken off; then two equal Gaussians are at 0.",
        _of_gaussians(
            lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) + 0.5 * math.log(2 * math.pi * math.e * s1**2)
        ),
    ),
    (
        "everything-refused",
        "What is given is no Gaussian.",
        "Positive standard deviations of any size are fine. Look at which test in your validation is too strict.",
        refuse,
    ),
    (
        "negative-widths-accepted",
        "Only the square of a standard deviation matters, so its sign does not.",
        "A negative standard deviation is a mistake of the caller. The exercise wants ValueError, so that it is seen.",
        _any_width,
    ),
    (
        "zero-width-accepted",
        "A standard deviation of 0 is the limit of small ones.",
        "A Gaussian of width 0 has no density. The exercise wants ValueError for 0 too, not only below it.",
        _zero_width,
    ),
    (
        "widths-not-checked",
        "NumPy raises an exception for a bad width.",
        "NumPy gives NaN or infinity with a warning. Raise ValueError before you take a logarithm.",
        _widths_by_numpy,
    ),
    (
        "widths-not-checked",
        "The formula itself raises ValueError for a bad width.",
        "Not always: dividing by 0 raises another exception. Look at both widths before you compute.",
        _unchecked_by_math,
    ),
)


# --- numbers of the exercise ---------------------------------------------------------------------------------------

_AS_STANDARD_DEVIATION = (
    "two-as-standard-deviation",
    "The 2 of N(2, 2) is the standard deviation.",
    "In the notation N(mu, sigma^2) of this exercise the second number is the variance. Your number belongs to a "
    "standard deviation of 2; what does `gaussian_kl` want to be given?",
)
_AS_VARIANCE = (
    "two-as-variance",
    "The 2 is the variance here too.",
    "This number asks what comes out if the 2 is read as the standard deviation. Yours belongs to a variance of 2.",
)
_REVERSED = (
    "direction-reversed",
    "The order of the two Gaussians does not matter.",
    "You have the divergence in the other direction. The first distribution holds the weights.",
)
_BITS = (
    "bits-for-nats",
    "The divergence is asked for in bits.",
    "Your number is right in bits. The exercise asks for nats: use the natural logarithm.",
)
_MINUS = (
    "lost-minus",
    "The sign does not matter.",
    "A divergence is never negative. Look which density stands in the numerator of the logarithm.",
)
_BOTH = (
    "symmetrised",
    "The divergence is the same both ways.",
    "You take both directions together. Each of the two numbers asks for one of them.",
)
_NO_HALF = (
    "half-not-subtracted",
    "The logarithm and the quotient are all there is.",
    "Your number is too large by one half: two equal Gaussians would not be at 0.",
)
_NO_MEANS = (
    "means-ignored",
    "Only the widths matter.",
    "Your number leaves the means out. The two Gaussians lie 2 apart, and that costs as well.",
)
_NO_SQUARE = (
    "distance-not-squared",
    "The distance of the means enters as it is.",
    "The exponent of a Gaussian holds the squared distance of the means.",
)
_DOUBLED = (
    "half-missing",
    "The terms are not halved.",
    "Your number is twice the right one. Look for a factor one half that stands before the whole formula.",
)
_DIGITS = (
    "decimal-digits-for-nats",
    "The logarithm is the one to base 10.",
    "Your number is right in decimal digits. The exercise asks for nats: use the natural logarithm.",
)
_FOUR = (
    "variance-given-for-standard-deviation",
    "`gaussian_kl` wants the variance.",
    "You squared the 2 and gave 4 as the standard deviation. `gaussian_kl` takes standard deviations and squares them "
    "itself.",
)
_BOTH_WRONG = (
    "reversed-and-two-as-standard-deviation",
    "Neither the order nor the meaning of the 2 matters.",
    "Two things at once: the direction is reversed, and the 2 is read as the standard deviation instead of the "
    "variance.",
)

_ROOT = math.sqrt(2)

_NUMBERS: tuple[tuple[str, tuple[str, str, str], float], ...] = (
    ("kl_forward", _AS_STANDARD_DEVIATION, FORWARD_STD2),
    ("kl_forward", _REVERSED, REVERSE),
    ("kl_forward", _BOTH_WRONG, REVERSE_STD2),
    ("kl_forward", _BITS, FORWARD / math.log(2)),
    ("kl_forward", _MINUS, -FORWARD),
    ("kl_forward", _DOUBLED, 2 * FORWARD),
    ("kl_forward", _DIGITS, FORWARD / math.log(10)),
    ("kl_forward", _BOTH, (FORWARD + REVERSE) / 2),
    ("kl_forward", _BOTH, FORWARD + REVERSE),
    ("kl_forward", _NO_HALF, FORWARD + 0.5),
    ("kl_forward", _NO_MEANS, gaussian_kl(0, 1, 0, _ROOT)),
    ("kl_forward", _NO_SQUARE, gaussian_kl(0, 1, _ROOT, _ROOT)),
    ("kl_forward", _FOUR, gaussian_kl(0, 1, 2, 4)),
    ("kl_reverse", _AS_STANDARD_DEVIATION, REVERSE_STD2),
    ("kl_reverse", _REVERSED, FORWARD),
    ("kl_reverse", _BOTH_WRONG, FORWARD_STD2),
    ("kl_reverse", _BITS, REVERSE / math.log(2)),
    ("kl_reverse", _MINUS, -REVERSE),
    ("kl_reverse", _DOUBLED, 2 * REVERSE),
    ("kl_reverse", _DIGITS, REVERSE / math.log(10)),
    ("kl_reverse", _BOTH, (FORWARD + REVERSE) / 2),
    ("kl_reverse", _BOTH, FORWARD + REVERSE),
    ("kl_reverse", _NO_HALF, REVERSE + 0.5),
    ("kl_reverse", _NO_MEANS, gaussian_kl(0, _ROOT, 0, 1)),
    ("kl_reverse", _NO_SQUARE, gaussian_kl(_ROOT, _ROOT, 0, 1)),
    ("kl_reverse", _FOUR, gaussian_kl(2, 4, 0, 1)),
    ("kl_forward_std2", _AS_VARIANCE, FORWARD),
    ("kl_forward_std2", _REVERSED, REVERSE_STD2),
    (
        "kl_forward_std2",
        (
            "reversed-and-two-as-variance",
            "Neither the order nor the meaning of the 2 matters.",
            "Two things at once: the direction is reversed, and the 2 is read as the variance.",
        ),
        REVERSE,
    ),
    ("kl_forward_std2", _BITS, FORWARD_STD2 / math.log(2)),
    ("kl_forward_std2", _MINUS, -FORWARD_STD2),
    ("kl_forward_std2", _DOUBLED, 2 * FORWARD_STD2),
    ("kl_forward_std2", _DIGITS, FORWARD_STD2 / math.log(10)),
    ("kl_forward_std2", _BOTH, (FORWARD_STD2 + REVERSE_STD2) / 2),
    ("kl_forward_std2", _NO_HALF, FORWARD_STD2 + 0.5),
    ("kl_forward_std2", _NO_MEANS, gaussian_kl(0, 1, 0, 2)),
    ("kl_forward_std2", _NO_SQUARE, gaussian_kl(0, 1, _ROOT, 2)),
    ("kl_forward_std2", _FOUR, gaussian_kl(0, 1, 2, 4)),
)


def _zero_in_p(p: Array, q: Array) -> bool:
    return bool((p == 0).any())


def _zero_in_both(p: Array, q: Array) -> bool:
    return bool(((p == 0) & (q == 0)).any())


def _zero_in_one(p: Array, q: Array) -> bool:
    return bool(((p == 0) | (q == 0)).any())


MISCONCEPTIONS: list[Misconception] = [
    *_common(KL, _kl, _zero_in_p),
    *_common(CROSS, _cross, _zero_in_both),
    *_common(JS, _js, _zero_in_one),
    Misconception(
        "zero-times-infinity",
        "example-2",
        KL,
        "0 log (0/0) can be computed as it stands.",
        "An outcome that both rule out gives NaN in your answer. Its weight is 0, so its term counts as 0: leave it "
        "out. (`F.kl_div` of torch does not, if it is given the logarithm of 0.)",
        in_double(kl_divergence, _replaced(kl_divergence, _zero_in_both, math.nan)),
    ),
    _with_epsilon(KL, lambda p, q, e: float((p * np.log((p + e) / (q + e))).sum())),
    _with_epsilon(KL, lambda p, q, e: _kl(p + e, q + e)),
    _with_epsilon(KL, lambda p, q, e: _kl(np.maximum(p, e), np.maximum(q, e))),
    _with_epsilon(KL, lambda p, q, e: _kl(p, np.maximum(q, e))),
    _with_epsilon(KL, lambda p, q, e: _kl(p, q + e)),
    _with_epsilon(CROSS, lambda p, q, e: _cross(p, np.clip(q, e, 1 - e))),
    _with_epsilon(CROSS, lambda p, q, e: _cross(p, np.maximum(q, e))),
    _with_epsilon(CROSS, lambda p, q, e: _cross(p, q + e)),
    _with_epsilon(JS, lambda p, q, e: _js(p + e, q + e)),
    *(
        Misconception(words[0], "example-2", function, words[1], words[2], in_double(truth, rule))
        for function, truth, entries in (
            (KL, kl_divergence, _KL_ONLY),
            (CROSS, cross_entropy, _CROSS_ONLY),
            (JS, js_divergence, _JS_ONLY),
        )
        for words, rule in entries
    ),
    *(Misconception(name, "exercise-2", GAUSSIAN, believed, hint, rule) for name, believed, hint, rule in _GAUSSIAN),
    *(Misconception(words[0], "exercise-2", function, words[1], words[2], rule) for function, words, rule in _NUMBERS),
]
