"""Hidden checks of example 5: cross-entropy loss, KL loss, and label smoothing, from logits.

Oracles: values by hand; `scipy.special.log_softmax` in double precision on the float32 numbers that were sent; the
gradients (p - q) / B in closed form. Checks of a property ask that answers be true up to one common factor, and that a
gradient be the one of the loss or of the student's own multiple of it. So bits for nats, or a sum for a mean, only
costs the points of the checks of values, and a constant gets nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax, xlogy

from autograder.checks.answers import approx, array, fail, item, number, points, tensor
from autograder.checks.comparisons import assert_same, assert_tensors_left_alone
from autograder.remote.calls import Given
from autograder.remote.faults import RemoteFault
from autograder.verdict import Verdict

pytestmark = item("example-5")

Array = NDArray[np.float64]

CROSS_ENTROPY = "LossFunctions.cross_entropy_loss"
KL = "LossFunctions.kl_div_loss"
SMOOTHING = "LossFunctions.label_smoothing_loss"

TOLERANCE = 1e-5
"""float32 has a unit roundoff of 6e-8; a mean of some dozens of log-probabilities below 30 stays within 2e-6."""

GRADIENT_TOLERANCE = 1e-4
"""Relative to the largest entry; the nearest known mistake changes entries by several per cent of it."""

HUGE = np.array([[1000, 0, -1000], [-1000, 1000, 0], [0, -1000, 1000], [1000, 1000, -1000]], dtype=np.float32)
"""exp(1000) overflows and exp(-1000) underflows in float32 and in float64."""
MIXED = np.array([[1000, 0, -1000], [-2, 1, 0]], dtype=np.float32)
"""Each row has its own largest logit; the largest of the batch is not that of the second row."""
LARGEST = np.array([[1e6, 0, -1e6], [-3e4, 1e6, 1e6]], dtype=np.float32)
"""The largest promised logits: a clamp shows, wherever it is set."""


def single(numbers: Any) -> Array:
    """Return numbers rounded to float32, as they will be sent, in double precision."""
    return np.asarray(numbers, dtype=np.float32).astype(np.float64)


def batch(rng: np.random.Generator, examples: int, classes: int, spread: float = 2.0) -> tuple[Array, NDArray[Any]]:
    """Return logits, and true classes: half or more are not predicted, and two or more are not all equal."""
    while True:
        logits = single(rng.normal(0, spread, size=(examples, classes)))
        targets = rng.integers(0, classes, size=examples)
        missed = np.count_nonzero(targets != logits.argmax(axis=1))
        if 2 * missed >= examples and (examples == 1 or len(set(targets.tolist())) > 1):
            return logits, targets


def distributions(rng: np.random.Generator, examples: int, classes: int) -> Array:
    """Return one distribution for each example, with entries in multiples of 1/1024, so that float32 holds them."""
    counts = np.floor(1024 * (0.3 / classes + 0.7 * rng.dirichlet(np.ones(classes), size=examples)))
    counts[np.arange(examples), counts.argmax(axis=1)] += 1024 - counts.sum(axis=1)
    return counts / 1024


def onehot(targets: Sequence[int] | NDArray[Any], classes: int) -> Array:
    """Return the hard targets, shape (examples, classes)."""
    return np.eye(classes)[np.asarray(targets)]


def cross_entropy(logits: Array, target: Array) -> float:
    """Return the mean over the batch of -sum_k q_k log p_k."""
    return float(-(target * log_softmax(logits, axis=1)).sum(axis=1).mean())


def divergence(logits: Array, target: Array) -> float:
    """Return the mean over the batch of D(q || p)."""
    return float(xlogy(target, target).sum(axis=1).mean()) + cross_entropy(logits, target)


def smoothed(targets: Sequence[int] | NDArray[Any], classes: int, smoothing: float) -> Array:
    """Return the smoothed targets, shape (examples, classes)."""
    return (1 - smoothing) * onehot(targets, classes) + smoothing / classes


def gradient(logits: Array, target: Array) -> Array:
    """Return the gradient of the mean cross-entropy, or divergence, with respect to the logits."""
    return (softmax(logits, axis=1) - target) / len(logits)


def labels(targets: Sequence[int] | NDArray[Any]) -> Any:
    """Return true classes as the tensor of integers that is sent."""
    return tensor(np.asarray(targets), "int64")


def assert_proportional(answers: Sequence[Any], truths: Sequence[float], complaint: str) -> None:
    """Fail with `complaint` unless `answers` are `truths` times one common factor, up to float32 rounding."""
    got = [number(answer) for answer in answers]
    largest = max(range(len(truths)), key=truths.__getitem__)
    unit = got[largest] / truths[largest]

    assert not any(map(math.isnan, got)), f"{complaint} One of the answers was NaN."
    assert not any(map(math.isinf, got)), f"{complaint} One of the answers was infinite."
    assert abs(unit) > 0.01, f"{complaint} An answer that must not be 0 was {got[largest]:.6g}."
    for value, truth in zip(got, truths, strict=True):
        near = abs(value - unit * truth) <= 2 * TOLERANCE * max(1.0, abs(unit * truths[largest]))
        assert near, complaint


def assert_gradient(
    live: Any, function: Any, logits: Array, others: tuple[Any, ...], truth: Array, loss: float
) -> None:
    """Fail unless the gradient is `truth`, or the same multiple of it as the student's loss is of `loss`."""
    leaf = live.leaf(tensor(logits))
    (found,) = live.gradients(function.call_live(leaf, *others), [leaf])
    if found is None:
        fail(
            "No gradient reaches the logits, so nothing could learn from this loss. Compute with tensors throughout.",
            misconception="gradient-cut-off",
        )
    factors = 1.0, float(array(function(tensor(logits), *others)).sum()) / loss  # one loss per example is summed
    right = any(abs(factor) > 0.01 and is_gradient(found, factor * truth) for factor in factors)

    if not right:
        complaint = "The gradient with respect to the logits is not that of the loss: (prediction - target) / B."
        fail(complaint, "gradient-of-another-function" if abs(factors[1] - 1) < 1e-4 else None)


