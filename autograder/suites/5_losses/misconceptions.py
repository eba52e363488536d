"""Wrong rules that students of section 5 are known to follow, as code, with what to say to whom follows them.

Trust: rules run in the judge, in double precision, on arguments that the suite chose itself. They are compared with a
student's answers, never with the reference solution. Entries without a rule are named by the checks themselves, from
gradients or from statistics.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax, xlogy

from autograder.checks.misconceptions import Misconception
from autograder.checks.rules import Family

Array = NDArray[np.float64]
Rule = Callable[..., Any]

CROSS_ENTROPY = "LossFunctions.cross_entropy_loss"
KL = "LossFunctions.kl_div_loss"
SMOOTHING = "LossFunctions.label_smoothing_loss"
COMPONENTS = "ELBOAnalysis.compute_elbo_components"
LATENT = "ELBOAnalysis.analyze_latent_distribution"

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


def cross_entropy_loss(logits: Any, targets: Any) -> float:
    """Return the mean of -log p of the true class."""
    rows = _plain(logits)
    return float(_cost(log_softmax(rows, axis=-1), _hard(rows, targets)).mean())


def kl_div_loss(logits: Any, target_dist: Any) -> float:
    """Return the mean of D(target || prediction)."""
    target = _plain(target_dist)
    return float((_negative_entropy(target) + _cost(log_softmax(_plain(logits), axis=-1), target)).mean())


def label_smoothing_loss(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    """Return the mean cross-entropy against the smoothed target."""
    rows = _plain(logits)
    return float(_cost(log_softmax(rows, axis=-1), _soft(rows, targets, smoothing)).mean())


# --- losses: mistakes of all three ---------------------------------------------------------------------------------


def _target_for(truth: Rule) -> Callable[..., Array]:
    """Return the function that makes the target of each example from the arguments of `truth`."""

    def of_smoothing(rows: Array, targets: Any, smoothing: float = 0.1) -> Array:
        return _soft(rows, targets, smoothing)

    def of_kl(_rows: Array, target_dist: Any) -> Array:
        return _plain(target_dist)

    return {cross_entropy_loss: _hard, kl_div_loss: of_kl, label_smoothing_loss: of_smoothing}[truth]


def _with_log(truth: Rule, log_of: Callable[[Array], Array], zero_times: bool = False) -> Rule:
    """Return the rule that follows `truth` with `log_of(logits)` in place of the log-probabilities.

    With `zero_times` a class with target 0 is multiplied out, so that an infinite logarithm makes it NaN.
    """
    target_of = _target_for(truth)

    def rule(logits: Any, *rest: Any, **options: Any) -> float:
        rows = _plain(logits)
        target = target_of(rows, *rest, **options)
        log_p = log_of(rows)
        cost = -(target * log_p).sum(axis=-1) if zero_times else _cost(log_p, target)
        return float((cost + (_negative_entropy(target) if truth is kl_div_loss else 0.0)).mean())

    return rule


def _scaled(truth: Rule, factor: Callable[[tuple[int, ...]], float]) -> Rule:
    """Return the rule that answers the truth times `factor(shape of the logits)`."""

    def rule(logits: Any, *rest: Any, **options: Any) -> float:
        return float(truth(logits, *rest, **options) * factor(_plain(logits).shape))

    return rule


def _each(truth: Rule) -> Rule:
    """Return the rule that answers one loss for each example."""
    target_of = _target_for(truth)

    def rule(logits: Any, *rest: Any, **options: Any) -> Array:
        rows = _plain(logits)
        target = target_of(rows, *rest, **options)
        cost = _cost(log_softmax(rows, axis=-1), target)
        return cost + _negative_entropy(target) if truth is kl_div_loss else cost

    return rule


def _squared(truth: Rule) -> Rule:
    """Return the rule that answers the squared distance between prediction and target."""
    target_of = _target_for(truth)

    def rule(logits: Any, *rest: Any, **options: Any) -> float:
        rows = _plain(logits)
        return float(((softmax(rows, axis=-1) - target_of(rows, *rest, **options)) ** 2).sum(axis=-1).mean())

    return rule


def _log_of_underflow(rows: Array) -> Array:
    """Return log(softmax) as float32 has it: minus infinity where the probability is too small to be there."""
    log_p = log_softmax(rows, axis=-1)
    return np.where(log_p < -_UNDERFLOW, -np.inf, log_p)


def _log_of_overflow(rows: Array) -> Array:
    """Return log(exp(logit) / sum of exp) as float32 has it: NaN where an exponential is infinite."""
    with np.errstate(all="ignore"):
        powers = np.where(rows > _OVERFLOW, np.inf, np.where(rows < -_UNDERFLOW, 0.0, np.exp(np.minimum(rows, 700))))
        return np.asarray(np.log(powers / powers.sum(axis=-1, keepdims=True)))


def _log_with_epsilon(epsilon: float) -> Callable[[Array], Array]:
    return lambda rows: np.asarray(np.log(softmax(rows, axis=-1) + epsilon))


def _log_of_at_least(epsilon: float) -> Callable[[Array], Array]:
    return lambda rows: np.asarray(np.log(np.maximum(softmax(rows, axis=-1), epsilon)))


def _of_columns(rows: Array) -> Array:
    return np.asarray(log_softmax(rows, axis=0))


def _common(function: str, truth: Rule) -> list[Misconception]:
    """Return the mistakes that `function` shares with the other two."""

    def named(name: str, believed: str, hint: str, rule: Rule | None) -> Misconception:
        return Misconception(name, "example-5", function, believed, hint, rule, tolerance=TOLERANCE)

    underflow = (
        "softmax-then-log",
        "The logarithm of the softmax can be taken in two steps.",
        "A probability below 1e-45 is 0 in float32, and its logarithm infinite or NaN. Take the logarithm of the "
        "softmax in one step: the logit less the logarithm of the sum of exponentials.",
    )
    epsilon = (
        "epsilon-in-the-logarithm",
        "A small number added inside the logarithm, or a clamp, makes small probabilities harmless.",
        "With a sure and wrong prediction the loss is then the epsilon's and no longer that of the logits. Compute "
        "log-probabilities directly; they need no epsilon.",
    )
    return [
        named(
            "summed-over-the-batch",
            "The loss of a batch is the sum over its examples.",
            "The sum grows with the size of the batch, and with it the step of the optimiser. The contract wants the "
            "mean over the examples.",
            _scaled(truth, lambda shape: shape[0]),
        ),
        named(
            "averaged-over-classes",
            "The loss is the mean over examples and classes.",
            "Over the classes the terms are summed: that sum is the loss of one example. Average over the examples "
            "only.",
            _scaled(truth, lambda shape: 1 / shape[1]),
        ),
        named(
            "not-averaged",
            "The loss of a batch is one number for each example.",
            "An optimiser needs one number. Average the losses of the examples.",
            _each(truth),
        ),
        named(
            "bits-for-nats",
            "Losses are measured in bits.",
            "Your number is right with the logarithm to base 2. The contract, as all of deep learning, wants nats: "
            "the natural logarithm.",
            _scaled(truth, lambda _shape: 1 / math.log(2)),
        ),
        named(
            "decimal-logarithm",
            "Losses are measured with the logarithm to base 10.",
            "`log10` is for decibels. The contract, as all of deep learning, wants nats: the natural logarithm.",
            _scaled(truth, lambda _shape: 1 / math.log(10)),
        ),
        named(
            "divided-by-log-classes",
            "The loss is a share of log K, its value for equal logits.",
            "A share of the largest entropy is another quantity, and a loss may exceed log K. Leave it in nats.",
            _scaled(truth, lambda shape: 1 / math.log(shape[1]) if shape[1] > 1 else math.nan),
        ),
        named(
            "largest-logit-for-the-normaliser",
            "The logarithm of the sum of exponentials is the largest logit.",
            "That is so only where one logit stands far above all others. Subtracting the largest logit keeps the "
            "exponentials small; the logarithm of their sum has still to be taken off.",
            _with_log(truth, lambda rows: rows - rows.max(axis=-1, keepdims=True)),
        ),
        named(
            "squared-difference",
            "The loss is the squared difference between prediction and target.",
            "That is the Brier score. It is bounded, so a sure and wrong prediction costs hardly more than an unsure "
            "one. Asked for are logarithms of the probabilities.",
            _squared(truth),
        ),
        named(
            "lost-minus",
            "The loss is the sum of target times log-probability.",
            "Log-probabilities are not positive, and a loss should be least where the prediction is best: the sign is "
            "the wrong way round.",
            _scaled(truth, lambda _shape: -1.0),
        ),
        named(
            "softmax-over-the-batch",
            "The softmax runs down the batch.",
            "Each row of logits is one prediction; its probabilities sum to 1 across the classes. Look at the axis.",
            _with_log(truth, _of_columns),
        ),
        named(
            "softmax-twice",
            "The loss wants probabilities in place of logits.",
            "Your logits pass through the softmax twice. A loss that takes logits does that step itself; handing it "
            "probabilities flattens the prediction, and training stalls.",
            _with_log(truth, lambda rows: np.asarray(log_softmax(softmax(rows, axis=-1), axis=-1))),
        ),
        named(
            "logits-for-log-probabilities",
            "Logits are log-probabilities.",
            "Logits are log-probabilities up to a constant for each example, and that constant is missing. Normalise "
            "them first.",
            _with_log(truth, lambda rows: rows),
        ),
        named(
            "probability-for-its-logarithm",
            "The loss is minus the probability of the target.",
            "Between 0 and -1 the loss hardly tells bad from very bad. The logarithm of the probability is missing.",
            _with_log(truth, lambda rows: np.asarray(softmax(rows, axis=-1))),
        ),
        named(
            "sigmoid-for-softmax",
            "Each logit has a probability of its own.",
            "The sigmoid is for classes that do not exclude each other. Here the probabilities of one example sum to "
            "1: softmax.",
            _with_log(truth, lambda rows: np.asarray(np.log(expit(rows)))),
        ),
        *(named(*underflow, _with_log(truth, _log_of_underflow, zero_times)) for zero_times in (False, True)),
        *(
            named(
                "exponential-overflows",
                "exp(logit) can be computed as it stands.",
                "exp(89) is infinite in float32, and infinity divided by infinity NaN. Only differences of logits "
                "matter: there are ways to the logarithm of the softmax that never take the exponential of a large "
                "number.",
                _with_log(truth, _log_of_overflow, zero_times),
            )
            for zero_times in ((False,) if truth is cross_entropy_loss else (False, True))
        ),
        named(*epsilon, Family(lambda e: _with_log(truth, _log_with_epsilon(e)))),
        named(*epsilon, Family(lambda e: _with_log(truth, _log_of_at_least(e)))),
        named(
            "gradient-cut-off",
            "A loss is a number, so Python floats or NumPy will do.",
            "`.item()`, `.detach()`, `.numpy()` and `torch.tensor(...)` cut the graph: the number is right and nothing "
            "learns from it. Stay with tensors to the end.",
            None,
        ),
    ]


# --- losses: mistakes of one ---------------------------------------------------------------------------------------


def _most_likely(logits: Any, _targets: Any) -> float:
    return float(-log_softmax(_plain(logits), axis=-1).max(axis=-1).mean())


def _first_example(logits: Any, targets: Any) -> float:
    return cross_entropy_loss(_plain(logits)[:1], _plain(targets)[:1])


def _all_pairs(logits: Any, targets: Any) -> float:
    log_p = log_softmax(_plain(logits), axis=-1)
    return float(-log_p[:, _plain(targets).astype(int)].mean())


def _binary(logits: Any, targets: Any) -> float:
    rows = _plain(logits)
    p, hard = expit(rows), _hard(rows, targets)
    with np.errstate(all="ignore"):
        terms = np.where(hard == 1, -np.log(p), np.minimum(-np.log1p(-p), 1e4))
    return float(terms.mean())


def _perplexity(logits: Any, targets: Any) -> float:
    return float(np.exp(cross_entropy_loss(logits, targets)))


def _counted_from_one(logits: Any, targets: Any) -> float:
    return cross_entropy_loss(logits, (_plain(targets) - 1) % _plain(logits).shape[-1])


def _median(logits: Any, targets: Any) -> float:
    rows = _plain(logits)
    return float(np.median(_cost(log_softmax(rows, axis=-1), _hard(rows, targets))))


def _all_other_classes(logits: Any, targets: Any) -> float:
    rows = _plain(logits)
    return float(_cost(log_softmax(rows, axis=-1), 1 - _hard(rows, targets)).mean())


_CROSS_ENTROPY_ONLY: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "most-likely-class",
        "The loss is that of the class with the largest logit.",
        "What the network prefers says nothing of whether it is right. Take the log-probability of the *true* class.",
        _most_likely,
    ),
    (
        "first-example-only",
        "The loss of a batch is that of its first example.",
        "Every example of the batch counts. Pick one log-probability from each row.",
        _first_example,
    ),
    (
        "every-target-for-every-row",
        "Indexing with the targets picks one number from each row.",
        "`log_p[:, targets]` picks every target from every row, a square of B times B numbers. Row i goes with target "
        "i: give both indices, or gather.",
        _all_pairs,
    ),
    (
        "perplexity-for-loss",
        "The loss is the exponential of the cross-entropy.",
        "That is the perplexity: among how many equally likely classes the network seems to guess. The loss itself is "
        "its logarithm.",
        _perplexity,
    ),
    (
        "counted-from-one",
        "Class 1 is the first.",
        "Classes are counted from 0, as indices are: do not subtract 1 from the targets.",
        _counted_from_one,
    ),
    (
        "median-for-mean",
        "The loss of a batch is the median of its examples.",
        "The median forgets the worst examples, from which there is most to learn. Take the mean.",
        _median,
    ),
    (
        "other-classes-only",
        "The loss is the sum over the classes that are not true.",
        "For a one-hot target only the term of the *true* class has a weight other than 0. Look at your mask.",
        _all_other_classes,
    ),
    (
        "binary-cross-entropy",
        "A classifier of K classes is K yes/no questions.",
        "That is the loss for labels that do not exclude each other. For one true class out of K the probabilities "
        "come from a softmax and only that class's log-probability counts.",
        _binary,
    ),
)


def _reversed(zero_times: bool) -> Rule:
    """Return the rule of D(p || q); with `zero_times` 0 log(0/0) is NaN, as it is if one multiplies it out."""

    def rule(logits: Any, target_dist: Any) -> float:
        log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
        p = np.exp(log_p)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = p * (log_p - np.log(target))
        return float((terms if zero_times else np.where(p == 0, 0.0, terms)).sum(axis=-1).mean())

    return rule


def _symmetric(logits: Any, target_dist: Any) -> float:
    return kl_div_loss(logits, target_dist) + float(_reversed(False)(logits, target_dist))


def _jensen_shannon(logits: Any, target_dist: Any) -> float:
    p, target = softmax(_plain(logits), axis=-1), _plain(target_dist)
    middle = 0.5 * (p + target)
    halves = [xlogy(one, one) - xlogy(one, middle) for one in (p, target)]
    return float(0.5 * (halves[0] + halves[1]).sum(axis=-1).mean())


def _without_entropy(logits: Any, target_dist: Any) -> float:
    return float(_cost(log_softmax(_plain(logits), axis=-1), _plain(target_dist)).mean())


def _zeros_are_nan(logits: Any, target_dist: Any) -> float:
    answer = kl_div_loss(logits, target_dist)
    return math.nan if (_plain(target_dist) == 0).any() else answer


def _softmax_of_target(logits: Any, target_dist: Any) -> float:
    return kl_div_loss(logits, softmax(_plain(target_dist), axis=-1))


def _uniform_weights(logits: Any, target_dist: Any) -> float:
    log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
    with np.errstate(divide="ignore"):
        return float((np.log(target) - log_p).mean(axis=-1).mean())


def _unweighted(logits: Any, target_dist: Any) -> float:
    log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
    with np.errstate(divide="ignore"):
        return float((np.log(target) - log_p).sum(axis=-1).mean())


def _likeliest_class(logits: Any, target_dist: Any) -> float:
    return cross_entropy_loss(logits, _plain(target_dist).argmax(axis=-1))


def _first_target(logits: Any, target_dist: Any) -> float:
    return kl_div_loss(logits, np.broadcast_to(_plain(target_dist)[:1], _plain(logits).shape))


def _first_row(logits: Any, target_dist: Any) -> float:
    return kl_div_loss(_plain(logits)[:1], _plain(target_dist)[:1])


def _absolute_terms(logits: Any, target_dist: Any) -> float:
    target, log_p = _plain(target_dist), log_softmax(_plain(logits), axis=-1)
    return float(np.abs(xlogy(target, target) - np.where(target == 0, 0.0, target * log_p)).sum(axis=-1).mean())


def _terms_cut_at_zero(logits: Any, target_dist: Any) -> float:
    log_p, target = log_softmax(_plain(logits), axis=-1), _plain(target_dist)
    return float(np.maximum(xlogy(target, target) - target * log_p, 0.0).sum(axis=-1).mean())


def _mean_times_batch(logits: Any, target_dist: Any) -> float:
    examples, classes = _plain(logits).shape
    return kl_div_loss(logits, target_dist) * examples / classes


def _target_with_epsilon(epsilon: float) -> Rule:
    def rule(logits: Any, target_dist: Any) -> float:
        target = _plain(target_dist)
        p = softmax(_plain(logits), axis=-1)
        return float((target * np.log((target + epsilon) / (p + epsilon))).sum(axis=-1).mean())

    return rule


_KL_ONLY: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "terms-cut-at-zero",
        "No term of a divergence is negative.",
        "Only the sum is never negative: where the target is below the prediction, its term is below 0.",
        _terms_cut_at_zero,
    ),
    (
        "mean-times-batch",
        "The mean over all elements times the number of examples is the sum over classes.",
        "A mean over B K elements is divided by both. Which of the two has to be undone for a mean over examples?",
        _mean_times_batch,
    ),
    *(
        (
            "direction-reversed",
            "D(prediction || target) is the same as D(target || prediction).",
            "The divergence is not symmetric. The target stands first: it gives the weights of the average.",
            _reversed(zero_times),
        )
        for zero_times in (False, True)
    ),
    (
        "both-directions-added",
        "The divergence is the sum of both directions.",
        "That is a symmetric measure of another kind (Jeffreys). Asked for is the one direction from the target.",
        _symmetric,
    ),
    (
        "jensen-shannon",
        "The divergence is measured to the middle of both distributions.",
        "That is the Jensen-Shannon divergence. It is bounded; this loss is not.",
        _jensen_shannon,
    ),
    (
        "entropy-left-out",
        "The divergence is the cross-entropy.",
        "The cross-entropy is the divergence plus the entropy of the target, so yours is not 0 where prediction and "
        "target agree. Gradients are the same; the number is not.",
        _without_entropy,
    ),
    (
        "zero-times-infinity",
        "q log q can be computed as it stands where q = 0.",
        "0 times minus infinity is NaN for a computer. A class that the target rules out adds 0.",
        _zeros_are_nan,
    ),
    (
        "uniform-weights",
        "Each class counts alike in the divergence.",
        "The divergence is an average *under the target*: each logarithm has the weight that the target gives its "
        "class. A mean over the classes weighs all alike.",
        _uniform_weights,
    ),
    (
        "weights-left-out",
        "The divergence is the sum of the logarithms of the ratios.",
        "The divergence is an average under the target: each logarithm has to be multiplied with the target's "
        "probability of its class.",
        _unweighted,
    ),
    (
        "target-made-hard",
        "Of a target only its likeliest class counts.",
        "The target is a whole distribution. All of its classes have a term, weighted by their probabilities.",
        _likeliest_class,
    ),
    (
        "first-target-for-all",
        "One target will do for the whole batch.",
        "Each example has a target of its own: row i of the logits goes with row i of the targets.",
        _first_target,
    ),
    (
        "first-example-only",
        "The loss of a batch is that of its first example.",
        "Every example of the batch counts. Average over all rows.",
        _first_row,
    ),
    (
        "absolute-terms",
        "Every term of the divergence is positive.",
        "Terms of classes to which the prediction gives more than the target are negative. Only their sum is not; "
        "leave their signs.",
        _absolute_terms,
    ),
    (
        "target-through-softmax",
        "The target is given as logits too.",
        "The target already is a distribution. A softmax makes another, flatter one of it.",
        _softmax_of_target,
    ),
    (
        "epsilon-in-the-logarithm",
        "A small number added inside the logarithms makes zeros harmless.",
        "With a sure and wrong prediction the loss is then the epsilon's and no longer that of the logits. Leave "
        "out the terms with q = 0, and compute log-probabilities directly.",
        Family(_target_with_epsilon),
    ),
)


def _of_target(target_of: Callable[[Array, Any, float], Array], bound: float = 1.0) -> Rule:
    """Return the rule with another target; a smoothing above `bound` is refused."""

    def rule(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
        if smoothing > bound:
            raise ValueError("more than the whole mass")
        rows = _plain(logits)
        return float(_cost(log_softmax(rows, axis=-1), target_of(rows, targets, smoothing)).mean())

    return rule


def _to_the_others(rows: Array, targets: Any, smoothing: float) -> Array:
    hard = _hard(rows, targets)
    return (1 - smoothing) * hard + smoothing / (rows.shape[-1] - 1) * (1 - hard)


def _true_class_without_share(rows: Array, targets: Any, smoothing: float) -> Array:
    hard = _hard(rows, targets)
    return (1 - smoothing) * hard + smoothing / rows.shape[-1] * (1 - hard)


def _no_smoothing(rows: Array, targets: Any, _smoothing: float) -> Array:
    return _hard(rows, targets)


def _weights_swapped(rows: Array, targets: Any, smoothing: float) -> Array:
    return smoothing * _hard(rows, targets) + (1 - smoothing) / rows.shape[-1]


def _nothing_taken_away(rows: Array, targets: Any, smoothing: float) -> Array:
    return _hard(rows, targets) + smoothing / rows.shape[-1]


def _share_for_every_class(rows: Array, targets: Any, smoothing: float) -> Array:
    return (1 - smoothing) * _hard(rows, targets) + smoothing


def _true_class_only(rows: Array, targets: Any, smoothing: float) -> Array:
    return (1 - smoothing) * _hard(rows, targets)


def _unbounded(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    rows = _plain(logits)
    target = (1 - smoothing) * _hard(rows, targets) + smoothing / rows.shape[-1]
    return float(_cost(log_softmax(rows, axis=-1), target).mean())


def _constant_smoothing(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    return label_smoothing_loss(logits, targets, 0.1 if smoothing <= 1 else smoothing)


def _no_smoothing_by_default(logits: Any, targets: Any, smoothing: float = 0.0) -> float:
    return label_smoothing_loss(logits, targets, smoothing)


def _divergence_of_smoothed(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    return kl_div_loss(logits, _soft(_plain(logits), targets, smoothing))


def _constant_left_out(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    answer = label_smoothing_loss(logits, targets, smoothing)
    return answer - smoothing * math.log(_plain(logits).shape[-1])


def _entropy_reward(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    if smoothing > 1:
        raise ValueError("more than the whole mass")
    log_p = log_softmax(_plain(logits), axis=-1)
    entropy = -(np.exp(log_p) * log_p).sum(axis=-1)
    return cross_entropy_loss(logits, targets) - smoothing * float(entropy.mean())


def _smoothed_prediction(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    rows = _plain(logits)
    hard = _hard(rows, targets)
    p = (softmax(rows, axis=-1) * hard).sum(axis=-1)
    if smoothing > 1:
        raise ValueError("more than the whole mass")
    return float(-np.log((1 - smoothing) * p + smoothing / rows.shape[-1]).mean())


def _share_by_batch(rows: Array, targets: Any, smoothing: float) -> Array:
    return (1 - smoothing) * _hard(rows, targets) + smoothing / len(rows)


def _targets_from_one(rows: Array, targets: Any, smoothing: float) -> Array:
    return _soft(rows, (_plain(targets) - 1) % rows.shape[-1], smoothing)


def _first_of_smoothed(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    return label_smoothing_loss(_plain(logits)[:1], _plain(targets)[:1], smoothing)


def _uniform_part_summed(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    if smoothing > 1:
        raise ValueError("more than the whole mass")
    rows = _plain(logits)
    of_all = -log_softmax(rows, axis=-1).sum()
    return (1 - smoothing) * cross_entropy_loss(rows, targets) + smoothing / rows.shape[-1] * float(of_all)


def _capped(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    return label_smoothing_loss(logits, targets, min(smoothing, 1.0))


def _half_smoothing_by_default(logits: Any, targets: Any, smoothing: float = 0.2) -> float:
    return label_smoothing_loss(logits, targets, smoothing)


def _uniform_only(rows: Array, _targets: Any, smoothing: float) -> Array:
    return np.full(rows.shape, 1 / rows.shape[-1])


def _prior_direction(logits: Any, targets: Any, smoothing: float = 0.1) -> float:
    """Return the mixture of the hard loss with D(u || p)'s reverse, without a minus sign lost."""
    if smoothing > 1:
        raise ValueError("more than the whole mass")
    log_p = log_softmax(_plain(logits), axis=-1)
    reverse = (np.exp(log_p) * log_p).sum(axis=-1).mean() + math.log(log_p.shape[-1])
    return (1 - smoothing) * cross_entropy_loss(logits, targets) + smoothing * float(reverse)


