"""The reference modules of section 5 against PyTorch, SciPy and quadrature."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import log_softmax, rel_entr, softmax
from scipy.stats import norm
from torch.nn import functional

SOURCE = Path(__file__).resolve().parents[1] / "source" / "5_losses"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"source_5_{name}", SOURCE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LOSSES = load("losses").LossFunctions
ANALYSIS = load("elbo").ELBOAnalysis

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=25, deadline=None)


def batch(seed: int, spread: float = 3.0) -> tuple[Any, Any, Any, float]:
    """Return logits, true classes, target distributions with some zeros, and a smoothing."""
    rng = np.random.default_rng(seed)
    examples, classes = int(rng.integers(1, 9)), int(rng.integers(2, 12))
    logits = torch.tensor(rng.normal(0, spread, size=(examples, classes)))
    targets = torch.tensor(rng.integers(classes, size=examples))
    weights = rng.uniform(size=(examples, classes)) * rng.integers(0, 2, size=(examples, classes))
    weights[:, 0] += 0.1
    return logits, targets, torch.tensor(weights / weights.sum(axis=1, keepdims=True)), float(rng.uniform())


@given(SEEDS)
@FEW
def test_losses_agree_with_torch_and_scipy(seed: int) -> None:
    logits, targets, target_dist, smoothing = batch(seed)

    smoothed = LOSSES.label_smoothing_loss(logits, targets, smoothing)
    divergence = rel_entr(target_dist.numpy(), softmax(logits.numpy(), axis=1)).sum(axis=1).mean()

    assert torch.isclose(LOSSES.cross_entropy_loss(logits, targets), functional.cross_entropy(logits, targets))
    assert torch.isclose(smoothed, functional.cross_entropy(logits, targets, label_smoothing=smoothing))
    assert float(LOSSES.kl_div_loss(logits, target_dist)) == pytest.approx(divergence, abs=1e-12)


@given(SEEDS)
@FEW
def test_gradients_are_prediction_minus_target(seed: int) -> None:
    logits, targets, target_dist, smoothing = batch(seed)
    hard = functional.one_hot(targets, logits.shape[1]).double()
    soft = (1 - smoothing) * hard + smoothing / logits.shape[1]
    for loss, arguments, target in (
        (LOSSES.cross_entropy_loss, (targets,), hard),
        (LOSSES.kl_div_loss, (target_dist,), target_dist),
        (LOSSES.label_smoothing_loss, (targets, smoothing), soft),
    ):
        leaf = logits.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(leaf, *arguments), [leaf])

        assert torch.allclose(gradient, (torch.softmax(logits, 1) - target) / len(logits), atol=1e-12)


@given(SEEDS)
@FEW
def test_smoothed_loss_splits_in_both_ways(seed: int) -> None:
    logits, targets, _, smoothing = batch(seed)
    classes = logits.shape[1]
    soft = (1 - smoothing) * functional.one_hot(targets, classes) + smoothing / classes
    uniform = torch.full_like(logits, 1 / classes)

    loss = LOSSES.label_smoothing_loss(logits, targets, smoothing)
    pull = smoothing * (LOSSES.kl_div_loss(logits, uniform) + math.log(classes))

    assert torch.isclose(loss, (1 - smoothing) * LOSSES.cross_entropy_loss(logits, targets) + pull)
    assert torch.isclose(loss, LOSSES.kl_div_loss(logits, soft) + torch.special.entr(soft).sum(1).mean())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_losses_are_exact_for_huge_logits(dtype: torch.dtype) -> None:
    logits = torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 0.0]], dtype=dtype, requires_grad=True)
    targets, soft = torch.tensor([2, 0]), torch.tensor([[0.5, 0.0, 0.5], [0.0, 0.0, 1.0]], dtype=dtype)
    for loss, expected in (
        (LOSSES.cross_entropy_loss(logits, targets), 2000.0),
        (LOSSES.kl_div_loss(logits, soft), (1000 - math.log(2) + 1000) / 2),
        (LOSSES.label_smoothing_loss(logits, targets, 0.3), 0.7 * 2000 + 0.3 * 1000),
    ):
        (gradient,) = torch.autograd.grad(loss, [logits])

        assert float(loss.detach()) == pytest.approx(expected, rel=1e-6)
        assert torch.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("n_classes", "gap", "least"), [(3, 3.332205, 0.291140), (10, 4.510860, 0.500288), (2, 2.944439, 0.198515)]
)
def test_smoothed_loss_is_least_at_the_known_margin(n_classes: int, gap: float, least: float) -> None:
    def loss(margin: float) -> float:
        logits = torch.zeros(1, n_classes, dtype=torch.float64)
        logits[0, 0] = margin
        return float(LOSSES.label_smoothing_loss(logits, torch.tensor([0])))

    assert loss(gap) == pytest.approx(least, abs=1e-6)
    assert loss(gap) < min(loss(gap - 0.01), loss(gap + 0.01))


@pytest.mark.parametrize("smoothing", [1.0001, 2, -0.1, math.nan])
def test_smoothing_outside_of_its_range_is_refused(smoothing: float) -> None:
    with pytest.raises(ValueError, match="smoothing"):
        LOSSES.label_smoothing_loss(torch.zeros(1, 3), torch.tensor([0]), smoothing)


@given(SEEDS)
@FEW
def test_components_agree_with_torch_distributions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    examples, pixels, dimensions = (int(n) for n in rng.integers(1, 6, size=3))
    x, y = (torch.tensor(rng.uniform(0.01, 0.99, size=(examples, pixels))) for _ in range(2))
    mu, logvar = (torch.tensor(rng.normal(size=(examples, dimensions))) for _ in range(2))

    parts = ANALYSIS.compute_elbo_components(x, y, mu, logvar)

    q = torch.distributions.Normal(mu, (logvar / 2).exp())
    divergence = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum(1).mean()
    likelihood = torch.distributions.Bernoulli(y, validate_args=False).log_prob(x).sum(1).mean()
    assert parts["kl_divergence"] == pytest.approx(float(divergence), abs=1e-12)
    assert parts["reconstruction"] == pytest.approx(float(likelihood), rel=1e-6)  # torch clamps the means it is given
    assert parts["elbo"] == parts["log_marginal_lower_bound"] == parts["reconstruction"] - parts["kl_divergence"]
    assert math.isnan(parts["reconstruction_mc"])


def test_estimate_agrees_with_quadrature_and_bounds_the_evidence() -> None:
    """20000 draws: five standard errors are 0.04 nats."""
    mean, width = 0.7, 0.6
    x, mu, logvar = torch.ones(1, 1), torch.full((1, 1), mean), torch.full((1, 1), 2 * math.log(width))
    torch.manual_seed(0)

    parts = ANALYSIS.compute_elbo_components(
        x, torch.full((1, 1), 0.5), mu, logvar, n_samples=20_000, decoder=lambda z: torch.sigmoid(3 * z - 1)
    )

    def log_p(z: float) -> float:
        return -float(np.logaddexp(0, 1 - 3 * z))

    exact = quad(lambda z: norm.pdf(z, mean, width) * log_p(z), -8, 8)[0]
    square = quad(lambda z: norm.pdf(z, mean, width) * log_p(z) ** 2, -8, 8)[0]
    evidence = math.log(quad(lambda z: norm.pdf(z) * math.exp(log_p(z)), -8, 8)[0])
    assert abs(parts["reconstruction_mc"] - exact) < 5 * math.sqrt((square - exact**2) / 20_000)
    assert exact - parts["kl_divergence"] < evidence


def test_statistics_agree_with_numpy() -> None:
    rng = np.random.default_rng(0)
    mu, logvar = rng.normal(size=(20, 3)), rng.normal(size=(20, 3))

    found = ANALYSIS.analyze_latent_distribution(torch.tensor(mu), torch.tensor(logvar))

    for name, values in (("mu", mu), ("sigma", np.exp(logvar / 2))):
        assert found[f"mean_{name}"] == pytest.approx(values.mean())
        assert found[f"std_{name}"] == pytest.approx(values.std(ddof=1))
    assert (found["min_sigma"], found["max_sigma"]) == pytest.approx(
        (np.exp(logvar / 2).min(), np.exp(logvar / 2).max())
    )


def test_inputs_of_a_graph_are_left_alone() -> None:
    leaves = [torch.rand(2, 3, requires_grad=True) for _ in range(4)]
    before = [leaf.detach().clone() for leaf in leaves]

    parts = ANALYSIS.compute_elbo_components(leaves[0].detach(), *leaves[1:])

    assert all(isinstance(part, float) for part in parts.values())
    assert all(torch.equal(leaf, copy) for leaf, copy in zip(leaves, before, strict=True))


@pytest.mark.parametrize("n_samples", [0, -1])
def test_fewer_than_one_sample_is_refused(n_samples: int) -> None:
    half = torch.full((1, 1), 0.5)
    with pytest.raises(ValueError, match="n_samples"):
        ANALYSIS.compute_elbo_components(half, half, half, half, n_samples=n_samples)


def test_course_numbers() -> None:
    """The worked example of the notebook, from section 2."""
    rows = torch.tensor([[1, 3.5, 0.5, 0.8], [2, 0.5, 1.5, 1]], dtype=torch.float64)

    found = [float(LOSSES.cross_entropy_loss(row[None], torch.tensor([1]))) for row in rows]

    assert found == pytest.approx([0.181553, 2.287339], abs=1e-6)
    assert found == pytest.approx(list(-log_softmax(rows.numpy(), axis=1)[:, 1]))