def assert_finite_gradient(live: Any, function: Any, logits: Array, others: tuple[Any, ...]) -> None:
    """Fail if a gradient reaches the logits and is not finite; other checks cover a missing gradient."""
    leaf = live.leaf(tensor(logits))
    (found,) = live.gradients(function.call_live(leaf, *others), [leaf])

    finite = found is None or bool(np.isfinite(array(found)).all())
    assert finite, "The gradient with respect to logits between -1000 and 1000 is not finite everywhere."


def assert_finite_together(answer: Any) -> None:
    """Fail unless the loss of examples with large logits and with small ones, together or alone, is finite."""
    finite = bool(np.isfinite(array(answer)).all())
    assert finite, "Examples with large logits and with small ones may be in one batch: the loss is finite."


def is_gradient(found: Any, truth: Array) -> bool:
    """Whether `found` is `truth`, up to float32 rounding."""
    got = array(found)
    assert got.shape == truth.shape, f"The gradient has the shape {got.shape}; the logits have {truth.shape}."
    assert np.isfinite(got).all(), "The gradient with respect to the logits is not finite everywhere."
    return bool(np.abs(got - truth).max() <= GRADIENT_TOLERANCE * np.abs(truth).max())


def answer_and_leave_alone(function: Any, arguments: tuple[Any, ...]) -> Any:
    """Return the answer of a call; fail unless its input tensors keep their values."""
    answer, after = function.call_and_return_arguments(*arguments)
    assert_tensors_left_alone(arguments, after)
    return answer


def assert_left_alone(function: Any, calls: Sequence[tuple[Any, ...]], truths: Sequence[float]) -> None:
    """Fail unless input tensors keep their values, in calls whose answers are not all the same."""
    answers = [answer_and_leave_alone(function, arguments) for arguments in calls]

    assert_proportional(answers, truths, "The answers do not fit the inputs, so changes cannot be judged.")


# --- cross-entropy, 3 points ---------------------------------------------------------------------------------------


