"""Hidden checks of exercise 2: the KL divergence between two Gaussians.

Oracles: numerical integration of p(x) log(p(x)/q(x)) for the function, closed forms by hand for the three numbers.
Every number is judged by its true value, whatever the function before it gives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.stats import norm

from autograder.checks.answers import approx, fail, item, number, points, value
from autograder.checks.comparisons import assert_answers, assert_proportional, assert_refuses, remembered
from autograder.remote.calls import Given

pytestmark = item("exercise-2")

FUNCTION = "gaussian_kl"

FUNCTION_TOLERANCE = 1e-5
"""`torch.distributions` answers in float32 for Python numbers; its rounding errors stay below 3e-6 here."""

TOLERANCE = 1e-6
"""Six decimals are enough for the numbers; the nearest known mistake is 0.03 away."""

ROUNDED = 6e-3
"""A number this close is the right one, rounded to two decimals or more."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)


@remembered
def quadrature(mu1: float, sigma1: float, mu2: float, sigma2: float) -> float:
    """Return D(N(mu1, sigma1^2) || N(mu2, sigma2^2)) in nats by Gauss-Hermite quadrature of log p - log q under p.

    The integrand is a polynomial of degree 2 there, which 60 nodes integrate exactly up to rounding.
    """
    x = mu1 + sigma1 * _NODES
    integrand = norm.logpdf(x, mu1, sigma1) - norm.logpdf(x, mu2, sigma2)
    return math.fsum((_WEIGHTS * integrand).tolist()) / math.sqrt(2 * math.pi)