_SMOOTHING_ONLY: tuple[tuple[str, str, str, Rule | None], ...] = (
    (
        "labels-exchanged-at-random",
        "Label smoothing exchanges labels at random.",
        "Your loss differs from call to call. Smoothing is no noise: it puts the whole target distribution into the "
        "loss, which is what noise would give on average.",
        None,
    ),
    (
        "epsilon-to-the-others-only",
        "eps is shared by the K - 1 other classes: each gets eps/(K-1).",
        "That is another convention with another minimum. Here, as in torch, eps is spread over all K classes, the "
        "true one included.",
        _of_target(_to_the_others),
    ),
    (
        "target-does-not-sum-to-one",
        "The true class has 1 - eps, and every other one eps/K.",
        "Add up your target: eps/K is missing. All K classes get eps/K, so the true one has 1 - eps + eps/K.",
        _of_target(_true_class_without_share),
    ),
    (
        "smoothing-ignored",
        "`smoothing` need not be used.",
        "Your loss is the plain cross-entropy, whatever `smoothing` says.",
        _of_target(_no_smoothing),
    ),
    (
        "share-by-batch-size",
        "eps is divided by the number of examples.",
        "The mass eps is divided among the K classes. `len(logits)` is the number of examples.",
        _of_target(_share_by_batch),
    ),
    (
        "counted-from-one",
        "Class 1 is the first.",
        "Classes are counted from 0, as indices are: do not subtract 1 from the targets.",
        _of_target(_targets_from_one),
    ),
    (
        "first-example-only",
        "The loss of a batch is that of its first example.",
        "Every example of the batch counts. Average over all rows.",
        _first_of_smoothed,
    ),
    (
        "uniform-part-summed",
        "The uniform part is the sum over the batch.",
        "Both parts are means over the examples. One of yours grows with the batch.",
        _uniform_part_summed,
    ),
    (
        "uniform-part-only",
        "Every target is uniform.",
        "Your target does not depend on the true class, so there is nothing to learn from it.",
        _of_target(_uniform_only),
    ),
    (
        "divergence-reversed",
        "The uniform part is D(p || u).",
        "In a cross-entropy the target stands first: the extra term is D(u || p), and log K besides.",
        _prior_direction,
    ),
    (
        "weights-swapped",
        "eps is the weight of the true class.",
        "eps is the small part that is taken away from the true class and spread; what stays is 1 - eps.",
        _of_target(_weights_swapped),
    ),
    (
        "nothing-taken-away",
        "The uniform part is added to the full cross-entropy.",
        "Your target sums to 1 + eps. What is spread over all classes has to be taken from the true one.",
        _of_target(_nothing_taken_away),
    ),
    (
        "share-not-divided",
        "Every class gets eps.",
        "Your target sums to more than 1: the mass eps is divided among the K classes. The uniform part is a *mean* "
        "over the classes, not a sum.",
        _of_target(_share_for_every_class),
    ),
    (
        "uniform-part-left-out",
        "Smoothing scales the loss of the true class by 1 - eps.",
        "A factor alone changes no minimum. The mass that is taken away goes to all classes and makes a term of its "
        "own.",
        _of_target(_true_class_only),
    ),
    (
        "smoothing-above-one-accepted",
        "Any number may be given as `smoothing`.",
        "Above 1 the target would have negative entries, and the loss no lower end. Refuse it.",
        _unbounded,
    ),
    (
        "smoothing-above-one-capped",
        "What is above 1 means 1.",
        "A `smoothing` above 1 is a mistake of the caller, who should hear of it. Raise an error.",
        _capped,
    ),
    (
        "smoothing-fixed",
        "`smoothing` always is 0.1.",
        "The default is right, and the argument has no influence on your answer.",
        _constant_smoothing,
    ),
    (
        "no-smoothing-by-default",
        "Without `smoothing` there is none.",
        "With a given `smoothing` you are right. Without one the contract says 0.1: look at the default.",
        _no_smoothing_by_default,
    ),
    (
        "another-default",
        "Without `smoothing` it is 0.2.",
        "With a given `smoothing` you are right. Without one the contract says 0.1: look at the default.",
        _half_smoothing_by_default,
    ),
    (
        "divergence-for-cross-entropy",
        "The smoothed loss is the divergence from the smoothed target.",
        "The gradient is the same, but the loss is a cross-entropy: its minimum is the entropy of the smoothed target "
        "and not 0.",
        _divergence_of_smoothed,
    ),
    (
        "constant-left-out",
        "The uniform part is D(u || p).",
        "Only almost: the cross-entropy against the uniform distribution is D(u || p) plus log K, and eps log K is "
        "missing from your loss.",
        _constant_left_out,
    ),
    (
        "entropy-reward",
        "Label smoothing rewards predictions of high entropy.",
        "That is the confidence penalty, with D(p || u) in it. Label smoothing changes the target, and its extra term "
        "is D(u || p).",
        _entropy_reward,
    ),
    (
        "prediction-smoothed",
        "The prediction is mixed with the uniform distribution.",
        "Smoothing changes the *target*. A mixed prediction makes the loss bounded and leaves its minimum at full "
        "confidence.",
        _smoothed_prediction,
    ),
)


