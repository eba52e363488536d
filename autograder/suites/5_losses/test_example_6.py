"""Hidden checks of example 6: the parts of the evidence lower bound, and statistics of the posterior.

Oracles: sums over pixels and dimensions with plain logarithms in double precision; for the Monte Carlo term
Gauss-Hermite quadrature over the posterior, whose integrand is smooth, with the standard error of the average from
the same quadrature. Decoders are affine maps with a sigmoid, made on the worker's side. A Monte Carlo answer is right
within five standard errors: a right program fails such a check once in two million seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, xlogy

from autograder.checks.answers import approx, compared, fail, item, number, points, raises, tensor, value
from autograder.checks.comparisons import assert_tensors_left_alone

pytestmark = item("example-6")

Array = NDArray[np.float64]

COMPONENTS = "ELBOAnalysis.compute_elbo_components"
LATENT = "ELBOAnalysis.analyze_latent_distribution"

TOLERANCE = 1e-5
"""Relative to the number, or to 1: float32 sums of a few dozen terms stay well below."""

NEAREST = 2.0**-19
"""How close to 0 and to 1 a Bernoulli mean comes: float32 holds it, and 1 minus it, exactly. A clamp, or an epsilon in
the logarithm, shows if it is larger than 1e-8; the contract says 1e-6."""

SPREAD_TOLERANCE = 0.01
"""Standard deviations with N and with N - 1 in the denominator are both right; they differ by 1/(2N), and N >= 64."""

STANDARD_ERRORS = 5
N_SAMPLES = 600
N_SAMPLES_BY_DEFAULT = 1000
N_REPEATS = 60
SMALLEST_RATIO = 1.7
"""Of the spread with one sample to that with 16, which should be 4. The logarithm of the ratio of two standard
deviations of 60 numbers has a standard error of 0.13 for normal numbers and of 0.17 for these, which are skewed: 4
exp(-5 * 0.17). Programs that use cleverer ways to draw have a larger ratio."""
LARGEST_EXCESS = 1.9
"""Of the spread of 30 averages to what it should be: exp(5 / sqrt(2 * 29)). An average of 1000 is normal enough."""

FLOAT32_ROUNDING = 1e-6
"""Two estimates from the same noise differ by less; one draw more or fewer changes them by a thousand times that."""


def single(numbers: Any) -> Array:
    """Return numbers rounded to float32, as they will be sent, in double precision."""
    return np.asarray(numbers, dtype=np.float32).astype(np.float64)


def entry(answer: Any, key: str) -> Any:
    """Return what a result holds under `key`; fail with a message if there is nothing."""
    plain = value(answer)
    if not isinstance(plain, Mapping):
        fail("A dict with the names of the contract as keys was expected.")
    if key not in plain:
        fail(f"The result has no key `{key}`.")
    return plain[key]


def assert_entry(answer: Any, key: str, expected: float, tolerance: float = TOLERANCE, unit: str = "nats") -> None:
    """Fail unless the result holds `expected` under `key`, within `tolerance`."""
    assert entry(answer, key) == approx(expected, tolerance, unit=unit)


def assert_proportional(got: Sequence[float], truths: Sequence[float], complaint: str, tolerance: float) -> None:
    """Fail with `complaint` unless `got` are `truths` times one common factor."""
    largest = int(np.argmax(np.abs(truths)))
    unit = got[largest] / truths[largest]
    bound = tolerance * max(1.0, abs(unit * truths[largest]))
    near = all(abs(one - unit * truth) <= bound for one, truth in zip(got, truths, strict=True))

    assert all(math.isfinite(one) for one in got), f"{complaint} One of the answers was not finite."
    assert abs(unit) > 0.01, f"{complaint} An answer that must not be 0 was 0."
    assert near, complaint


# --- batches and what is true of them ------------------------------------------------------------------------------


class Batch(NamedTuple):
    """Examples with a reconstruction and a posterior, all in double precision and all of them float32 numbers.

    The pixels of an example are in a row here. The tensors that are sent may have another shape.
    """

    x: Array  # (B, D)
    x_recon: Array  # (B, D)
    mu: Array  # (B, J)
    logvar: Array  # (B, J)

    @property
    def tensors(self) -> tuple[Any, Any, Any, Any]:
        """The four tensors that are sent."""
        return tensor(self.x), tensor(self.x_recon), tensor(self.mu), tensor(self.logvar)

    @property
    def reconstruction(self) -> float:
        """Mean over the examples of the log-likelihood of their pixels, in nats."""
        return float((xlogy(self.x, self.x_recon) + xlogy(1 - self.x, 1 - self.x_recon)).sum(axis=1).mean())

    @property
    def kl(self) -> float:
        """Mean over the examples of the divergence of the posterior from the prior, in nats."""
        return float(0.5 * (self.mu**2 + np.exp(self.logvar) - 1 - self.logvar).sum(axis=1).mean())

    def shaped(self, *shape: int) -> tuple[Any, Any, Any, Any]:
        """Return the four tensors, with the pixels of each example in that shape."""
        return tensor(self.x.reshape(len(self.x), *shape)), *self.tensors[1:]

    def repeated(self, times: int) -> Batch:
        """Return a batch that contains every example that often."""
        return Batch(*(np.tile(part, (times, 1)) for part in (self.x, self.x_recon, self.mu, self.logvar)))


def batch(rng: np.random.Generator, examples: int, pixels: int, dimensions: int, grey: bool = True) -> Batch:
    """Return a batch whose posteriors are neither the prior nor all of the same width."""
    x = rng.uniform(0, 1, size=(examples, pixels))
    x_recon = rng.uniform(0.05, 0.95, size=(examples, pixels))
    x_recon[0, :2] = NEAREST, 1 - NEAREST
    return Batch(
        single(x if grey else np.round(x)),
        single(x_recon),
        single(rng.normal(0, 1.2, size=(examples, dimensions)) + 0.3),
        single(rng.uniform(-2.5, 1.0, size=(examples, dimensions))),
    )


class Decoder(NamedTuple):
    """y = sigmoid(z Wᵀ + b) for z of shape (..., 2)."""

    weight: Array  # (D, 2)
    bias: Array  # (D,)

    def log_likelihood(self, x: Array, z: Array) -> Array:
        """Return log p(x|z) in nats; `x` of shape (D,), `z` of shape (n, 2)."""
        logits = z @ self.weight.T + self.bias  # (n, D)
        return np.asarray((x * log_expit(logits) + (1 - x) * log_expit(-logits)).sum(axis=1))


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
_GRID = np.stack(np.meshgrid(_NODES, _NODES, indexing="ij"), axis=-1).reshape(-1, 2)
_MASS = np.outer(_WEIGHTS, _WEIGHTS).ravel() / (2 * math.pi)


_NODES_0_1, _WEIGHTS_0_1 = (0.5 * part for part in np.polynomial.legendre.leggauss(40))
_UNIT_SQUARE = np.stack(np.meshgrid(_NODES_0_1, _NODES_0_1, indexing="ij"), axis=-1).reshape(-1, 2) + 0.5
_UNIT_MASS = np.outer(_WEIGHTS_0_1, _WEIGHTS_0_1).ravel()


def expectation(
    decoder: Decoder, given: Batch, mu: Array, sigma: Array, grid: Array = _GRID, mass: Array = _MASS
) -> tuple[float, float]:
    """Return the mean over the batch of E[log p(x|z)] for z = mu + sigma * noise, and the deviation of one draw.

    `grid` and `mass` are a quadrature over the noise, by default a normal one. The standard deviation is the largest
    that a draw for the whole batch can have, whether or not its examples share their noise.
    """
    means, deviations = [], []
    for x, centre, width in zip(given.x, mu, sigma, strict=True):
        values = decoder.log_likelihood(x, centre + width * grid)
        mean = float(mass @ values)
        means.append(mean)
        deviations.append(math.sqrt(max(0.0, float(mass @ (values - mean) ** 2))))
    return float(np.mean(means)), float(np.mean(deviations))


def averaged_too_early(decoder: Decoder, given: Batch, pixel_by_pixel: bool) -> tuple[float, float]:
    """Return the result if the likelihoods, or the decoded pixels, are averaged before the logarithm.

    The deviation is that of the logarithm of an average, to first order.
    """
    means, deviations = [], []
    for x, centre, width in zip(given.x, given.mu, np.exp(0.5 * given.logvar), strict=True):
        z = centre + width * _GRID
        if pixel_by_pixel:
            y = expit(z @ decoder.weight.T + decoder.bias)  # (n, D)
            mean_y = _MASS @ y
            means.append(float((xlogy(x, mean_y) + xlogy(1 - x, 1 - mean_y)).sum()))
            slopes = x / mean_y - (1 - x) / (1 - mean_y)
            scatter = (y - mean_y) @ slopes
        else:
            likelihood = np.exp(decoder.log_likelihood(x, z))
            mean = float(_MASS @ likelihood)
            means.append(math.log(mean))
            scatter = likelihood / mean - 1
        deviations.append(math.sqrt(float(_MASS @ scatter**2)))
    return float(np.mean(means)), float(np.mean(deviations))


def decoded(rng: np.random.Generator, examples: int, wide: bool = True) -> tuple[Decoder, Batch]:
    """Return a decoder and a batch for which the known mistakes give numbers that are far apart.

    With wide posteriors a sample and its mean differ a lot. With narrow ones a wrong width shows, and so does a
    comparison with the reconstruction, which is the negative of the examples there. Logits stay within +-15, so that
    the sigmoid does not saturate in float32.
    """
    angles = rng.uniform(0, 2 * math.pi) + np.arange(4) * math.pi / 4
    weight = single(np.stack([np.cos(angles), np.sin(angles)], axis=1) * 1.15)
    low, high = (1.15, 1.45) if wide else (-2.2, -1.6)
    given = Batch(
        x=np.asarray(rng.integers(0, 2, size=(examples, 4)), dtype=float),
        x_recon=single(rng.uniform(0.93, 0.97, size=(examples, 4))),
        mu=single(rng.uniform(0.8, 1.2, size=(examples, 2)) * rng.choice([-1, 1], size=(examples, 2))),
        logvar=single(rng.uniform(low, high, size=(examples, 2))),
    )
    likely = np.where(given.x == 1, given.x_recon, single(1 - given.x_recon))
    given = given._replace(x_recon=likely if wide else single(1 - likely))
    return Decoder(weight, single(rng.uniform(-0.5, 0.5, size=4))), given


_WIDTHS: dict[str, Callable[[Array], Array]] = {
    "decoder-at-the-mean": np.zeros_like,
    "logvar-for-log-sigma": np.exp,
    "logvar-for-sigma": np.asarray,
    "sigma-ignored": np.ones_like,
    "precision-for-variance": lambda logvar: np.asarray(np.exp(-0.5 * logvar)),
}


def mistaken(decoder: Decoder, given: Batch) -> dict[str, tuple[float, float]]:
    """Return what the Monte Carlo term becomes with known mistakes, and how much one draw of it scatters."""
    sigma = np.exp(0.5 * given.logvar)
    truth, deviation = expectation(decoder, given, given.mu, sigma)
    found = {name: expectation(decoder, given, given.mu, width(given.logvar)) for name, width in _WIDTHS.items()}
    zeros = np.zeros_like(given.mu)
    found["samples-from-the-prior"] = expectation(decoder, given, zeros, np.ones_like(sigma))
    found["mean-left-out"] = expectation(decoder, given, zeros, sigma)
    found["copy-of-the-reconstruction"] = given.reconstruction, 0.0
    found["compared-with-the-reconstruction"] = expectation(decoder, given._replace(x=given.x_recon), given.mu, sigma)
    found["noise-not-normal"] = expectation(decoder, given, given.mu, sigma, _UNIT_SQUARE, _UNIT_MASS)
    found["averaged-before-the-logarithm"] = averaged_too_early(decoder, given, pixel_by_pixel=False)
    found["pixels-averaged-first"] = averaged_too_early(decoder, given, pixel_by_pixel=True)
    found["elbo-for-expectation"] = truth - given.kl, deviation
    for name, factor in (
        ("loss-for-likelihood", -1.0),
        ("summed-over-the-batch", len(given.x)),
        ("averaged-over-pixels", 1 / given.x.shape[1]),
        ("averaged-over-everything", 1 / given.x.size),
        ("summed-over-samples", N_SAMPLES),
        ("bits-for-nats", 1 / math.log(2)),
    ):
        found[name] = factor * truth, abs(factor) * deviation
    return found


def standard_errors(estimate: float, mean: float, deviation: float) -> float:
    """Return how many standard errors of the average lie between `estimate` and `mean`."""
    return abs(estimate - mean) / (deviation / math.sqrt(N_SAMPLES) + TOLERANCE)


def likeliest_mistake(estimates: Sequence[tuple[float, Decoder, Batch]]) -> str | None:
    """Return the name of the mistake that explains all estimates best, or None if none of them does."""
    farthest: dict[str, float] = {}
    for estimate, decoder, given in estimates:
        for name, wrong in mistaken(decoder, given).items():
            farthest[name] = max(farthest.get(name, 0.0), standard_errors(estimate, *wrong))
    nearest = min(farthest, key=farthest.__getitem__)
    return nearest if farthest[nearest] <= STANDARD_ERRORS else None


# --- the parts of the bound, 7 points ------------------------------------------------------------------------------


@points(0.5, function=COMPONENTS, reveal=True)
def test_components_by_hand(elbo: Any) -> None:
    """Two pixels at 1/2 cost 2 ln 2, a posterior N(1, 1) is 1/2 nat away from the prior; the bound is lower by both."""
    half = tensor([[0.5, 0.5]])
    answer = elbo.ELBOAnalysis.compute_elbo_components(tensor([[1.0, 0.0]]), half, tensor([[1.0]]), tensor([[0.0]]))

    assert_entry(answer, "reconstruction", -2 * math.log(2))
    assert_entry(answer, "kl_divergence", 0.5)
    assert_entry(answer, "elbo", -2 * math.log(2) - 0.5)


@points(0.75, function=COMPONENTS)
def test_reconstruction_of_any_batch(elbo: Any, rng: np.random.Generator) -> None:
    """`reconstruction` is minus the binary cross-entropy, summed over pixels and averaged over examples."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    for examples, pixels, dimensions in ((1, 6, 2), (5, 9, 3), (3, 3, 1)):
        given = batch(rng, examples, pixels, dimensions)
        assert_entry(function(*given.tensors), "reconstruction", given.reconstruction)


