"""What students of section 5 are known to believe instead of the truth, in the grammar of checks.beliefs.

Rules compute in double precision. Beliefs without a rule are named by the checks themselves, from gradients or from
statistics.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax, xlogy

from autograder.checks.beliefs import misconception, truth, unknown
from autograder.checks.rules import Asked, Rule

Array = NDArray[np.float64]

CROSS_ENTROPY = "LossFunctions.cross_entropy_loss"
KL = "LossFunctions.kl_div_loss"
SMOOTHING = "LossFunctions.label_smoothing_loss"
LOSSES = (CROSS_ENTROPY, KL, SMOOTHING)
COMPONENTS = "ELBOAnalysis.compute_elbo_components"
LATENT = "ELBOAnalysis.analyze_latent_distribution"

ITEMS = {
    "example-5": LOSSES,
    "example-6": (COMPONENTS, LATENT),
    "exercise-5": ("smoothed_target", "optimal_gap", "minimum_loss", "decompose"),
}

BUILDS_ON = {
    SMOOTHING: (CROSS_ENTROPY, KL),
    "optimal_gap": ("smoothed_target",),
    "minimum_loss": ("smoothed_target",),
    "decompose": (CROSS_ENTROPY, KL, "smoothed_target"),
}

TOLERANCE = 1e-3
"""Of float32 answers against rules in double precision, and a thousandth of it where both are close to 0."""

_OVERFLOW = 88.0
"""Logits above this overflow in the exponential function of float32."""
_UNDERFLOW = 103.0
"""Probabilities below exp of minus this are 0 in float32."""


def _plain(argument: Any) -> Array:
    """Return a tensor as it was sent, or an array, in double precision."""
    return np.asarray(getattr(argument, "array", argument), dtype=np.float64)


# --- losses: truths ------------------------------------------------------------------------------------------------


def _hard(logits: Array, targets: Any) -> Array:
    return np.asarray(np.eye(logits.shape[-1])[_plain(targets).astype(int)])


def _soft(logits: Array, targets: Any, smoothing: float) -> Array:
    if smoothing > 1:
        raise ValueError("more than the whole mass")
    return (1 - smoothing) * _hard(logits, targets) + smoothing / logits.shape[-1]


def _cost(log_p: Array, target: Array) -> Array:
    """Return -sum_k q_k log p_k of each example in nats, shape (B,)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(-np.where(target == 0, 0.0, target * log_p).sum(axis=-1))


def _negative_entropy(target: Array) -> Array:
    return np.asarray(xlogy(target, target).sum(axis=-1))


@truth(of=CROSS_ENTROPY, tolerance=TOLERANCE)
def cross_entropy_loss(logits: Any, targets: Any) -> float:
    """Return the mean of -log p of the true class."""
    rows = _plain(logits)
    return float(_cost(log_softmax(rows, axis=-1), _hard(rows, targets)).mean())


@truth(of=KL, tolerance=TOLERANCE)
def kl_div_loss(logits: Any, target_dist: Any) -> float:
    """Return the mean of D(target || prediction)."""
    target = _plain(target_dist)
    return float((_negative_entropy(target) + _cost(log_softmax(_plain(logits), axis=-1), target)).mean())