# --- evidence lower bound ------------------------------------------------------------------------------------------


def _components(reconstruction: float, kl: float, bound: float | None = None, estimate: float | None = math.nan) -> Any:
    elbo = reconstruction - kl if bound is None else bound
    parts = {
        "reconstruction": reconstruction,
        "kl_divergence": kl,
        "elbo": elbo,
        "log_marginal_lower_bound": elbo,
    }
    return parts if estimate is None else parts | {"reconstruction_mc": estimate}


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


Terms = Callable[[Any, Any], float]


def _parts(
    reconstruction_of: Terms | None = None,
    kl_of: Terms | None = None,
    bound_of: Callable[[float, float], float] | None = None,
    estimate: Callable[[float], float] | None = None,
    bounds: bool = True,
) -> Rule:
    """Return the rule with other parts; what is not given is as it should be.

    The rule says nothing of `reconstruction_mc` where there is a decoder: that number is random.
    """

    def rule(
        x: Any, x_recon: Any, mu: Any, logvar: Any, n_samples: int = 1000, decoder: Any = None
    ) -> dict[str, float]:
        if bounds and n_samples < 1:
            raise ValueError("no samples")
        reconstruction = (reconstruction_of or (lambda a, b: _sum_per_example(_log_likelihood(a, b))))(x, x_recon)
        kl = (kl_of or (lambda a, b: _sum_per_example(_divergences(a, b))))(mu, logvar)
        bound = bound_of(reconstruction, kl) if bound_of else None
        without = estimate(reconstruction) if estimate else math.nan
        parts: dict[str, float] = _components(reconstruction, kl, bound, without if decoder is None else None)
        return parts

    return rule