@points(0.5, function=CROSS_ENTROPY, reveal=True)
def test_cross_entropy_by_hand(losses: Any) -> None:
    """With equal logits the loss is log K: ln 2 for two classes, ln 10 for ten. Logits (ln 3, 0) are p = (3/4, 1/4)."""
    function = losses.LossFunctions.cross_entropy_loss

    assert function(tensor(np.zeros((1, 2))), labels([1])) == approx(math.log(2), TOLERANCE, unit="nats")
    assert function(tensor(np.zeros((2, 10))), labels([3, 9])) == approx(math.log(10), TOLERANCE, unit="nats")
    two = tensor(single([[math.log(3), 0], [math.log(3), 0]]))
    assert function(two, labels([0, 1])) == approx(math.log(4) - math.log(3) / 2, TOLERANCE, unit="nats")


@points(0.75, function=CROSS_ENTROPY)
def test_cross_entropy_of_any_batch(losses: Any, rng: np.random.Generator) -> None:
    """The loss is the mean over the batch of -log p of the true class, whatever the number of examples and classes."""
    function = losses.LossFunctions.cross_entropy_loss
    for examples, classes in ((1, 4), (7, 3), (4, 12), (5, 5), (3, 400)):
        logits, targets = batch(rng, examples, classes)
        targets[0] = classes - 1  # an index may not fit into a byte
        expected = cross_entropy(logits, onehot(targets, classes))
        assert function(tensor(logits), labels(targets)) == approx(expected, TOLERANCE, unit="nats")


@points(0.25, function=CROSS_ENTROPY)
def test_cross_entropy_does_not_grow_with_the_batch(losses: Any, rng: np.random.Generator) -> None:
    """The loss is a mean: a batch that contains every example three times has the same loss."""
    function = losses.LossFunctions.cross_entropy_loss
    logits, targets = batch(rng, 4, 3)
    other, others = logits[::-1] * 1.5, (targets + 1) % 3
    answers = [
        function(tensor(logits), labels(targets)),
        function(tensor(np.tile(logits, (3, 1))), labels(np.tile(targets, 3))),
        function(tensor(single(other)), labels(others)),
    ]

    truth = cross_entropy(logits, onehot(targets, 3))
    truths = [truth, truth, cross_entropy(single(other), onehot(others, 3))]
    assert_proportional(answers, truths, "A batch and the same batch three times over must have the same mean loss.")


@points(0.5, function=CROSS_ENTROPY)
def test_cross_entropy_of_huge_logits(losses: Any, live: Any) -> None:
    """Logits of +-1000 and more give finite losses: a confident wrong prediction costs the gap between its logits."""
    function = losses.LossFunctions.cross_entropy_loss
    cases = ((0, 1), (0, 2), (1, 2), (2, 1), (3, 0))
    answers = [function(tensor(HUGE[[row]]), labels([target])) for row, target in cases]
    largest = [function(tensor(LARGEST[[row]]), labels([target])) for row, target in ((0, 2), (0, 1), (1, 0))]

    truths = [1000.0, 2000.0, 1000.0, 2000.0, math.log(2)]
    assert_proportional(answers, truths, "Losses of logits between -1000 and 1000 must be right and finite.")
    assert_proportional(largest, [2e6, 1e6, 1.03e6], "Losses of logits of +-1e6 must be right and finite.")
    assert_finite_together(function(tensor(MIXED), labels([1, 1])))
    assert_finite_gradient(live, function, HUGE, (labels([1, 2, 1, 0]),))


@points(0.5, function=CROSS_ENTROPY)
def test_cross_entropy_can_be_learned_from(losses: Any, live: Any, rng: np.random.Generator) -> None:
    """Gradients reach the logits: they are prediction minus target, divided by the size of the batch."""
    function = losses.LossFunctions.cross_entropy_loss
    for examples, classes in ((3, 4), (1, 6)):
        logits, targets = batch(rng, examples, classes)
        target = onehot(targets, classes)
        loss = cross_entropy(logits, target)
        assert_gradient(live, function, logits, (labels(targets),), gradient(logits, target), loss)


