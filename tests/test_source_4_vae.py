"""The reference module of section 4 against torch.distributions, quadrature and the identities of the theory."""

from __future__ import annotations

import importlib.util
import math
from types import ModuleType

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.conftest import ROOT


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_vae", ROOT / "source" / "4_vae" / "vae.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


vae = _load()


def batch(rows: int, pixels: int, latent: int, seed: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(0, 2, (rows, pixels), generator=generator).double()
    x_recon = 0.02 + 0.96 * torch.rand(rows, pixels, generator=generator, dtype=torch.float64)
    mu = torch.randn(rows, latent, generator=generator, dtype=torch.float64)
    logvar = 3 * torch.rand(rows, latent, generator=generator, dtype=torch.float64) - 2
    return x, x_recon, mu, logvar


@pytest.mark.parametrize("seed", range(4))
def test_loss_is_that_of_torch_distributions(seed: int) -> None:
    x, x_recon, mu, logvar = batch(5, 7, 3, seed)

    total, recon, kl = vae.vae_loss(x, x_recon, mu, logvar, beta=2.5)

    assert recon.item() == pytest.approx(-Bernoulli(x_recon).log_prob(x).sum().item(), rel=1e-12)
    wanted = kl_divergence(Normal(mu, torch.exp(logvar / 2)), Normal(torch.zeros(()).double(), 1.0)).sum().item()
    assert kl.item() == pytest.approx(wanted, rel=1e-12)
    assert total.item() == pytest.approx(recon.item() + 2.5 * kl.item(), rel=1e-12)
    assert total.shape == recon.shape == kl.shape == ()


def test_kl_is_the_integral_of_its_definition() -> None:
    for mu, logvar in ((0.7, -1.2), (-1.5, 0.4), (0.0, 0.0)):
        q = norm(mu, math.exp(logvar / 2))
        wanted, _ = quad(lambda z, q=q: q.pdf(z) * (q.logpdf(z) - norm.logpdf(z)), mu - 12, mu + 12)
        half = torch.tensor([[0.5]])
        code = (torch.tensor([[number]], dtype=torch.float64) for number in (mu, logvar))
        _, _, kl = vae.vae_loss(half, half, *code)

        assert kl.item() == pytest.approx(wanted, abs=1e-9)


def test_gradients_are_those_of_the_formula() -> None:
    x, *leaves = batch(2, 3, 2, seed=9)
    for leaf in leaves:
        leaf.requires_grad_()

    assert torch.autograd.gradcheck(lambda *args: vae.vae_loss(x, *args, beta=1.7), tuple(leaves))


@pytest.mark.parametrize("extreme", [-80.0, 80.0])
def test_loss_and_gradients_are_finite_for_extreme_variances(extreme: float) -> None:
    mu = torch.zeros(2, 3, requires_grad=True)
    logvar = torch.full((2, 3), extreme, requires_grad=True)
    half = torch.full((2, 4), 0.5)

    total, _, _ = vae.vae_loss(half, half, mu, logvar)
    gradients = torch.autograd.grad(total, (mu, logvar))

    assert torch.isfinite(total)
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_elbo_is_below_the_log_likelihood_and_the_gap_is_the_divergence_from_the_posterior() -> None:
    torch.manual_seed(1)
    model = vae.VAE(5, 8, 1).double()
    x = torch.tensor([[1.0, 0.0, 1.0, 1.0, 0.0]]).double()
    z = torch.linspace(-9, 9, 20_001, dtype=torch.float64)[:, None]
    step = (z[1] - z[0]).item()
    with torch.no_grad():
        mu, logvar = model.encode(x)
        log_likelihood = Bernoulli(model.decode(z)).log_prob(x).sum(dim=1)
        log_joint = log_likelihood + Normal(0.0, 1.0).log_prob(z[:, 0])
        log_q = Normal(mu[0, 0], torch.exp(logvar[0, 0] / 2)).log_prob(z[:, 0])
        log_p = (torch.logsumexp(log_joint, 0) + math.log(step)).item()
        gap = (torch.exp(log_q) * (log_q - (log_joint - log_p))).sum().item() * step
        expected_recon = -(torch.exp(log_q) * log_likelihood).sum().item() * step
        _, _, kl = vae.vae_loss(x, x / 2 + 0.25, mu, logvar)

    assert gap > 0
    assert -expected_recon - kl.item() == pytest.approx(log_p - gap, abs=1e-8)


def test_samples_have_the_moments_and_slopes_of_the_reparameterisation() -> None:
    torch.manual_seed(2)
    model = vae.VAE(4, 6, 3)
    mu = torch.tensor([-1.0, 0.0, 2.0]).expand(40_000, 3).clone().requires_grad_()
    logvar = torch.tensor([-3.0, 0.0, 1.0]).expand(40_000, 3).clone().requires_grad_()

    z = model.reparameterize(mu, logvar)
    by_mu, by_logvar = torch.autograd.grad(z.sum(), (mu, logvar))

    noise = ((z - mu) / torch.exp(logvar / 2)).detach().numpy()
    # five standard errors of 120000 draws: 1/sqrt(N) of the mean, sqrt(2/N) of the variance
    assert abs(noise.mean()) < 5 / math.sqrt(noise.size)
    assert abs(noise.var() - 1) < 5 * math.sqrt(2 / noise.size)
    assert torch.equal(by_mu, torch.ones_like(mu))
    assert np.allclose(by_logvar.numpy(), (z - mu).detach().numpy() / 2, atol=1e-5)


@pytest.mark.parametrize("sizes", [(1, 1, 1), (12, 5, 3), (784, 400, 20)])
def test_shapes_follow_the_sizes(sizes: tuple[int, int, int]) -> None:
    pixels, _, latent = sizes
    model = vae.VAE(*sizes)

    x_recon, mu, logvar = model(torch.rand(4, 1, pixels))

    assert (x_recon.shape, mu.shape, logvar.shape) == ((4, pixels), (4, latent), (4, latent))
    assert x_recon.min() > 0
    assert x_recon.max() < 1


def test_every_parameter_gets_a_gradient_from_the_loss() -> None:
    torch.manual_seed(3)
    model = vae.VAE(9, 7, 2)
    x = torch.rand(6, 9)

    vae.vae_loss(x, *model(x))[0].backward()

    assert all(parameter.grad is not None and parameter.grad.abs().max() > 0 for parameter in model.parameters())
