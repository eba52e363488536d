"""Properties of the reference modules of sections 4 and 5 that hold for every batch."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Bernoulli, Categorical, Normal, kl_divergence

from tests.properties import FLOAT32, ROUNDING, exact_sum, load

VAE_MODULE = load("4_vae", "vae")
VAE, vae_loss = VAE_MODULE.VAE, VAE_MODULE.vae_loss
LOSSES = load("5_losses", "losses").LossFunctions
ANALYSIS = load("5_losses", "elbo").ELBOAnalysis
DIVERGENCES = load("2_divergence", "divergence").DivergenceMeasures

SIZE = st.integers(1, 5)
NUMBERS = st.floats(-6, 6)
MEANS = st.floats(0.001, 0.999)
PIXELS = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
SMOOTHINGS = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))


def close(value: Any, rel: float = ROUNDING) -> Any:
    return pytest.approx(float(value), rel=rel, abs=rel)


def matrix(draw: st.DrawFn, rows: int, width: int, numbers: st.SearchStrategy[float]) -> torch.Tensor:
    values = draw(st.lists(numbers, min_size=rows * width, max_size=rows * width))
    return torch.tensor(values, dtype=torch.float64).reshape(rows, width)


@st.composite
def batches(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """x and x_recon of shape (B, D), mu and logvar of shape (B, J)."""
    rows, pixels, latent = draw(SIZE), draw(SIZE), draw(SIZE)
    shapes = ((pixels, PIXELS), (pixels, MEANS), (latent, NUMBERS), (latent, NUMBERS))
    x, x_recon, mu, logvar = (matrix(draw, rows, width, numbers) for width, numbers in shapes)
    return x, x_recon, mu, logvar


@st.composite
def classified(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits of shape (B, K), true classes, and target distributions with zeros."""
    rows, classes = draw(SIZE), draw(st.integers(2, 6))
    logits = matrix(draw, rows, classes, NUMBERS)
    targets = torch.tensor(draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows)))
    weights = torch.stack([
        torch.tensor(draw(st.lists(st.integers(0, 9), min_size=classes, max_size=classes).filter(any)))
        for _ in range(rows)
    ]).double()  # fmt: skip
    return logits, targets, weights / weights.sum(1, keepdim=True)


def likelihood(x: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """Return log p(x) of independent pixels, each between 0 and 1, for each example, by torch.distributions."""
    return Bernoulli(probs=means, validate_args=False).log_prob(x).sum(1)


def posterior_kl(mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """Return D(N(mu, exp(logvar)) || N(0, 1)) for each example, by torch.distributions."""
    return kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)).sum(1)


def row(tensor: torch.Tensor) -> list[float]:
    return [float(value) for value in tensor]


# --- the loss of a VAE ---------------------------------------------------------------------------------------------


@given(batches(), st.floats(0, 10))
def test_vae_loss_agrees_with_torch_distributions(drawn: Any, beta: float) -> None:
    x, x_recon, mu, logvar = drawn
    total, recon, kl = vae_loss(x, x_recon, mu, logvar, beta)

    # From logits torch computes log p by another path, which costs digits where p is near 0 or 1.
    assert float(recon) == close(-likelihood(x, x_recon).sum(), 1e-9)
    assert float(kl) == close(posterior_kl(mu, logvar).sum(), 1e-11)
    assert float(total) == close(recon + beta * kl)


@given(batches())
def test_vae_loss_agrees_with_fifty_digits(drawn: Any) -> None:
    x, x_recon, mu, logvar = drawn
    _, recon, kl = vae_loss(x, x_recon, mu, logvar)
    with mpmath.workdps(50):
        pairs = [(mpmath.mpf(a), mpmath.mpf(b)) for a, b in zip(row(x.ravel()), row(x_recon.ravel()), strict=True)]
        exact_recon = exact_sum(-a * mpmath.log(b) - (1 - a) * mpmath.log(1 - b) for a, b in pairs)
        codes = [(mpmath.mpf(m), mpmath.mpf(v)) for m, v in zip(row(mu.ravel()), row(logvar.ravel()), strict=True)]
        exact_kl = exact_sum((m**2 + mpmath.exp(v) - 1 - v) / 2 for m, v in codes)

    assert float(recon) == close(exact_recon)
    assert float(kl) == close(exact_kl)