@points(0.75, function=COMPONENTS)
def test_divergence_of_any_batch(elbo: Any, rng: np.random.Generator) -> None:
    """`kl_divergence` is D(q(z|x) || N(0, I)), summed over dimensions and averaged over examples."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    for examples, pixels, dimensions in ((1, 2, 3), (6, 4, 2), (4, 3, 8)):
        given = batch(rng, examples, pixels, dimensions)
        assert_entry(function(*given.tensors), "kl_divergence", given.kl)


@points(0.25, function=COMPONENTS)
def test_bound_is_reconstruction_less_divergence(elbo: Any, rng: np.random.Generator) -> None:
    """`elbo` is your `reconstruction` minus your `kl_divergence`, and `log_marginal_lower_bound` is the same number."""
    for given in (batch(rng, 3, 5, 2), batch(rng, 4, 2, 4)):
        answer = elbo.ELBOAnalysis.compute_elbo_components(*given.tensors)
        reconstruction, kl, bound, lower = (
            number(entry(answer, key))
            for key in ("reconstruction", "kl_divergence", "elbo", "log_marginal_lower_bound")
        )
        for name, part in (("reconstruction", reconstruction), ("kl_divergence", kl)):
            usable = math.isfinite(part) and abs(part) > 0.01 and abs(part - 1) > 1e-6
            assert usable, f"`{name}` must be a finite number other than 0 here."
        distinct = abs(reconstruction - kl) > 0.01
        assert distinct, "`reconstruction` and `kl_divergence` are the same number."
        assert bound == approx(reconstruction - kl, TOLERANCE, unit="nats"), (
            "`elbo` is not `reconstruction` minus `kl_divergence`."
        )
        assert lower == approx(bound, TOLERANCE, unit="nats"), "`log_marginal_lower_bound` is not the same as `elbo`."


@points(0.25, function=COMPONENTS)
def test_components_do_not_grow_with_the_batch(elbo: Any, rng: np.random.Generator) -> None:
    """All numbers are means over the examples: a batch and the same batch three times over give the same."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    given, other = batch(rng, 4, 5, 3), batch(rng, 2, 8, 2)
    answers = [function(*one.tensors) for one in (given, given.repeated(3), other)]
    for key, of in (("reconstruction", "reconstruction"), ("kl_divergence", "kl")):
        got = [number(entry(answer, key)) for answer in answers]
        truths = [getattr(one, of) for one in (given, given, other)]
        same = math.isfinite(got[0]) and abs(got[1] - got[0]) <= TOLERANCE * max(1.0, abs(got[0]))
        assert same, f"`{key}` of a batch and of the same batch three times over differs."
        moved = abs(got[2] - got[0]) > 0.001 * abs(truths[2] - truths[0])
        assert moved, f"`{key}` of different pixels is the same number."