@points(0.25, function=CROSS_ENTROPY)
def test_cross_entropy_knows_differences_of_logits_only(losses: Any, rng: np.random.Generator) -> None:
    """Adding the same number to all logits of one example, a different one for each example, changes nothing."""
    function = losses.LossFunctions.cross_entropy_loss
    logits, targets = batch(rng, 4, 3)
    shifted = single(logits + np.array([[8.0], [-16.0], [4.0], [0.0]]))
    flat = np.zeros((4, 3))
    answers = [function(tensor(rows), labels(targets)) for rows in (logits, shifted, flat)]

    truths = [cross_entropy(rows, onehot(targets, 3)) for rows in (logits, shifted, flat)]
    assert_proportional(answers, truths, "Adding a constant to all logits of an example must not change the loss.")


@points(0.25, function=CROSS_ENTROPY)
def test_cross_entropy_leaves_its_input_alone(losses: Any, rng: np.random.Generator) -> None:
    """The input tensors keep their values."""
    logits, targets = batch(rng, 3, 4)
    flat = np.full((3, 4), 2.0)
    calls = [(tensor(rows), labels(targets)) for rows in (logits, flat)]

    truths = [cross_entropy(rows, onehot(targets, 4)) for rows in (logits, flat)]
    assert_left_alone(losses.LossFunctions.cross_entropy_loss, calls, truths)


# --- KL loss, 3.5 points -------------------------------------------------------------------------------------------


@points(0.5, function=KL, reveal=True)
def test_kl_loss_by_hand(losses: Any) -> None:
    """From (1, 0) to (1/2, 1/2) it is ln 2; from (1/2, 1/2) to (3/4, 1/4) it is ln 2 - ln 3 / 2."""
    function = losses.LossFunctions.kl_div_loss

    equal = tensor(np.zeros((1, 2)))
    assert function(equal, tensor([[1.0, 0.0]])) == approx(math.log(2), TOLERANCE, unit="nats")
    three_to_one = tensor(single([[math.log(3), 0.0]]))
    half = tensor([[0.5, 0.5]])
    assert function(three_to_one, half) == approx(math.log(2) - math.log(3) / 2, TOLERANCE, unit="nats")
    quarters = 0.75 * math.log(3) - math.log(2)
    assert function(equal, tensor([[0.75, 0.25]])) == approx(quarters, TOLERANCE, unit="nats")


@points(0.75, function=KL)
def test_kl_loss_of_any_batch(losses: Any, rng: np.random.Generator) -> None:
    """The loss is the mean over the batch of D(target || prediction): summed over classes, averaged over examples."""
    function = losses.LossFunctions.kl_div_loss
    for examples, classes in ((1, 5), (6, 3), (3, 8), (4, 4)):
        logits, _ = batch(rng, examples, classes)
        target = distributions(rng, examples, classes)
        assert function(tensor(logits), tensor(target)) == approx(divergence(logits, target), TOLERANCE, unit="nats")


@points(0.5, function=KL)
def test_kl_loss_allows_zeros_in_the_target(losses: Any, rng: np.random.Generator) -> None:
    """A class that the target rules out adds nothing, 0 log 0 = 0; a target of one class costs its cross-entropy."""
    function = losses.LossFunctions.kl_div_loss
    logits, targets = batch(rng, 4, 3)
    some = np.array([[0.5, 0.5, 0.0], [0.0, 0.25, 0.75], [0.0, 1.0, 0.0], [0.125, 0.0, 0.875]])
    hard = onehot(targets, 3)
    answers = [function(tensor(logits), tensor(target)) for target in (some, hard)]

    truths = [divergence(logits, target) for target in (some, hard)]
    assert_proportional(answers, truths, "Zeros in the target must add nothing.")