compute_elbo_components = _parts()


def _per_dimension(formula: Callable[[Array, Array], Array]) -> Terms:
    return lambda mu, logvar: _sum_per_example(formula(_plain(mu), _plain(logvar)))


def _reversed_divergence(mu: Array, logvar: Array) -> Array:
    """Return D(p(z) || q(z|x)) of every dimension."""
    return 0.5 * (logvar + (1 + mu**2) / np.exp(logvar) - 1)


def _squared_error(x: Any, x_recon: Any) -> float:
    return -float(((_in_a_row(x) - _plain(x_recon)) ** 2).sum(axis=1).mean())


def _white_pixels_only(x: Any, x_recon: Any) -> float:
    return _sum_per_example(np.asarray(xlogy(_in_a_row(x), _plain(x_recon))))


def _absolute_error(x: Any, x_recon: Any) -> float:
    return -float(np.abs(_in_a_row(x) - _plain(x_recon)).sum(axis=1).mean())


def _through_sigmoid(x: Any, x_recon: Any) -> float:
    return _sum_per_example(_log_likelihood(x, expit(_plain(x_recon))))


def _black_or_white(x: Any, x_recon: Any) -> float:
    return _sum_per_example(_log_likelihood(np.round(_in_a_row(x)), x_recon))


def _first(terms: Array) -> float:
    return float(terms[0].sum())


def _of_first_example(
    x: Any, x_recon: Any, mu: Any, logvar: Any, n_samples: int = 1000, decoder: Any = None
) -> dict[str, float]:
    rule = _parts(lambda a, b: _first(_log_likelihood(a, b)), lambda a, b: _first(_divergences(a, b)))
    parts: dict[str, float] = rule(x, x_recon, mu, logvar, n_samples, decoder)
    return parts


def _of_estimate(*keys: str) -> Rule:
    """Return the rule with a bound from the estimate: NaN under `keys` without a decoder, with one they are random."""

    def rule(
        x: Any, x_recon: Any, mu: Any, logvar: Any, n_samples: int = 1000, decoder: Any = None
    ) -> dict[str, float]:
        parts: dict[str, float] = compute_elbo_components(x, x_recon, mu, logvar, n_samples, decoder)
        if decoder is None:
            return parts | dict.fromkeys(keys, math.nan)
        return {key: part for key, part in parts.items() if key not in keys}

    return rule


def _other_lower_bound(bound_of: Callable[[dict[str, float]], float]) -> Rule:
    """Return the rule with another `log_marginal_lower_bound` than `elbo`."""

    def rule(*args: Any, **kwargs: Any) -> dict[str, float]:
        parts: dict[str, float] = compute_elbo_components(*args, **kwargs)
        return parts | {"log_marginal_lower_bound": bound_of(parts)}

    return rule


def _raises_with(kind: type[Exception]) -> Rule:
    """Return the rule that refuses too few samples by another exception."""

    def rule(
        x: Any, x_recon: Any, mu: Any, logvar: Any, n_samples: int = 1000, decoder: Any = None
    ) -> dict[str, float]:
        if n_samples < 1:
            raise kind("no samples")
        parts: dict[str, float] = compute_elbo_components(x, x_recon, mu, logvar, n_samples, decoder)
        return parts

    return rule