@points(0.25, function=COMPONENTS)
def test_posteriors_that_are_the_prior_or_far_from_it(elbo: Any) -> None:
    """The divergence is 0 for mu = 0, logvar = 0; it grows with mu squared, and is right for |logvar| up to 80."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    x, y = np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.5, 0.25], [0.5, 0.75]])
    posteriors = [(0.0, 0.0), (3.0, 0.0), (-3.0, 0.0), (6.0, 0.0), (0.0, -12.0), (0.0, 4.0), (0.5, -80.0), (0.0, 80.0)]
    batches = [Batch(x, y, np.full((2, 2), mu), np.full((2, 2), logvar)) for mu, logvar in posteriors]
    got = [number(entry(function(*given.tensors), "kl_divergence")) for given in batches]
    truths = [given.kl for given in batches]

    complaint = "The divergences of posteriors at the prior, near it, narrow and wide do not fit together."
    assert_proportional(got[:-1], truths[:-1], complaint, TOLERANCE)
    widest = got[-1] / truths[-1] * truths[3]  # 1e35 nats would hide all others
    assert abs(widest - got[3]) <= TOLERANCE * 10 * abs(got[3]), complaint


@points(0.25, function=COMPONENTS)
def test_examples_of_any_shape(elbo: Any, live: Any, rng: np.random.Generator) -> None:
    """Examples may be images: `x` of shape (B, 2, 3) gives what its pixels in a row give, with a decoder too."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    given = batch(rng, 4, 6, 2)
    other = batch(rng, 4, 6, 2)._replace(mu=given.mu, logvar=given.logvar)
    remote = live.affine(tensor(np.zeros((6, 2))), tensor(single(rng.uniform(-2, 2, size=6))), "sigmoid")
    sent = given.tensors, given.shaped(2, 3), given.shaped(1, 3, 2), other.tensors
    answers = [function(*tensors, n_samples=2, decoder=remote) for tensors in sent]

    for key in ("reconstruction", "reconstruction_mc"):
        row, *images, moved = (number(entry(answer, key)) for answer in answers)
        for image in images:
            same = abs(image - row) <= TOLERANCE * max(1.0, abs(row))
            assert same, f"`{key}` of examples in the shape of images is not what it is with their pixels in a row."
        assert abs(moved - row) > 1e-3, f"`{key}` of different pixels is the same number."