@given(batches())
def test_gibbs_inequality_for_both_parts_of_the_vae_loss(drawn: Any) -> None:
    """Nothing codes x in fewer nats than its own entropy, and no posterior is nearer to the prior than the prior."""
    x, x_recon, mu, logvar = drawn
    _, recon, kl = vae_loss(x, x_recon, mu, logvar)
    _, at_x, at_prior = vae_loss(x, x, torch.zeros_like(mu), torch.zeros_like(logvar))
    entropy = float((torch.special.entr(x) + torch.special.entr(1 - x)).sum())

    assert float(at_x) == close(entropy)
    assert float(recon) >= entropy - ROUNDING
    assert float(at_prior) == 0
    assert float(kl) >= -ROUNDING


@given(batches(), batches())
def test_vae_loss_adds_up_over_pixels_dimensions_and_examples(one: Any, other: Any) -> None:
    rows = min(len(one[0]), len(other[0]))
    beside = [torch.cat((a[:rows], b[:rows]), dim=1) for a, b in zip(one, other, strict=True)]
    below = [torch.cat((a, a)) for a in one]

    for whole, pieces in ((beside, [[a[:rows] for a in part] for part in (one, other)]), (below, [one, one])):
        sums = [
            sum(float(part) for part in column) for column in zip(*(vae_loss(*piece) for piece in pieces), strict=True)
        ]
        assert [float(part) for part in vae_loss(*whole)] == [close(value) for value in sums]


# --- the network ---------------------------------------------------------------------------------------------------


@given(SIZE, SIZE, SIZE, SIZE, st.integers(0, 2**32 - 1))
def test_network_keeps_examples_apart_and_shapes_as_asked(
    rows: int, pixels: int, hidden: int, latent: int, seed: int
) -> None:
    torch.manual_seed(seed)
    model = VAE(pixels, hidden, latent)
    x, z = torch.rand(rows, pixels), 5 * torch.randn(rows, latent)

    mu, logvar = model.encode(x)
    means = model.decode(z)

    assert mu.shape == logvar.shape == (rows, latent)
    assert means.shape == (rows, pixels)
    assert bool(((means >= 0) & (means <= 1)).all())
    for index in range(rows):
        for whole, alone in zip(
            (mu, logvar, means), (*model.encode(x[[index]]), model.decode(z[[index]])), strict=True
        ):
            assert torch.allclose(whole[index], alone[0], rtol=FLOAT32, atol=FLOAT32)


@given(SIZE, SIZE, st.integers(0, 2**32 - 1), st.floats(-5, 5), st.floats(-3, 3))
def test_a_sample_is_the_same_noise_moved_and_stretched(
    rows: int, latent: int, seed: int, shift: float, widening: float
) -> None:
    torch.manual_seed(seed)
    model, mu, logvar = VAE(3, 3, latent), torch.randn(rows, latent), torch.randn(rows, latent)

    torch.manual_seed(seed)
    z = model.reparameterize(mu, logvar)
    torch.manual_seed(seed)
    moved = model.reparameterize(mu + shift, logvar + 2 * widening)

    expected = mu + shift + math.exp(widening) * (z - mu)
    scale = float(expected.abs().max()) + math.exp(widening) * float(mu.abs().max()) + 1
    assert torch.allclose(moved, expected, rtol=0, atol=FLOAT32 * scale)


@given(SIZE, SIZE, SIZE, st.integers(0, 2**32 - 1))
def test_forward_is_encode_sample_decode(rows: int, pixels: int, latent: int, seed: int) -> None:
    torch.manual_seed(seed)
    model, x = VAE(pixels, 4, latent), torch.rand(rows, pixels)

    torch.manual_seed(seed)
    x_recon, mu, logvar = model(x.reshape(rows, 1, pixels))
    torch.manual_seed(seed)
    by_hand = model.decode(model.reparameterize(*model.encode(x)))

    assert torch.equal(x_recon, by_hand)
    assert torch.equal(torch.stack((mu, logvar)), torch.stack(model.encode(x)))