@points(0.5, function=KL)
def test_kl_loss_of_huge_logits(losses: Any, live: Any) -> None:
    """Logits of +-1000 and more give finite losses, which grow with the gap between the logits."""
    function = losses.LossFunctions.kl_div_loss
    quarter, zeros = np.array([[0.25, 0.5, 0.25]]), np.array([[0.5, 0.5, 0.0]])
    cases = ((0, quarter), (1, quarter), (3, quarter), (1, zeros), (3, zeros))
    answers = [function(tensor(HUGE[[row]]), tensor(target)) for row, target in cases]

    largest = [function(tensor(LARGEST[[row]]), tensor(target)) for row in (0, 1) for target in (quarter, zeros)]

    truths = [divergence(HUGE[[row]].astype(float), target) for row, target in cases]
    assert_proportional(answers, truths, "Losses of logits between -1000 and 1000 must be right and finite.")
    truths = [divergence(LARGEST[[row]].astype(float), target) for row in (0, 1) for target in (quarter, zeros)]
    assert_proportional(largest, truths, "Losses of logits of +-1e6 must be right and finite.")
    assert_finite_together(function(tensor(MIXED), tensor(np.array([[0.25, 0.5, 0.25], [0.25, 0.25, 0.5]]))))
    assert_finite_gradient(live, function, HUGE, (tensor(np.tile(zeros, (4, 1))),))


@points(0.25, function=KL)
def test_kl_loss_is_zero_where_the_prediction_is_the_target(losses: Any) -> None:
    """The divergence is 0 where prediction and target are the same distribution, and positive elsewhere."""
    function = losses.LossFunctions.kl_div_loss
    target = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])
    exact, away = np.log(target), np.log(target[:, ::-1])
    answers = [function(tensor(rows), tensor(target)) for rows in (single(exact), single(exact + 3.0), single(away))]

    truths = [0.0, 0.0, divergence(single(away), target)]
    assert_proportional(answers, truths, "Where the prediction is the target the divergence is 0, elsewhere it is not.")


@points(0.5, function=KL)
def test_kl_loss_can_be_learned_from(losses: Any, live: Any, rng: np.random.Generator) -> None:
    """Gradients reach the logits and are finite, even where the target is 0: prediction minus target, divided by B."""
    function = losses.LossFunctions.kl_div_loss
    logits, _ = batch(rng, 3, 4)
    zeros = np.array([[0.5, 0.0, 0.5, 0.0], [0.0, 0.0, 1.0, 0.0], [0.25, 0.25, 0.0, 0.5]])
    for target in (distributions(rng, 3, 4), zeros):
        loss = divergence(logits, target)
        assert_gradient(live, function, logits, (tensor(target),), gradient(logits, target), loss)


@points(0.25, function=KL)
def test_kl_loss_knows_differences_of_logits_only(losses: Any, rng: np.random.Generator) -> None:
    """Adding the same number to all logits of one example, a different one for each example, changes nothing."""
    function = losses.LossFunctions.kl_div_loss
    logits, _ = batch(rng, 4, 3)
    target = distributions(rng, 4, 3)
    shifted = single(logits + np.array([[8.0], [-16.0], [4.0], [0.0]]))
    flat = np.zeros((4, 3))
    answers = [function(tensor(rows), tensor(target)) for rows in (logits, shifted, flat)]

    truths = [divergence(rows, target) for rows in (logits, shifted, flat)]
    assert_proportional(answers, truths, "Adding a constant to all logits of an example must not change the loss.")


@points(0.25, function=KL)
def test_kl_loss_leaves_its_input_alone(losses: Any, rng: np.random.Generator) -> None:
    """The input tensors keep their values, including zeros in the target."""
    logits, _ = batch(rng, 2, 3)
    target = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    calls = [(tensor(rows), tensor(target)) for rows in (logits, np.full((2, 3), 2.0))]

    truths = [divergence(rows, target) for rows in (logits, np.zeros((2, 3)))]
    assert_left_alone(losses.LossFunctions.kl_div_loss, calls, truths)


# --- label smoothing, 3.5 points -----------------------------------------------------------------------------------


