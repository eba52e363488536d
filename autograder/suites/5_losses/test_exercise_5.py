"""Hidden checks of exercise 5: the target of label smoothing, the best margin and its loss, and the parts of the loss.

Oracles: the target by hand in plain Python; the margin and the least loss by minimising the smoothed loss over the
margin, and in closed form; the parts from `scipy.special.log_softmax` in double precision.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from autograder.checks.answers import approx, array, item, number, parts, points

pytestmark = item("exercise-5")

Array = NDArray[np.float64]

TOLERANCE = 1e-5
"""Programs that compute in float32 are right; the nearest known mistake is a hundred times further away."""

CASES = ((3, 0.1), (10, 0.1), (2, 0.1), (7, 0.25), (100, 0.05))


def target_of(n_classes: int, target: int, smoothing: float) -> list[float]:
    """Return the smoothed target by hand."""
    return [(1 - smoothing) * (k == target) + smoothing / n_classes for k in range(n_classes)]


def best_margin(n_classes: int, smoothing: float) -> tuple[float, float]:
    """Return the margin with the least smoothed loss, and that loss, by search."""

    def loss(margin: float) -> float:
        log_p = log_softmax(np.array([margin, *[0.0] * (n_classes - 1)]))
        return -float(log_p @ np.array(target_of(n_classes, 0, smoothing)))

    found = minimize_scalar(loss, bounds=(0.0, 30.0), method="bounded", options={"xatol": 1e-10})
    return float(found.x), float(found.fun)


def three(answer: Any) -> list[float]:
    """Return the three numbers of an answer: a tuple or a list of them, an array, or a tensor."""
    return [number(part) for part in parts(answer, 3)]


def assert_numbers(function: Any, truth: int, unit: str = "nats") -> None:
    """Fail unless `function` gives, for every case, entry `truth` of what a search finds."""
    for n_classes, smoothing in CASES:
        expected = best_margin(n_classes, smoothing)[truth]
        assert function(n_classes, smoothing) == approx(expected, TOLERANCE, unit=unit)


# --- the target, 1.5 points ----------------------------------------------------------------------------------------


@points(1, function="smoothed_target")
def test_smoothed_target(notebook: Any) -> None:
    """`smoothed_target` gives 1 - eps + eps/K to the true class and eps/K to each of the others."""
    for n_classes, target, smoothing in ((3, 1, 0.1), (10, 9, 0.1), (2, 0, 0.3), (5, 2, 1.0), (300, 299, 0.2)):
        found = array(notebook.smoothed_target(n_classes, target, smoothing))
        assert found.shape == (n_classes,), f"One number for each of {n_classes} classes; got shape {found.shape}."
        assert found == approx(target_of(n_classes, target, smoothing), TOLERANCE)


@points(0.5, function="smoothed_target")
def test_smoothed_target_without_smoothing_is_hard(notebook: Any) -> None:
    """With eps = 0 the target is hard: 1 for the true class, 0 for all others. Every target sums to 1."""
    for n_classes, target in ((4, 0), (3, 2)):
        hard = array(notebook.smoothed_target(n_classes, target, 0.0))
        assert hard.shape == (n_classes,), f"One number for each of {n_classes} classes; got shape {hard.shape}."
        assert hard == approx(target_of(n_classes, target, 0.0), TOLERANCE)
        soft = array(notebook.smoothed_target(n_classes, target, 0.2))
        assert abs(float(soft.sum()) - 1) <= TOLERANCE, "The numbers of a target must sum to 1."


# --- margin and least loss, 2.5 points -----------------------------------------------------------------------------


@points(0.75, function="optimal_gap")
def test_optimal_gap(notebook: Any) -> None:
    """`optimal_gap` is the margin of the true logit over the others that gives the smallest loss."""
    assert_numbers(notebook.optimal_gap, 0)
    for n_classes, smoothing in ((10, 1e-6), (4, 0.999)):  # a search among margins up to 10 does not reach so far
        expected = math.log1p(n_classes * (1 - smoothing) / smoothing)
        assert notebook.optimal_gap(n_classes, smoothing) == approx(expected, TOLERANCE, unit="nats")


@points(0.5, function="optimal_gap")
def test_optimal_gap_at_both_ends(notebook: Any) -> None:
    """With hard targets (eps = 0) no margin is large enough: infinity. With uniform ones (eps = 1) it is 0."""
    assert notebook.optimal_gap(4, 0.0) == approx(math.inf)
    for n_classes in (2, 5):
        assert notebook.optimal_gap(n_classes, 1.0) == approx(0.0, TOLERANCE)
    assert abs(number(notebook.optimal_gap(3, 0.5)) - math.log(4)) < 1.5, "Between the two ends the margin is finite."


@points(0.75, function="minimum_loss")
def test_minimum_loss(notebook: Any) -> None:
    """`minimum_loss` is the smoothed loss at the best margin: no prediction has a smaller one."""
    assert_numbers(notebook.minimum_loss, 1)


@points(0.5, function="minimum_loss")
def test_minimum_loss_at_both_ends(notebook: Any) -> None:
    """With hard targets (eps = 0) the loss can get down to 0; with uniform ones (eps = 1) it is log K."""
    assert notebook.minimum_loss(4, 0.0) == approx(0.0, TOLERANCE)
    for n_classes in (2, 5):
        assert notebook.minimum_loss(n_classes, 1.0) == approx(math.log(n_classes), TOLERANCE, unit="nats")


# --- the parts of the loss, 2 points -------------------------------------------------------------------------------


def examples(rng: np.random.Generator) -> list[tuple[Array, int, float]]:
    """Return logits, the true class and a smoothing, of two classes and of more."""
    sizes = 2, int(rng.integers(3, 8)), 9
    return [(rng.normal(0, 2, size=size), int(rng.integers(size)), float(rng.uniform(0.1, 0.4))) for size in sizes]


@points(0.5, function="decompose")
def test_parts_add_up_to_the_smoothed_loss(notebook: Any, rng: np.random.Generator) -> None:
    """(1 - eps) times the first part, plus eps times the second, plus the third is the smoothed loss, 0 <= eps <= 1."""
    at_both_ends = [(rng.normal(0, 2, size=4), 1, smoothing) for smoothing in (0.0, 1.0)]
    for logits, target, smoothing in examples(rng) + at_both_ends:
        ce, kl_uniform, constant = three(notebook.decompose(logits, target, smoothing))
        expected = -float(log_softmax(logits) @ np.array(target_of(len(logits), target, smoothing)))
        total = (1 - smoothing) * ce + smoothing * kl_uniform + constant
        assert total == approx(expected, TOLERANCE, unit="nats"), "The parts do not add up to the smoothed loss."


@points(0.5, function="decompose")
def test_first_part_is_the_loss_of_the_hard_target(notebook: Any, rng: np.random.Generator) -> None:
    """The first part is the cross-entropy against the hard target, -log p of the true class, whatever eps is."""
    for logits, target, smoothing in examples(rng):
        ce, _, _ = three(notebook.decompose(logits, target, smoothing))
        assert ce == approx(-log_softmax(logits)[target], TOLERANCE, unit="nats")


@points(0.75, function="decompose")
def test_second_part_is_the_divergence_from_uniform(notebook: Any, rng: np.random.Generator) -> None:
    """The second part is D(u || p), from the uniform distribution to the prediction: 0 where all logits are equal."""
    for logits, target, smoothing in examples(rng):
        _, kl_uniform, _ = three(notebook.decompose(logits, target, smoothing))
        expected = -float(log_softmax(logits).mean()) - math.log(len(logits))
        assert kl_uniform == approx(expected, TOLERANCE, unit="nats")
    _, at_uniform, _ = three(notebook.decompose(np.full(5, 1.5), 2, 0.2))
    assert at_uniform == approx(0.0, TOLERANCE, unit="nats")


@points(0.25, function="decompose")
def test_third_part_does_not_depend_on_the_prediction(notebook: Any, rng: np.random.Generator) -> None:
    """No prediction changes the third part: it depends only on eps and on the number of classes."""
    for logits, target, smoothing in examples(rng):
        for row in (logits, 3 * logits[::-1]):
            _, _, constant = three(notebook.decompose(row, target, smoothing))
            assert constant == approx(smoothing * math.log(len(logits)), TOLERANCE, unit="nats")