@points(0.25, function=COMPONENTS)
def test_estimate_needs_a_decoder(elbo: Any, live: Any, rng: np.random.Generator) -> None:
    """Without a decoder `reconstruction_mc` is NaN; with one it is a number, and the other parts stay as they were."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    decoder, given = decoded(rng, 2)
    remote = live.affine(tensor(decoder.weight), tensor(decoder.bias), "sigmoid")
    without, with_one = function(*given.tensors), function(*given.tensors, n_samples=8, decoder=remote)
    missing, there = (number(entry(answer, "reconstruction_mc")) for answer in (without, with_one))
    if not math.isnan(missing):
        fail("Without a decoder nothing can be sampled: `reconstruction_mc` must be NaN.", "estimate-without-decoder")

    assert math.isfinite(there), "With a decoder `reconstruction_mc` must be a finite number."
    before, after = (
        [number(entry(answer, key)) for key in ("reconstruction", "kl_divergence", "elbo", "log_marginal_lower_bound")]
        for answer in (without, with_one)
    )
    if abs(there - after[0]) <= FLOAT32_ROUNDING:
        fail(
            "With a decoder `reconstruction_mc` is exactly `reconstruction`, which no sampling can give.",
            misconception="copy-of-the-reconstruction",
        )
    same = [abs(new - old) <= TOLERANCE * max(1.0, abs(old)) for old, new in zip(before, after, strict=True)]
    if same[:2] == [True, True] and not all(same):
        from_estimate = [abs(bound - (there - after[1])) <= TOLERANCE * max(1.0, abs(bound)) for bound in after[2:]]
        fail(
            "With a decoder the bound is a different number. It is `reconstruction` minus `kl_divergence` there too.",
            misconception="bound-from-the-estimate" if any(from_estimate) else None,
        )
    assert all(same), "`reconstruction` and `kl_divergence` must not depend on the decoder."


def estimate_from_seed(function: Any, live: Any, given: Batch, decoder: Any, seed: int) -> float:
    """Return the Monte Carlo estimate from noise that the seed determines, if it comes from a global generator."""
    live.seed(seed)
    return number(entry(function(*given.tensors, n_samples=N_SAMPLES, decoder=decoder), "reconstruction_mc"))


@points(2, function=COMPONENTS)
def test_estimate_agrees_with_quadrature(elbo: Any, live: Any, rng: np.random.Generator) -> None:
    """`reconstruction_mc` is E_q[log p(x|z)]: z is drawn from the posterior, decoded, and compared with x."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    estimates = []
    for seed, examples, wide in ((1, 1, True), (2, 2, False), (3, 2, True)):
        decoder, given = decoded(rng, examples, wide)
        remote = live.affine(tensor(decoder.weight), tensor(decoder.bias), "sigmoid")
        live.seed(seed)
        answer = function(*given.tensors, n_samples=N_SAMPLES, decoder=remote)
        estimate = number(entry(answer, "reconstruction_mc"))
        if number(live.calls(remote)) == 0:
            message = "`reconstruction_mc` was computed without a call of the decoder."
            fail(message, misconception="copy-of-the-reconstruction")
        estimates.append((estimate, decoder, given))
    finite = [entry for entry in estimates if math.isfinite(entry[0])]
    if len(finite) < len(estimates):
        complaint = "With a decoder `reconstruction_mc` must be a finite number."
        fail(complaint, likeliest_mistake(finite) if len(finite) > 1 else None)
    distances = [
        standard_errors(estimate, *expectation(decoder, given, given.mu, np.exp(0.5 * given.logvar)))
        for estimate, decoder, given in estimates
    ]
    if max(distances) > STANDARD_ERRORS:
        fail(
            f"With {N_SAMPLES} samples `reconstruction_mc` is more than {STANDARD_ERRORS} standard errors away from "
            "E_q[log p(x|z)].",
            misconception=likeliest_mistake(estimates),
        )
    # If the noise differs each time, this proves nothing.
    negative = given._replace(x_recon=single(1 - given.x_recon))
    again, other = (estimate_from_seed(function, live, one, remote, seed=3) for one in (given, negative))
    uses_it = abs(again - estimates[-1][0]) <= FLOAT32_ROUNDING < abs(other - again)
    assert not uses_it, "`reconstruction_mc` changes with `x_recon`. It depends only on the examples and the decoder."