@points(0.5, function=SMOOTHING, reveal=True)
def test_smoothed_loss_by_hand(losses: Any) -> None:
    """With eps = 0.2 and two classes the target is (0.9, 0.1); logits (ln 3, 0) give p = (3/4, 1/4)."""
    function = losses.LossFunctions.label_smoothing_loss

    three_to_one = tensor(single([[math.log(3), 0.0]]))
    right = math.log(4) - 0.9 * math.log(3)
    wrong = math.log(4) - 0.1 * math.log(3)
    assert function(three_to_one, labels([0]), smoothing=0.2) == approx(right, TOLERANCE, unit="nats")
    assert function(three_to_one, labels([1]), smoothing=0.2) == approx(wrong, TOLERANCE, unit="nats")


@points(0.75, function=SMOOTHING)
def test_smoothed_loss_of_any_batch(losses: Any, rng: np.random.Generator) -> None:
    """The loss is the mean cross-entropy against targets that give eps/K to each of the K classes, the true one too."""
    function = losses.LossFunctions.label_smoothing_loss
    answers = []
    for examples, classes, smoothing in ((1, 3, 0.1), (6, 4, 0.3), (3, 10, 0.05), (5, 2, 0.5), (2, 400, 0.2)):
        logits, targets = batch(rng, examples, classes)
        targets[0] = classes - 1  # an index may not fit into a byte
        expected = cross_entropy(logits, smoothed(targets, classes, smoothing))
        again = [number(function(tensor(logits), labels(targets), smoothing=smoothing)) for _ in range(4)]
        answers.append((expected, again))
    if any(max(again) - min(again) > 0.01 for _, again in answers):
        fail("The same batch had a different loss in a second call.", "labels-exchanged-at-random")
    for expected, (first, *_) in answers:
        assert first == approx(expected, TOLERANCE, unit="nats")


@points(0.25, function=SMOOTHING)
def test_smoothing_is_a_tenth_by_default(losses: Any, rng: np.random.Generator) -> None:
    """Without `smoothing` the answer is the one for 0.1, which differs from the one for 0.3."""
    function = losses.LossFunctions.label_smoothing_loss
    logits, _ = batch(rng, 64, 5, spread=3.0)
    arguments = tensor(logits), labels(logits.argmin(axis=1))  # a smoother target is closer to all predictions
    tenth, more = number(function(*arguments, 0.1)), number(function(*arguments, smoothing=0.3))

    assert_same(function(*arguments), tenth, "Without `smoothing` the answer must be the one for 0.1.", TOLERANCE)
    differ = abs(more - tenth) > 1000 * TOLERANCE
    assert differ, "A `smoothing` of 0.1 and one of 0.3 must give different losses; here they were the same."


@points(0.25, function=SMOOTHING)
def test_hard_and_uniform_targets_are_the_two_ends(losses: Any, rng: np.random.Generator) -> None:
    """Eps = 0 is the plain cross-entropy, eps = 1 the mean of -log p over all classes; the loss is linear between."""
    function = losses.LossFunctions.label_smoothing_loss
    logits, targets = batch(rng, 3, 4, spread=3.0)
    ends = (0, 0.0, 0.5, 1.0, 1)
    answers = [function(tensor(logits), labels(targets), smoothing=smoothing) for smoothing in ends]

    truths = [cross_entropy(logits, smoothed(targets, 4, smoothing)) for smoothing in ends]
    assert_proportional(answers, truths, "Smoothing of 0, 1/2 and 1 must go from hard targets to uniform ones.")


@points(0.25, function=SMOOTHING)
def test_smoothed_loss_is_least_at_a_finite_margin(losses: Any) -> None:
    """The loss is smallest where the prediction is the smoothed target, and rises again with more confidence."""
    function = losses.LossFunctions.label_smoothing_loss
    answers, truths = [], []
    for classes, smoothing in ((3, 0.1), (10, 0.1)):
        target = smoothed([0], classes, smoothing)
        gap = math.log1p(classes * (1 - smoothing) / smoothing)
        for margin in (gap - 1.5, gap, gap + 2.0, gap + 20.0):
            logits = single([[margin, *[0.0] * (classes - 1)]])
            answers.append(function(tensor(logits), labels([0]), smoothing=smoothing))
            truths.append(cross_entropy(logits, target))

    assert_proportional(answers, truths, "Losses on both sides of the best margin do not fit together.")