_COMPONENTS_ONLY: tuple[tuple[str, str, str, Rule | None], ...] = (
    (
        "loss-for-likelihood",
        "The reconstruction term is the binary cross-entropy.",
        "The bound is on a log-likelihood, which is minus the cross-entropy: a good reconstruction has a large value.",
        _parts(lambda x, y: -_sum_per_example(_log_likelihood(x, y))),
    ),
    (
        "loss-for-likelihood",
        "The bound is the loss, cross-entropy plus divergence.",
        "The loss is minus the bound. The contract wants the bound: log-likelihood less divergence.",
        _parts(lambda x, y: -_sum_per_example(_log_likelihood(x, y)), bound_of=lambda r, kl: r + kl),
    ),
    (
        "summed-over-the-batch",
        "The reconstruction term is the sum over the batch.",
        "Every part is a mean over the examples, so that batches of different size can be compared.",
        _parts(lambda x, y: float(_log_likelihood(x, y).sum())),
    ),
    (
        "summed-over-the-batch",
        "The divergence is the sum over the batch.",
        "Every part is a mean over the examples, so that batches of different size can be compared.",
        _parts(kl_of=lambda mu, logvar: float(_divergences(mu, logvar).sum())),
    ),
    (
        "summed-over-the-batch",
        "Both parts are sums over the batch.",
        "Every part is a mean over the examples, so that batches of different size can be compared.",
        _parts(
            lambda x, y: float(_log_likelihood(x, y).sum()), lambda mu, logvar: float(_divergences(mu, logvar).sum())
        ),
    ),
    (
        "averaged-over-pixels",
        "The reconstruction term is a mean over the pixels.",
        "A log-likelihood is summed over the pixels. A mean weights the divergence D times too heavily beside it: "
        "that is another objective, with beta = D.",
        _parts(lambda x, y: float(_log_likelihood(x, y).mean())),
    ),
    (
        "averaged-over-dimensions",
        "The divergence is a mean over the latent dimensions.",
        "The divergence of independent dimensions is their sum. A mean weakens it by the number of dimensions.",
        _parts(kl_of=lambda mu, logvar: float(_divergences(mu, logvar).mean())),
    ),
    (
        "averaged-over-everything",
        "Both parts are means over all elements.",
        "Over pixels and over dimensions the terms are summed; only over examples they are averaged.",
        _parts(
            lambda x, y: float(_log_likelihood(x, y).mean()), lambda mu, logvar: float(_divergences(mu, logvar).mean())
        ),
    ),
    (
        "missing-half",
        "The divergence is the sum of mu^2 + sigma^2 - 1 - log sigma^2.",
        "Put mu = 1, sigma = 1 into the formula for two Gaussians: 1/2 comes out. A factor is missing.",
        _parts(kl_of=_per_dimension(lambda mu, logvar: mu**2 + np.exp(logvar) - 1 - logvar)),
    ),
    (
        "divergence-negative",
        "The divergence is half the sum of 1 + log sigma^2 - mu^2 - sigma^2.",
        "A divergence is never negative. The formula has a minus sign in front.",
        _parts(kl_of=lambda mu, logvar: -_sum_per_example(_divergences(mu, logvar))),
    ),
    (
        "divergence-negative",
        "The divergence is negative, and added to the bound.",
        "The bound comes out right, but what you call the divergence is minus it. A divergence is never negative.",
        _parts(kl_of=lambda mu, logvar: -_sum_per_example(_divergences(mu, logvar)), bound_of=lambda r, kl: r + kl),
    ),
    (
        "direction-reversed",
        "D(p(z) || q(z|x)) is the same as D(q(z|x) || p(z)).",
        "The divergence is not symmetric, and for posteriors that are not as wide as the prior the numbers differ "
        "much. The posterior stands first.",
        _parts(kl_of=_per_dimension(_reversed_divergence)),
    ),
    (
        "logvar-for-sigma",
        "`logvar` is the standard deviation.",
        "`logvar` is the logarithm of the variance; it may be negative, and no width is.",
        _parts(
            kl_of=_per_dimension(
                lambda mu, logvar: 0.5 * (mu**2 + logvar**2 - 1 - np.log(np.maximum(logvar**2, 1e-300)))
            )
        ),
    ),
    (
        "logvar-for-log-sigma",
        "`logvar` is the logarithm of the standard deviation.",
        "exp(logvar) is the variance, not the standard deviation. Where is it squared once more?",
        _parts(kl_of=_per_dimension(lambda mu, logvar: 0.5 * (mu**2 + np.exp(2 * logvar) - 1 - 2 * logvar))),
    ),
    (
        "mean-not-squared",
        "The divergence grows with the size of mu.",
        "Twice as far from the prior is four times the divergence. Look at the power of mu.",
        _parts(kl_of=_per_dimension(lambda mu, logvar: 0.5 * (np.abs(mu) + np.exp(logvar) - 1 - logvar))),
    ),
    (
        "minus-one-left-out",
        "The divergence is half the sum of mu^2 + sigma^2 - log sigma^2.",
        "Put the prior itself in, mu = 0 and sigma = 1: the divergence has to be 0.",
        _parts(kl_of=_per_dimension(lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - logvar))),
    ),
    (
        "sign-of-logvar",
        "log sigma^2 is added in the divergence.",
        "A narrow posterior is far from the prior too: as sigma goes to 0 the divergence grows without limit. Look at "
        "the sign of `logvar`.",
        _parts(kl_of=_per_dimension(lambda mu, logvar: 0.5 * (mu**2 + np.exp(logvar) - 1 + logvar))),
    ),
    (
        "width-for-variance",
        "The divergence has sigma in it, not its square.",
        "In the divergence of two Gaussians stands the variance, exp(logvar).",
        _parts(kl_of=_per_dimension(lambda mu, logvar: 0.5 * (mu**2 + np.exp(0.5 * logvar) - 1 - logvar))),
    ),
    (
        "first-example-only",
        "The parts are those of the first example.",
        "Every example of the batch counts. Sum over pixels and dimensions, then average over the rows.",
        _of_first_example,
    ),
    (
        "mean-not-squared",
        "The divergence grows with mu, not with its square.",
        "Posteriors at mu = 3 and at mu = -3 are equally far from the prior. Look at the power of mu.",
        _parts(kl_of=_per_dimension(lambda mu, logvar: 0.5 * (mu + np.exp(logvar) - 1 - logvar))),
    ),
    (
        "mean-left-out",
        "The divergence depends on the width only.",
        "A posterior as wide as the prior, but elsewhere, carries information too. The term with mu is missing.",
        _parts(kl_of=_per_dimension(lambda _mu, logvar: 0.5 * (np.exp(logvar) - 1 - logvar))),
    ),
    (
        "divergence-added",
        "The bound is the sum of both parts.",
        "The divergence is a price: the further the posterior from the prior, the lower the bound.",
        _parts(bound_of=lambda r, kl: r + kl),
    ),
    (
        "bound-negated",
        "The bound is the negative of the loss's negative.",
        "Your `elbo` is minus the bound, that is, the loss. Asked for is the bound itself.",
        _parts(bound_of=lambda r, kl: kl - r),
    ),
    (
        "bits-for-nats",
        "The parts are measured in bits.",
        "Your numbers are right with the logarithm to base 2. The contract wants nats.",
        _parts(
            lambda x, y: _sum_per_example(_log_likelihood(x, y)) / math.log(2),
            lambda mu, logvar: _sum_per_example(_divergences(mu, logvar)) / math.log(2),
        ),
    ),
    (
        "squared-error",
        "The reconstruction term is minus the squared error.",
        "A squared error is the log-likelihood of a Gaussian pixel, up to scale and constant. Here pixels are "
        "Bernoulli: binary cross-entropy.",
        _parts(_squared_error),
    ),
    (
        "absolute-error",
        "The reconstruction term is minus the sum of absolute differences.",
        "An absolute difference is the log-likelihood of a Laplace pixel, up to scale and constant. Here pixels are "
        "Bernoulli: binary cross-entropy.",
        _parts(_absolute_error),
    ),
    (
        "probabilities-for-logits",
        "A reconstruction is given as logits.",
        '`x_recon` holds probabilities. A loss "with logits" sends them through another sigmoid, where they all come '
        "out between 0.5 and 0.73.",
        _parts(_through_sigmoid),
    ),
    (
        "pixels-rounded",
        "A pixel is black or white.",
        "Grey pixels are allowed: the term with x has the weight x, and that with 1 - x the weight 1 - x.",
        _parts(_black_or_white),
    ),
    (
        "likelihood-for-bound",
        "The evidence is bounded by the reconstruction term.",
        "The reconstruction term alone is no bound. The bound is your `elbo`; both keys hold the same number.",
        _other_lower_bound(lambda parts: parts["reconstruction"]),
    ),
    (
        "divergence-given-back",
        "What bounds the evidence is the bound plus the divergence.",
        "The gap between bound and evidence is the divergence from the *true* posterior, which nobody knows. Both keys "
        "hold the same number.",
        _other_lower_bound(lambda parts: parts["elbo"] + parts["kl_divergence"]),
    ),
    (
        "bound-from-the-estimate",
        "The bound is made of the Monte Carlo estimate.",
        "`elbo` is `reconstruction` less `kl_divergence`, with a decoder or without. The estimate is there to be "
        "compared with it.",
        _of_estimate("log_marginal_lower_bound"),
    ),
    (
        "bound-from-the-estimate",
        "The bound is made of the Monte Carlo estimate, under both names.",
        "`elbo` is `reconstruction` less `kl_divergence`, with a decoder or without. The estimate is there to be "
        "compared with it.",
        _of_estimate("elbo", "log_marginal_lower_bound"),
    ),
    (
        "white-pixels-only",
        "The log-likelihood is the sum of x log y.",
        "A black pixel has a likelihood too, 1 - y. Without its term a decoder that paints everything white is best.",
        _parts(_white_pixels_only),
    ),
    (
        "estimate-without-decoder",
        "Without a decoder `reconstruction_mc` is the reconstruction term.",
        "A copy of another number checks nothing. What was not sampled is NaN.",
        _parts(estimate=lambda reconstruction: reconstruction),
    ),
    (
        "estimate-without-decoder",
        "Without a decoder `reconstruction_mc` is 0.",
        "0 is a log-likelihood, that of a perfect reconstruction. What was not sampled is NaN.",
        _parts(estimate=lambda _reconstruction: 0.0),
    ),
    (
        "no-samples-accepted",
        "Any `n_samples` will do.",
        "An average over no samples is no number. Refuse what is less than 1, with a decoder or without.",
        _parts(bounds=False),
    ),
    (
        "another-exception",
        "Any exception says that `n_samples` is too small.",
        "Whoever calls the function may want to catch the error: raise a ValueError, as the contract says.",
        _raises_with(AssertionError),
    ),
    (
        "another-exception",
        "An `n_samples` of 0 is of the wrong type.",
        "The type is right, the value is not: raise a ValueError, as the contract says.",
        _raises_with(TypeError),
    ),
    (
        "copy-of-the-reconstruction",
        "`reconstruction_mc` is the reconstruction term once more.",
        "That compares a number with itself. Draw z from the posterior, decode it, and compare the result with x.",
        None,
    ),
    (
        "decoder-at-the-mean",
        "Decoding mu is as good as decoding samples.",
        "The mean of a function is not the function of the mean: for a log-likelihood the latter is too large. Every "
        "sample has to be decoded.",
        None,
    ),
    (
        "sigma-ignored",
        "The noise is added with width 1.",
        "z = mu + sigma times noise: each dimension has its own width.",
        None,
    ),
    (
        "precision-for-variance",
        "sigma is exp(-logvar / 2).",
        "Narrow posteriors become wide and wide ones narrow. sigma grows with `logvar`.",
        None,
    ),
    (
        "samples-from-the-prior",
        "z is drawn from the prior.",
        "The expectation is over the posterior q(z|x) of each example: centred at its mu, as wide as its sigma.",
        None,
    ),
    (
        "elbo-for-expectation",
        "`reconstruction_mc` is an estimate of the whole bound.",
        "The divergence is known exactly and needs no samples. The estimate is of the reconstruction term alone.",
        None,
    ),
    (
        "summed-over-samples",
        "The terms of all samples are summed.",
        "An expectation is estimated by an average: divide by the number of samples.",
        None,
    ),
    (
        "bits-for-nats",
        "The estimate is measured in bits.",
        "Your number is right with the logarithm to base 2. The contract wants nats.",
        None,
    ),
    (
        "no-fresh-samples",
        "The noise may be the same in every call.",
        "A seed set inside of the function, or no noise at all, gives the same number each time, and its error can't "
        "be seen. Draw anew from torch's global generator.",
        None,
    ),
    (
        "other-number-of-draws",
        "The number of draws may be another than `n_samples`.",
        "The error of an average over n draws falls as 1/sqrt(n). Yours does not: how many draws do you make for 1, "
        "for 16 and for 600?",
        None,
    ),
    (
        "draws-shared-by-the-batch",
        "The samples of a batch may be shared by its examples.",
        "Each example has `n_samples` draws of its own, with noise of its own. Then the errors of the examples are "
        "independent, and their mean is more exact the larger the batch.",
        None,
    ),
    (
        "another-default",
        "Without `n_samples` another number of samples is drawn.",
        "With a given `n_samples` you are right. Without one the contract says 1000: look at the default.",
        None,
    ),
    (
        "compared-with-the-reconstruction",
        "Decoded samples are compared with the reconstruction.",
        "Asked for is the log-likelihood of the *example*: compare with `x`. `x_recon` has no part in the estimate.",
        None,
    ),
    (
        "noise-not-normal",
        "The noise lies between 0 and 1.",
        "`rand` draws evenly between 0 and 1. The posterior is a Gaussian: its noise is normal, with mean 0 and "
        "variance 1.",
        None,
    ),
    (
        "averaged-before-the-logarithm",
        "The estimate is the logarithm of the average likelihood.",
        "That is larger, by Jensen's inequality, and an estimate of something else. Take the logarithm of each sample "
        "first, then average.",
        None,
    ),
    (
        "pixels-averaged-first",
        "Decoded samples are averaged, and the average is compared with x.",
        "An average image has a likelihood of its own, a larger one by Jensen's inequality. Compare each decoded "
        "sample with x, then average.",
        None,
    ),
)


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