@points(0.75, function=COMPONENTS)
def test_estimate_averages_over_n_samples(elbo: Any, live: Any, rng: np.random.Generator) -> None:
    """The estimate is an average: it varies from call to call, with 16 samples about a quarter as much as with one."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    decoder, given = decoded(rng, 1)
    remote = live.affine(tensor(decoder.weight), tensor(decoder.bias), "sigmoid")
    live.seed(4)
    spreads = []
    for n_samples in (1, 16):
        answers = [function(*given.tensors, n_samples=n_samples, decoder=remote) for _ in range(N_REPEATS)]
        estimates = np.array([number(entry(answer, "reconstruction_mc")) for answer in answers])
        assert np.isfinite(estimates).all(), "With a decoder `reconstruction_mc` must be a finite number."
        spreads.append(float(estimates.std(ddof=1)))
        if spreads[-1] <= 1e-6:
            fail(
                "Several calls gave exactly the same estimate. Each call must draw new samples from the posterior.",
                misconception="no-fresh-samples",
            )
    ratio = spreads[0] / spreads[1]
    if ratio < SMALLEST_RATIO:
        fail(
            "With `n_samples=16` the estimate varies as much as with one sample. The average of 16 draws varies less.",
            misconception="other-number-of-draws" if ratio * SMALLEST_RATIO > 1 else None,
        )
    blind = live.affine(tensor(0 * decoder.weight), tensor(decoder.bias), "sigmoid")
    one, four = (
        number(entry(function(*given.tensors, n_samples=n_samples, decoder=blind), "reconstruction_mc"))
        for n_samples in (1, 4)
    )
    same = abs(one - four) <= TOLERANCE * max(1.0, abs(one))
    assert same, "If the decoder ignores z, nothing varies: one sample and four give the same average."


@points(0.25, function=COMPONENTS)
def test_each_example_has_samples_of_its_own(elbo: Any, live: Any, rng: np.random.Generator) -> None:
    """Every example has its own `n_samples` draws: the mean of 16 examples varies about a quarter as much as one."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    decoder, given = decoded(rng, 1)
    remote = live.affine(tensor(decoder.weight), tensor(decoder.bias), "sigmoid")
    live.seed(6)
    spreads = []
    for one in (given, given.repeated(16)):
        answers = [function(*one.tensors, n_samples=16, decoder=remote) for _ in range(N_REPEATS)]
        estimates = np.array([number(entry(answer, "reconstruction_mc")) for answer in answers])
        assert np.isfinite(estimates).all(), "With a decoder `reconstruction_mc` must be a finite number."
        spreads.append(float(estimates.std(ddof=1) / (abs(estimates.mean()) + FLOAT32_ROUNDING)))  # sums pass too
        assert spreads[-1] > 1e-6, "Several calls gave exactly the same estimate. Each call must draw new samples."
    ratio = spreads[0] / spreads[1]
    if ratio < SMALLEST_RATIO:
        fail(
            "For a batch of 16 equal examples the estimate varies as much as for one. It varies less if each "
            "example has its own `n_samples` draws.",
            misconception="draws-shared-by-the-batch" if ratio * SMALLEST_RATIO > 1 else None,
        )


