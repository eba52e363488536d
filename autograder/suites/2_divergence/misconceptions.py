"""What students of section 2 are known to believe instead of the truth, in the grammar of checks.beliefs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, rel_entr, xlogy

from autograder.checks.beliefs import misconception, truth, unknown
from autograder.checks.rules import (
    Asked,
    Rule,
    base_multiplied,
    holds_float32,
    log_of_base,
    nan_base_slips_through,
    nan_slips_through,
)

Array = NDArray[np.float64]
Formula = Callable[[Array, Array], float]

KL = "DivergenceMeasures.kl_divergence"
CROSS = "DivergenceMeasures.cross_entropy"
JS = "DivergenceMeasures.js_divergence"
EACH = (KL, CROSS, JS)
GAUSSIAN = "gaussian_kl"
NUMBERS = ("kl_forward", "kl_reverse", "kl_forward_std2")

ITEMS = {"example-2": EACH, "exercise-2": (GAUSSIAN, *NUMBERS)}

BUILDS_ON = {CROSS: (KL,), JS: (KL, CROSS), **dict.fromkeys(NUMBERS, (GAUSSIAN,))}


# --- truths --------------------------------------------------------------------------------------------------------


def _distribution(p: Any) -> Array:
    values = _signs_accepted(p)
    if values.min() < 0:
        raise ValueError("no distribution")
    return values


def _signs_accepted(p: Any) -> Array:
    """Return finite numbers that sum to 1, whatever their signs; refuse all others."""
    values = np.asarray(p, dtype=float)
    if values.ndim != 1 or values.size == 0 or not abs(values.sum() - 1) <= 1e-6:  # NaN and infinities spoil the sum
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


def of_pair(formula: Formula, first: Any = _distribution, second: Any = _distribution) -> Rule:
    """Return the rule that answers `formula(p, q)`, in nats, for equally long distributions, in the unit of the base.

    `first` and `second` refuse what is not allowed as `p` and as `q`.
    """

    def rule(p: Any, q: Any, base: float = math.e) -> float:
        a, b = first(p), second(q)
        if a.size != b.size:
            raise ValueError("not the same outcomes")
        with np.errstate(all="ignore"):
            return float(formula(a, b)) / log_of_base(base)

    return rule


def _kl(p: Array, q: Array) -> float:
    return float(rel_entr(p, q).sum())


def _cross(p: Array, q: Array) -> float:
    return -float(xlogy(p, q).sum())


def _js(p: Array, q: Array) -> float:
    mixture = (p + q) / 2
    return (_kl(p, mixture) + _kl(q, mixture)) / 2


kl_divergence = truth(of=KL, silent_on=holds_float32)(of_pair(_kl))
cross_entropy = truth(of=CROSS, silent_on=holds_float32)(of_pair(_cross))
js_divergence = truth(of=JS, silent_on=holds_float32)(of_pair(_js))

FORMULAS: dict[Rule, Formula] = {kl_divergence: _kl, cross_entropy: _cross, js_divergence: _js}


def _widths(sigma1: float, sigma2: float) -> None:
    if not (sigma1 > 0 and sigma2 > 0):
        raise ValueError("no width")


@truth(of=GAUSSIAN)
def gaussian_kl(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    """Return D(N(mu1, sigma1^2) || N(mu2, sigma2^2)) in nats."""
    _widths(sigma1, sigma2)
    return math.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


ROOT = math.sqrt(2)
FORWARD = truth(of="kl_forward")(gaussian_kl(0, 1, 2, ROOT))
REVERSE = truth(of="kl_reverse")(gaussian_kl(2, ROOT, 0, 1))
FORWARD_STD2 = truth(of="kl_forward_std2")(gaussian_kl(0, 1, 2, 2))
REVERSE_STD2 = gaussian_kl(2, 2, 0, 1)


# --- of each of the three functions --------------------------------------------------------------------------------


def _pair(call: Asked) -> tuple[Array, Array]:
    """Return p and q of a call as they are."""
    return np.asarray(call.arguments["p"], dtype=float), np.asarray(call.arguments["q"], dtype=float)


def _formula(call: Asked, first: Any = _distribution, second: Any = _distribution) -> float:
    """Return what the formula of the function gives for what `first` and `second` do not refuse."""
    return float(of_pair(FORMULAS[call.truth], first, second)(**call.arguments))


@misconception("bits-for-nats", of=EACH)
def bits_for_nats(answer, base):
    """The answer is measured in bits, with the logarithm to base 2, whatever `base` says.

    The logarithm to base 2 measures in bits. Without `base` the contract wants nats. With a base, divide the natural
    logarithm by the logarithm of the base.
    """
    return answer * math.log2(base)


@misconception("bits-by-default", of=EACH)
def bits_by_default(answer, call):
    """Without `base` the answer should be in bits.

    When `base` is given, your unit is right. Without it, the contract of this module says nats, unlike the one of
    section 1: look at the default of `base`.
    """
    return answer if "base" in call.given else answer / math.log(2)


@misconception("decimal-digits-for-nats", of=EACH)
def decimal_digits_for_nats(answer, base):
    """The logarithm to base 10 is the right one.

    log10 counts decimal digits. The natural logarithm gives nats.
    """
    return answer * math.log10(base)


@misconception("base-ignored", of=EACH)
def base_ignored(answer, base):
    """The answer is always measured in nats.

    Your nats are right, but `base` has no influence on the answer. To convert one unit into another, divide by a
    constant that depends only on the base.
    """
    return answer * math.log(base)


misconception("base-multiplied", of=EACH)(base_multiplied)


@misconception("lost-minus", of=EACH)
def lost_minus(answer):
    """The sign of the logarithm does not matter.

    None of these quantities is ever negative. Check which probability is in the numerator, and whether a minus sign is
    missing.
    """
    return -answer


@misconception("mean-over-outcomes", of=EACH)
def mean_over_outcomes(answer, p):
    """The terms of the outcomes should be averaged.

    The probabilities already are the weights of an average. Sum the terms and do not divide by their number.
    """
    return answer / len(p)


def _is_undefined(call: Asked) -> bool:
    """Whether 0 log 0 comes up in the formula."""
    p, q = _pair(call)
    if call.truth is kl_divergence:
        return bool((p == 0).any())
    return bool(((p == 0) & (q == 0)).any() if call.truth is cross_entropy else ((p == 0) | (q == 0)).any())


@misconception("zero-times-infinity", of=EACH)
def zero_times_infinity(answer, call):
    """0 log 0 can be computed as it stands.

    0 times an infinite logarithm is NaN for a computer. The term of an outcome whose weight is 0 counts as 0: leave it
    out, or use a function that follows this convention.
    """
    return math.nan if _is_undefined(call) else answer


@misconception("any-sum-accepted", of=EACH)
def any_sum_accepted(call):
    """Any two lists of non-negative numbers can be compared.

    The formula gives a number for counts too, but that number means nothing. Raise ValueError unless both sums are 1 up
    to rounding.
    """
    return _formula(call, _weights, _weights)


@misconception("second-not-checked", of=EACH)
def second_not_checked(call):
    """Only `p` has to be a distribution.

    Your function refuses numbers that do not sum to 1 in `p`, but accepts them in `q`. Both have to be distributions.
    """
    return _formula(call, _distribution, _weights)


@misconception("first-not-checked", of=EACH)
def first_not_checked(call):
    """Only `q` has to be a distribution.

    Your function refuses numbers that do not sum to 1 in `q`, but accepts them in `p`. Both have to be distributions.
    """
    return _formula(call, _weights, _distribution)


@misconception("silent-normalisation", of=EACH)
def silent_normalisation(call, p, q):
    """Numbers that do not sum to 1 should be divided by their sum.

    Anyone who passes counts or logits by mistake gets a number that looks right. The contract wants ValueError, so that
    the mistake shows up where it is made. (`scipy.stats.entropy` divides too.)
    """
    a, b = _weights(p), _weights(q)
    return call.right(a / a.sum(), b / b.sum())


@misconception("everything-refused", of=EACH)
def everything_refused(call):
    """The input is not a pair of distributions.

    Valid distributions are refused too. Find the test in your validation that is too strict: sums are compared up to
    rounding, and zeros are allowed.
    """
    raise ValueError


def _has_nan(call: Asked) -> bool:
    p, q = _pair(call)
    return call.arguments["base"] > 1 and p.shape == q.shape and p.ndim == 1 and bool(np.isnan([p, q]).any())


misconception("nan-slips-through", of=EACH, passes=[_has_nan])(nan_slips_through)
misconception("nan-base-slips-through", of=EACH)(nan_base_slips_through)


def _with_base(call: Asked, below_one: bool = False, nan: bool = False, infinite: bool = False) -> float:
    """Return what is computed with the logarithm of these bases too, as if they were good ones."""
    base = call.arguments["base"]
    is_taken = (below_one and 0 < base < 1) or (nan and math.isnan(base)) or (infinite and base == math.inf)
    return float(call.right(base=math.e)) / math.log(base) if is_taken else float(call.right())


@misconception("nan-base-slips-through", of=EACH)
def nan_and_infinite_bases_slip_through(call):
    """If a base is not less than or equal to 1, it is a finite number greater than 1.

    Every comparison with NaN is false, so a test for bases that are too small lets NaN through, and infinity too. Check
    that the base is greater than 1 and finite.
    """
    return _with_base(call, nan=True, infinite=True)


@misconception("infinite-base-accepted", of=EACH)
def infinite_base_accepted(call):
    """Whatever is greater than 1 can be the base.

    Infinity is greater than 1, but it is not a base: its logarithm is infinite, and every answer becomes 0. Check that
    the base is finite.
    """
    return _with_base(call, infinite=True)


@misconception(
    "bases-below-one-accepted", of=EACH, nan_and_infinite=((False, False), (False, True), (True, True), (True, False))
)
def bases_below_one_accepted(call, nan_and_infinite):
    """Every positive base but 1 has a logarithm.

    A base between 0 and 1 has a negative logarithm, so a divergence would be negative. The contract wants a base
    greater than 1 and ValueError for all others.
    """
    return _with_base(call, True, *nan_and_infinite)


@misconception(
    "base-not-checked",
    of=EACH,
    log=(math.log, np.log, lambda base: math.log2(base) * math.log(2), lambda base: np.log2(base) * math.log(2)),
)
def base_not_checked(call, base, log):
    """The logarithm itself checks its base.

    Not for every base. For some the logarithm is 0, negative or NaN, and the quotient looks like an answer or raises a
    different exception. Compare the base with 1 before you take its logarithm.
    """
    return float(call.right(base=math.e) / log(base))


@misconception("always-nan", of=EACH, refuses=(True, False))
def always_nan(call, refuses):
    """Whatever is computed is a number.

    Your function returns NaN for every input. Print what goes into its last line for two simple distributions, and look
    for the first NaN: a logarithm of a negative number, or infinity minus infinity.
    """
    if refuses:
        call.right()
    return math.nan


def _with_sums(call: Asked, accepts: Callable[[float], bool]) -> float:
    """Return what the formula gives for non-negative numbers whose sums `accepts` accepts."""

    def check(p: Any) -> Array:
        values = _weights(p)
        if not (accepts(float(values.sum())) or abs(values.sum() - 1) <= 1e-6):
            raise ValueError("no distribution")
        return values

    return _formula(call, check, check)


@misconception("sum-tolerance-too-wide", of=EACH, tolerance=(0.005, 0.03, 0.1))
def sum_tolerance_too_wide(call, tolerance):
    """A sum that is nearly 1 is good enough.

    Your check accepts sums that differ from 1 by a hundredth or a thousandth. That is more than rounding: something is
    missing. The docstring says how far a sum may be from 1.
    """
    return _with_sums(call, lambda total: abs(total - 1) < tolerance)


@misconception("one-sided-sum", of=EACH, accepts=(lambda total: total < 1, lambda total: total > 1))
def one_sided_sum(call, accepts):
    """A sum can be wrong in one direction only.

    Your check refuses sums on one side of 1 and accepts those on the other side. Use the distance of the sum from 1.
    """
    return _with_sums(call, accepts)


@misconception("exact-sum-required", of=EACH)
def exact_sum_required(answer, p, q):
    """The probabilities of a distribution sum to exactly 1.

    Not in floating point, and not where they were printed with nine digits. The docstring allows a small distance from
    1: use it instead of `==`.
    """
    if any(abs(math.fsum(np.asarray(values, dtype=float).tolist()) - 1) > 1e-12 for values in (p, q)):
        raise ValueError
    return answer


@misconception("negative-slips-through", of=EACH, gives_nan=(False, True))
def negative_slips_through(call, gives_nan):
    """Numbers that sum to 1 are probabilities.

    A negative number and one above 1 can sum to 1 as well, and so can logits. Check the sign of every entry, in `p` and
    in `q`.
    """
    answer = _formula(call, _signs_accepted, _signs_accepted)
    return math.nan if gives_nan and min(each.min() for each in _pair(call)) < 0 else answer


@misconception("divided-by-log-k", of=EACH)
def divided_by_log_k(call, p, q, base):
    """The answer must lie between 0 and 1, so it is divided by the logarithm of the number of outcomes.

    That turns it into a share of the largest entropy, without a unit. The contract wants the sum itself: check what you
    divide by, and which unit that gives.
    """
    formula = FORMULAS[call.truth]
    return of_pair(lambda a, b: formula(a, b) / float(np.log(a.size)))(p, q, base)


@misconception("tables-accepted", of=EACH)
def tables_made_flat(call, p, q):
    """A table is a distribution like any other.

    You flatten every input. The contract allows only one dimension and wants ValueError for tables: the caller must
    decide first which of the numbers belong together.
    """
    return call.right(np.ravel(p), np.ravel(q))


@misconception("shorter-one-decides", of=EACH)
def shorter_one_decides(call, p, q, base):
    """Outcomes beyond the end of the shorter distribution can be left out.

    `zip` silently stops at the end of the shorter list. Compare the lengths first: distributions over different
    outcomes cannot be compared, and the contract wants ValueError.
    """
    a, b = _distribution(p), _distribution(q)
    size = min(a.size, b.size)
    return FORMULAS[call.truth](a[:size], b[:size]) / log_of_base(base)


@misconception("one-outcome-is-spread", of=EACH)
def one_outcome_is_spread(call, p, q, base):
    """NumPy refuses arrays of different lengths by itself.

    Not if one of them has length 1: NumPy then uses its single number for all outcomes. Compare the shapes yourself.
    """
    a, b = np.broadcast_arrays(_distribution(p), _distribution(q))
    return FORMULAS[call.truth](a, b) / log_of_base(base)


@misconception("tables-accepted", of=EACH)
def tables_accepted(call, p, q):
    """A table is a distribution like any other.

    The contract allows only one dimension and wants ValueError for tables: the caller must decide first which of the
    numbers belong together.
    """
    if np.shape(p) != np.shape(q):
        raise ValueError
    return call.right(np.ravel(p), np.ravel(q))


# --- of one function -----------------------------------------------------------------------------------------------


def _softmax(x: Array) -> Array:
    weights = np.exp(x - x.max())
    return np.asarray(weights / weights.sum())


def _entropy(p: Array) -> float:
    return float(entr(p).sum())


def without_unit(formula: Formula) -> Rule:
    """Return the rule that answers `formula(p, q)`, a number without a unit."""
    return lambda p, q, base: float(of_pair(formula)(p, q, base)) * log_of_base(base)


def changing(change: Callable[[float, Array, Array], float]) -> Rule:
    """Return the rule that answers `change(answer, p, q)`, where `answer` is right."""
    return lambda answer, p, q: change(answer, np.asarray(p, dtype=float), np.asarray(q, dtype=float))


@misconception("zero-times-infinity", of=KL, form=changing)
def zero_over_zero(answer, p, q):
    """0 log (0/0) can be computed as it stands.

    An outcome that is impossible under both gives NaN in your answer. Its weight is 0, so its term counts as 0: leave
    it out. (`F.kl_div` of torch does not do that if you give it the logarithm of 0.)
    """
    return math.nan if ((p == 0) & (q == 0)).any() else answer


EPSILONS_OF_KL = (
    lambda p, q, e: float((p * np.log((p + e) / (q + e))).sum()),
    lambda p, q, e: _kl(p + e, q + e),
    lambda p, q, e: _kl(np.maximum(p, e), np.maximum(q, e)),
    lambda p, q, e: _kl(p, np.maximum(q, e)),
    lambda p, q, e: _kl(p, q + e),
)
EPSILONS_OF_CROSS = (
    lambda p, q, e: _cross(p, np.clip(q, e, 1 - e)),
    lambda p, q, e: _cross(p, np.maximum(q, e)),
    lambda p, q, e: _cross(p, q + e),
)
EPSILONS_OF_JS = (lambda p, q, e: _js(p + e, q + e),)


@misconception("epsilon-in-the-logarithm", of=KL, formula=EPSILONS_OF_KL, epsilon=unknown(like=1e-7))
@misconception("epsilon-in-the-logarithm", of=CROSS, formula=EPSILONS_OF_CROSS, epsilon=unknown(like=1e-7))
@misconception("epsilon-in-the-logarithm", of=JS, formula=EPSILONS_OF_JS, epsilon=unknown(like=1e-7))
def epsilon_in_the_logarithm(p, q, base, formula, epsilon):
    """A small number added to the probabilities makes zeros harmless.

    If Q rules out an outcome and P does not, the divergence is infinite. With a small number instead of 0 the answer is
    large but finite, and only shows how small that number is. Return infinity, and leave out only the terms with P = 0.
    """
    return of_pair(lambda a, b: formula(a, b, epsilon))(p, q, base)


@misconception("arguments-swapped", of=(KL, CROSS))
def arguments_swapped(call, p, q):
    """The second argument gives the weights.

    The order matters. P, the first argument, is what really happens and gives the weights. Q, the second, is the
    prediction. You compute it the other way round.
    """
    return call.right(q, p)


@misconception("negative-terms-dropped", of=KL, form=of_pair)
def negative_terms_dropped(p, q):
    """No term of a divergence is negative.

    Only the sum is never negative. Where Q(x) is larger than P(x) the term is below 0, and it counts.
    """
    return np.maximum(rel_entr(p, q), 0).sum()


@misconception("impossible-events-left-out", of=(KL, CROSS))
def impossible_events_left_out(call, p, q, base):
    """An outcome with Q(x) = 0 can be left out, just like one with P(x) = 0.

    Only P(x) = 0 makes a term 0. Where P(x) is positive and Q(x) is 0 the term is infinite, and leaving it out makes
    the worst prediction look like a good one.
    """
    formula = FORMULAS[call.truth]
    return of_pair(lambda a, b: formula(a[b > 0], b[b > 0]))(p, q, base)


@misconception("infinity-refused", of=(KL, CROSS), form=changing)
def infinity_refused(answer, p, q):
    """An infinite answer means an error.

    Distributions with zeros are allowed. Where Q rules out what P does not, the answer is infinity. Floating point has
    that value: return it.
    """
    if ((q == 0) & (p > 0)).any():
        raise ValueError
    return answer


@misconception("division-by-zero", of=KL, form=changing, even_without_p=(False, True))
def division_by_zero(answer, p, q, even_without_p):
    """Python can divide by 0.

    Python raises an exception where NumPy gives infinity. Decide before the division what Q(x) = 0 means: infinity
    where P(x) is positive, nothing where it is 0 too.
    """
    if ((q == 0) & ((p > 0) | even_without_p)).any():
        raise ZeroDivisionError
    return answer


@misconception("symmetrised", of=KL, form=of_pair)
def directions_added(p, q):
    """A distance must be the same both ways, so both directions are added.

    You add D(P||Q) and D(Q||P) (Jeffreys' divergence). The contract asks only for the direction weighted with P; it is
    not a distance.
    """
    return _kl(p, q) + _kl(q, p)


@misconception("symmetrised", of=KL, form=of_pair)
def directions_averaged(p, q):
    """A distance must be the same both ways, so both directions are averaged.

    You average D(P||Q) and D(Q||P). The contract asks only for the direction weighted with P; it is not a distance.
    """
    return (_kl(p, q) + _kl(q, p)) / 2


@misconception("jensen-shannon-for-kl", of=KL, form=of_pair)
def jensen_shannon_for_kl(p, q):
    """The divergence is taken from the mixture of both.

    That is the Jensen-Shannon divergence, which is the third function of the module. Here P is compared with Q itself.
    """
    return _js(p, q)


@misconception("cross-entropy-for-kl", of=KL, form=of_pair)
def cross_entropy_for_kl(p, q):
    """The divergence is the average surprise under Q.

    That is the cross-entropy. It contains the entropy of P, which no prediction can avoid. The divergence is the cost
    beyond that.
    """
    return _cross(p, q)


@misconception("difference-of-entropies", of=KL, form=of_pair)
def entropy_of_q_less_that_of_p(p, q):
    """The divergence is the entropy of Q minus that of P.

    Average the surprise under Q with the weights of P, not with those of Q. Two distributions with the same entropy
    need not be equal.
    """
    return _entropy(q) - _entropy(p)


@misconception("difference-of-entropies", of=KL, form=of_pair)
def entropy_of_p_less_that_of_q(p, q):
    """The divergence is the entropy of P minus that of Q.

    Average the surprise under Q with the weights of P, not with those of Q. Two distributions with the same entropy
    need not be equal.
    """
    return _entropy(p) - _entropy(q)


@misconception("unweighted-ratios", of=KL, form=of_pair)
def ratios_summed(p, q):
    """The logarithms of the ratios P/Q are simply added.

    The divergence is an average: each log ratio counts with the probability P(x) of its outcome.
    """
    return np.log(p[p > 0] / q[p > 0]).sum()


@misconception("unweighted-ratios", of=KL, form=of_pair)
def ratios_averaged(p, q):
    """The logarithms of the ratios P/Q are averaged with equal weights.

    The divergence is an average, but with the weights P(x): frequent outcomes count more than rare ones.
    """
    return np.log(p[p > 0] / q[p > 0]).mean()


@misconception("logarithm-of-the-average", of=KL, form=of_pair)
def logarithm_of_the_average(p, q):
    """The logarithm may be taken after averaging.

    The divergence is the average of the logarithms of the ratios, not the logarithm of their average, which is larger
    by Jensen's inequality.
    """
    return np.log((p * p / q)[p > 0].sum())


@misconception("logarithm-missing", of=KL, form=of_pair)
def logarithm_missing(p, q):
    """The ratios P/Q themselves are averaged.

    Average the logarithm of the ratio. Where P and Q agree, the logarithm is 0, but the ratio itself is 1.
    """
    return (p * p / q)[p > 0].sum()


@misconception("chi-squared", of=KL, form=of_pair)
def chi_squared(p, q):
    """The distance is the sum of the squared differences, each divided by Q.

    That is the chi-squared distance of statistics. It is close to twice the divergence where P and Q are close, but it
    contains no logarithm.
    """
    return ((p - q)[q > 0] ** 2 / q[q > 0]).sum()


@misconception("zero-prediction-refused", of=CROSS, form=changing)
def zero_prediction_refused(answer, p, q):
    """A prediction of 0 is an error.

    `math.log(0)` raises ValueError. Decide before taking the logarithm what Q(x) = 0 means: infinity where P(x) is
    positive, nothing where it is 0 too.
    """
    if (q == 0).any():
        raise ValueError
    return answer


@misconception("kl-for-cross-entropy", of=CROSS, form=of_pair)
def kl_for_cross_entropy(p, q):
    """The cross-entropy is 0 for a perfect prediction.

    You return the KL divergence. The cross-entropy is larger by the entropy of P. That part remains, however good the
    prediction is.
    """
    return _kl(p, q)


@misconception("entropy-for-cross-entropy", of=CROSS, form=of_pair)
def entropy_for_cross_entropy(p, q):
    """The cross-entropy is the entropy of P.

    Average the surprise under the prediction Q. Your answer does not depend on Q.
    """
    return _entropy(p)


@misconception("entropy-of-the-prediction", of=CROSS, form=of_pair)
def entropy_of_the_prediction(p, q):
    """The cross-entropy is the entropy of Q.

    Outcomes follow P, so P gives the weights. Your answer does not depend on P.
    """
    return _entropy(q)


@misconception("entropies-added", of=CROSS, form=of_pair)
def entropies_added(p, q):
    """The cross-entropy is the sum of both entropies.

    To the entropy of P, add the divergence D(P||Q), not the entropy of Q.
    """
    return _entropy(p) + _entropy(q)


@misconception("softmax-of-probabilities", of=CROSS, form=of_pair)
def softmax_of_probabilities(p, q):
    """The prediction still needs a softmax.

    `q` holds probabilities already; a softmax of them flattens every prediction. Library losses such as
    `F.cross_entropy` want logits and apply it themselves.
    """
    return _cross(p, _softmax(q))


@misconception("likeliest-class-only", of=CROSS, form=of_pair)
def likeliest_class_only(p, q):
    """Only the most probable class of P counts.

    That is right where P is certain. In general each outcome counts with its own P(x).
    """
    return -math.log(q[p.argmax()]) if q[p.argmax()] > 0 else math.inf


@misconception("binary-terms-added", of=CROSS, form=of_pair)
def binary_terms_added(p, q):
    """Each class is a yes/no question of its own.

    The terms (1 - P) log (1 - Q) belong to the loss of separate yes/no questions. For one distribution over several
    outcomes, sum only the terms P log Q.
    """
    return _cross(p, q) + _cross(np.maximum(1 - p, 0), np.maximum(1 - q, 0))


@misconception("unweighted-surprise", of=CROSS, form=of_pair)
def surprises_summed(p, q):
    """The surprises under Q are simply added.

    The cross-entropy is an average: each surprise counts with the probability P(x) of its outcome.
    """
    return -np.log(q).sum()


@misconception("other-divergence-added", of=CROSS, form=of_pair)
def other_divergence_added(p, q):
    """The cross-entropy is the entropy of P and the divergence D(Q||P).

    The entropy is right, but the direction is wrong: the cost beyond H(P) is the divergence weighted with P.
    """
    return _entropy(p) + _kl(q, p)


@misconception("entropy-of-the-other", of=CROSS, form=of_pair)
def entropy_of_the_other(p, q):
    """The cross-entropy is the entropy of Q and the divergence D(P||Q).

    The divergence is right. Add it to the entropy of what really happens, the part that no prediction can avoid.
    """
    return _entropy(q) + _kl(p, q)


@misconception("entropy-subtracted", of=CROSS, form=of_pair)
def entropy_subtracted(p, q):
    """The entropy of P is subtracted from the divergence.

    One identity links cross-entropy, entropy and divergence. Which of the three is the sum of the other two?
    """
    return _kl(p, q) - _entropy(p)


@misconception("squared-differences", of=CROSS, form=without_unit)
def squared_differences(p, q):
    """The loss of a prediction is the sum of the squared differences.

    That is Brier's score, and it contains no logarithm.
    """
    return ((p - q) ** 2).sum()


@misconception("log-of-one-plus", of=KL, formula=[lambda p, q: (p * np.log1p(p / q))[p > 0].sum()])
@misconception("log-of-one-plus", of=CROSS, formula=[lambda p, q: -(p * np.log1p(q)).sum()])
def log_of_one_plus(p, q, base, formula):
    """`log1p` is a safe logarithm.

    `log1p(x)` is the logarithm of 1 + x, another number. It makes zeros harmless by changing all other terms too.
    """
    return of_pair(formula)(p, q, base)


@misconception("infinite-for-any-zero", of=KL, form=changing)
def infinite_for_any_zero(answer, p, q):
    """A zero in Q makes the divergence infinite.

    Only where P(x) is positive. An outcome that both rule out never happens, so it costs nothing: its term is 0.
    """
    return math.inf if (q == 0).any() else answer


@misconception("weights-of-q", of=KL, form=of_pair)
def weights_of_q(p, q):
    """The log ratios P/Q are averaged with the weights of Q.

    Outcomes really follow P, so P gives the weights. With the weights of Q the average is negative.
    """
    return -_kl(q, p)


@misconception("absolute-log-ratio", of=KL, form=of_pair)
def absolute_log_ratio(p, q):
    """Each term has to be positive.

    Single terms may be negative, namely where Q gives an outcome more than P does. Only their sum is never negative
    (Gibbs' inequality).
    """
    return (p * np.abs(np.log(np.where(p > 0, p, 1) / np.where(p > 0, q, 1)))).sum()


@misconception("infinite-for-any-zero", of=CROSS, form=changing)
def infinite_for_any_zero_of_cross_entropy(answer, p, q):
    """A zero in Q makes the cross-entropy infinite.

    Only where P(x) is positive. An outcome that both rule out never happens, so it costs nothing: its term is 0.
    """
    return math.inf if (q == 0).any() else answer


@misconception("unweighted-surprise", of=CROSS, form=of_pair)
def surprises_averaged(p, q):
    """The surprises under Q are averaged with equal weights.

    The cross-entropy is an average, but with the weights P(x): frequent outcomes count more than rare ones.
    """
    return -np.log(q).mean()


@misconception("perplexity-for-cross-entropy", of=CROSS)
def perplexity_for_cross_entropy(answer, base):
    """The perplexity b^H is the cross-entropy.

    You return how many equally likely outcomes would have the same cross-entropy. The cross-entropy is its logarithm.
    """
    return float(base) ** answer


@misconception("logarithm-of-the-average", of=CROSS, form=of_pair)
def logarithm_of_the_average_of_cross_entropy(p, q):
    """The logarithm may be taken after averaging.

    The cross-entropy averages the logarithms. You take the logarithm of the average probability, which gives a smaller
    answer by Jensen's inequality.
    """
    return -np.log((p * q).sum())


@misconception("root-for-divergence", of=JS)
def root_for_divergence(p, q, base):
    """The Jensen-Shannon divergence is its own square root.

    You return the square root, the Jensen-Shannon *distance*, as `scipy.spatial.distance.jensenshannon` does. The
    divergence is its square.
    """
    return math.sqrt(max(js_divergence(p, q, base), 0.0))


@misconception("halves-missing", of=JS, form=of_pair)
def halves_missing(p, q):
    """The divergences of both from the mixture are added.

    Each of the two divergences counts half. Then two distributions without a common outcome have log 2, not twice that.
    """
    return 2 * _js(p, q)


@misconception("symmetrised-kl-for-js", of=JS, form=of_pair)
def averaged_kl_for_js(p, q):
    """Averaging D(P||Q) and D(Q||P) gives the Jensen-Shannon divergence.

    That average is symmetric too, but it is infinite wherever only one of the two rules something out. Compare P and Q
    with their mixture, not with each other.
    """
    return (_kl(p, q) + _kl(q, p)) / 2


@misconception("symmetrised-kl-for-js", of=JS, form=of_pair)
def added_kl_for_js(p, q):
    """Adding D(P||Q) and D(Q||P) gives the Jensen-Shannon divergence.

    That sum is symmetric too, but it is infinite wherever only one of the two rules something out. Compare P and Q with
    their mixture, not with each other.
    """
    return _kl(p, q) + _kl(q, p)


@misconception("kl-for-js", of=JS, form=of_pair)
def kl_for_js(p, q):
    """The Jensen-Shannon divergence is D(P||Q).

    That is the KL divergence, which is not symmetric, and infinite for some pairs. Compare P and Q each with their
    mixture.
    """
    return _kl(p, q)


@misconception("one-side-only", of=JS, form=of_pair)
def side_of_p_only(p, q):
    """The divergence of P from the mixture is enough.

    Compare Q with the mixture as well; the answer is the average of the two divergences.
    """
    return _kl(p, (p + q) / 2)


@misconception("one-side-only", of=JS, form=of_pair)
def side_of_q_only(p, q):
    """The divergence of Q from the mixture is enough.

    Compare P with the mixture as well; the answer is the average of the two divergences.
    """
    return _kl(q, (p + q) / 2)


@misconception("one-side-only", of=JS, form=of_pair)
def half_the_side_of_p_only(p, q):
    """Half the divergence of P from the mixture is enough.

    The other half comes from Q: the answer is the average of the two divergences from the mixture.
    """
    return _kl(p, (p + q) / 2) / 2


@misconception("square-for-divergence", of=JS)
def square_for_divergence(p, q, base):
    """The answer still needs squaring, to undo a square root.

    You return the square of the divergence. Only SciPy's function returns a square root, so only its result would need
    squaring.
    """
    return js_divergence(p, q, base) ** 2


@misconception("one-side-only", of=JS, form=of_pair)
def half_the_side_of_q_only(p, q):
    """Half the divergence of Q from the mixture is enough.

    The other half comes from P: the answer is the average of the two divergences from the mixture.
    """
    return _kl(q, (p + q) / 2) / 2


@misconception("total-variation", of=(KL, JS), form=without_unit)
def total_variation(p, q):
    """The distance is half the sum of the absolute differences.

    That is the total variation distance, and it contains no logarithm.
    """
    return np.abs(p - q).sum() / 2


@misconception("squared-differences", of=KL, form=without_unit)
def squared_differences_of_kl(p, q):
    """The distance is the sum of the squared differences.

    That is a squared Euclidean distance, and it contains no logarithm.
    """
    return ((p - q) ** 2).sum()


@misconception("cross-entropies-for-divergences", of=JS, form=of_pair)
def cross_entropies_for_divergences(p, q):
    """The cross-entropies of P and Q with each other are averaged.

    Compare P and Q with their mixture, using the divergence. It is 0 for equal distributions, whatever their entropy
    is.
    """
    return (_cross(p, q) + _cross(q, p)) / 2


@misconception("mixture-not-halved", of=JS, form=of_pair)
def mixture_not_halved(p, q):
    """The mixture is the sum P + Q.

    P + Q sums to 2, so it is not a distribution; the mixture is half of it. Your answer is off by log 2, and negative.
    """
    return (_kl(p, p + q) + _kl(q, p + q)) / 2


@misconception("mixture-holds-the-weights", of=JS, form=of_pair)
def mixture_holds_the_weights(p, q):
    """The mixture is compared with P and with Q.

    The direction matters: P and Q give the weights, and the mixture is in the denominator. That keeps every term
    finite.
    """
    return (_kl((p + q) / 2, p) + _kl((p + q) / 2, q)) / 2


@misconception("mixture-of-logarithms", of=JS, form=of_pair)
def mixture_of_logarithms(p, q):
    """The mixture is the geometric mean of P and Q.

    If a fair coin decides which of the two to draw from, you get the mixture: the arithmetic mean.
    """
    return (_kl(p, np.sqrt(p * q)) + _kl(q, np.sqrt(p * q))) / 2


@misconception("entropy-of-the-mixture", of=JS, form=of_pair)
def entropy_of_the_mixture(p, q):
    """The Jensen-Shannon divergence is the entropy of the mixture.

    Subtract the average entropy of P and Q from the entropy of the mixture. Otherwise equal distributions would not be
    at 0.
    """
    return _entropy((p + q) / 2)


@misconception("entropies-not-averaged", of=JS, form=of_pair)
def entropies_not_averaged(p, q):
    """Both entropies are subtracted from the entropy of the mixture.

    Subtract their average, each with weight one half. Otherwise equal distributions would not be at 0.
    """
    return _entropy((p + q) / 2) - _entropy(p) - _entropy(q)


@misconception("similarity-for-divergence", of=JS)
def similarity_for_divergence(p, q, base):
    """Equal distributions get 1.

    A divergence is 0 for equal distributions and grows as they move apart. You return 1 minus the divergence.
    """
    return 1 - js_divergence(p, q, base)


@misconception("impossible-events-left-out", of=JS, form=of_pair)
def impossible_events_left_out_of_js(p, q):
    """An outcome that one of the two rules out can be left out.

    P and Q differ most at an outcome of P that is impossible under Q. The mixture gives it a positive probability, so
    nothing is infinite; leave out only terms of weight 0.
    """
    keep = (p > 0) & (q > 0)
    return _js(p[keep], q[keep])


# --- gaussian_kl ---------------------------------------------------------------------------------------------------


def of_gaussians(formula: Callable[[float, float, float, float], float]) -> Rule:
    """Return the rule that answers `formula(mu1, sigma1, mu2, sigma2)` for positive widths."""

    def rule(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
        _widths(sigma1, sigma2)
        return formula(mu1, sigma1, mu2, sigma2)

    return rule


@misconception("variances-for-standard-deviations", of=GAUSSIAN, form=of_gaussians)
def variances_for_standard_deviations(m1, s1, m2, s2):
    """`sigma1` and `sigma2` are the variances.

    The arguments are standard deviations, and their squares are the variances. You treat the arguments as variances.
    Try your function on D(N(0, 1) || N(0, 2^2)): it is ln 2 - 3/8.
    """
    return gaussian_kl(m1, math.sqrt(s1), m2, math.sqrt(s2))


@misconception("arguments-swapped", of=GAUSSIAN, form=of_gaussians)
def arguments_swapped_of_gaussians(m1, s1, m2, s2):
    """The second Gaussian gives the weights.

    The first Gaussian is what really happens, the second is the prediction. You compute the divergence the other way
    round.
    """
    return gaussian_kl(m2, s2, m1, s1)


@misconception("own-variance-below-the-line", of=GAUSSIAN, form=of_gaussians)
def own_variance_below_the_line(m1, s1, m2, s2):
    """Distances are measured by the width of the first Gaussian.

    Q sets the scale: divide the squared distance and the variance of P by the variance of Q.
    """
    return math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s1**2) - 0.5


@misconception("bits-for-nats", of=GAUSSIAN)
def bits_for_nats_of_gaussians(answer):
    """The exercise asks for the divergence in bits.

    Your answer is right in bits. The exercise asks for nats, the unit of the natural logarithm.
    """
    return answer / math.log(2)


@misconception("half-not-subtracted", of=GAUSSIAN)
def half_not_subtracted(answer):
    """The logarithm and the quotient are all there is.

    Two equal Gaussians have divergence 0. Try that with your formula: whatever it gives has to be subtracted.
    """
    return answer + 0.5


@misconception("means-ignored", of=GAUSSIAN, form=of_gaussians)
def means_ignored(m1, s1, m2, s2):
    """Only the widths matter.

    Your answer does not depend on the means. Two Gaussians with the same width but different means differ as well.
    """
    return gaussian_kl(0, s1, 0, s2)


@misconception("widths-ignored", of=GAUSSIAN, form=of_gaussians)
def widths_ignored(m1, s1, m2, s2):
    """Only the distance of the means matters.

    That is right where both widths are equal. The exercise has two different widths, which add terms of their own.
    """
    return (m1 - m2) ** 2 / (2 * s2**2)


@misconception("distance-not-squared", of=GAUSSIAN, form=of_gaussians)
def distance_not_squared(m1, s1, m2, s2):
    """The distance between the means is used without squaring it.

    The exponent of a Gaussian contains the squared distance. Without the square, the answer depends on the unit of x.
    """
    return gaussian_kl(0, s1, math.sqrt(abs(m1 - m2)), s2)


@misconception("log-ratio-inverted", of=GAUSSIAN, form=of_gaussians)
def log_ratio_inverted(m1, s1, m2, s2):
    """The logarithm is that of sigma1/sigma2.

    A wide Q spreads its density thinly, which costs more: check which of the two widths is in the numerator.
    """
    return gaussian_kl(m1, s1, m2, s2) - 2 * math.log(s2 / s1)


@misconception("log-ratio-of-variances", of=GAUSSIAN, form=of_gaussians)
def log_ratio_of_variances(m1, s1, m2, s2):
    """The logarithm is that of the ratio of the variances.

    The logarithm of the ratio of the variances is twice that of the standard deviations: a factor of one half is
    missing in front of it.
    """
    return gaussian_kl(m1, s1, m2, s2) + math.log(s2 / s1)


@misconception("log-ratio-halved", of=GAUSSIAN, form=of_gaussians)
def log_ratio_halved(m1, s1, m2, s2):
    """The logarithm of the standard deviations has a factor of one half.

    One half belongs to the logarithm of the ratio of the *variances*. With standard deviations it disappears.
    """
    return gaussian_kl(m1, s1, m2, s2) - math.log(s2 / s1) / 2


@misconception("quotient-not-halved", of=GAUSSIAN, form=of_gaussians)
def quotient_not_halved(m1, s1, m2, s2):
    """The quotient has the variance of Q as its denominator.

    The exponent of a Gaussian is divided by twice the variance. A factor of two is missing in your denominator.
    """
    return math.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / s2**2 - 0.5


@misconception("divided-by-the-first-variance", of=GAUSSIAN, form=of_gaussians)
def divided_by_the_first_variance(m1, s1, m2, s2):
    """The squared distance is measured in standard deviations of P.

    It is Q that finds the points of P surprising, so the distance is measured in standard deviations of Q.
    """
    return math.log(s2 / s1) + (s2**2 + (m1 - m2) ** 2) / (2 * s1**2) - 0.5


@misconception("first-variance-forgotten", of=GAUSSIAN, form=of_gaussians)
def first_variance_forgotten(m1, s1, m2, s2):
    """Only how far the mean of P is from that of Q counts.

    The points of P scatter around its mean, and that costs as well: its variance belongs in the numerator.
    """
    return math.log(s2 / s1) + (m1 - m2) ** 2 / (2 * s2**2) - 0.5


@misconception("widths-not-squared", of=GAUSSIAN, form=of_gaussians)
def widths_not_squared(m1, s1, m2, s2):
    """The quotient contains the standard deviations.

    The quotient needs the variances, that is, the squares of the standard deviations.
    """
    return math.log(s2 / s1) + (s1 + (m1 - m2) ** 2) / (2 * s2) - 0.5


@misconception("lost-minus", of=GAUSSIAN)
def lost_minus_of_gaussians(answer):
    """The sign does not matter.

    A divergence is never negative. Check which density is in the numerator of the logarithm.
    """
    return -answer


@misconception("means-added", of=GAUSSIAN, form=of_gaussians)
def means_added(m1, s1, m2, s2):
    """The means enter with the same sign.

    Only the distance between the means counts. Shift both Gaussians by the same distance: your answer changes, but
    should not.
    """
    return gaussian_kl(m1, s1, -m2, s2)


@misconception("decimal-digits-for-nats", of=GAUSSIAN, form=of_gaussians)
def decimal_digits_for_nats_of_gaussians(m1, s1, m2, s2):
    """The logarithm to base 10 is the right one.

    `log10` counts decimal digits, but only in one of the terms. The natural logarithm gives nats.
    """
    return gaussian_kl(m1, s1, m2, s2) - math.log(s2 / s1) + math.log10(s2 / s1)


@misconception("bits-for-nats", of=GAUSSIAN, form=of_gaussians)
def binary_logarithm_in_one_term(m1, s1, m2, s2):
    """The logarithm to base 2 is the right one.

    `log2` gives bits, but only in one of the terms. The other terms are in nats, so the sum is in neither.
    """
    return gaussian_kl(m1, s1, m2, s2) - math.log(s2 / s1) + math.log2(s2 / s1)


@misconception("one-subtracted", of=GAUSSIAN)
def one_subtracted(answer):
    """The last term is 1.

    Two equal Gaussians have divergence 0. Try that with your formula: it subtracts too much.
    """
    return answer - 0.5


@misconception("half-missing", of=GAUSSIAN)
def half_missing(answer):
    """The terms are not halved.

    One factor of one half multiplies everything: the logarithm of the ratio of the *variances* and both quotients. Your
    answer is twice as large.
    """
    return 2 * answer


@misconception("distance-not-divided", of=GAUSSIAN, form=of_gaussians)
def distance_not_divided(m1, s1, m2, s2):
    """The squared distance of the means is a number of its own.

    The distance is measured in standard deviations of Q. In other units of x your answer changes, but should not.
    """
    return gaussian_kl(0, s1, 0, s2) + (m1 - m2) ** 2 / 2


@misconception("distance-divided-by-the-first-variance", of=GAUSSIAN, form=of_gaussians)
def distance_divided_by_the_first_variance(m1, s1, m2, s2):
    """The squared distance is measured in standard deviations of P.

    It is Q that finds the points of P surprising, so the distance is measured in standard deviations of Q.
    """
    return gaussian_kl(0, s1, 0, s2) + (m1 - m2) ** 2 / (2 * s1**2)


@misconception("half-of-the-variance-forgotten", of=GAUSSIAN, form=of_gaussians)
def half_of_the_variance_forgotten(m1, s1, m2, s2):
    """Only the distance is halved.

    The variance of P belongs in the same numerator as the squared distance, over the same denominator.
    """
    return gaussian_kl(m1, s1, m2, s2) + s1**2 / (2 * s2**2)


@misconception("two-negative-widths-accepted", of=GAUSSIAN)
def two_negative_widths_accepted(call, sigma1, sigma2):
    """A product or a ratio that is positive has positive parts.

    Two negative widths have a positive ratio too. Check each of the two by itself.
    """
    if sigma1 * sigma2 <= 0:
        raise ValueError("no width")
    return call.right(sigma1=abs(sigma1), sigma2=abs(sigma2))


@misconception("one-width-checked", of=GAUSSIAN)
def one_width_checked(call, sigma2):
    """Only the first standard deviation can be wrong.

    Your function refuses a standard deviation that is not positive in the first Gaussian only. Check both.
    """
    return call.right(sigma2=abs(sigma2)) if sigma2 else math.inf


@misconception("symmetrised", of=GAUSSIAN, form=of_gaussians)
def gaussian_directions_averaged(m1, s1, m2, s2):
    """A distance must be the same both ways.

    You combine both directions. The exercise asks only for the one in which the first Gaussian gives the weights.
    """
    return (gaussian_kl(m1, s1, m2, s2) + gaussian_kl(m2, s2, m1, s1)) / 2


@misconception("symmetrised", of=GAUSSIAN, form=of_gaussians)
def gaussian_directions_added(m1, s1, m2, s2):
    """A distance must be the same both ways.

    You add both directions. The exercise asks only for the one in which the first Gaussian gives the weights.
    """
    return gaussian_kl(m1, s1, m2, s2) + gaussian_kl(m2, s2, m1, s1)


@misconception("cross-entropy-for-kl", of=GAUSSIAN, form=of_gaussians)
def cross_entropy_for_kl_of_gaussians(m1, s1, m2, s2):
    """The divergence is the average surprise under Q.

    That is the cross-entropy. Subtract the entropy of P; then two equal Gaussians are at 0.
    """
    return gaussian_kl(m1, s1, m2, s2) + 0.5 * math.log(2 * math.pi * math.e * s1**2)


@misconception("everything-refused", of=GAUSSIAN)
def everything_refused_of_gaussians(call):
    """The input is not a Gaussian.

    Positive standard deviations of any size are fine. Find the test in your validation that is too strict.
    """
    raise ValueError


@misconception("negative-widths-accepted", of=GAUSSIAN)
def negative_widths_accepted(call, sigma1, sigma2):
    """Only the square of a standard deviation matters, so its sign does not.

    A negative standard deviation is a mistake by the caller. The exercise wants ValueError, so that it is noticed.
    """
    if sigma1 == 0 or sigma2 == 0:
        raise ValueError("no width")
    return call.right(sigma1=abs(sigma1), sigma2=abs(sigma2))


@misconception("zero-width-accepted", of=GAUSSIAN)
def zero_width_accepted(mu1, sigma1, mu2, sigma2):
    """A standard deviation of 0 is the limit of small ones.

    A Gaussian of width 0 has no density. The exercise wants ValueError for 0 too, not only below it.
    """
    if sigma1 < 0 or sigma2 < 0:
        raise ValueError("no width")
    return math.inf if sigma1 == 0 or sigma2 == 0 else gaussian_kl(mu1, sigma1, mu2, sigma2)


@misconception("widths-not-checked", of=GAUSSIAN)
def widths_left_to_numpy(mu1, sigma1, mu2, sigma2):
    """NumPy raises an exception for a bad width.

    NumPy gives NaN or infinity with a warning. Raise ValueError before you take a logarithm.
    """
    a, b = np.float64(sigma1), np.float64(sigma2)
    return float(np.log(b / a) + (a**2 + (mu1 - mu2) ** 2) / (2 * b**2) - 0.5)


@misconception("widths-not-checked", of=GAUSSIAN)
def widths_left_to_the_formula(mu1, sigma1, mu2, sigma2):
    """The formula itself raises ValueError for a bad width.

    Not always: dividing by 0 raises a different exception. Check both widths before you compute.
    """
    return math.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


# --- numbers of the exercise ---------------------------------------------------------------------------------------


@misconception("two-as-standard-deviation", of="kl_forward", number=[FORWARD_STD2])
@misconception("two-as-standard-deviation", of="kl_reverse", number=[REVERSE_STD2])
def two_as_standard_deviation(number):
    """The 2 of N(2, 2) is the standard deviation.

    In the notation N(mu, sigma^2) of this exercise the second number is the variance. Your number belongs to a standard
    deviation of 2; what does `gaussian_kl` expect?
    """
    return number


@misconception("two-as-variance", of="kl_forward_std2")
def two_as_variance():
    """The 2 is the variance here too.

    Here the exercise reads the 2 as the standard deviation. Your number belongs to a variance of 2.
    """
    return FORWARD


@misconception("direction-reversed", of="kl_forward", number=[REVERSE])
@misconception("direction-reversed", of="kl_reverse", number=[FORWARD])
@misconception("direction-reversed", of="kl_forward_std2", number=[REVERSE_STD2])
def direction_reversed(number):
    """The order of the two Gaussians does not matter.

    You have the divergence in the other direction. The first distribution gives the weights.
    """
    return number


@misconception("reversed-and-two-as-standard-deviation", of="kl_forward", number=[REVERSE_STD2])
@misconception("reversed-and-two-as-standard-deviation", of="kl_reverse", number=[FORWARD_STD2])
def reversed_and_two_as_standard_deviation(number):
    """Neither the order nor the meaning of the 2 matters.

    Two things at once: the direction is reversed, and the 2 is read as the standard deviation instead of the variance.
    """
    return number


@misconception("reversed-and-two-as-variance", of="kl_forward_std2")
def reversed_and_two_as_variance():
    """Neither the order nor the meaning of the 2 matters.

    Two things at once: the direction is reversed, and the 2 is read as the variance.
    """
    return REVERSE


@misconception("bits-for-nats", of=NUMBERS)
def bits_for_nats_of_gaussians_forward(answer):
    """The exercise asks for the divergence in bits.

    Your number is right in bits. The exercise asks for nats: use the natural logarithm.
    """
    return answer / math.log(2)


@misconception("lost-minus", of=NUMBERS)
def lost_minus_forward(answer):
    """The sign does not matter.

    A divergence is never negative. Check which density is in the numerator of the logarithm.
    """
    return -answer


@misconception("half-missing", of=NUMBERS)
def half_missing_forward(answer):
    """The terms are not halved.

    Your number is twice the right one. Look for a factor of one half in front of the whole formula.
    """
    return 2 * answer


@misconception("decimal-digits-for-nats", of=NUMBERS)
def decimal_digits_for_nats_forward(answer):
    """The logarithm to base 10 is the right one.

    Your number is right in decimal digits. The exercise asks for nats: use the natural logarithm.
    """
    return answer / math.log(10)


@misconception("symmetrised", of="kl_forward", number=[(FORWARD + REVERSE) / 2, FORWARD + REVERSE])
@misconception("symmetrised", of="kl_reverse", number=[(FORWARD + REVERSE) / 2, FORWARD + REVERSE])
@misconception("symmetrised", of="kl_forward_std2", number=[(FORWARD_STD2 + REVERSE_STD2) / 2])
def symmetrised(number):
    """The divergence is the same both ways.

    You combine both directions. Each of the two numbers is about one of them.
    """
    return number


@misconception("half-not-subtracted", of=NUMBERS)
def half_not_subtracted_forward(answer):
    """The logarithm and the quotient are all there is.

    Your number is too large by one half: with your formula, two equal Gaussians would not be at 0.
    """
    return answer + 0.5


@misconception("means-ignored", of="kl_forward", number=[gaussian_kl(0, 1, 0, ROOT)])
@misconception("means-ignored", of="kl_reverse", number=[gaussian_kl(0, ROOT, 0, 1)])
@misconception("means-ignored", of="kl_forward_std2", number=[gaussian_kl(0, 1, 0, 2)])
def means_ignored_forward(number):
    """Only the widths matter.

    Your number ignores the means. The means of the two Gaussians are 2 apart, and that costs as well.
    """
    return number


@misconception("distance-not-squared", of="kl_forward", number=[gaussian_kl(0, 1, ROOT, ROOT)])
@misconception("distance-not-squared", of="kl_reverse", number=[gaussian_kl(ROOT, ROOT, 0, 1)])
@misconception("distance-not-squared", of="kl_forward_std2", number=[gaussian_kl(0, 1, ROOT, 2)])
def distance_not_squared_forward(number):
    """The distance between the means is used without squaring it.

    The exponent of a Gaussian contains the squared distance between the means.
    """
    return number


@misconception("variance-given-for-standard-deviation", of="kl_forward", number=[gaussian_kl(0, 1, 2, 4)])
@misconception("variance-given-for-standard-deviation", of="kl_reverse", number=[gaussian_kl(2, 4, 0, 1)])
@misconception("variance-given-for-standard-deviation", of="kl_forward_std2", number=[gaussian_kl(0, 1, 2, 4)])
def variance_given_for_standard_deviation(number):
    """`gaussian_kl` wants the variance.

    You squared the 2 and gave 4 as the standard deviation. `gaussian_kl` takes standard deviations and squares them
    itself.
    """
    return number