@points(0.5, function=SMOOTHING)
def test_smoothed_loss_of_huge_logits(losses: Any, live: Any) -> None:
    """Logits of +-1000 and more give finite losses: a share eps/K of the gap to every other class."""
    function = losses.LossFunctions.label_smoothing_loss
    cases = [(HUGE[[row]], [target]) for row, target in ((0, 0), (0, 2), (1, 1), (3, 1))]
    answers = [function(tensor(logits), labels(targets), smoothing=0.25) for logits, targets in cases]

    far = [(LARGEST[[row]], [target]) for row, target in ((0, 0), (0, 2), (1, 0), (1, 1))]
    largest = [function(tensor(logits), labels(targets), smoothing=0.25) for logits, targets in far]

    truths = [cross_entropy(logits.astype(float), smoothed(targets, 3, 0.25)) for logits, targets in cases]
    assert_proportional(answers, truths, "Losses of logits between -1000 and 1000 must be right and finite.")
    truths = [cross_entropy(logits.astype(float), smoothed(targets, 3, 0.25)) for logits, targets in far]
    assert_proportional(largest, truths, "Losses of logits of +-1e6 must be right and finite.")
    assert_finite_together(function(tensor(MIXED), labels([1, 1]), smoothing=0.25))
    assert_finite_gradient(live, function, HUGE, (labels([1, 2, 1, 0]), 0.25))


@points(0.5, function=SMOOTHING)
def test_smoothed_loss_can_be_learned_from(losses: Any, live: Any, rng: np.random.Generator) -> None:
    """Gradients reach the logits: prediction minus smoothed target, divided by the size of the batch."""
    function = losses.LossFunctions.label_smoothing_loss
    for examples, classes, smoothing in ((3, 4, 0.4), (1, 6, 0.2)):
        logits, targets = batch(rng, examples, classes)
        target = smoothed(targets, classes, smoothing)
        others, loss = (labels(targets), smoothing), cross_entropy(logits, target)
        assert_gradient(live, function, logits, others, gradient(logits, target), loss)


@points(0.25, function=SMOOTHING)
def test_smoothing_above_one_is_refused(losses: Any, rng: np.random.Generator) -> None:
    """You cannot spread more than the whole mass: a `smoothing` above 1 raises an error."""
    function = losses.LossFunctions.label_smoothing_loss
    logits, _ = batch(rng, 8, 3)
    given = [
        Given(tensor(row[np.newaxis]), labels([row.argmin()]), smoothing=smoothing)
        for row in logits
        for smoothing in (0.25, 1.0)
    ]
    answers = [number(answer) for answer in function.each(*given)]

    apart = any(abs(some - most) > 1000 * TOLERANCE for some, most in zip(answers[::2], answers[1::2], strict=True))
    assert apart, "A `smoothing` of 0.25 and one of 1 must be accepted and give different losses."
    for smoothing in (1.5, 1.001, 10, math.inf):
        try:
            function(tensor(logits[:1]), labels(logits[:1].argmin(axis=1)), smoothing=smoothing)
        except RemoteFault as fault:
            if fault.verdict is not Verdict.ERROR:
                raise
        else:
            fail(f"`smoothing={smoothing}`: an error was expected, but a value came back.")


@points(0.25, function=SMOOTHING)
def test_smoothed_loss_leaves_its_input_alone(losses: Any, rng: np.random.Generator) -> None:
    """The input tensors keep their values."""
    logits, targets = batch(rng, 3, 4, spread=3.0)
    function = losses.LossFunctions.label_smoothing_loss
    calls = [(tensor(rows), labels(targets), 0.3) for rows in (logits, np.full((3, 4), 2.0))]

    truths = [cross_entropy(rows, smoothed(targets, 4, 0.3)) for rows in (logits, np.zeros((3, 4)))]
    assert_left_alone(function, calls, truths)
    answer_and_leave_alone(function, calls[0][:2])