@points(0.25, function=COMPONENTS)
def test_a_thousand_samples_by_default(elbo: Any, live: Any, rng: np.random.Generator) -> None:
    """Without `n_samples` there are 1000: the same noise gives the result for 1000, and not those for other numbers."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    decoder, given = decoded(rng, 1)
    remote = live.affine(tensor(decoder.weight), tensor(decoder.bias), "sigmoid")

    def estimate(**n_samples: int) -> float:
        got = number(entry(function(*given.tensors, **n_samples, decoder=remote), "reconstruction_mc"))
        assert math.isfinite(got), "With a decoder `reconstruction_mc` must be a finite number."
        return got

    def from_same_noise(**n_samples: int) -> float:
        live.seed(7)
        return estimate(**n_samples)

    default, thousand, again = (
        from_same_noise(**n_samples) for n_samples in ({}, {"n_samples": N_SAMPLES_BY_DEFAULT}, {"n_samples": 1000})
    )
    fewer = [from_same_noise(n_samples=n_samples) for n_samples in (990, 500)]  # one may agree by chance
    same = "`n_samples` of 500, of 990 and of 1000 give exactly the same estimate."
    assert max(abs(thousand - other) for other in fewer) > FLOAT32_ROUNDING, same
    if abs(default - thousand) <= FLOAT32_ROUNDING:
        return
    message = "Without `n_samples` the average must be over 1000 draws."
    if abs(again - thousand) <= FLOAT32_ROUNDING:
        fail(message, misconception="another-default")
    mean, deviation = expectation(decoder, given, given.mu, np.exp(0.5 * given.logvar))  # noise from another source
    spread = math.sqrt(sum((estimate() - mean) ** 2 for _ in range(30)) / 30)
    assert spread <= LARGEST_EXCESS * deviation / math.sqrt(N_SAMPLES_BY_DEFAULT), message


@points(0.25, function=COMPONENTS)
def test_fewer_than_one_sample_is_refused(elbo: Any, live: Any) -> None:
    """`n_samples` of 1 is accepted; 0 or a negative number raises ValueError, with or without a decoder."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    tensors = tensor([[1.0, 0.0]]), tensor([[0.25, 0.5]]), tensor([[1.5]]), tensor([[0.0]])
    part = number(entry(function(*tensors, n_samples=1), "kl_divergence"))
    assert abs(part) > 0.01, "One sample must be accepted, and the divergence is not 0 here."
    assert math.isfinite(part), "One sample must be accepted, and the divergence is finite."
    assert abs(part - 1.0) > 1e-6, "One sample must be accepted, and the divergence is not 1 here."

    remote = live.affine(tensor([[1.0], [0.5]]), tensor([0.0, 1.0]), "sigmoid")
    for n_samples in (0, -1, -1000):
        with raises(ValueError, f"`n_samples={n_samples}`"):
            function(*tensors, n_samples=n_samples)
        with raises(ValueError, f"`n_samples={n_samples}` with a decoder"):
            function(*tensors, n_samples=n_samples, decoder=remote)