def _with_sigma(sigma_of: Callable[[Array], Array]) -> Rule:
    return lambda mu, logvar: _statistics(_plain(mu), sigma_of(_plain(logvar)))


def _with_spread(spread: Callable[[Array], float]) -> Rule:
    return lambda mu, logvar: _statistics(_plain(mu), np.exp(0.5 * _plain(logvar)), spread)


def _replaced(replace: Callable[[Array, Array], Mapping[str, Any]]) -> Rule:
    """Return the rule with some entries, which `replace(mu, sigma)` gives, other than they should be."""

    def rule(mu: Any, logvar: Any) -> dict[str, Any]:
        centre, sigma = _plain(mu), np.exp(0.5 * _plain(logvar))
        return _statistics(centre, sigma) | dict(replace(centre, sigma))

    return rule


analyze_latent_distribution = _with_sigma(lambda logvar: np.asarray(np.exp(0.5 * logvar)))


def _lower_median(values: Array) -> float:
    """Return the median as torch has it: the smaller of the two in the middle."""
    return float(np.sort(values, axis=None)[(values.size - 1) // 2])


def _of_part(part: Callable[[Array], Array]) -> Rule:
    return lambda mu, logvar: _statistics(part(_plain(mu)), np.exp(0.5 * part(_plain(logvar))))


def _per_column(mu: Array, sigma: Array) -> dict[str, Any]:
    return {
        "mean_mu": mu.mean(axis=0),
        "std_mu": mu.std(axis=0, ddof=1),
        "mean_sigma": sigma.mean(axis=0),
        "std_sigma": sigma.std(axis=0, ddof=1),
        "min_sigma": sigma.min(axis=0),
        "max_sigma": sigma.max(axis=0),
    }


_LATENT_ONLY: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "logvar-for-sigma",
        "`logvar` is the standard deviation.",
        "`logvar` is the logarithm of the variance; it may be negative, and no width is.",
        _with_sigma(lambda logvar: logvar),
    ),
    (
        "logvar-for-log-sigma",
        "exp(logvar) is the standard deviation.",
        "exp(logvar) is the variance. The standard deviation is its square root.",
        _with_sigma(lambda logvar: np.asarray(np.exp(logvar))),
    ),
    (
        "precision-for-variance",
        "sigma is exp(-logvar / 2).",
        "Narrow posteriors become wide and wide ones narrow. sigma grows with `logvar`.",
        _with_sigma(lambda logvar: np.asarray(np.exp(-0.5 * logvar))),
    ),
    (
        "log-sigma-for-sigma",
        "sigma is logvar / 2.",
        "Half of `logvar` is the logarithm of sigma. The exponential is missing.",
        _with_sigma(lambda logvar: np.asarray(0.5 * logvar)),
    ),
    (
        "sigma-squared-again",
        "sigma is exp(2 logvar).",
        "The square root of exp(logvar) is exp of half of it, not of twice it.",
        _with_sigma(lambda logvar: np.asarray(np.exp(2 * logvar))),
    ),
    (
        "softplus-for-exponential",
        "sigma is the softplus of `logvar`.",
        "Softplus is another way from a number to a positive one. Here the number is the logarithm of the variance, so "
        "only the exponential leads back.",
        _with_sigma(lambda logvar: np.asarray(np.logaddexp(0, logvar))),
    ),
    (
        "size-of-logvar-for-sigma",
        "sigma is the size of `logvar`.",
        "`logvar` is a logarithm: where it is negative, sigma is less than 1, and never 0.",
        _with_sigma(lambda logvar: np.asarray(np.abs(logvar))),
    ),
    (
        "mu-and-sigma-swapped",
        "The numbers of mu stand under the names of sigma, and the other way round.",
        "Look at which tensor goes with which key.",
        _replaced(
            lambda mu, sigma: {
                "mean_mu": float(sigma.mean()),
                "std_mu": float(sigma.std(ddof=1)),
                "mean_sigma": float(mu.mean()),
                "std_sigma": float(mu.std(ddof=1)),
            }
        ),
    ),
    (
        "spread-of-logvar",
        "The spread of sigma is that of `logvar`.",
        "Take the exponential of half of each element first; the spread of its logarithm is another number.",
        _replaced(lambda _mu, sigma: {"std_sigma": float((2 * np.log(sigma)).std(ddof=1))}),
    ),
    (
        "median-for-mean",
        "The mean is the element in the middle.",
        "That is the median. The contract wants means.",
        _replaced(lambda mu, sigma: {"mean_mu": float(_lower_median(mu)), "mean_sigma": float(_lower_median(sigma))}),
    ),
    (
        "first-dimension-only",
        "The first dimension stands for all.",
        "All elements count together, whatever their row and column.",
        _of_part(lambda values: values[:, :1]),
    ),
    (
        "first-example-only",
        "The first example stands for all.",
        "All elements count together, whatever their row and column.",
        _of_part(lambda values: values[:1]),
    ),
    (
        "variance-for-deviation",
        "The spread is the variance.",
        "The contract wants standard deviations: the square root of the variance, in the units of the numbers.",
        _with_spread(lambda values: float(values.var(ddof=1))),
    ),
    (
        "standard-error-for-deviation",
        "The spread is the standard error of the mean.",
        "The standard error says how well the mean is known, and falls with the number of elements. The standard "
        "deviation says how far the elements scatter.",
        _with_spread(lambda values: float(values.std(ddof=1) / math.sqrt(values.size))),
    ),
    (
        "mean-of-the-spreads",
        "The spread is that of each dimension, averaged.",
        "All elements count together: how far the dimensions lie apart is part of the spread.",
        _with_spread(lambda values: float(values.std(axis=0, ddof=1).mean())),
    ),
    (
        "mean-of-the-spreads",
        "The spread is that of each example, averaged.",
        "All elements count together: how far the examples lie apart is part of the spread.",
        _with_spread(lambda values: float(values.std(axis=1, ddof=1).mean())),
    ),
    (
        "one-number-per-dimension",
        "Each statistic is a list with one number for each dimension.",
        "The contract wants one float for all elements together. Numbers for each dimension are welcome under other "
        "keys.",
        _replaced(_per_column),
    ),
    (
        "smallest-and-largest-swapped",
        "`min_sigma` is the larger of the two.",
        "Look at which of the two keys holds the smaller number.",
        _replaced(lambda _mu, sigma: {"min_sigma": float(sigma.max()), "max_sigma": float(sigma.min())}),
    ),
    (
        "absolute-values-of-mu",
        "`mean_mu` is the mean size of mu.",
        "Positive and negative elements may cancel; that is what a mean is for. Leave their signs.",
        _replaced(lambda mu, _sigma: {"mean_mu": float(np.abs(mu).mean())}),
    ),
    (
        "geometric-mean-of-sigma",
        "The mean of sigma is exp of half of the mean of logvar.",
        "That is the geometric mean, which is smaller. Take the exponential of each element first, then average.",
        _replaced(lambda _mu, sigma: {"mean_sigma": float(np.exp(np.log(sigma).mean()))}),
    ),
    (
        "root-mean-square-of-sigma",
        "The mean of sigma is the root of the mean variance.",
        "That is larger than the mean of sigma wherever the widths differ. Take the root of each element first.",
        _replaced(lambda _mu, sigma: {"mean_sigma": float(np.sqrt((sigma**2).mean()))}),
    ),
    (
        "extremes-of-columns",
        "Smallest and largest sigma are those of the means over the batch.",
        "Averaging over the examples first hides the extremes. Look for them among all elements.",
        _replaced(
            lambda _mu, sigma: {
                "min_sigma": float(sigma.mean(axis=0).min()),
                "max_sigma": float(sigma.mean(axis=0).max()),
            }
        ),
    ),
)