@truth(of=SMOOTHING, tolerance=TOLERANCE)
def label_smoothing_loss(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    """Return the mean cross-entropy against the smoothed target."""
    rows = _plain(logits)
    return float(_cost(log_softmax(rows, axis=-1), _soft(rows, targets, smoothing)).mean())


def cross_entropy_slopes(logits: Any, targets: Any) -> list[dict[str, Array]]:
    """Return the gradient of the cross-entropy loss: (p - onehot) / B."""
    rows = _plain(logits)
    return [{"logits": (softmax(rows, axis=-1) - _hard(rows, targets)) / len(rows)}]


def kl_slopes(logits: Any, target_dist: Any) -> list[dict[str, Array]]:
    """Return the gradient of the mean divergence for targets that sum to 1: (p - q) / B."""
    rows = _plain(logits)
    return [{"logits": (softmax(rows, axis=-1) - _plain(target_dist)) / len(rows)}]


SLOPES = {CROSS_ENTROPY: cross_entropy_slopes, KL: kl_slopes}


# --- of all three losses -------------------------------------------------------------------------------------------


def _rows(call: Asked) -> Array:
    return _plain(call.arguments["logits"])


def _target(call: Asked) -> Array:
    """Return the target of each example, shape (B, K)."""
    _, target, *smoothing = call.arguments.values()
    if call.truth is kl_div_loss:
        return _plain(target)
    return _soft(_rows(call), target, *smoothing) if smoothing else _hard(_rows(call), target)


def _each(call: Asked, log_p: Array, zero_times: bool = False) -> Array:
    """Return the loss of each example with these log-probabilities.

    With `zero_times` a class with target 0 is multiplied out, so an infinite logarithm makes it NaN.
    """
    target = _target(call)
    cost = -(target * log_p).sum(axis=-1) if zero_times else _cost(log_p, target)
    return cost + _negative_entropy(target) if call.truth is kl_div_loss else cost


def with_log(log_of: Callable[[Array], Array]) -> Rule:
    """Return the rule with `log_of(logits)` instead of the log-probabilities."""
    return lambda call: float(_each(call, log_of(_rows(call))).mean())


@misconception("summed-over-the-batch", of=LOSSES)
def summed_over_the_batch(answer, logits):
    """The loss of a batch is the sum over its examples.

    The sum grows with the size of the batch, and so does the step of the optimiser. The contract wants the mean over
    the examples.
    """
    return answer * len(_plain(logits))


@misconception("averaged-over-classes", of=LOSSES)
def averaged_over_classes(answer, logits):
    """The loss is the mean over examples and classes.

    Sum the terms over the classes: that is the loss of one example. Average only over the examples.
    """
    return answer * (1 / _plain(logits).shape[1])


@misconception("not-averaged", of=LOSSES)
def not_averaged(call):
    """The loss of a batch is one number for each example.

    An optimiser needs one number. Average the losses of the examples.
    """
    return _each(call, log_softmax(_rows(call), axis=-1))


@misconception("bits-for-nats", of=LOSSES)
def bits_for_nats(answer):
    """Losses are measured in bits.

    Your number is right in bits, with the logarithm to base 2. The contract, like all of deep learning, wants nats: the
    natural logarithm.
    """
    return answer * (1 / math.log(2))


@misconception("decimal-logarithm", of=LOSSES)
def decimal_logarithm(answer):
    """Losses are measured with the logarithm to base 10.

    `log10` is for decibels. The contract, like all of deep learning, wants nats: the natural logarithm.
    """
    return answer * (1 / math.log(10))


@misconception("divided-by-log-classes", of=LOSSES)
def divided_by_log_classes(answer, logits):
    """The loss is a share of log K, its value for equal logits.

    A share of the largest entropy is a different quantity, and a loss may exceed log K. Leave it in nats.
    """
    classes = _plain(logits).shape[1]
    return answer / math.log(classes) if classes > 1 else math.nan


@misconception("largest-logit-for-the-normaliser", of=LOSSES, form=with_log)
def largest_logit_for_the_normaliser(rows):
    """The logarithm of the sum of exponentials is the largest logit.

    That is true only where one logit is far above all others. Subtracting the largest logit keeps the exponentials
    small, but you must still subtract the logarithm of their sum.
    """
    return rows - rows.max(axis=-1, keepdims=True)


@misconception("squared-difference", of=LOSSES)
def squared_difference(call):
    """The loss is the squared difference between prediction and target.

    That is the Brier score. It is bounded, so a confident wrong prediction costs hardly more than an unsure one. The
    contract asks for logarithms of the probabilities.
    """
    return float(((softmax(_rows(call), axis=-1) - _target(call)) ** 2).sum(axis=-1).mean())


@misconception("lost-minus", of=LOSSES)
def lost_minus(answer):
    """The loss is the sum of target times log-probability.

    Log-probabilities are never positive, and a loss should be smallest where the prediction is best: the sign is the
    wrong way round.
    """
    return -answer


@misconception("softmax-over-the-batch", of=LOSSES, form=with_log)
def softmax_over_the_batch(rows):
    """The softmax runs down the batch.

    Each row of logits is one prediction; its probabilities sum to 1 across the classes. Look at the axis.
    """
    return log_softmax(rows, axis=0)


@misconception("softmax-twice", of=LOSSES, form=with_log)
def softmax_twice(rows):
    """The loss wants probabilities instead of logits.

    Your logits pass through the softmax twice. A loss that takes logits does that step itself. Passing it probabilities
    flattens the prediction, and training stalls.
    """
    return log_softmax(softmax(rows, axis=-1), axis=-1)


@misconception("logits-for-log-probabilities", of=LOSSES, form=with_log)
def logits_for_log_probabilities(rows):
    """Logits are log-probabilities.

    Logits are log-probabilities up to a constant for each example, and that constant is missing. Normalise them first.
    """
    return rows


@misconception("probability-for-its-logarithm", of=LOSSES, form=with_log)
def probability_for_its_logarithm(rows):
    """The loss is minus the probability of the target.

    Between 0 and -1 the loss can hardly tell bad from very bad. The logarithm of the probability is missing.
    """
    return softmax(rows, axis=-1)


@misconception("sigmoid-for-softmax", of=LOSSES, form=with_log)
def sigmoid_for_softmax(rows):
    """Each logit has its own probability.

    The sigmoid is for classes that do not exclude each other. Here the probabilities of one example sum to 1: use
    softmax.
    """
    return np.log(expit(rows))


@misconception("softmax-then-log", of=LOSSES, zero_times=(False, True))
def softmax_then_log(call, zero_times):
    """The logarithm of the softmax can be taken in two steps.

    A probability below 1e-45 is 0 in float32, and its logarithm is infinite or NaN. Take the logarithm of the softmax
    in one step: the logit minus the logarithm of the sum of exponentials.
    """
    log_p = log_softmax(_rows(call), axis=-1)
    return float(_each(call, np.where(log_p < -_UNDERFLOW, -np.inf, log_p), zero_times).mean())


@misconception("exponential-overflows", of=CROSS_ENTROPY, zero_times=[False])
@misconception("exponential-overflows", of=(KL, SMOOTHING), zero_times=(False, True))
def exponential_overflows(call, zero_times):
    """exp(logit) can be computed as it stands.

    exp(89) is infinite in float32, and infinity divided by infinity is NaN. Only differences of logits matter, so you
    can compute the logarithm of the softmax without the exponential of a large number.
    """
    rows = _rows(call)
    powers = np.where(rows > _OVERFLOW, np.inf, np.where(rows < -_UNDERFLOW, 0.0, np.exp(np.minimum(rows, 700))))
    return float(_each(call, np.log(powers / powers.sum(axis=-1, keepdims=True)), zero_times).mean())


@misconception(
    "epsilon-in-the-logarithm", of=LOSSES, form=with_log, raised=(np.add, np.maximum), epsilon=unknown(like=1e-10)
)
def epsilon_in_the_logarithm(rows, raised, epsilon):
    """A small number added inside the logarithm, or a clamp, makes small probabilities harmless.

    For a confident wrong prediction, the loss then depends on the epsilon instead of the logits. Compute
    log-probabilities directly; they need no epsilon.
    """
    return np.log(raised(softmax(rows, axis=-1), epsilon))


@misconception("gradient-cut-off", of=LOSSES)
def gradient_cut_off():
    """A loss is a number, so Python floats or NumPy will do.

    `.item()`, `.detach()`, `.numpy()` and `torch.tensor(...)` cut the graph: the number is right, but nothing learns
    from it. Use tensors to the end.
    """


# --- of one loss ---------------------------------------------------------------------------------------------------


def _reversed(logits: Any, target_dist: Any, zero_times: bool = False) -> float:
    """Return D(p || q); with `zero_times` 0 log(0/0) is NaN, as when it is multiplied out."""
    log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
    p = np.exp(log_p)
    terms = p * (log_p - np.log(target))
    return float((terms if zero_times else np.where(p == 0, 0.0, terms)).sum(axis=-1).mean())


@misconception("most-likely-class", of=CROSS_ENTROPY)
def most_likely_class(logits):
    """The loss is the one of the class with the largest logit.

    What the network prefers says nothing about whether it is right. Take the log-probability of the *true* class.
    """
    return float(-log_softmax(_plain(logits), axis=-1).max(axis=-1).mean())


@misconception("first-example-only", of=CROSS_ENTROPY)
def first_example_only(logits, targets):
    """The loss of a batch is that of its first example.

    Every example of the batch counts. Pick one log-probability from each row.
    """
    return cross_entropy_loss(_plain(logits)[:1], _plain(targets)[:1])


@misconception("every-target-for-every-row", of=CROSS_ENTROPY)
def every_target_for_every_row(logits, targets):
    """Indexing with the targets picks one number from each row.

    `log_p[:, targets]` picks every target from every row, a square of B times B numbers. Row i goes with target i: use
    both indices, or `gather`.
    """
    log_p = log_softmax(_plain(logits), axis=-1)
    return float(-log_p[:, _plain(targets).astype(int)].mean())


@misconception("perplexity-for-loss", of=CROSS_ENTROPY)
def perplexity_for_loss(answer):
    """The loss is the exponential of the cross-entropy.

    That is the perplexity: the number of equally likely classes among which the network seems to guess. The loss itself
    is its logarithm.
    """
    return float(np.exp(answer))


@misconception("counted-from-one", of=CROSS_ENTROPY)
def counted_from_one(logits, targets):
    """Class 1 is the first.

    Classes are counted from 0, as indices are: do not subtract 1 from the targets.
    """
    return cross_entropy_loss(logits, (_plain(targets) - 1) % _plain(logits).shape[-1])


@misconception("median-for-mean", of=CROSS_ENTROPY)
def median_for_mean(logits, targets):
    """The loss of a batch is the median of its examples.

    The median ignores the worst examples, which have the most to teach. Take the mean.
    """
    rows = _plain(logits)
    return float(np.median(_cost(log_softmax(rows, axis=-1), _hard(rows, targets))))


@misconception("other-classes-only", of=CROSS_ENTROPY)
def other_classes_only(logits, targets):
    """The loss is the sum over the classes that are not true.

    For a one-hot target only the term of the *true* class has a weight other than 0. Look at your mask.
    """
    rows = _plain(logits)
    return float(_cost(log_softmax(rows, axis=-1), 1 - _hard(rows, targets)).mean())


@misconception("binary-cross-entropy", of=CROSS_ENTROPY)
def binary_cross_entropy(logits, targets):
    """A classifier of K classes is K yes/no questions.

    That is the loss for labels that do not exclude each other. For one true class out of K, the probabilities come from
    a softmax, and only the log-probability of that class counts.
    """
    rows = _plain(logits)
    p, hard = expit(rows), _hard(rows, targets)
    return float(np.where(hard == 1, -np.log(p), np.minimum(-np.log1p(-p), 1e4)).mean())


@misconception("terms-cut-at-zero", of=KL)
def terms_cut_at_zero(logits, target_dist):
    """No term of a divergence is negative.

    Only the sum is never negative: where the target is below the prediction, its term is below 0.
    """
    log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
    return float(np.maximum(xlogy(target, target) - target * log_p, 0.0).sum(axis=-1).mean())


@misconception("mean-times-batch", of=KL)
def mean_times_batch(answer, logits):
    """The mean over all elements times the number of examples is the sum over classes.

    A mean over B K elements is divided by both. Which of the two must be undone for a mean over examples?
    """
    examples, classes = _plain(logits).shape
    return answer * examples / classes


@misconception("direction-reversed", of=KL, zero_times=(False, True))
def direction_reversed(logits, target_dist, zero_times):
    """D(prediction || target) is the same as D(target || prediction).

    The divergence is not symmetric. The target comes first: it gives the weights of the average.
    """
    return _reversed(logits, target_dist, zero_times)


@misconception("both-directions-added", of=KL)
def both_directions_added(answer, logits, target_dist):
    """The divergence is the sum of both directions.

    That is a different, symmetric measure (Jeffreys). The contract asks only for the direction from the target.
    """
    return answer + _reversed(logits, target_dist)


@misconception("jensen-shannon", of=KL)
def jensen_shannon(logits, target_dist):
    """The divergence is measured from the mixture of both distributions.

    That is the Jensen-Shannon divergence. It is bounded; this loss is not.
    """
    p, target = softmax(_plain(logits), axis=-1), _plain(target_dist)
    middle = 0.5 * (p + target)
    halves = [xlogy(one, one) - xlogy(one, middle) for one in (p, target)]
    return float(0.5 * (halves[0] + halves[1]).sum(axis=-1).mean())


@misconception("entropy-left-out", of=KL)
def entropy_left_out(logits, target_dist):
    """The divergence is the cross-entropy.

    The cross-entropy is the divergence plus the entropy of the target, so yours is not 0 where prediction and target
    agree. The gradients are the same, but the number is not.
    """
    return float(_cost(log_softmax(_plain(logits), axis=-1), _plain(target_dist)).mean())


@misconception("zero-times-infinity", of=KL)
def zero_times_infinity(answer, target_dist):
    """q log q can be computed as it stands where q = 0.

    0 times minus infinity is NaN for a computer. A class that the target rules out adds 0.
    """
    return math.nan if (_plain(target_dist) == 0).any() else answer


@misconception("uniform-weights", of=KL)
def uniform_weights(logits, target_dist):
    """All classes count equally in the divergence.

    The divergence is an average *under the target*: each logarithm has the weight that the target gives its class. A
    mean over the classes gives all of them the same weight.
    """
    log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
    return float((np.log(target) - log_p).mean(axis=-1).mean())


@misconception("weights-left-out", of=KL)
def weights_left_out(logits, target_dist):
    """The divergence is the sum of the logarithms of the ratios.

    The divergence is an average under the target: multiply each logarithm by the target's probability of its class.
    """
    log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
    return float((np.log(target) - log_p).sum(axis=-1).mean())


@misconception("target-made-hard", of=KL)
def target_made_hard(logits, target_dist):
    """Only the most likely class of a target counts.

    The target is a whole distribution. All its classes have a term, weighted by their probabilities.
    """
    return cross_entropy_loss(logits, _plain(target_dist).argmax(axis=-1))


@misconception("first-target-for-all", of=KL)
def first_target_for_all(logits, target_dist):
    """One target will do for the whole batch.

    Each example has its own target: row i of the logits goes with row i of the targets.
    """
    return kl_div_loss(logits, np.broadcast_to(_plain(target_dist)[:1], _plain(logits).shape))


@misconception("first-example-only", of=KL)
def first_example_only_of_kl(logits, target_dist):
    """The loss of a batch is that of its first example.

    Every example of the batch counts. Average over all rows.
    """
    return kl_div_loss(_plain(logits)[:1], _plain(target_dist)[:1])


@misconception("absolute-terms", of=KL)
def absolute_terms(logits, target_dist):
    """Every term of the divergence is positive.

    A term is negative where the prediction gives a class more than the target does. Only the sum is never negative;
    keep the signs.
    """
    target, log_p = _plain(target_dist), log_softmax(_plain(logits), axis=-1)
    return float(np.abs(xlogy(target, target) - np.where(target == 0, 0.0, target * log_p)).sum(axis=-1).mean())


@misconception("target-through-softmax", of=KL)
def target_through_softmax(logits, target_dist):
    """The target is given as logits too.

    The target is already a distribution. A softmax turns it into a different, flatter one.
    """
    return kl_div_loss(logits, softmax(_plain(target_dist), axis=-1))


@misconception("epsilon-in-the-logarithm", of=KL, epsilon=unknown(like=1e-10))
def epsilon_in_the_logarithm_of_kl(logits, target_dist, epsilon):
    """A small number added inside the logarithms makes zeros harmless.

    For a confident wrong prediction, the loss then depends on the epsilon instead of the logits. Leave out the terms
    with q = 0, and compute log-probabilities directly.
    """
    target, p = _plain(target_dist), softmax(_plain(logits), axis=-1)
    return float((target * np.log((target + epsilon) / (p + epsilon))).sum(axis=-1).mean())


def of_target(target_of: Callable[[Array, Any, float], Array]) -> Rule:
    """Return the rule with another target, `target_of(rows, targets, smoothing)`."""

    def rule(logits: Any, targets: Any, smoothing: float) -> float:
        if smoothing > 1:
            raise ValueError("more than the whole mass")
        rows = _plain(logits)
        return float(_cost(log_softmax(rows, axis=-1), target_of(rows, targets, smoothing)).mean())

    return rule


@misconception("labels-exchanged-at-random", of=SMOOTHING)
def labels_exchanged_at_random():
    """Label smoothing exchanges labels at random.

    Your loss differs from call to call. Smoothing is not noise: it puts the whole target distribution into the loss,
    which is what noise would give on average.
    """


@misconception("epsilon-to-the-others-only", of=SMOOTHING, form=of_target)
def epsilon_to_the_others_only(rows, targets, smoothing):
    """eps is shared by the K - 1 other classes: each gets eps/(K-1).

    That is a different convention with a different minimum. Here, as in torch, eps is spread over all K classes, the
    true one included.
    """
    hard = _hard(rows, targets)
    return (1 - smoothing) * hard + smoothing / (rows.shape[-1] - 1) * (1 - hard)


@misconception("target-does-not-sum-to-one", of=SMOOTHING, form=of_target)
def target_does_not_sum_to_one(rows, targets, smoothing):
    """The true class gets 1 - eps, and every other one gets eps/K.

    Add up your target: eps/K is missing. All K classes get eps/K, so the true one gets 1 - eps + eps/K.
    """
    hard = _hard(rows, targets)
    return (1 - smoothing) * hard + smoothing / rows.shape[-1] * (1 - hard)


@misconception("smoothing-ignored", of=SMOOTHING, form=of_target)
def smoothing_ignored(rows, targets, _smoothing):
    """`smoothing` need not be used.

    Your loss is the plain cross-entropy, whatever `smoothing` says.
    """
    return _hard(rows, targets)


@misconception("share-by-batch-size", of=SMOOTHING, form=of_target)
def share_by_batch_size(rows, targets, smoothing):
    """eps is divided by the number of examples.

    Divide the mass eps among the K classes. `len(logits)` is the number of examples.
    """
    return (1 - smoothing) * _hard(rows, targets) + smoothing / len(rows)


@misconception("counted-from-one", of=SMOOTHING, form=of_target)
def counted_from_one_of_smoothing(rows, targets, smoothing):
    """Class 1 is the first.

    Classes are counted from 0, as indices are: do not subtract 1 from the targets.
    """
    return _soft(rows, (_plain(targets) - 1) % rows.shape[-1], smoothing)


@misconception("first-example-only", of=SMOOTHING)
def first_example_only_of_smoothing(logits, targets, smoothing):
    """The loss of a batch is that of its first example.

    Every example of the batch counts. Average over all rows.
    """
    return label_smoothing_loss(_plain(logits)[:1], _plain(targets)[:1], smoothing)


@misconception("uniform-part-summed", of=SMOOTHING)
def uniform_part_summed(logits, targets, smoothing):
    """The uniform part is the sum over the batch.

    Both parts are means over the examples. One of yours grows with the batch.
    """
    if smoothing > 1:
        raise ValueError
    rows = _plain(logits)
    of_all = -log_softmax(rows, axis=-1).sum()
    return (1 - smoothing) * cross_entropy_loss(rows, targets) + smoothing / rows.shape[-1] * float(of_all)


@misconception("uniform-part-only", of=SMOOTHING, form=of_target)
def uniform_part_only(rows, _targets, smoothing):
    """Every target is uniform.

    Your target does not depend on the true class, so there is nothing to learn from it.
    """
    return np.full(rows.shape, 1 / rows.shape[-1])


@misconception("divergence-reversed", of=SMOOTHING)
def divergence_reversed(logits, targets, smoothing):
    """The uniform part is D(p || u).

    In a cross-entropy the target comes first: the extra term is D(u || p), plus log K.
    """
    if smoothing > 1:
        raise ValueError
    log_p = log_softmax(_plain(logits), axis=-1)
    reverse = (np.exp(log_p) * log_p).sum(axis=-1).mean() + math.log(log_p.shape[-1])
    return (1 - smoothing) * cross_entropy_loss(logits, targets) + smoothing * float(reverse)


@misconception("weights-swapped", of=SMOOTHING, form=of_target)
def weights_swapped(rows, targets, smoothing):
    """eps is the weight of the true class.

    eps is the small part that is taken from the true class and spread over all classes; 1 - eps stays.
    """
    return smoothing * _hard(rows, targets) + (1 - smoothing) / rows.shape[-1]


@misconception("nothing-taken-away", of=SMOOTHING, form=of_target)
def nothing_taken_away(rows, targets, smoothing):
    """The uniform part is added to the full cross-entropy.

    Your target sums to 1 + eps. Take what you spread over all classes from the true one.
    """
    return _hard(rows, targets) + smoothing / rows.shape[-1]


@misconception("share-not-divided", of=SMOOTHING, form=of_target)
def share_not_divided(rows, targets, smoothing):
    """Every class gets eps.

    Your target sums to more than 1: divide the mass eps among the K classes. The uniform part is a *mean* over the
    classes, not a sum.
    """
    return (1 - smoothing) * _hard(rows, targets) + smoothing


@misconception("uniform-part-left-out", of=SMOOTHING, form=of_target)
def uniform_part_left_out(rows, targets, smoothing):
    """Smoothing scales the loss of the true class by 1 - eps.

    A factor alone does not move the minimum. The mass that is taken away goes to all classes and adds its own term.
    """
    return (1 - smoothing) * _hard(rows, targets)


@misconception("smoothing-above-one-accepted", of=SMOOTHING)
def smoothing_above_one_accepted(logits, targets, smoothing):
    """Any number may be given as `smoothing`.

    Above 1 the target would have negative entries, and the loss would have no lower bound. Raise an error.
    """
    rows = _plain(logits)
    target = (1 - smoothing) * _hard(rows, targets) + smoothing / rows.shape[-1]
    return float(_cost(log_softmax(rows, axis=-1), target).mean())


@misconception("smoothing-above-one-capped", of=SMOOTHING)
def smoothing_above_one_capped(call, smoothing):
    """Anything above 1 means 1.

    A `smoothing` above 1 is a mistake by the caller, who should be told. Raise an error.
    """
    return call.right(smoothing=min(smoothing, 1.0))


@misconception("smoothing-fixed", of=SMOOTHING)
def smoothing_fixed(call, smoothing):
    """`smoothing` is always 0.1.

    The default is right, but the argument has no influence on your answer.
    """
    return call.right(smoothing=0.1 if smoothing <= 1 else smoothing)


@misconception("no-smoothing-by-default", of=SMOOTHING)
def no_smoothing_by_default(call, smoothing=0.0):
    """Without `smoothing` there is none.

    When `smoothing` is given, you are right. Without it, the contract says 0.1: look at the default.
    """
    return call.right(smoothing=smoothing)


@misconception("another-default", of=SMOOTHING)
def another_default(call, smoothing=0.2):
    """Without `smoothing` it is 0.2.

    When `smoothing` is given, you are right. Without it, the contract says 0.1: look at the default.
    """
    return call.right(smoothing=smoothing)


@misconception("divergence-for-cross-entropy", of=SMOOTHING)
def divergence_for_cross_entropy(logits, targets, smoothing):
    """The smoothed loss is the divergence from the smoothed target.

    The gradient is the same, but the loss is a cross-entropy: its minimum is the entropy of the smoothed target and not
    0.
    """
    return kl_div_loss(logits, _soft(_plain(logits), targets, smoothing))


@misconception("constant-left-out", of=SMOOTHING)
def constant_left_out(answer, logits, smoothing):
    """The uniform part is D(u || p).

    Almost: the cross-entropy against the uniform distribution is D(u || p) plus log K, and eps log K is missing from
    your loss.
    """
    return answer - smoothing * math.log(_plain(logits).shape[-1])


@misconception("entropy-reward", of=SMOOTHING)
def entropy_reward(logits, targets, smoothing):
    """Label smoothing rewards predictions of high entropy.

    That is the confidence penalty, which contains D(p || u). Label smoothing changes the target, and its extra term is
    D(u || p).
    """
    if smoothing > 1:
        raise ValueError
    log_p = log_softmax(_plain(logits), axis=-1)
    entropy = -(np.exp(log_p) * log_p).sum(axis=-1)
    return cross_entropy_loss(logits, targets) - smoothing * float(entropy.mean())


@misconception("prediction-smoothed", of=SMOOTHING)
def prediction_smoothed(logits, targets, smoothing):
    """The prediction is mixed with the uniform distribution.

    Smoothing changes the *target*. Mixing the prediction bounds the loss and leaves its minimum at full confidence.
    """
    rows = _plain(logits)
    hard = _hard(rows, targets)
    p = (softmax(rows, axis=-1) * hard).sum(axis=-1)
    if smoothing > 1:
        raise ValueError
    return float(-np.log((1 - smoothing) * p + smoothing / rows.shape[-1]).mean())


# --- evidence lower bound ------------------------------------------------------------------------------------------


def _parts(reconstruction: float, kl: float, bound: float | None = None) -> dict[str, float]:
    elbo = reconstruction - kl if bound is None else bound
    return {
        "reconstruction": reconstruction,
        "kl_divergence": kl,
        "elbo": elbo,
        "log_marginal_lower_bound": elbo,
    }


def _in_a_row(x: Any) -> Array:
    """Return the pixels of every example in a row, shape (B, D)."""
    pixels = _plain(x)
    return pixels.reshape(len(pixels), -1)


def _log_likelihood(x: Any, x_recon: Any) -> Array:
    """Return the log-likelihood of every pixel in nats, shape (B, D)."""
    pixels, means = _in_a_row(x), _plain(x_recon)
    return np.asarray(xlogy(pixels, means) + xlogy(1 - pixels, 1 - means))


def _divergences(mu: Any, logvar: Any) -> Array:
    """Return the divergence of every dimension in nats, shape (B, J)."""
    centre, log_variance = _plain(mu), _plain(logvar)
    return np.asarray(0.5 * (centre**2 + np.exp(log_variance) - 1 - log_variance))


def _sum_per_example(terms: Array) -> float:
    return float(terms.sum(axis=1).mean())


@truth(of=COMPONENTS, tolerance=TOLERANCE)
def compute_elbo_components(
    x: Any, x_recon: Any, mu: Any, logvar: Any, n_samples: int = 1000, decoder: Any = None
) -> dict[str, float]:
    """Return the parts of the bound, without `reconstruction_mc` if there is a decoder, since that number is random."""
    if n_samples < 1:
        raise ValueError("no samples")
    parts = _parts(_sum_per_example(_log_likelihood(x, x_recon)), _sum_per_example(_divergences(mu, logvar)))
    return parts | ({"reconstruction_mc": math.nan} if decoder is None else {})


def both(formula: Callable[[Any, Any, Any, Any], tuple[float, float]]) -> Rule:
    """Return the rule with other parts, which `formula(x, x_recon, mu, logvar)` gives."""
    return lambda answer, x, x_recon, mu, logvar: answer | _parts(*map(float, formula(x, x_recon, mu, logvar)))


def reconstruction(formula: Callable[[Any, Any], float]) -> Rule:
    """Return the rule with another reconstruction term, `formula(x, y)` of the example and its reconstruction."""
    return lambda answer, x, x_recon: answer | _parts(float(formula(x, x_recon)), answer["kl_divergence"])


def divergence(formula: Callable[[Any, Any], float]) -> Rule:
    """Return the rule with another divergence, `formula(mu, logvar)`."""
    return lambda answer, mu, logvar: answer | _parts(answer["reconstruction"], float(formula(mu, logvar)))


def per_dimension(formula: Callable[[Array, Array], Array]) -> Rule:
    """Return the rule with another divergence of every dimension, `formula(mu, logvar)`."""
    return divergence(lambda mu, logvar: _sum_per_example(formula(_plain(mu), _plain(logvar))))


def bound(formula: Callable[[float, float], float]) -> Rule:
    """Return the rule with another bound, `formula(r, kl)`."""

    def rule(answer: dict[str, float]) -> dict[str, float]:
        r, kl = answer["reconstruction"], answer["kl_divergence"]
        return answer | _parts(r, kl, formula(r, kl))

    return rule


def _from_estimate(answer: dict[str, float], decoder: Any, *keys: str) -> dict[str, float]:
    """Return an answer with a bound from the estimate: under `keys` NaN without a decoder, random with one."""
    if decoder is None:
        return answer | dict.fromkeys(keys, math.nan)
    return {key: part for key, part in answer.items() if key not in keys}


@misconception("loss-for-likelihood", of=COMPONENTS, form=reconstruction)
def cross_entropy_for_likelihood(x, y):
    """The reconstruction term is the binary cross-entropy.

    The bound is on a log-likelihood, which is minus the cross-entropy: a good reconstruction has a large value.
    """
    return -_sum_per_example(_log_likelihood(x, y))


@misconception("loss-for-likelihood", of=COMPONENTS)
def loss_for_bound(answer):
    """The bound is the loss, cross-entropy plus divergence.

    The loss is minus the bound. The contract wants the bound: log-likelihood minus divergence.
    """
    r, kl = answer["reconstruction"], answer["kl_divergence"]
    return answer | _parts(-r, kl, kl - r)


@misconception("summed-over-the-batch", of=COMPONENTS, form=reconstruction)
def reconstruction_summed_over_the_batch(x, y):
    """The reconstruction term is the sum over the batch.

    Every part is a mean over the examples, so that batches of different sizes can be compared.
    """
    return _log_likelihood(x, y).sum()


@misconception("summed-over-the-batch", of=COMPONENTS, form=divergence)
def divergence_summed_over_the_batch(mu, logvar):
    """The divergence is the sum over the batch.

    Every part is a mean over the examples, so that batches of different sizes can be compared.
    """
    return _divergences(mu, logvar).sum()


@misconception("summed-over-the-batch", of=COMPONENTS, form=both)
def both_summed_over_the_batch(x, y, mu, logvar):
    """Both parts are sums over the batch.

    Every part is a mean over the examples, so that batches of different sizes can be compared.
    """
    return _log_likelihood(x, y).sum(), _divergences(mu, logvar).sum()


@misconception("averaged-over-pixels", of=COMPONENTS, form=reconstruction)
def averaged_over_pixels(x, y):
    """The reconstruction term is a mean over the pixels.

    A log-likelihood is summed over the pixels. With a mean, the divergence counts D times too much in comparison: that
    is a different objective, with beta = D.
    """
    return _log_likelihood(x, y).mean()


@misconception("averaged-over-dimensions", of=COMPONENTS, form=divergence)
def averaged_over_dimensions(mu, logvar):
    """The divergence is a mean over the latent dimensions.

    The divergence of independent dimensions is their sum. A mean weakens it by the number of dimensions.
    """
    return _divergences(mu, logvar).mean()


@misconception("averaged-over-everything", of=COMPONENTS, form=both)
def averaged_over_everything(x, y, mu, logvar):
    """Both parts are means over all elements.

    Sum the terms over pixels and over dimensions; average only over examples.
    """
    return _log_likelihood(x, y).mean(), _divergences(mu, logvar).mean()


@misconception("missing-half", of=COMPONENTS, form=per_dimension)
def missing_half(mu, logvar):
    """The divergence is the sum of mu^2 + sigma^2 - 1 - log sigma^2.

    Put mu = 1, sigma = 1 into the formula for two Gaussians: it gives 1/2. A factor is missing.
    """
    return mu**2 + np.exp(logvar) - 1 - logvar


@misconception("divergence-negative", of=COMPONENTS, form=divergence)
def divergence_negative(mu, logvar):
    """The divergence is half the sum of 1 + log sigma^2 - mu^2 - sigma^2.

    A divergence is never negative. The formula has a minus sign in front.
    """
    return -_sum_per_example(_divergences(mu, logvar))


@misconception("divergence-negative", of=COMPONENTS)
def divergence_negative_and_added(answer):
    """The divergence is negative, and is added in the bound.

    The bound comes out right, but what you call the divergence is minus it. A divergence is never negative.
    """
    r, kl = answer["reconstruction"], answer["kl_divergence"]
    return answer | _parts(r, -kl, r - kl)


@misconception("direction-reversed", of=COMPONENTS, form=per_dimension)
def direction_reversed_of_the_bound(mu, logvar):
    """D(p(z) || q(z|x)) is the same as D(q(z|x) || p(z)).

    The divergence is not symmetric. For posteriors that are not as wide as the prior, the numbers differ a lot. The
    posterior comes first.
    """
    return 0.5 * (logvar + (1 + mu**2) / np.exp(logvar) - 1)


@misconception("logvar-for-sigma", of=COMPONENTS, form=per_dimension)
def logvar_for_sigma(mu, logvar):
    """`logvar` is the standard deviation.

    `logvar` is the logarithm of the variance. It may be negative, and a width may not.
    """
    return 0.5 * (mu**2 + logvar**2 - 1 - np.log(np.maximum(logvar**2, 1e-300)))


@misconception("logvar-for-log-sigma", of=COMPONENTS, form=per_dimension)
def logvar_for_log_sigma(mu, logvar):
    """`logvar` is the logarithm of the standard deviation.

    exp(logvar) is the variance, not the standard deviation. Where do you square it once more?
    """
    return 0.5 * (mu**2 + np.exp(2 * logvar) - 1 - 2 * logvar)


@misconception("mean-not-squared", of=COMPONENTS, form=per_dimension)
def size_of_the_mean(mu, logvar):
    """The divergence grows with the size of mu.

    At twice the distance from the prior the divergence is four times as large. Look at the power of mu.
    """
    return 0.5 * (np.abs(mu) + np.exp(logvar) - 1 - logvar)


@misconception("minus-one-left-out", of=COMPONENTS, form=per_dimension)
def minus_one_left_out(mu, logvar):
    """The divergence is half the sum of mu^2 + sigma^2 - log sigma^2.

    Put the prior itself in, mu = 0 and sigma = 1: the divergence must be 0.
    """
    return 0.5 * (mu**2 + np.exp(logvar) - logvar)


@misconception("sign-of-logvar", of=COMPONENTS, form=per_dimension)
def sign_of_logvar(mu, logvar):
    """log sigma^2 is added in the divergence.

    A narrow posterior is far from the prior too: as sigma goes to 0 the divergence grows without limit. Look at the
    sign of `logvar`.
    """
    return 0.5 * (mu**2 + np.exp(logvar) - 1 + logvar)


@misconception("width-for-variance", of=COMPONENTS, form=per_dimension)
def width_for_variance(mu, logvar):
    """The divergence contains sigma, not its square.

    The divergence of two Gaussians contains the variance, exp(logvar).
    """
    return 0.5 * (mu**2 + np.exp(0.5 * logvar) - 1 - logvar)


@misconception("first-example-only", of=COMPONENTS, form=both)
def first_example_only_of_the_bound(x, y, mu, logvar):
    """The parts are those of the first example.

    Every example of the batch counts. Sum over pixels and dimensions, then average over the rows.
    """
    return _log_likelihood(x, y)[0].sum(), _divergences(mu, logvar)[0].sum()


@misconception("mean-not-squared", of=COMPONENTS, form=per_dimension)
def mean_not_squared(mu, logvar):
    """The divergence grows with mu, not with its square.

    Posteriors at mu = 3 and at mu = -3 are equally far from the prior. Look at the power of mu.
    """
    return 0.5 * (mu + np.exp(logvar) - 1 - logvar)


@misconception("mean-left-out", of=COMPONENTS, form=per_dimension)
def mean_left_out(mu, logvar):
    """The divergence depends on the width only.

    A posterior that is as wide as the prior but has another mean carries information too. The term with mu is missing.
    """
    return 0.5 * (np.exp(logvar) - 1 - logvar)


@misconception("divergence-added", of=COMPONENTS, form=bound)
def divergence_added(r, kl):
    """The bound is the sum of both parts.

    The divergence is subtracted: the further the posterior is from the prior, the lower the bound.
    """
    return r + kl


@misconception("bound-negated", of=COMPONENTS, form=bound)
def bound_negated(r, kl):
    """The bound is minus minus the loss.

    Your `elbo` is minus the bound, that is, the loss. The contract asks for the bound itself.
    """
    return kl - r


@misconception("bits-for-nats", of=COMPONENTS)
def parts_in_bits(answer):
    """The parts are measured in bits.

    Your numbers are right in bits, with the logarithm to base 2. The contract wants nats.
    """
    return {name: part / math.log(2) for name, part in answer.items()}


@misconception("squared-error", of=COMPONENTS, form=reconstruction)
def squared_error(x, x_recon):
    """The reconstruction term is minus the squared error.

    A squared error is the log-likelihood of a Gaussian pixel, up to scale and constant. Here pixels are Bernoulli
    variables: use the binary cross-entropy.
    """
    return -((_in_a_row(x) - _plain(x_recon)) ** 2).sum(axis=1).mean()


@misconception("absolute-error", of=COMPONENTS, form=reconstruction)
def absolute_error(x, x_recon):
    """The reconstruction term is minus the sum of absolute differences.

    An absolute difference is the log-likelihood of a Laplace pixel, up to scale and constant. Here pixels are Bernoulli
    variables: use the binary cross-entropy.
    """
    return -np.abs(_in_a_row(x) - _plain(x_recon)).sum(axis=1).mean()


@misconception("probabilities-for-logits", of=COMPONENTS, form=reconstruction)
def probabilities_for_logits(x, x_recon):
    """A reconstruction is given as logits.

    `x_recon` holds probabilities. A loss "with logits" applies another sigmoid, so they all end up between 0.5 and
    0.73.
    """
    return _sum_per_example(_log_likelihood(x, expit(_plain(x_recon))))


@misconception("pixels-rounded", of=COMPONENTS, form=reconstruction)
def pixels_rounded(x, x_recon):
    """A pixel is black or white.

    Grey pixels are allowed: log y has the weight x, and log(1 - y) has the weight 1 - x.
    """
    return _sum_per_example(_log_likelihood(np.round(_in_a_row(x)), x_recon))


@misconception("likelihood-for-bound", of=COMPONENTS)
def likelihood_for_bound(answer):
    """The reconstruction term is a bound on the evidence.

    The reconstruction term alone is not a bound. The bound is your `elbo`; both keys hold the same number.
    """
    return answer | {"log_marginal_lower_bound": answer["reconstruction"]}


@misconception("divergence-given-back", of=COMPONENTS)
def divergence_given_back(answer):
    """The bound on the evidence is `elbo` plus the divergence.

    The gap between bound and evidence is the divergence from the *true* posterior, which is unknown. Both keys hold the
    same number.
    """
    return answer | {"log_marginal_lower_bound": answer["elbo"] + answer["kl_divergence"]}


@misconception("bound-from-the-estimate", of=COMPONENTS)
def lower_bound_from_the_estimate(answer, decoder):
    """The bound is made from the Monte Carlo estimate.

    `elbo` is `reconstruction` minus `kl_divergence`, with or without a decoder. The estimate is only there for
    comparison.
    """
    return _from_estimate(answer, decoder, "log_marginal_lower_bound")


@misconception("bound-from-the-estimate", of=COMPONENTS)
def both_bounds_from_the_estimate(answer, decoder):
    """The bound is made from the Monte Carlo estimate, under both names.

    `elbo` is `reconstruction` minus `kl_divergence`, with or without a decoder. The estimate is only there for
    comparison.
    """
    return _from_estimate(answer, decoder, "elbo", "log_marginal_lower_bound")


@misconception("white-pixels-only", of=COMPONENTS, form=reconstruction)
def white_pixels_only(x, x_recon):
    """The log-likelihood is the sum of x log y.

    A black pixel has a likelihood too, 1 - y. Without that term, a decoder that paints everything white would be best.
    """
    return _sum_per_example(np.asarray(xlogy(_in_a_row(x), _plain(x_recon))))


@misconception("estimate-without-decoder", of=COMPONENTS)
def copy_without_decoder(answer, decoder):
    """Without a decoder `reconstruction_mc` is the reconstruction term.

    A copy of another number checks nothing. Without samples, return NaN.
    """
    return answer | {"reconstruction_mc": answer["reconstruction"]} if decoder is None else answer


@misconception("estimate-without-decoder", of=COMPONENTS)
def zero_without_decoder(answer, decoder):
    """Without a decoder `reconstruction_mc` is 0.

    0 is a log-likelihood: that of a perfect reconstruction. Without samples, return NaN.
    """
    return answer | {"reconstruction_mc": 0.0} if decoder is None else answer


@misconception("no-samples-accepted", of=COMPONENTS)
def no_samples_accepted(call):
    """Any `n_samples` will do.

    An average over no samples does not exist. Refuse anything less than 1, with or without a decoder.
    """
    return call.right(n_samples=1)


@misconception("another-exception", of=COMPONENTS)
def failed_assertion(call, n_samples):
    """Any exception says that `n_samples` is too small.

    A caller may want to catch the error: raise a ValueError, as the contract says.
    """
    if n_samples < 1:
        raise AssertionError
    return call.right()


@misconception("another-exception", of=COMPONENTS)
def type_error(call, n_samples):
    """An `n_samples` of 0 is of the wrong type.

    The type is right, but the value is not: raise a ValueError, as the contract says.
    """
    if n_samples < 1:
        raise TypeError
    return call.right()


@misconception("copy-of-the-reconstruction", of=COMPONENTS)
def copy_of_the_reconstruction():
    """`reconstruction_mc` is the reconstruction term again.

    That compares a number with itself. Draw z from the posterior, decode it, and compare the result with x.
    """


@misconception("decoder-at-the-mean", of=COMPONENTS)
def decoder_at_the_mean():
    """Decoding mu is as good as decoding samples.

    The mean of a function is not the function of the mean: for a log-likelihood the latter is too large. Decode every
    sample.
    """


@misconception("sigma-ignored", of=COMPONENTS)
def sigma_ignored():
    """The noise is added with width 1.

    z = mu + sigma times noise, and each dimension has its own width.
    """


@misconception("precision-for-variance", of=COMPONENTS)
def precision_for_variance():
    """sigma is exp(-logvar / 2).

    Narrow posteriors become wide and wide ones narrow. sigma grows with `logvar`.
    """


@misconception("samples-from-the-prior", of=COMPONENTS)
def samples_from_the_prior():
    """z is drawn from the prior.

    The expectation is over the posterior q(z|x) of each example: centred at its mu, and as wide as its sigma.
    """


@misconception("elbo-for-expectation", of=COMPONENTS)
def elbo_for_expectation():
    """`reconstruction_mc` is an estimate of the whole bound.

    The divergence is known exactly and needs no samples. Estimate only the reconstruction term.
    """


@misconception("summed-over-samples", of=COMPONENTS)
def summed_over_samples():
    """The terms of all samples are summed.

    An expectation is estimated by an average: divide by the number of samples.
    """


@misconception("bits-for-nats", of=COMPONENTS)
def estimate_in_bits():
    """The estimate is measured in bits.

    Your number is right in bits, with the logarithm to base 2. The contract wants nats.
    """


@misconception("no-fresh-samples", of=COMPONENTS)
def no_fresh_samples():
    """The noise may be the same in every call.

    A seed set inside the function, or no noise at all, gives the same number each time, so its error can't be seen.
    Draw new noise from torch's global generator in each call.
    """


@misconception("other-number-of-draws", of=COMPONENTS)
def other_number_of_draws():
    """The number of draws may differ from `n_samples`.

    The error of an average over n draws falls as 1/sqrt(n). Yours does not. How many draws do you make for 1, for 16
    and for 600?
    """


@misconception("draws-shared-by-the-batch", of=COMPONENTS)
def draws_shared_by_the_batch():
    """The examples of a batch may share samples.

    Each example needs its own `n_samples` draws, with its own noise. Then the errors of the examples are independent,
    and their mean is more accurate for a larger batch.
    """


@misconception("another-default", of=COMPONENTS)
def another_default_of_the_bound():
    """Without `n_samples` a different number of samples is drawn.

    When `n_samples` is given, you are right. Without it, the contract says 1000: look at the default.
    """


@misconception("compared-with-the-reconstruction", of=COMPONENTS)
def compared_with_the_reconstruction():
    """Decoded samples are compared with the reconstruction.

    The contract asks for the log-likelihood of the *example*: compare with `x`. The estimate does not use `x_recon`.
    """


@misconception("noise-not-normal", of=COMPONENTS)
def noise_not_normal():
    """The noise lies between 0 and 1.

    `rand` draws uniformly between 0 and 1. The posterior is Gaussian: its noise is normal, with mean 0 and variance 1.
    """


@misconception("averaged-before-the-logarithm", of=COMPONENTS)
def averaged_before_the_logarithm():
    """The estimate is the logarithm of the average likelihood.

    By Jensen's inequality that is larger, and it estimates something else. Take the logarithm of each sample first,
    then average.
    """


@misconception("pixels-averaged-first", of=COMPONENTS)
def pixels_averaged_first():
    """Decoded samples are averaged, and the average is compared with x.

    The average image has a different likelihood, which is larger by Jensen's inequality. Compare each decoded sample
    with x, then average.
    """


# --- statistics of the posterior -----------------------------------------------------------------------------------


def _statistics(mu: Array, sigma: Array, spread: Callable[[Array], float] | None = None) -> dict[str, Any]:
    spread = spread or (lambda values: float(values.std(ddof=1)))
    return {
        "mean_mu": float(mu.mean()),
        "std_mu": spread(mu),
        "mean_sigma": float(sigma.mean()),
        "std_sigma": spread(sigma),
        "min_sigma": float(sigma.min()),
        "max_sigma": float(sigma.max()),
    }


@truth(of=LATENT, tolerance=TOLERANCE)
def analyze_latent_distribution(mu: Any, logvar: Any) -> dict[str, Any]:
    """Return the statistics of mu and sigma over all their elements."""
    return _statistics(_plain(mu), np.exp(0.5 * _plain(logvar)))


def with_sigma(sigma_of: Callable[[Array], Array]) -> Rule:
    """Return the rule with another sigma, `sigma_of(logvar)`."""
    return lambda mu, logvar: _statistics(_plain(mu), sigma_of(_plain(logvar)))


def with_spread(spread: Callable[[Array], float]) -> Rule:
    """Return the rule with another spread, `spread(values)`."""
    return lambda mu, logvar: _statistics(_plain(mu), np.exp(0.5 * _plain(logvar)), spread)


def replacing(replace: Callable[[Array, Array], Mapping[str, Any]]) -> Rule:
    """Return the rule with some wrong entries, which `replace(mu, sigma)` gives."""
    return lambda answer, mu, logvar: answer | dict(replace(_plain(mu), np.exp(0.5 * _plain(logvar))))


def of_part(part: Callable[[Array], Array]) -> Rule:
    """Return the rule that looks at `part(values)` only."""
    return lambda mu, logvar: _statistics(part(_plain(mu)), np.exp(0.5 * part(_plain(logvar))))


def _lower_median(values: Array) -> float:
    """Return the median as torch has it: the smaller of the two in the middle."""
    return float(np.sort(values, axis=None)[(values.size - 1) // 2])


@misconception("logvar-for-sigma", of=LATENT, form=with_sigma)
def logvar_for_sigma_of_the_statistics(logvar):
    """`logvar` is the standard deviation.

    `logvar` is the logarithm of the variance. It may be negative, and a width may not.
    """
    return logvar


@misconception("logvar-for-log-sigma", of=LATENT, form=with_sigma)
def logvar_for_log_sigma_of_the_statistics(logvar):
    """exp(logvar) is the standard deviation.

    exp(logvar) is the variance. The standard deviation is its square root.
    """
    return np.exp(logvar)


@misconception("precision-for-variance", of=LATENT, form=with_sigma)
def precision_for_variance_of_the_statistics(logvar):
    """sigma is exp(-logvar / 2).

    Narrow posteriors become wide and wide ones narrow. sigma grows with `logvar`.
    """
    return np.exp(-0.5 * logvar)


@misconception("log-sigma-for-sigma", of=LATENT, form=with_sigma)
def log_sigma_for_sigma(logvar):
    """sigma is logvar / 2.

    Half of `logvar` is the logarithm of sigma. The exponential is missing.
    """
    return 0.5 * logvar


@misconception("sigma-squared-again", of=LATENT, form=with_sigma)
def sigma_squared_again(logvar):
    """sigma is exp(2 logvar).

    The square root of exp(logvar) is exp of half of it, not of twice it.
    """
    return np.exp(2 * logvar)


@misconception("softplus-for-exponential", of=LATENT, form=with_sigma)
def softplus_for_exponential(logvar):
    """sigma is the softplus of `logvar`.

    Softplus is another way to make a number positive. Here the number is the logarithm of the variance, so only the
    exponential gives the variance back.
    """
    return np.logaddexp(0, logvar)


@misconception("size-of-logvar-for-sigma", of=LATENT, form=with_sigma)
def size_of_logvar_for_sigma(logvar):
    """sigma is the size of `logvar`.

    `logvar` is a logarithm: where it is negative, sigma is less than 1, but never 0.
    """
    return np.abs(logvar)


@misconception("mu-and-sigma-swapped", of=LATENT, form=replacing)
def mu_and_sigma_swapped(mu, sigma):
    """The numbers of mu are under the names of sigma, and the other way round.

    Check which tensor goes with which key.
    """
    return {
        "mean_mu": float(sigma.mean()),
        "std_mu": float(sigma.std(ddof=1)),
        "mean_sigma": float(mu.mean()),
        "std_sigma": float(mu.std(ddof=1)),
    }


@misconception("spread-of-logvar", of=LATENT, form=replacing)
def spread_of_logvar(mu, sigma):
    """The spread of sigma is that of `logvar`.

    Take the exponential of half of each element first. The spread of the logarithms is a different number.
    """
    return {"std_sigma": float((2 * np.log(sigma)).std(ddof=1))}


@misconception("median-for-mean", of=LATENT, form=replacing)
def median_for_mean_of_the_statistics(mu, sigma):
    """The mean is the element in the middle.

    That is the median. The contract wants means.
    """
    return {"mean_mu": _lower_median(mu), "mean_sigma": _lower_median(sigma)}


@misconception("first-dimension-only", of=LATENT, form=of_part)
def first_dimension_only(values):
    """The first dimension is enough for all.

    All elements count together, whatever their row and column.
    """
    return values[:, :1]


@misconception("first-example-only", of=LATENT, form=of_part)
def first_example_only_of_the_statistics(values):
    """The first example is enough for all.

    All elements count together, whatever their row and column.
    """
    return values[:1]


@misconception("variance-for-deviation", of=LATENT, form=with_spread)
def variance_for_deviation(values):
    """The spread is the variance.

    The contract wants standard deviations: the square root of the variance, in the units of the numbers.
    """
    return float(values.var(ddof=1))


@misconception("standard-error-for-deviation", of=LATENT, form=with_spread)
def standard_error_for_deviation(values):
    """The spread is the standard error of the mean.

    The standard error says how well the mean is known, and it falls as the number of elements grows. The standard
    deviation says how far the elements scatter.
    """
    return float(values.std(ddof=1) / math.sqrt(values.size))


@misconception("mean-of-the-spreads", of=LATENT, form=with_spread)
def mean_spread_of_dimensions(values):
    """The spread is that of each dimension, averaged.

    All elements count together: how far apart the dimensions are is part of the spread.
    """
    return float(values.std(axis=0, ddof=1).mean())


@misconception("mean-of-the-spreads", of=LATENT, form=with_spread)
def mean_spread_of_examples(values):
    """The spread is that of each example, averaged.

    All elements count together: how far apart the examples are is part of the spread.
    """
    return float(values.std(axis=1, ddof=1).mean())


@misconception("one-number-per-dimension", of=LATENT, form=replacing)
def one_number_per_dimension(mu, sigma):
    """Each statistic is a list with one number for each dimension.

    The contract wants one float for all elements together. You can add numbers for each dimension under other keys.
    """
    return {
        "mean_mu": mu.mean(axis=0),
        "std_mu": mu.std(axis=0, ddof=1),
        "mean_sigma": sigma.mean(axis=0),
        "std_sigma": sigma.std(axis=0, ddof=1),
        "min_sigma": sigma.min(axis=0),
        "max_sigma": sigma.max(axis=0),
    }


@misconception("smallest-and-largest-swapped", of=LATENT, form=replacing)
def smallest_and_largest_swapped(mu, sigma):
    """`min_sigma` is the larger of the two.

    Check which of the two keys holds the smaller number.
    """
    return {"min_sigma": float(sigma.max()), "max_sigma": float(sigma.min())}


@misconception("absolute-values-of-mu", of=LATENT, form=replacing)
def absolute_values_of_mu(mu, sigma):
    """`mean_mu` is the mean size of mu.

    Positive and negative elements may cancel; that is normal for a mean. Keep their signs.
    """
    return {"mean_mu": float(np.abs(mu).mean())}


@misconception("geometric-mean-of-sigma", of=LATENT, form=replacing)
def geometric_mean_of_sigma(mu, sigma):
    """The mean of sigma is exp of half of the mean of logvar.

    That is the geometric mean, which is smaller. Take the exponential of each element first, then average.
    """
    return {"mean_sigma": float(np.exp(np.log(sigma).mean()))}


@misconception("root-mean-square-of-sigma", of=LATENT, form=replacing)
def root_mean_square_of_sigma(mu, sigma):
    """The mean of sigma is the root of the mean variance.

    That is larger than the mean of sigma wherever the widths differ. Take the root of each element first.
    """
    return {"mean_sigma": float(np.sqrt((sigma**2).mean()))}


@misconception("extremes-of-columns", of=LATENT, form=replacing)
def extremes_of_columns(mu, sigma):
    """The smallest and largest sigma are those of the means over the batch.

    Averaging over the examples first hides the extremes. Find the smallest and largest among all elements.
    """
    return {
        "min_sigma": float(sigma.mean(axis=0).min()),
        "max_sigma": float(sigma.mean(axis=0).max()),
    }


# --- the exercise --------------------------------------------------------------------------------------------------


@truth(of="smoothed_target", tolerance=TOLERANCE)
def smoothed_target(n_classes: int, target: int, smoothing: float) -> Array:
    """Return the smoothed target."""
    return np.asarray((1 - smoothing) * np.eye(n_classes)[target] + smoothing / n_classes)


@truth(of="optimal_gap", tolerance=TOLERANCE)
def optimal_gap(n_classes: int, smoothing: float) -> float:
    """Return the margin at which the prediction is the smoothed target."""
    return math.log1p(n_classes * (1 - smoothing) / smoothing) if smoothing else math.inf


@truth(of="minimum_loss", tolerance=TOLERANCE)
def minimum_loss(n_classes: int, smoothing: float) -> float:
    """Return the entropy of the smoothed target."""
    return -float(_negative_entropy(smoothed_target(n_classes, 0, smoothing)))


@truth(of="decompose", tolerance=TOLERANCE)
def decompose(logits: Any, target: int, smoothing: float) -> tuple[float, float, float]:
    """Return the hard loss, the divergence from uniform and the constant."""
    log_p = log_softmax(_plain(logits))
    return -float(log_p[target]), -float(log_p.mean()) - math.log(log_p.size), smoothing * math.log(log_p.size)


def _others_convention(n_classes: int, target: int, smoothing: float) -> Array:
    hard = np.eye(n_classes)[target]
    return np.asarray((1 - smoothing) * hard + smoothing / (n_classes - 1) * (1 - hard))


def _entropy_of(target: Array) -> float:
    return -float(_negative_entropy(target))


def between_the_ends(formula: Callable[[int, float], float]) -> Rule:
    """Return the rule for 0 < eps < 1; it says nothing about the ends, where programs may do anything."""

    def rule(n_classes: int, smoothing: float) -> float:
        return formula(n_classes, smoothing) if 0 < smoothing < 1 else optimal_gap(n_classes, smoothing)

    return rule


def _reversed_from_uniform(log_p: Array) -> float:
    return float((np.exp(log_p) * log_p).sum()) + math.log(log_p.size)


@misconception("true-class-share-forgotten", of="optimal_gap", form=between_the_ends)
def true_class_share_forgotten(n_classes, smoothing):
    """The target's probabilities are 1 - eps and eps/K.

    The true class has 1 - eps + eps/K. Divide that by eps/K.
    """
    return math.log(n_classes * (1 - smoothing) / smoothing)


@misconception("loss-reaches-zero", of="minimum_loss")
def loss_reaches_zero():
    """The least loss is 0.

    That is true for a hard target. A cross-entropy cannot be less than the entropy of its target.
    """
    return 0.0


@misconception("true-class-term-only", of="minimum_loss")
def true_class_surprise_only(n_classes, smoothing):
    """The least loss is -log of the target's largest entry.

    That is the loss against the hard target. Against the smoothed target, the other classes have terms too.
    """
    return -math.log(1 - smoothing + smoothing / n_classes)


@misconception("true-class-term-only", of="minimum_loss")
def true_class_term_only(n_classes, smoothing):
    """Only the true class has a term in the loss.

    Each of the K - 1 other classes adds a term with its own weight eps/K.
    """
    return -(1 - smoothing + smoothing / n_classes) * math.log(1 - smoothing + smoothing / n_classes)


@misconception("epsilon-to-the-others-only", of="smoothed_target")
def epsilon_to_the_others_only_of_the_target(n_classes, target, smoothing):
    """The K - 1 other classes share eps.

    Here eps is spread over all K classes, the true one included.
    """
    return _others_convention(n_classes, target, smoothing)


@misconception("epsilon-to-the-others-only", of="optimal_gap", form=between_the_ends)
def epsilon_to_the_others_only_of_the_gap(n_classes, smoothing):
    """The K - 1 other classes share eps.

    Here eps is spread over all K classes, the true one included.
    """
    return math.log((n_classes - 1) * (1 - smoothing) / smoothing)


@misconception("epsilon-to-the-others-only", of="minimum_loss")
def epsilon_to_the_others_only_of_the_minimum(n_classes, smoothing):
    """The K - 1 other classes share eps.

    Here eps is spread over all K classes, the true one included.
    """
    return _entropy_of(_others_convention(n_classes, 0, smoothing))


@misconception("target-does-not-sum-to-one", of="smoothed_target")
def target_does_not_sum_to_one_of_the_target(n_classes, target, smoothing):
    """The true class gets 1 - eps, every other one gets eps/K.

    Add your numbers up. The true class gets its share eps/K as well.
    """
    return np.where(np.arange(n_classes) == target, 1 - smoothing, smoothing / n_classes)


@misconception("share-not-divided", of="smoothed_target")
def share_not_divided_of_the_target(n_classes, target, smoothing):
    """Every other class gets eps.

    Divide the mass eps among the classes.
    """
    return np.where(np.arange(n_classes) == target, 1 - smoothing, smoothing)


@misconception("nothing-taken-away", of="smoothed_target")
def nothing_taken_away_of_the_target(n_classes, target, smoothing):
    """Every class gets eps/K more, the true one on top of 1.

    Your numbers sum to 1 + eps. Take what you spread from the true class.
    """
    return np.eye(n_classes)[target] + smoothing / n_classes


@misconception("weights-swapped", of="smoothed_target")
def weights_swapped_of_the_target(n_classes, target, smoothing):
    """eps stays with the true class.

    eps is the small part that is spread over all classes; 1 - eps stays with the true one.
    """
    return smoothing * np.eye(n_classes)[target] + (1 - smoothing) / n_classes


@misconception("smoothing-ignored", of="smoothed_target")
def smoothing_ignored_of_the_target(n_classes, target):
    """The target is hard.

    Your target does not depend on `smoothing`.
    """
    return np.eye(n_classes)[target]


@misconception("counted-from-one", of="smoothed_target")
def counted_from_one_of_the_target(n_classes, target, smoothing):
    """Class 1 is the first.

    Classes are counted from 0, as indices are.
    """
    return smoothed_target(n_classes, (target - 1) % n_classes, smoothing)


@misconception("not-filled-in", of="smoothed_target")
def not_filled_in(n_classes, smoothing):
    """One number for the true class and one for the others are enough.

    The target is a distribution: one number for each of the K classes.
    """
    return np.array([1 - smoothing + smoothing / n_classes, smoothing / n_classes])


@misconception("log-odds-of-epsilon", of="optimal_gap", form=between_the_ends)
def log_odds_of_epsilon(n_classes, smoothing):
    """The margin is the log-odds of 1 - eps.

    The number of classes matters: each of the others has only eps/K.
    """
    return math.log((1 - smoothing) / smoothing)


@misconception("classes-left-out", of="optimal_gap", form=between_the_ends)
def classes_left_out(n_classes, smoothing):
    """The margin is -log eps.

    The number of classes matters: each of the others has only eps/K.
    """
    return -math.log(smoothing)


@misconception("decimal-logarithm", of="optimal_gap")
def decimal_logarithm_of_the_gap(answer):
    """The margin is a logarithm to base 10.

    softmax takes powers of e: logits are natural logarithms.
    """
    return answer / math.log(10)


@misconception("sum-of-both-logits", of="optimal_gap", form=between_the_ends)
def sum_of_both_logits(n_classes, smoothing):
    """The margin is the true logit minus all others together.

    The margin is the distance to *each* other logit, and these are equal.
    """
    return math.log(1 - smoothing + smoothing / n_classes) - (n_classes - 1) * math.log(smoothing / n_classes)


@misconception("difference-of-probabilities", of="optimal_gap")
def difference_of_probabilities(smoothing):
    """The margin is the difference of the target's probabilities.

    A margin is a difference of *logits*. Logits differ by the logarithm of the ratio of probabilities.
    """
    return 1 - smoothing


@misconception("ratio-for-its-logarithm", of="optimal_gap", form=between_the_ends)
def ratio_for_its_logarithm(n_classes, smoothing):
    """The margin is the ratio of the target's probabilities.

    Logits are logarithms: take the logarithm of the ratio.
    """
    return 1 + n_classes * (1 - smoothing) / smoothing


@misconception("log-odds-of-the-target", of="optimal_gap", form=between_the_ends)
def log_odds_of_the_target(n_classes, smoothing):
    """The margin is the log-odds of the true class against all others together.

    The margin is the distance to *each* other class, which has eps/K. Together they have K - 1 times as much.
    """
    return math.log((1 - smoothing + smoothing / n_classes) / (smoothing - smoothing / n_classes))


@misconception("bits-for-nats", of="optimal_gap")
def bits_for_nats_of_the_gap(answer):
    """The margin is measured in bits.

    softmax takes powers of e: logits are natural logarithms.
    """
    return answer / math.log(2)


@misconception("margin-negative", of="optimal_gap")
def margin_negative(answer):
    """The margin is the other logit minus the true one.

    The true class has the larger logit: the margin is positive.
    """
    return -answer


@misconception("log-probability-for-margin", of="optimal_gap")
def log_probability_for_margin(n_classes, smoothing):
    """The margin is the loss of the smoothed prediction.

    A margin is a difference of two log-probabilities, that of the true class and that of another.
    """
    return -math.log(1 - smoothing + smoothing / n_classes)


@misconception("constant-for-minimum", of="minimum_loss")
def constant_for_minimum(n_classes, smoothing):
    """The least loss is eps log K.

    No prediction changes that part, but the other two parts cannot both be 0 at once.
    """
    return smoothing * math.log(n_classes)


@misconception("entropy-of-two-outcomes", of="minimum_loss")
def entropy_of_two_outcomes(smoothing):
    """The least loss is the entropy of eps and 1 - eps.

    The target has K entries, and each of the other classes counts separately.
    """
    return _entropy_of(np.array([smoothing, 1 - smoothing]))


@misconception("one-other-class", of="minimum_loss")
def one_other_class(n_classes, smoothing):
    """One other class is enough for all of them.

    The term of the other classes counts K - 1 times.
    """
    return _entropy_of(smoothed_target(n_classes, 0, smoothing)[:2])


@misconception("bits-for-nats", of="minimum_loss")
def bits_for_nats_of_the_minimum(answer):
    """The loss is measured in bits.

    Losses are in nats: the natural logarithm.
    """
    return answer / math.log(2)


@misconception("decimal-logarithm", of="minimum_loss")
def decimal_logarithm_of_the_minimum(answer):
    """The loss is measured with the logarithm to base 10.

    Losses are in nats: the natural logarithm.
    """
    return answer / math.log(10)


@misconception("divided-by-log-classes", of="minimum_loss")
def divided_by_log_classes_of_the_minimum(answer, n_classes):
    """The least loss is a share of log K.

    A share of the largest entropy is a different quantity. Leave it in nats.
    """
    return answer / math.log(n_classes)


@misconception("divergence-for-cross-entropy", of="minimum_loss")
def divergence_for_cross_entropy_of_the_minimum(answer, n_classes):
    """The least loss is the divergence of the target from the uniform distribution.

    At the best prediction the loss is the entropy of the target, not how far the target is from uniform.
    """
    return math.log(n_classes) - answer


@misconception("averaged-over-classes", of="minimum_loss")
def averaged_over_classes_of_the_minimum(answer, n_classes):
    """The least loss is a mean over the classes.

    Sum the terms over the classes.
    """
    return answer / n_classes


@misconception("lost-minus", of="minimum_loss")
def lost_minus_of_the_minimum(answer):
    """The least loss is the sum of q log q.

    An entropy is never negative: a minus sign is missing.
    """
    return -answer


@misconception("loss-at-the-start", of="minimum_loss")
def loss_at_the_start(n_classes):
    """The least loss is that of equal logits.

    log K is where training starts. The best prediction is the target itself.
    """
    return math.log(n_classes)


@misconception("cross-entropy-for-divergence", of="decompose")
def cross_entropy_for_divergence(answer, smoothing):
    """The second part is the cross-entropy against the uniform distribution.

    That is D(u || p) plus log K. It is not 0 where all logits are equal.
    """
    return answer[0], answer[1] + answer[2] / smoothing, answer[2]


@misconception("cross-entropy-for-divergence", of="decompose")
def cross_entropy_without_constant(answer, smoothing):
    """The second part is the cross-entropy against the uniform distribution, and the constant is 0.

    The sum is right, but the second part should be a divergence: 0 where all logits are equal. The rest is the
    constant.
    """
    return answer[0], answer[1] + answer[2] / smoothing, 0.0


@misconception("direction-reversed", of="decompose")
def direction_reversed_of_the_parts(answer, logits):
    """The second part is D(p || u).

    The uniform distribution comes first, as the target does in a cross-entropy.
    """
    log_p = log_softmax(_plain(logits))
    return answer[0], _reversed_from_uniform(log_p), answer[2]


@misconception("summed-over-classes", of="decompose")
def summed_over_classes(answer, logits):
    """The second part sums -log p over the classes.

    The uniform distribution gives each class the weight 1/K: take the mean over the classes.
    """
    log_p = log_softmax(_plain(logits))
    return answer[0], -float(log_p.sum()) - math.log(log_p.size), answer[2]


@misconception("logits-for-log-probabilities", of="decompose")
def logits_for_log_probabilities_of_the_parts(logits, target, smoothing):
    """Logits are log-probabilities.

    Logits are log-probabilities up to a constant, and you leave that constant out. Normalise them first.
    """
    row = _plain(logits)
    return -float(row[target]), -float(row.mean()) - math.log(row.size), smoothing * math.log(row.size)


@misconception("constant-negative", of="decompose")
def constant_negative(answer):
    """The third part is subtracted.

    The cross-entropy against the uniform distribution is D(u || p) *plus* log K.
    """
    return answer[0], answer[1], -answer[2]


@misconception("divergence-from-the-target", of="decompose")
def divergence_from_the_target(answer, logits, target, smoothing):
    """The second part is the divergence from the smoothed target.

    That belongs to another way of splitting the loss, D(q' || p) + H(q'). Here it is the divergence from the uniform
    distribution.
    """
    log_p = log_softmax(_plain(logits))
    cost = _cost(log_p[None], smoothed_target(log_p.size, target, smoothing)[None])
    return answer[0], float(cost[0]) - minimum_loss(log_p.size, smoothing), answer[2]


@misconception("most-likely-class", of="decompose")
def most_likely_class_of_the_parts(answer, logits):
    """The first part is the loss of the class with the largest logit.

    What the network prefers says nothing about whether it is right. Take the log-probability of the *true* class.
    """
    log_p = log_softmax(_plain(logits))
    return -float(log_p.max()), answer[1], answer[2]


@misconception("constant-left-out", of="decompose")
def constant_left_out_of_the_parts(answer):
    """The third part is 0.

    Put equal logits in: the smoothed loss is log K, but the first two parts give only (1 - eps) log K.
    """
    return answer[0], answer[1], 0.0


@misconception("constant-not-weighted", of="decompose")
def constant_not_weighted(answer, logits):
    """The third part is log K.

    The uniform part of the loss has the weight eps, and so does its constant.
    """
    log_p = log_softmax(_plain(logits))
    return answer[0], answer[1], math.log(log_p.size)


@misconception("entropy-of-the-target-for-constant", of="decompose")
def entropy_of_the_target_for_constant(answer, logits, smoothing):
    """The third part is the entropy of the smoothed target.

    That belongs to another way of splitting the loss, D(q' || p) + H(q'). Here the parts are weighted with 1 - eps and
    eps.
    """
    log_p = log_softmax(_plain(logits))
    return answer[0], answer[1], minimum_loss(log_p.size, smoothing)


@misconception("weights-already-applied", of="decompose")
def weights_already_applied(answer, smoothing):
    """The parts are returned with their weights.

    The first part is the cross-entropy itself, the second the divergence itself. The weights are applied in the sum.
    """
    return (1 - smoothing) * answer[0], smoothing * answer[1], answer[2]


@misconception("parts-swapped", of="decompose")
def parts_swapped(answer):
    """The divergence comes first.

    Look at the order: cross-entropy, divergence, constant.
    """
    return answer[1], answer[0], answer[2]


@misconception("bits-for-nats", of="decompose")
def bits_for_nats_of_the_parts(answer):
    """The parts are measured in bits.

    Losses are in nats: the natural logarithm.
    """
    return tuple(part / math.log(2) for part in answer)


@misconception("smoothed-loss-for-hard", of="decompose")
def smoothed_loss_for_hard(answer, smoothing):
    """The first part is the smoothed loss.

    The first part is the cross-entropy against the *hard* target, -log p of the true class.
    """
    return (1 - smoothing) * answer[0] + smoothing * answer[1] + answer[2], answer[1], answer[2]


@misconception("probability-for-its-logarithm", of="decompose")
def probability_for_its_logarithm_of_the_parts(answer, logits, target):
    """The first part is minus the probability of the true class.

    The logarithm of that probability is missing.
    """
    log_p = log_softmax(_plain(logits))
    return -float(np.exp(log_p[target])), answer[1], answer[2]