@points(0.25, function=COMPONENTS)
def test_components_take_tensors_of_a_network_and_leave_them_alone(
    elbo: Any, live: Any, rng: np.random.Generator
) -> None:
    """Tensors that are part of a graph are fine, and the input tensors keep their values."""
    function = elbo.ELBOAnalysis.compute_elbo_components
    (decoder, given), (_, other) = decoded(rng, 3), decoded(rng, 3)
    remote = live.affine(live.leaf(tensor(decoder.weight)), live.leaf(tensor(decoder.bias)), "sigmoid")
    got = []
    for one, options in ((given, {}), (other, {}), (other, {"n_samples": 2, "decoder": remote})):
        answer, after = function.call_and_return_arguments(*one.tensors, **options)
        got.append(number(entry(answer, "kl_divergence")))
        assert_tensors_left_alone(one.tensors, after)
    x, x_recon, mu, logvar = given.tensors
    leaves = live.leaf(x_recon), live.leaf(mu), live.leaf(logvar)
    of_graph = [
        number(entry(function(x, *leaves, **options), "kl_divergence"))
        for options in ({}, {"n_samples": 2, "decoder": remote})
    ]

    complaint = "The divergences of two batches do not fit together."
    assert_proportional(got, [given.kl, other.kl, other.kl], complaint, TOLERANCE)
    near = all(abs(one - got[0]) <= TOLERANCE * max(1.0, abs(got[0])) for one in of_graph)
    assert near, "Tensors with and without gradients give different numbers."


# --- statistics of the posterior, 3 points -------------------------------------------------------------------------


def posterior(rng: np.random.Generator, examples: int, dimensions: int) -> tuple[Array, Array]:
    """Return mu and logvar of at least 64 elements, whose columns differ in location and in width."""
    place, scale = rng.uniform(1.0, 2.5, size=dimensions), rng.uniform(0.5, 2.5, size=dimensions)
    mu = single(place + scale * rng.normal(size=(examples, dimensions)))
    centre = np.linspace(-2.5, 0.9, dimensions)
    return mu, single(centre + rng.uniform(-0.4, 0.4, size=(examples, dimensions)))


def statistics(mu: Array, logvar: Array) -> dict[str, float]:
    """Return what `analyze_latent_distribution` must hold."""
    sigma = np.exp(0.5 * logvar)
    return {
        "mean_mu": float(mu.mean()),
        "std_mu": float(mu.std(ddof=1)),
        "mean_sigma": float(sigma.mean()),
        "std_sigma": float(sigma.std(ddof=1)),
        "min_sigma": float(sigma.min()),
        "max_sigma": float(sigma.max()),
    }


def assert_statistics(answer: Any, mu: Array, logvar: Array, keys: Sequence[str]) -> None:
    """Fail unless the result holds the true statistics under `keys`."""
    truths = statistics(mu, logvar)
    for key in keys:
        got = number(entry(answer, key))
        is_spread = key.startswith("std")
        allowed = SPREAD_TOLERANCE * truths[key] if is_spread else TOLERANCE * max(1.0, abs(truths[key]))
        # Three digits of a ratio would be enough to pass within the tolerance of a spread.
        told = "" if is_spread else compared(got, truths[key])
        assert abs(got - truths[key]) <= allowed + 1e-6, f"`{key}` is not right. {told}".rstrip()


@points(0.5, function=LATENT, reveal=True)
def test_statistics_by_hand(elbo: Any) -> None:
    """For mu of -1 and 3 in equal numbers, and variances of 4 and 1/4, sigma is 2 and 1/2, and its mean 1.25."""
    mu = np.array([[-1.0, 3.0]] * 40)
    logvar = single([[math.log(4), -math.log(4)]] * 40)
    answer = elbo.ELBOAnalysis.analyze_latent_distribution(tensor(mu), tensor(logvar))

    for key, expected in (("mean_mu", 1.0), ("mean_sigma", 1.25), ("min_sigma", 0.5), ("max_sigma", 2.0)):
        assert_entry(answer, key, expected, unit="")
    assert_entry(answer, "std_mu", 2.0, 2 * SPREAD_TOLERANCE, unit="")
    assert abs(number(entry(answer, "std_sigma")) - 0.75) <= 0.0075, "`std_sigma` is 0.75 here, within 1 %."


@points(0.75, function=LATENT)
def test_mean_and_spread_of_mu(elbo: Any, rng: np.random.Generator) -> None:
    """`mean_mu` and `std_mu` are mean and standard deviation of all elements of mu together."""
    for shape in ((40, 3), (16, 8)):
        mu, logvar = posterior(rng, *shape)
        answer = elbo.ELBOAnalysis.analyze_latent_distribution(tensor(mu), tensor(logvar))
        assert_statistics(answer, mu, logvar, ("mean_mu", "std_mu"))