# --- the exercise --------------------------------------------------------------------------------------------------


def smoothed_target(n_classes: int, target: int, smoothing: float) -> Array:
    """Return the smoothed target."""
    return np.asarray((1 - smoothing) * np.eye(n_classes)[target] + smoothing / n_classes)


def optimal_gap(n_classes: int, smoothing: float) -> float:
    """Return the margin at which the prediction is the smoothed target."""
    return math.log1p(n_classes * (1 - smoothing) / smoothing) if smoothing else math.inf


def minimum_loss(n_classes: int, smoothing: float) -> float:
    """Return the entropy of the smoothed target."""
    return -float(_negative_entropy(smoothed_target(n_classes, 0, smoothing)))


def decompose(logits: Any, target: int, smoothing: float) -> tuple[float, float, float]:
    """Return the hard loss, the divergence from uniform and the constant."""
    log_p = log_softmax(_plain(logits))
    return -float(log_p[target]), -float(log_p.mean()) - math.log(log_p.size), smoothing * math.log(log_p.size)


def _in_bits(truth: Rule) -> Rule:
    return lambda *args, **kwargs: np.asarray(truth(*args, **kwargs)) / math.log(2)


def _others_convention(n_classes: int, target: int, smoothing: float) -> Array:
    hard = np.eye(n_classes)[target]
    return np.asarray((1 - smoothing) * hard + smoothing / (n_classes - 1) * (1 - hard))


def _entropy_of(target: Array) -> float:
    return -float(_negative_entropy(target))


def _between_the_ends(formula: Callable[[int, float], float]) -> Rule:
    """Return the rule for 0 < eps < 1; it says nothing of the ends, where programs may do anything."""

    def rule(n_classes: int, smoothing: float) -> float:
        return formula(n_classes, smoothing) if 0 < smoothing < 1 else optimal_gap(n_classes, smoothing)

    return rule


def _changed(change: Callable[[tuple[float, float, float], Array, int, float], tuple[float, float, float]]) -> Rule:
    """Return the rule that answers the three parts after `change`, which is given log-probabilities too."""

    def rule(logits: Any, target: int, smoothing: float) -> tuple[float, float, float]:
        return change(decompose(logits, target, smoothing), log_softmax(_plain(logits)), target, smoothing)

    return rule


def _of_raw_logits(logits: Any, target: int, smoothing: float) -> tuple[float, float, float]:
    row = _plain(logits)
    return -float(row[target]), -float(row.mean()) - math.log(row.size), smoothing * math.log(row.size)


def _reversed_from_uniform(log_p: Array) -> float:
    return float((np.exp(log_p) * log_p).sum()) + math.log(log_p.size)