# --- losses of a classifier ----------------------------------------------------------------------------------------


@given(classified(), SMOOTHINGS)
def test_losses_agree_with_torch_distributions_and_fifty_digits(drawn: Any, smoothing: float) -> None:
    logits, targets, soft = drawn
    believed = Categorical(logits=logits)
    with mpmath.workdps(50):
        log_p = []
        for scores in logits.tolist():
            total = mpmath.log(mpmath.fsum(mpmath.exp(s) for s in scores))
            log_p.append([mpmath.mpf(s) - total for s in scores])
        hard = exact_sum(-log_p[i][c] for i, c in enumerate(targets.tolist())) / len(logits)
        divergence = exact_sum(
            q * (mpmath.log(q) - lp)
            for weights, line in zip(soft.tolist(), log_p, strict=True)
            for q, lp in zip(map(mpmath.mpf, weights), line, strict=True)
            if q
        )

    assert float(LOSSES.cross_entropy_loss(logits, targets)) == close(hard)
    assert float(LOSSES.cross_entropy_loss(logits, targets)) == close(-believed.log_prob(targets).mean())
    assert float(LOSSES.kl_div_loss(logits, soft)) == close(divergence / len(logits))
    positive = (soft + 1) / (soft + 1).sum(1, keepdim=True)
    by_torch = kl_divergence(Categorical(probs=positive), believed).mean()
    assert float(LOSSES.kl_div_loss(logits, positive)) == close(by_torch, 1e-11)
    mixed = (1 - smoothing) * hard - smoothing * float(believed.logits.mean())
    assert float(LOSSES.label_smoothing_loss(logits, targets, smoothing)) == close(mixed)


@given(classified())
def test_kl_loss_is_the_divergence_of_section_2(drawn: Any) -> None:
    logits, _, soft = drawn
    rows = zip(soft.numpy(), torch.softmax(logits, 1).numpy(), strict=True)

    assert float(LOSSES.kl_div_loss(logits, soft)) == close(np.mean([DIVERGENCES.kl_divergence(q, p) for q, p in rows]))


@given(classified(), SMOOTHINGS)
def test_gibbs_inequality_for_losses(drawn: Any, smoothing: float) -> None:
    """No logits do better than the target itself, whose loss is its entropy."""
    logits, targets, soft = drawn
    classes = logits.shape[1]
    aim = (1 - smoothing) * torch.nn.functional.one_hot(targets, classes).double() + smoothing / classes
    entropy = float(torch.special.entr(aim).sum(1).mean())

    assert float(LOSSES.kl_div_loss(logits, soft)) >= -ROUNDING
    assert float(LOSSES.kl_div_loss(logits, torch.softmax(logits, 1))) == close(0)
    assert float(LOSSES.label_smoothing_loss(logits, targets, smoothing)) >= entropy - ROUNDING
    if smoothing > 1e-3:
        assert float(LOSSES.label_smoothing_loss(aim.log(), targets, smoothing)) == close(entropy)


@given(classified(), SMOOTHINGS, st.floats(-900, 900), st.data())
def test_losses_know_no_common_shift_and_no_names_of_classes(
    drawn: Any, smoothing: float, shift: float, data: st.DataObject
) -> None:
    logits, targets, soft = drawn
    order = torch.tensor(data.draw(st.permutations(range(logits.shape[1]))))

    moved, renamed = logits + shift, logits[:, order]
    names = order.argsort()[targets]
    for loss, others, renamed_others in (
        (LOSSES.cross_entropy_loss, (targets,), (names,)),
        (LOSSES.kl_div_loss, (soft,), (soft[:, order],)),
        (LOSSES.label_smoothing_loss, (targets, smoothing), (names, smoothing)),
    ):
        value = float(loss(logits, *others))
        assert float(loss(moved, *others)) == close(value, 1e-11)  # adding 900 costs three digits of the logits
        assert float(loss(renamed, *renamed_others)) == close(value)