def parameters(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Return two Gaussians of different means and widths whose divergences differ from each other."""
    while True:
        mu1, mu2 = rng.uniform(-2, 2, 2).round(3).tolist()
        sigma1, sigma2 = rng.uniform(0.5, 3, 2).round(3).tolist()
        there, back = quadrature(mu1, sigma1, mu2, sigma2), quadrature(mu2, sigma2, mu1, sigma1)
        if abs(mu1 - mu2) > 0.5 and abs(sigma1 - sigma2) > 0.3 and there > 0.1 and abs(there - back) > 0.05:
            return mu1, sigma1, mu2, sigma2


def assert_number(path: Any, truth: float) -> None:
    """Fail unless the notebook defines the number `truth`; say so where it is only rounded."""
    got = value(path)
    distance = abs(number(got) - truth)
    if TOLERANCE * max(1.0, truth) < distance < ROUNDED:
        fail("This is the right number, rounded. Let Python compute it and do not round the result.")

    assert got == approx(truth, TOLERANCE, unit="nats")


# --- gaussian_kl, 4 points -----------------------------------------------------------------------------------------


@points(0.5, function=FUNCTION, reveal=True)
def test_gaussian_kl_by_hand(notebook: Any) -> None:
    """Moving the mean of N(0, 1) by one standard deviation costs 1/2 nat; doubling its width costs ln 2 - 3/8."""
    assert notebook.gaussian_kl(0, 1, 1, 1) == approx(0.5, FUNCTION_TOLERANCE, unit="nats")
    assert notebook.gaussian_kl(0, 1, 0, 2) == approx(math.log(2) - 3 / 8, FUNCTION_TOLERANCE, unit="nats")


@points(1.5, function=FUNCTION)
def test_gaussian_kl_against_numerical_integration(notebook: Any, rng: np.random.Generator) -> None:
    """For any means and standard deviations, the divergence is the integral of p(x) log(p(x)/q(x)), in nats."""
    gaussians = [parameters(rng) for _ in range(4)]
    named = Given(**dict(zip(("mu1", "sigma1", "mu2", "sigma2"), gaussians[-1], strict=True)))
    given = [*(Given(*four) for four in gaussians), named]

    truths = [quadrature(*four) for four in (*gaussians, gaussians[-1])]
    assert_answers(notebook.gaussian_kl, given, truths, "nats", FUNCTION_TOLERANCE)


@points(0.5, function=FUNCTION)
def test_gaussian_kl_is_zero_for_equal_gaussians_only(notebook: Any) -> None:
    """Equal Gaussians have divergence 0, wherever they are; different means or different widths do not."""
    gaussians = [(0, 1, 0, 1), (-1.5, 0.25, -1.5, 0.25), (3.0, 2.0, 3.0, 2.0), (1, 1, 3, 1), (3, 1, 1, 1)]
    answers = notebook.gaussian_kl.each(*(Given(*four) for four in gaussians))

    complaint = "Equal Gaussians have divergence 0, others do not."
    assert_proportional(answers, [0.0, 0.0, 0.0, 2.0, 2.0], complaint, FUNCTION_TOLERANCE)


@points(0.5, function=FUNCTION)
def test_gaussian_kl_does_not_depend_on_the_unit_of_x(notebook: Any, rng: np.random.Generator) -> None:
    """Shifting, mirroring or stretching the axis in the same way for both Gaussians changes nothing."""
    mu1, sigma1, mu2, sigma2 = parameters(rng)
    changes = [(1, 0), (1, 10), (-1, 0), (100, -5), (0.01, 0)]
    given = [Given(a * mu1 + b, abs(a) * sigma1, a * mu2 + b, abs(a) * sigma2) for a, b in changes]
    answers = notebook.gaussian_kl.each(*given, Given(0, 1, 0, 1))

    complaint = "The divergence must not depend on the unit in which x is measured, and be 0 for equal Gaussians."
    assert_proportional(answers, [1.0] * len(changes) + [0.0], complaint, FUNCTION_TOLERANCE)


@points(0.5, function=FUNCTION)
def test_gaussian_kl_of_narrow_and_wide_gaussians(notebook: Any) -> None:
    """Gaussians that are much narrower, much wider or far apart have finite divergences, small and large."""
    gaussians = ((0.0, 0.05, 0.0, 20.0), (0.0, 20.0, 0.0, 0.05), (-30.0, 1.0, 30.0, 2.0))

    given, truths = [Given(*four) for four in gaussians], [quadrature(*four) for four in gaussians]
    assert_answers(notebook.gaussian_kl, given, truths, "nats", FUNCTION_TOLERANCE)


@points(0.5, function=FUNCTION)
def test_gaussian_kl_refuses_widths_that_are_not_positive(notebook: Any) -> None:
    """A standard deviation of 0 or below, of either Gaussian, raises ValueError."""
    refused = []
    for sigma in (-1, 0, -0.5, -0.001):
        refused += [(Given(0, sigma, 2, 1), f"`sigma1={sigma}`"), (Given(0, 1, 2, sigma), f"`sigma2={sigma}`")]
    for sigma in (-1.5, 0):  # with two of them, a quotient or a product has no sign that would show it
        refused += [(Given(0, sigma, mean, sigma), f"`sigma1={sigma}, sigma2={sigma}`") for mean in (2, 0)]

    complaint = "Two different Gaussians must be accepted and not give 0"
    assert_refuses(notebook.gaussian_kl, Given(0, 1, 2, 1), refused, complaint)


# --- the three numbers, 4 points -----------------------------------------------------------------------------------


@points(1.5, function="kl_forward")
def test_kl_forward(notebook: Any) -> None:
    """`kl_forward` is D(N(0, 1) || N(2, 2)) in nats, where the second argument of N is the variance."""
    assert_number(notebook.kl_forward, (math.log(2) + 1.5) / 2)


@points(1.5, function="kl_reverse")
def test_kl_reverse(notebook: Any) -> None:
    """`kl_reverse` is D(N(2, 2) || N(0, 1)) in nats, where the second argument of N is the variance."""
    assert_number(notebook.kl_reverse, (5 - math.log(2)) / 2)


@points(1, function="kl_forward_std2")
def test_kl_forward_std2(notebook: Any) -> None:
    """`kl_forward_std2` is `kl_forward` with the 2 of the second Gaussian read as its standard deviation."""
    assert_number(notebook.kl_forward_std2, math.log(2) + 1 / 8)