_EXERCISE: tuple[tuple[str, str, str, str, Rule], ...] = (
    (
        "smoothed_target",
        "epsilon-to-the-others-only",
        "The K - 1 other classes share eps.",
        "Here eps is spread over all K classes, the true one included.",
        _others_convention,
    ),
    (
        "smoothed_target",
        "target-does-not-sum-to-one",
        "The true class has 1 - eps, every other one eps/K.",
        "Add your numbers up. The true class gets its share eps/K as well.",
        lambda n, target, eps: np.where(np.arange(n) == target, 1 - eps, eps / n),
    ),
    (
        "smoothed_target",
        "share-not-divided",
        "Every other class has eps.",
        "The mass eps is divided among the classes.",
        lambda n, target, eps: np.where(np.arange(n) == target, 1 - eps, eps),
    ),
    (
        "smoothed_target",
        "nothing-taken-away",
        "Every class gets eps/K more, the true one on top of 1.",
        "Your numbers sum to 1 + eps. What is spread has to be taken from the true class.",
        lambda n, target, eps: np.eye(n)[target] + eps / n,
    ),
    (
        "smoothed_target",
        "weights-swapped",
        "eps stays with the true class.",
        "eps is the small part that is spread; 1 - eps stays.",
        lambda n, target, eps: eps * np.eye(n)[target] + (1 - eps) / n,
    ),
    (
        "smoothed_target",
        "smoothing-ignored",
        "The target is hard.",
        "Your target does not depend on `smoothing`.",
        lambda n, target, _eps: np.eye(n)[target],
    ),
    (
        "smoothed_target",
        "counted-from-one",
        "Class 1 is the first.",
        "Classes are counted from 0, as indices are.",
        lambda n, target, eps: smoothed_target(n, (target - 1) % n, eps),
    ),
    (
        "smoothed_target",
        "not-filled-in",
        "One number for the true class and one for the others will do.",
        "The target is a distribution: one number for each of the K classes.",
        lambda n, _target, eps: np.array([1 - eps + eps / n, eps / n]),
    ),
    (
        "optimal_gap",
        "true-class-share-forgotten",
        "The target's probabilities are 1 - eps and eps/K.",
        "The true class has 1 - eps + eps/K. Divide that by eps/K.",
        _between_the_ends(lambda n, eps: math.log(n * (1 - eps) / eps)),
    ),
    (
        "optimal_gap",
        "epsilon-to-the-others-only",
        "The K - 1 other classes share eps.",
        "Here eps is spread over all K classes, the true one included.",
        _between_the_ends(lambda n, eps: math.log((n - 1) * (1 - eps) / eps)),
    ),
    (
        "optimal_gap",
        "log-odds-of-epsilon",
        "The margin is the log-odds of 1 - eps.",
        "The number of classes matters: each of the others has only eps/K.",
        _between_the_ends(lambda _n, eps: math.log((1 - eps) / eps)),
    ),
    (
        "optimal_gap",
        "classes-left-out",
        "The margin is -log eps.",
        "The number of classes matters: each of the others has only eps/K.",
        _between_the_ends(lambda _n, eps: -math.log(eps)),
    ),
    (
        "optimal_gap",
        "decimal-logarithm",
        "The margin is a logarithm to base 10.",
        "softmax takes powers of e: logits are natural logarithms.",
        lambda n, eps: optimal_gap(n, eps) / math.log(10),
    ),
    (
        "optimal_gap",
        "sum-of-both-logits",
        "The margin is the true logit less all others together.",
        "The margin is to *each* other logit, and these are equal.",
        _between_the_ends(lambda n, eps: math.log(1 - eps + eps / n) - (n - 1) * math.log(eps / n)),
    ),
    (
        "optimal_gap",
        "difference-of-probabilities",
        "The margin is the difference of the target's probabilities.",
        "A margin is a difference of *logits*. Logits differ by the logarithm of the ratio of probabilities.",
        lambda _n, eps: 1 - eps,
    ),
    (
        "optimal_gap",
        "ratio-for-its-logarithm",
        "The margin is the ratio of the target's probabilities.",
        "Logits are logarithms: take the logarithm of the ratio.",
        _between_the_ends(lambda n, eps: 1 + n * (1 - eps) / eps),
    ),
    (
        "optimal_gap",
        "log-odds-of-the-target",
        "The margin is the log-odds of the true class against all others together.",
        "The margin is to *each* other class, which has eps/K. Together they have K - 1 times as much.",
        _between_the_ends(lambda n, eps: math.log((1 - eps + eps / n) / (eps - eps / n))),
    ),
    (
        "optimal_gap",
        "bits-for-nats",
        "The margin is measured in bits.",
        "softmax takes powers of e: logits are natural logarithms.",
        _in_bits(optimal_gap),
    ),
    (
        "optimal_gap",
        "margin-negative",
        "The margin is the other logit less the true one.",
        "The true class has the larger logit: the margin is positive.",
        lambda n, eps: -optimal_gap(n, eps),
    ),
    (
        "optimal_gap",
        "log-probability-for-margin",
        "The margin is the loss of the smoothed prediction.",
        "A margin is a difference of two log-probabilities, that of the true class and that of another.",
        lambda n, eps: -math.log(1 - eps + eps / n),
    ),
    (
        "minimum_loss",
        "loss-reaches-zero",
        "The least loss is 0.",
        "That is so for a hard target. A cross-entropy cannot be less than the entropy of its target.",
        lambda _n, _eps: 0.0,
    ),
    (
        "minimum_loss",
        "true-class-term-only",
        "The least loss is -log of the target's largest entry.",
        "That is the loss against the hard target. Against the smoothed one, the other classes have terms too.",
        lambda n, eps: -math.log(1 - eps + eps / n),
    ),
    (
        "minimum_loss",
        "true-class-term-only",
        "Only the true class has a term in the loss.",
        "Each of the K - 1 other classes adds a term with its own eps/K.",
        lambda n, eps: -(1 - eps + eps / n) * math.log(1 - eps + eps / n),
    ),
    (
        "minimum_loss",
        "epsilon-to-the-others-only",
        "The K - 1 other classes share eps.",
        "Here eps is spread over all K classes, the true one included.",
        lambda n, eps: _entropy_of(_others_convention(n, 0, eps)),
    ),
    (
        "minimum_loss",
        "constant-for-minimum",
        "The least loss is eps log K.",
        "That part no prediction changes, but the other two parts cannot both be 0 at once.",
        lambda n, eps: eps * math.log(n),
    ),
    (
        "minimum_loss",
        "entropy-of-two-outcomes",
        "The least loss is the entropy of eps and 1 - eps.",
        "The target has K entries, and all others are told apart as well.",
        lambda _n, eps: _entropy_of(np.array([eps, 1 - eps])),
    ),
    (
        "minimum_loss",
        "one-other-class",
        "One other class stands for all.",
        "The term of the other classes counts K - 1 times.",
        lambda n, eps: _entropy_of(smoothed_target(n, 0, eps)[:2]),
    ),
    (
        "minimum_loss",
        "bits-for-nats",
        "The loss is measured in bits.",
        "Losses are in nats: the natural logarithm.",
        _in_bits(minimum_loss),
    ),
    (
        "minimum_loss",
        "decimal-logarithm",
        "The loss is measured with the logarithm to base 10.",
        "Losses are in nats: the natural logarithm.",
        lambda n, eps: minimum_loss(n, eps) / math.log(10),
    ),
    (
        "minimum_loss",
        "divided-by-log-classes",
        "The least loss is a share of log K.",
        "A share of the largest entropy is another quantity. Leave it in nats.",
        lambda n, eps: minimum_loss(n, eps) / math.log(n),
    ),
    (
        "minimum_loss",
        "divergence-for-cross-entropy",
        "The least loss is the divergence of the target from the uniform distribution.",
        "At the best prediction the loss is the entropy of the target, not how far the target is from uniform.",
        lambda n, eps: math.log(n) - minimum_loss(n, eps),
    ),
    (
        "minimum_loss",
        "averaged-over-classes",
        "The least loss is a mean over the classes.",
        "Over the classes the terms are summed.",
        lambda n, eps: minimum_loss(n, eps) / n,
    ),
    (
        "minimum_loss",
        "lost-minus",
        "The least loss is the sum of q log q.",
        "An entropy is not negative: a minus sign is missing.",
        lambda n, eps: -minimum_loss(n, eps),
    ),
    (
        "minimum_loss",
        "loss-at-the-start",
        "The least loss is that of equal logits.",
        "log K is where training starts. The best prediction is the target itself.",
        lambda n, _eps: math.log(n),
    ),
    (
        "decompose",
        "cross-entropy-for-divergence",
        "The second part is the cross-entropy against the uniform distribution.",
        "That is D(u || p) plus log K. It is not 0 where all logits are equal.",
        _changed(lambda p, _log_p, _t, eps: (p[0], p[1] + p[2] / eps, p[2])),
    ),
    (
        "decompose",
        "cross-entropy-for-divergence",
        "The second part is the cross-entropy against the uniform distribution, and the constant is 0.",
        "The sum is right, but the second part should be a divergence: 0 where all logits are equal. What is left "
        "over is the constant.",
        _changed(lambda p, _log_p, _t, eps: (p[0], p[1] + p[2] / eps, 0.0)),
    ),
    (
        "decompose",
        "direction-reversed",
        "The second part is D(p || u).",
        "The uniform distribution stands first, as the target does in a cross-entropy.",
        _changed(lambda p, log_p, _t, _eps: (p[0], _reversed_from_uniform(log_p), p[2])),
    ),
    (
        "decompose",
        "summed-over-classes",
        "The second part sums -log p over the classes.",
        "The uniform distribution gives each class the weight 1/K: take the mean over the classes.",
        _changed(lambda p, log_p, _t, _eps: (p[0], -float(log_p.sum()) - math.log(log_p.size), p[2])),
    ),
    (
        "decompose",
        "logits-for-log-probabilities",
        "Logits are log-probabilities.",
        "Logits are log-probabilities up to a constant, and that constant is missing. Normalise them first.",
        _of_raw_logits,
    ),
    (
        "decompose",
        "constant-negative",
        "The third part is taken off.",
        "The cross-entropy against the uniform distribution is D(u || p) *plus* log K.",
        _changed(lambda p, _log_p, _t, _eps: (p[0], p[1], -p[2])),
    ),
    (
        "decompose",
        "divergence-from-the-target",
        "The second part is the divergence from the smoothed target.",
        "That belongs to the other way of splitting the loss, D(q' || p) + H(q'). Here it is the divergence from the "
        "uniform distribution.",
        _changed(
            lambda p, log_p, target, eps: (
                p[0],
                float(_cost(log_p[None], smoothed_target(log_p.size, target, eps)[None])[0])
                - minimum_loss(log_p.size, eps),
                p[2],
            )
        ),
    ),
    (
        "decompose",
        "most-likely-class",
        "The first part is that of the class with the largest logit.",
        "What the network prefers says nothing of whether it is right. Take the log-probability of the *true* class.",
        _changed(lambda p, log_p, _t, _eps: (-float(log_p.max()), p[1], p[2])),
    ),
    (
        "decompose",
        "constant-left-out",
        "The third part is 0.",
        "Put equal logits in: the smoothed loss is log K, and the first two parts make only (1 - eps) log K.",
        _changed(lambda p, _log_p, _t, _eps: (p[0], p[1], 0.0)),
    ),
    (
        "decompose",
        "constant-not-weighted",
        "The third part is log K.",
        "The uniform part of the loss has the weight eps, its constant too.",
        _changed(lambda p, log_p, _t, _eps: (p[0], p[1], math.log(log_p.size))),
    ),
    (
        "decompose",
        "entropy-of-the-target-for-constant",
        "The third part is the entropy of the smoothed target.",
        "That belongs to another way of splitting the loss, D(q' || p) + H(q'). Here the parts are weighted with "
        "1 - eps and eps.",
        _changed(lambda p, log_p, _t, eps: (p[0], p[1], minimum_loss(log_p.size, eps))),
    ),
    (
        "decompose",
        "weights-already-applied",
        "The parts are returned with their weights.",
        "The first part is the cross-entropy itself, the second the divergence itself. The weights come in the sum.",
        _changed(lambda p, _log_p, _t, eps: ((1 - eps) * p[0], eps * p[1], p[2])),
    ),
    (
        "decompose",
        "parts-swapped",
        "The divergence comes first.",
        "Look at the order: cross-entropy, divergence, constant.",
        _changed(lambda p, _log_p, _t, _eps: (p[1], p[0], p[2])),
    ),
    (
        "decompose",
        "bits-for-nats",
        "The parts are measured in bits.",
        "Losses are in nats: the natural logarithm.",
        _changed(lambda p, _log_p, _t, _eps: (p[0] / math.log(2), p[1] / math.log(2), p[2] / math.log(2))),
    ),
    (
        "decompose",
        "smoothed-loss-for-hard",
        "The first part is the smoothed loss.",
        "The first part is the cross-entropy against the *hard* target, -log p of the true class.",
        _changed(lambda p, _log_p, _t, eps: ((1 - eps) * p[0] + eps * p[1] + p[2], p[1], p[2])),
    ),
    (
        "decompose",
        "probability-for-its-logarithm",
        "The first part is minus the probability of the true class.",
        "The logarithm of that probability is missing.",
        _changed(lambda p, log_p, target, _eps: (-float(np.exp(log_p[target])), p[1], p[2])),
    ),
)

TRUTHS: Mapping[str, Rule | float] = {
    CROSS_ENTROPY: cross_entropy_loss,
    KL: kl_div_loss,
    SMOOTHING: label_smoothing_loss,
    COMPONENTS: compute_elbo_components,
    LATENT: analyze_latent_distribution,
    "smoothed_target": smoothed_target,
    "optimal_gap": optimal_gap,
    "minimum_loss": minimum_loss,
    "decompose": decompose,
}

BUILDS_ON = {
    SMOOTHING: (CROSS_ENTROPY, KL),
    "optimal_gap": ("smoothed_target",),
    "minimum_loss": ("smoothed_target",),
    "decompose": (CROSS_ENTROPY, KL, "smoothed_target"),
}


def cross_entropy_slopes(logits: Any, targets: Any) -> list[dict[str, Array]]:
    """Return the gradient of the cross-entropy loss: (p - onehot) / B."""
    rows = _plain(logits)
    return [{"logits": (softmax(rows, axis=-1) - _hard(rows, targets)) / len(rows)}]


def kl_slopes(logits: Any, target_dist: Any) -> list[dict[str, Array]]:
    """Return the gradient of the mean divergence for targets that sum to 1: (p - q) / B."""
    rows = _plain(logits)
    return [{"logits": (softmax(rows, axis=-1) - _plain(target_dist)) / len(rows)}]


SLOPES = {CROSS_ENTROPY: cross_entropy_slopes, KL: kl_slopes}

MISCONCEPTIONS: list[Misconception] = [
    *_common(CROSS_ENTROPY, cross_entropy_loss),
    *_common(KL, kl_div_loss),
    *_common(SMOOTHING, label_smoothing_loss),
    *(
        Misconception(name, item, function, believed, hint, rule, tolerance=TOLERANCE)
        for item, function, entries in (
            ("example-5", CROSS_ENTROPY, _CROSS_ENTROPY_ONLY),
            ("example-5", KL, _KL_ONLY),
            ("example-5", SMOOTHING, _SMOOTHING_ONLY),
            ("example-6", COMPONENTS, _COMPONENTS_ONLY),
            ("example-6", LATENT, _LATENT_ONLY),
        )
        for name, believed, hint, rule in entries
    ),
    *(
        Misconception(name, "exercise-5", function, believed, hint, rule, tolerance=TOLERANCE)
        for function, name, believed, hint, rule in _EXERCISE
    ),
]