@given(classified(), SMOOTHINGS)
def test_losses_are_means_over_the_batch(drawn: Any, smoothing: float) -> None:
    logits, targets, soft = drawn
    for loss, others in (
        (LOSSES.cross_entropy_loss, (targets,)),
        (LOSSES.kl_div_loss, (soft,)),
        (lambda scores, labels: LOSSES.label_smoothing_loss(scores, labels, smoothing), (targets,)),
    ):
        single = [float(loss(logits[[i]], *(other[[i]] for other in others))) for i in range(len(logits))]
        assert float(loss(logits, *others)) == close(np.mean(single))


@given(classified())
def test_smoothing_goes_in_a_straight_line_from_hard_to_uniform(drawn: Any) -> None:
    logits, targets, _ = drawn
    uniform = torch.full_like(logits, 1 / logits.shape[1])
    start, middle, end = (float(LOSSES.label_smoothing_loss(logits, targets, eps)) for eps in (0, 0.5, 1))

    assert start == close(LOSSES.cross_entropy_loss(logits, targets))
    assert middle == close((start + end) / 2)
    assert end == close(LOSSES.kl_div_loss(logits, uniform) + math.log(logits.shape[1]))


# --- the evidence lower bound --------------------------------------------------------------------------------------


@given(batches())
def test_bound_is_the_vae_loss_of_an_example(drawn: Any) -> None:
    rows = len(drawn[0])
    parts = ANALYSIS.compute_elbo_components(*drawn)
    total, recon, kl = (float(part) / rows for part in vae_loss(*drawn))

    assert parts["reconstruction"] == close(-recon)
    assert parts["kl_divergence"] == close(kl)
    assert parts["elbo"] == parts["log_marginal_lower_bound"] == close(-total)


@given(batches(), st.integers(1, 4))
def test_estimate_is_exact_where_the_decoder_does_not_look(drawn: Any, n_samples: int) -> None:
    x, x_recon, mu, logvar = drawn

    parts = ANALYSIS.compute_elbo_components(x, x_recon, mu, logvar, n_samples, decoder=lambda _z: x_recon)

    assert parts["reconstruction_mc"] == close(parts["reconstruction"])


@given(batches(), st.integers(1, 4))
def test_estimate_is_exact_for_a_posterior_without_width(drawn: Any, n_samples: int) -> None:
    x, _, mu, _ = drawn
    narrow = torch.full_like(mu, -80.0)  # a width of 4e-18, below the spacing of doubles

    def decode(z: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(z.sum(-1, keepdim=True).expand(*z.shape[:-1], x.shape[1]) / 4)

    parts = ANALYSIS.compute_elbo_components(x, decode(mu), mu, narrow, n_samples, decoder=decode)

    assert parts["reconstruction_mc"] == close(parts["reconstruction"])


@given(batches(), st.floats(-4, 4), st.floats(-2, 2))
def test_statistics_move_and_stretch_with_the_posterior(drawn: Any, shift: float, widening: float) -> None:
    _, _, mu, logvar = drawn
    if mu.numel() == 1:
        mu, logvar = mu.repeat(2, 1), logvar.repeat(2, 1)  # one number alone has no standard deviation
    before = ANALYSIS.analyze_latent_distribution(mu, logvar)
    after = ANALYSIS.analyze_latent_distribution(mu + shift, logvar + 2 * widening)
    sigma = np.exp(logvar.numpy() / 2)

    assert before["min_sigma"] <= before["mean_sigma"] * (1 + ROUNDING)
    assert before["mean_sigma"] <= before["max_sigma"] * (1 + ROUNDING)
    assert before["std_mu"] == close(np.std(mu.numpy(), ddof=1))
    assert before["std_sigma"] == close(np.std(sigma, ddof=1))
    assert after["mean_mu"] == close(before["mean_mu"] + shift)
    assert after["std_mu"] == close(before["std_mu"])
    for key in ("mean_sigma", "std_sigma", "min_sigma", "max_sigma"):
        assert after[key] == close(math.exp(widening) * before[key])