@points(0.75, function=LATENT)
def test_mean_spread_and_range_of_sigma(elbo: Any, rng: np.random.Generator) -> None:
    """The four numbers of sigma are those of exp(logvar / 2), over all elements together."""
    for shape in ((40, 3), (16, 8)):
        mu, logvar = posterior(rng, *shape)
        answer = elbo.ELBOAnalysis.analyze_latent_distribution(tensor(mu), tensor(logvar))
        assert_statistics(answer, mu, logvar, ("mean_sigma", "std_sigma", "min_sigma", "max_sigma"))


@points(0.25, function=LATENT)
def test_order_of_examples_and_dimensions_does_not_matter(elbo: Any, rng: np.random.Generator) -> None:
    """All elements count equally: another order of examples, or swapping rows and columns, changes nothing."""
    function = elbo.ELBOAnalysis.analyze_latent_distribution
    mu, logvar = posterior(rng, 20, 4)
    shuffle = rng.permutation(20)
    answers = [
        function(tensor(one), tensor(other))
        for one, other in ((mu, logvar), (mu[shuffle], logvar[shuffle]), (mu.T, logvar.T), (2 * mu, logvar + 1))
    ]
    for key in ("mean_mu", "std_mu", "mean_sigma", "std_sigma", "min_sigma", "max_sigma"):
        first, second, third, other = (number(entry(answer, key)) for answer in answers)
        bound = TOLERANCE * max(1.0, abs(first))
        assert abs(second - first) <= bound, f"`{key}` depends on the order of the examples."
        assert abs(third - first) <= bound, f"`{key}` depends on which axis holds the examples."
        assert abs(other - first) > 0.01, f"`{key}` of a different posterior is the same."
    smallest, largest = (number(entry(answers[0], key)) for key in ("min_sigma", "max_sigma"))
    assert abs(largest - smallest) > 0.01, "`min_sigma` and `max_sigma` are the same."


@points(0.25, function=LATENT)
def test_collapsed_posterior_has_one_width(elbo: Any, rng: np.random.Generator) -> None:
    """Where the posterior is the prior, sigma is 1 everywhere: no spread, and smallest and largest are the same."""
    function = elbo.ELBOAnalysis.analyze_latent_distribution
    collapsed = function(tensor(np.zeros((32, 2))), tensor(np.zeros((32, 2))))
    mu, logvar = posterior(rng, 32, 2)
    spread = number(entry(function(tensor(mu), tensor(logvar)), "std_sigma"))

    truths = (("mean_mu", 0), ("std_mu", 0), ("mean_sigma", 1), ("std_sigma", 0), ("min_sigma", 1), ("max_sigma", 1))
    for key, truth in truths:
        assert_entry(collapsed, key, truth, unit="")
    assert spread > 0.01, "Different widths have a spread; `std_sigma` says otherwise."


@points(0.25, function=LATENT)
def test_widths_scale_with_the_variance(elbo: Any, rng: np.random.Generator) -> None:
    """Four times the variance is twice the width, for |logvar| up to 80: smallest, mean and largest sigma double."""
    function = elbo.ELBOAnalysis.analyze_latent_distribution
    mu, logvar = posterior(rng, 32, 2)
    wider = single(logvar + math.log(4))
    narrow, wide, narrowest, widest = (
        function(tensor(mu), tensor(one)) for one in (logvar, wider, single(logvar - 77), single(logvar + 78))
    )
    keys = ("min_sigma", "mean_sigma", "max_sigma")
    before, after, least, most = (
        [number(entry(answer, key)) for key in keys] for answer in (narrow, wide, narrowest, widest)
    )

    ordered = 0 < before[0] < before[1] < before[2]
    assert ordered, "The smallest sigma lies below the mean, and the mean below the largest."
    doubled = all(abs(new - 2 * old) <= 1e-4 * new for old, new in zip(before, after, strict=True))
    assert doubled, "With four times the variance the standard deviations must double."
    for far, shift in ((least, -77), (most, 78)):
        fits = all(
            abs(new - old * math.exp(shift / 2)) <= 1e-4 * abs(new) for old, new in zip(before, far, strict=True)
        )
        assert fits, "For `logvar` near -80 and near 80 sigma is exp(logvar / 2), too."


@points(0.25, function=LATENT)
def test_statistics_take_tensors_of_a_network_and_leave_them_alone(
    elbo: Any, live: Any, rng: np.random.Generator
) -> None:
    """Tensors that are part of a graph are fine, and the input tensors keep their values."""
    function = elbo.ELBOAnalysis.analyze_latent_distribution
    got = []
    mu, logvar = posterior(rng, 16, 4)
    for sent in ((tensor(mu), tensor(logvar)), (tensor(mu), tensor(logvar - 1))):
        answer, after = function.call_and_return_arguments(*sent)
        of_graph = function(live.leaf(sent[0]), live.leaf(sent[1]))
        assert_tensors_left_alone(sent, after)
        for key in ("mean_mu", "max_sigma"):
            near = abs(number(entry(of_graph, key)) - number(entry(answer, key))) <= TOLERANCE * 10
            assert near, f"`{key}` of tensors with and without gradients differs."
        got.append(number(entry(answer, "max_sigma")))

    assert abs(got[0] - got[1]) > 1e-3, "`max_sigma` of two posteriors is the same."
