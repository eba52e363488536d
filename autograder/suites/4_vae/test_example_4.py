"""Hidden checks of example 4: the loss of a variational autoencoder, and the network.

Oracles: the loss and its gradients by their closed forms in NumPy, in float64. Of the network only what the contract
says is asked: shapes, ranges, what depends on what, the statistics of its noise, and derivatives. Every layout of
layers will do. Where weights matter they are drawn here and loaded, so that no check rests on an initialisation.

Tolerances: float32 carries 24 bits, a relative rounding of 6e-8 for each operation; sums of a few hundred terms stay
below 1e-5, and the nearest known mistake is farther than 1e-2. Statistics get 5 standard errors under a fixed seed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.faults import RemoteFault
from autograder.suite import approx, array, fail, item, number, parts, points, tensor
from autograder.verdict import Verdict

pytestmark = item("example-4")

Array = NDArray[np.float64]

LOSS = "vae_loss"

RTOL = 1e-4

SIZES = (784, 16, 20)
"""Sizes of most models here: those of the defaults where they show from outside, so that a model with hard-coded
sizes loses the points of the check of sizes and no others."""

ROWS = 32
DRAWS = 2000
STANDARD_ERRORS = 5


# --- the loss ------------------------------------------------------------------------------------------------------


def batch(rng: np.random.Generator, rows: int, pixels: int, latent: int) -> tuple[Array, Array, Array, Array]:
    """Return x (black, white and grey pixels), x_recon well inside (0, 1), mu and logvar, as float32 holds them."""
    x = rng.choice([0.0, 0.25, 0.5, 1.0], size=(rows, pixels))
    x_recon = rng.uniform(0.05, 0.95, size=(rows, pixels))
    mu = rng.normal(0.3, 1.0, size=(rows, latent))
    logvar = rng.uniform(-3.0, 1.0, size=(rows, latent))
    return x, *(np.float64(np.float32(values)) for values in (x_recon, mu, logvar))


def bernoulli_loss(x: Array, x_recon: Array) -> float:
    """Return the binary cross-entropy in nats, summed."""
    return float(-(x * np.log(x_recon) + (1 - x) * np.log1p(-x_recon)).sum())


def gaussian_kl(mu: Array, logvar: Array) -> float:
    """Return D(N(mu, exp(logvar)) || N(0, 1)) in nats, summed."""
    return float(0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).sum())


def loss_parts(answer: Any) -> tuple[Any, Any, Any]:
    """Return total, recon and kl of an answer of ``vae_loss``."""
    total, recon, kl = parts(answer, 3)
    return total, recon, kl


@points(0.5, function=LOSS, reveal=True)
def test_loss_by_hand(vae: Any) -> None:
    """Two pixels reconstructed as 1/2 cost 2 ln 2 nats; means 1 and -1 with variance 1 cost 1/2 nat each."""
    x, x_recon = tensor([[1.0, 0.0]]), tensor([[0.5, 0.5]])
    mu, logvar = tensor([[1.0, -1.0]]), tensor([[0.0, 0.0]])

    total, recon, kl = loss_parts(vae.vae_loss(x, x_recon, mu, logvar))

    assert recon == approx(2 * math.log(2), RTOL, unit="nats")
    assert kl == approx(1.0, RTOL, unit="nats")
    assert total == approx(1 + 2 * math.log(2), RTOL, unit="nats")


@points(1, function=LOSS)
def test_reconstruction_of_any_batch(vae: Any, rng: np.random.Generator) -> None:
    """`recon` is the binary cross-entropy in nats, summed over the batch and all pixels, grey ones too."""
    for rows, pixels, latent in ((3, 7, 2), (1, 5, 4), (6, 12, 3)):
        x, x_recon, mu, logvar = batch(rng, rows, pixels, latent)
        _, recon, _ = loss_parts(vae.vae_loss(tensor(x), tensor(x_recon), tensor(mu), tensor(logvar)))

        assert recon == approx(bernoulli_loss(x, x_recon), RTOL, unit="nats")


@points(1.25, function=LOSS)
def test_kl_of_any_batch(vae: Any, rng: np.random.Generator) -> None:
    """`kl` is D(q(z|x) || N(0, I)) in nats, summed over the batch and all latent dimensions."""
    for rows, pixels, latent in ((3, 7, 2), (1, 5, 4), (6, 12, 3)):
        x, x_recon, mu, logvar = batch(rng, rows, pixels, latent)
        _, _, kl = loss_parts(vae.vae_loss(tensor(x), tensor(x_recon), tensor(mu), tensor(logvar)))

        assert kl == approx(gaussian_kl(mu, logvar), RTOL, unit="nats")


@points(0.75, function=LOSS)
def test_total_is_made_of_its_parts(vae: Any, rng: np.random.Generator) -> None:
    """`total` is recon + beta * kl for any `beta`, with beta 1 if none is given; the parts do not depend on beta."""
    sent = [tensor(values) for values in batch(rng, 4, 9, 3)]
    default, recon, kl = (number(part) for part in loss_parts(vae.vae_loss(*sent)))
    scale = max(1.0, abs(recon), abs(kl))

    assert math.isfinite(scale), "The loss of an ordinary batch is finite."
    assert abs(kl) > 0.05, f"The KL divergence of this batch is not 0; got {kl:.6g}."
    assert abs(default - recon - kl) <= RTOL * scale, "Without `beta` the total must be recon + kl."
    for beta in (0.0, 0.5, 4.0):
        total, recon_again, kl_again = (number(part) for part in loss_parts(vae.vae_loss(*sent, beta)))
        same = abs(recon_again - recon) <= RTOL * scale and abs(kl_again - kl) <= RTOL * scale
        assert same, "`recon` and `kl` must not depend on `beta`: only the total does."
        right = abs(total - recon - beta * kl) <= RTOL * scale * max(1.0, beta)
        assert right, f"For `beta={beta:g}` the total is not recon + beta * kl of the parts that were returned."
        by_name, _, _ = loss_parts(vae.vae_loss(*sent, beta=beta))
        assert abs(number(by_name) - total) <= RTOL * scale * max(1.0, beta), "`beta=…` must do what the position does."


@points(0.25, function=LOSS)
def test_loss_is_finite_for_extreme_variances(vae: Any, live: Any) -> None:
    """For logvar of -80 and 80 the loss and its gradients are finite."""
    x, x_recon = tensor([[1.0, 0.0]]), tensor([[0.75, 0.25]])
    for extreme, least in ((80.0, 1e30), (-80.0, 1.0)):
        leaves = [live.leaf(tensor([[0.5, -0.5]])), live.leaf(tensor([[extreme, 0.25]]))]
        answer = vae.vae_loss.call_live(x, x_recon, *leaves)
        total, recon, kl = (number(answer[which].fetch()) for which in range(3))

        finite = math.isfinite(total) and math.isfinite(recon) and math.isfinite(kl)
        assert finite, f"For a logvar of {extreme:g} a part of the loss is not finite."
        assert abs(kl) > least, f"For a logvar of {extreme:g} the KL divergence is large; got {kl:.6g}."
        for gradient in live.gradients(answer[0], leaves):
            finite = gradient is None or bool(np.isfinite(array(gradient)).all())
            assert finite, f"For a logvar of {extreme:g} a gradient of the loss is not finite."


@points(0.25, function=LOSS)
def test_gradients_of_the_loss(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """The total can be differentiated: its slopes in x_recon, mu and logvar have the shape of those of the formula."""
    x, x_recon, mu, logvar = batch(rng, 3, 6, 2)
    leaves = [live.leaf(tensor(values)) for values in (x_recon, mu, logvar)]
    answer = vae.vae_loss.call_live(tensor(x), *leaves, 1.0)
    got = live.gradients(answer[0], leaves)
    truths = ((x_recon - x) / (x_recon * (1 - x_recon)), mu, 0.5 * (np.exp(logvar) - 1))

    for name, gradient, truth in zip(("x_recon", "mu", "logvar"), got, truths, strict=True):
        if gradient is None:
            fail(f"The total does not depend on `{name}` in a way that PyTorch can differentiate.")
        slope = array(gradient)
        ok = slope.shape == truth.shape and bool(np.isfinite(slope).all()) and bool(np.abs(slope).max() > 1e-6)
        assert ok, f"The gradient with respect to `{name}` is 0 or not finite."
        # A factor common to all elements (a mean for a sum, a lost 1/2) has been paid for by the values.
        factor = float((slope * truth).sum() / (truth * truth).sum())
        near = np.abs(slope - factor * truth) <= 1e-3 * np.abs(factor * truth).max()
        assert bool(near.all()), f"The gradient with respect to `{name}` does not have the shape of the formula's."


# --- models --------------------------------------------------------------------------------------------------------


def images(rng: np.random.Generator, rows: int, pixels: int) -> Array:
    """Return random black and white images."""
    return rng.integers(0, 2, size=(rows, pixels)).astype(float)


def loaded(model: Any, live: Any, rng: np.random.Generator) -> Any:
    """Give every parameter a random value that keeps signals at a size of about 2 from layer to layer; return model."""
    current = live.parameters(model)
    if not current:
        fail(
            "The model has no parameters: `parameters()` is empty, so no optimiser can train it. Make each layer an "
            "attribute of the module.",
            misconception="layers-not-registered",
        )
    live.load(model, drawn(current, rng))
    return model


def drawn(current: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return random parameters of the same names and shapes."""
    shapes = {name: array(values).shape for name, values in current.items()}
    return {
        name: tensor(rng.normal(size=shape) * 2 / math.sqrt(shape[-1] if shape else 1))
        for name, shape in sorted(shapes.items())
    }


def encoded(model: Any, x: Array, latent: int) -> tuple[Array, Array]:
    """Return mu and logvar of `x`, as arrays of the right shape."""
    mu, logvar = (array(part) for part in parts(model.encode(tensor(x)), 2))
    for name, got in (("mu", mu), ("logvar", logvar)):
        right = got.shape == (len(x), latent)
        assert right, f"`encode` must return a `{name}` of shape (B, latent_dim); got shape {got.shape}."
        assert bool(np.isfinite(got).all()), f"`encode` returned a `{name}` that is not finite."
    return mu, logvar


def decoded(model: Any, z: Array, pixels: int) -> Array:
    """Return the reconstructions of `z`, as an array of the right shape."""
    got = array(model.decode(tensor(z)))
    assert got.shape == (len(z), pixels), f"`decode` must return the shape (B, input_dim); got shape {got.shape}."
    assert bool(np.isfinite(got).all()), "`decode` returned numbers that are not finite."
    return got


def passed_through(model: Any, x: Array, sizes: tuple[int, int, int]) -> tuple[Array, Array, Array]:
    """Return x_recon, mu and logvar of a forward pass, as arrays of the right shapes."""
    x_recon, mu, logvar = (array(part) for part in parts(model.forward(tensor(x)), 3))
    shapes = (x_recon.shape, mu.shape, logvar.shape)
    wanted = ((len(x), sizes[0]), (len(x), sizes[2]), (len(x), sizes[2]))
    complaint = "`forward` must return x_recon of shape (B, input_dim), then mu and logvar of shape (B, latent_dim)"
    assert shapes == wanted, f"{complaint}; got the shapes {shapes[0]}, {shapes[1]} and {shapes[2]}."
    return x_recon, mu, logvar


def bend(at_ends: tuple[Array, Array], in_the_middle: Array) -> float:
    """Return how far a function is from a straight line between two points, relative to how much it varies."""
    first, second = at_ends
    spread = float(np.abs(first - second).max())
    return float(np.abs(in_the_middle - (first + second) / 2).max()) / spread if spread > 1e-6 else 0.0


@points(0.75, function="VAE")
def test_model_has_the_sizes_that_are_asked_for(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`VAE(input_dim, hidden_dim, latent_dim)` works for any sizes, 784, 400 and 20 if none are given."""
    by_default = vae.VAE()
    by_default.eval()
    encoded(by_default, images(rng, 2, 784), 20)
    for sizes in ((11, 9, 3), (6, 20, 4), (30, 5, 1)):
        pixels, hidden, latent = sizes
        try:
            model = vae.VAE(pixels, hidden, latent)
            model.eval()
            encoded(model, images(rng, 4, pixels), latent)
            decoded(model, rng.normal(size=(4, latent)), pixels)
            passed_through(model, images(rng, 4, pixels), sizes)
        except RemoteFault as fault:
            if fault.verdict is not Verdict.ERROR:
                raise
            fail(
                f"A model with `input_dim={pixels}`, `hidden_dim={hidden}` and `latent_dim={latent}` does not take a "
                "batch of its size, and one with the default sizes does. Is a size written as a number somewhere?",
                misconception="sizes-hard-coded",
            )
    models = vae.VAE(12, 5, 2), vae.VAE(12, 50, 2), vae.VAE(12, 400, 2), vae.VAE(input_dim=12, latent_dim=2)
    narrow, wide, wider, unsaid = (
        sum(array(values).size for values in live.parameters(model).values()) for model in models
    )
    assert narrow < wide, "`hidden_dim` has no influence on the number of parameters."
    assert unsaid == wider, "Without a `hidden_dim` the model must be as large as with `hidden_dim=400`."


@points(0.25, function="VAE.forward")
def test_forward_takes_images(vae: Any, rng: np.random.Generator) -> None:
    """`forward` flattens: images of shape (B, 1, 28, 28) make rows of 784 values, and the answers have B rows."""
    model = vae.VAE(*SIZES)
    model.eval()
    for shape in ((3, 1, 28, 28), (2, 28, 28)):
        _, mu, _ = passed_through(model, images(rng, shape[0], SIZES[0]).reshape(shape), SIZES)
        assert float(np.ptp(mu, axis=0).max()) > 1e-4, "`forward` gives the same mu for all images."


@points(0.25, function="VAE")
def test_every_layer_is_registered(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """Two models with equal parameters are equal models: nothing that matters is missing from `parameters()`."""
    one, other = vae.VAE(*SIZES), vae.VAE(*SIZES)
    for model in (one, other):
        model.eval()
    weights = drawn(live.parameters(loaded(one, live, rng)), rng)
    for model in (one, other):
        live.load(model, weights)
    x, z = images(rng, ROWS, SIZES[0]), rng.normal(size=(ROWS, SIZES[2]))

    pairs = [(a, b) for a, b in zip(encoded(one, x, SIZES[2]), encoded(other, x, SIZES[2]), strict=True)]
    pairs.append((decoded(one, z, SIZES[0]), decoded(other, z, SIZES[0])))
    for first, second in pairs:
        if not np.allclose(first, second, rtol=1e-3, atol=1e-4):
            fail(
                "Two models with equal parameters answer differently: some layer is not among `parameters()`, so no "
                "optimiser would train it.",
                misconception="layers-not-registered",
            )
    assert float(np.ptp(pairs[0][0], axis=0).max()) > 1e-3, "The encoder's answer does not depend on its input."


@points(0.25, function="VAE")
def test_every_parameter_is_trained(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """The gradient of what `forward` returns reaches every parameter of the model."""
    model = vae.VAE(*SIZES)
    model.train()
    x = tensor(images(rng, ROWS, SIZES[0]))
    reached: dict[str, bool] = {}
    for part in range(3):
        gradients = live.parameter_gradients(model.forward.call_live(x)[part], model)
        for name, gradient in gradients.items():
            reached[name] = reached.get(name, False) or gradient is not None

    assert reached, "The model has no parameters."
    missed = [name for name, there in reached.items() if not there]
    if missed:
        fail(
            "Some parameters get no gradient from any of the three answers of `forward`: they would stay as they are.",
            misconception="parameters-not-trained",
        )


# --- encode --------------------------------------------------------------------------------------------------------


@points(0.25, function="VAE.encode")
def test_encoder_is_deterministic(vae: Any, rng: np.random.Generator) -> None:
    """`encode` returns two tensors of shape (B, latent_dim), the same for the same images, others for others."""
    model = vae.VAE(*SIZES)
    model.eval()
    x = images(rng, ROWS, SIZES[0])
    first, second = encoded(model, x, SIZES[2]), encoded(model, x, SIZES[2])

    for one, again in zip(first, second, strict=True):
        if not np.allclose(one, again, rtol=1e-5, atol=1e-6):
            fail("`encode` gave two answers for the same images: noise belongs to `reparameterize`.", "noisy-encoder")
        assert float(np.ptp(one, axis=0).max()) > 1e-4, "`encode` gives the same answer for all images."
    if np.allclose(*first, rtol=1e-5, atol=1e-6):
        fail("`mu` and `logvar` are the same numbers: each needs a layer of its own.", "one-head-for-both")


@points(0.5, function="VAE.encode")
def test_encoder_is_not_linear(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """Between its layers the encoder has an activation: it is no linear function of the image."""
    model = loaded(vae.VAE(*SIZES), live, rng)
    model.eval()
    first, second = images(rng, ROWS, SIZES[0]), images(rng, ROWS, SIZES[0])
    ends = [encoded(model, x, SIZES[2]) for x in (first, second)]
    middle = encoded(model, (first + second) / 2, SIZES[2])

    for which in (0, 1):
        if bend((ends[0][which], ends[1][which]), middle[which]) < 0.01:
            fail("The encoder is a linear function of its input: is an activation missing?", "linear-encoder")


@points(0.25, function="VAE.encode")
def test_encoder_is_not_bounded(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`mu` and `logvar` can be any real numbers: nothing squeezes the last layer or cuts it off."""
    model = vae.VAE(*SIZES)
    model.eval()
    answers = [encoded(loaded(model, live, rng), images(rng, ROWS, SIZES[0]), SIZES[2]) for _ in range(4)]

    for which, name in ((0, "mu"), (1, "logvar")):
        values = np.concatenate([answer[which] for answer in answers])
        if values.min() > -1.2 or values.max() < 1.2:
            fail(f"`{name}` stays within bounds, whatever the weights are: it must not.", f"squeezed-{name}")


# --- reparameterize ------------------------------------------------------------------------------------------------


def codes() -> tuple[Array, Array]:
    """Return means and log variances, one of each for every latent dimension."""
    mu = np.linspace(-2.0, 2.0, SIZES[2])
    logvar = np.linspace(-2.5, 2.0, SIZES[2])[np.arange(SIZES[2]) * 7 % SIZES[2]]
    return mu, logvar


def samples(model: Any, live: Any, seed: int) -> tuple[Array, Array, Array]:
    """Return z - mu of many samples of `codes`, shape (DRAWS, latent_dim), and mu and logvar."""
    mu, logvar = codes()
    live.seed(seed)
    model.train()
    answer = model.reparameterize(tensor(np.tile(mu, (DRAWS, 1))), tensor(np.tile(logvar, (DRAWS, 1))))
    z = array(answer)
    assert z.shape == (DRAWS, SIZES[2]), f"`reparameterize` must return the shape of `mu`; got shape {z.shape}."
    assert bool(np.isfinite(z).all()), "`reparameterize` returned numbers that are not finite."
    return z - np.float64(np.float32(mu)), mu, logvar


def spread_is(deviation: Array, centre: Array | float, sigma: Array) -> bool:
    """Whether each column has that mean and that standard deviation, within 5 standard errors.

    The mean of N normal draws has the standard error sigma / sqrt(N), their variance sigma^2 sqrt(2 / N).
    """
    mean_error = STANDARD_ERRORS * sigma / math.sqrt(DRAWS) + 1e-5
    variance_error = STANDARD_ERRORS * sigma**2 * math.sqrt(2 / DRAWS) + 1e-6
    near_mean = np.abs(deviation.mean(axis=0) - centre) <= mean_error
    return bool(near_mean.all() and (np.abs(deviation.var(axis=0) - sigma**2) <= variance_error).all())


@points(0.75, function="VAE.reparameterize")
def test_samples_have_the_right_mean_and_spread(vae: Any, live: Any) -> None:
    """Samples of `reparameterize` have mean mu and standard deviation exp(logvar / 2), within 5 standard errors."""
    deviation, mu, logvar = samples(vae.VAE(*SIZES), live, seed=4001)
    sigma = np.exp(logvar / 2)
    if spread_is(deviation, 0.0, sigma):
        return

    beliefs: tuple[tuple[str, Array | float, Array], ...] = (
        ("no-noise", 0.0, 0 * sigma),
        ("sigma-is-exp-logvar", 0.0, sigma**2),
        ("sigma-is-logvar", 0.0, np.abs(logvar)),
        ("sigma-is-sqrt-of-sigma", 0.0, np.sqrt(sigma)),
        ("sigma-is-inverted", 0.0, 1 / sigma),
        ("noise-without-sigma", 0.0, np.ones_like(sigma)),
        ("uniform-noise", sigma / 2, sigma / math.sqrt(12)),
        ("mu-left-out", -mu, sigma),
    )
    for belief, centre, spread in beliefs:
        if spread_is(deviation, centre, spread):
            fail("The samples do not have the mean and the standard deviation that were asked for.", belief)
    if np.abs(deviation - deviation[0]).max() < 1e-5:
        fail("All rows of a batch got the same noise.", "one-noise-for-the-batch")
    fail("The samples do not have the mean mu and the standard deviation exp(logvar / 2).")


@points(0.25, function="VAE.reparameterize")
def test_noise_is_normal_and_independent(vae: Any, live: Any) -> None:
    """The noise is standard normal, and that of one element says nothing about that of another."""
    deviation, _, _ = samples(vae.VAE(*SIZES), live, seed=4002)
    spread = deviation.std(axis=0)
    assert bool((spread > 1e-3).all()), "The samples of one code do not differ from row to row."
    noise = (deviation - deviation.mean(axis=0)) / spread

    # The correlation of two independent columns has the standard error 1 / sqrt(N), and there are 190 pairs.
    correlation = np.corrcoef(noise, rowvar=False) - np.eye(SIZES[2])
    if np.abs(correlation).max() > 1.2 * STANDARD_ERRORS / math.sqrt(DRAWS):
        fail("The noise of the latent dimensions is not independent.", "one-noise-for-all-dimensions")
    # E[eps^4] = 3 with Var(eps^4) = 105 - 9 = 96: a uniform has 1.8, a sign 1, a Laplace 6.
    kurtosis = float((noise**4).mean())
    error = STANDARD_ERRORS * math.sqrt(96 / noise.size)
    assert abs(kurtosis - 3) <= error, "The noise does not have the tails of a normal distribution."


@points(0.25, function="VAE.reparameterize")
def test_noise_is_drawn_anew(vae: Any, live: Any) -> None:
    """Each call draws new noise from torch's global generator: a seed repeats it, a second call does not."""
    mu, logvar = (tensor(np.tile(values, (4, 1))) for values in codes())
    model = vae.VAE(*SIZES)
    model.train()
    live.seed(4003)
    first, second = array(model.reparameterize(mu, logvar)), array(model.reparameterize(mu, logvar))
    live.seed(4003)
    again = array(model.reparameterize(mu, logvar))
    live.seed(4004)
    other = array(model.reparameterize(mu, logvar))

    if np.allclose(first, second, atol=1e-6) or np.allclose(first, other, atol=1e-6):
        fail("Two calls returned the same sample.", "fixed-noise")
    assert np.allclose(first, again, rtol=1e-5, atol=1e-6), "The noise does not come from torch's global generator."


@points(0.5, function="VAE.reparameterize")
def test_gradients_pass_through_the_sample(vae: Any, live: Any) -> None:
    """dz/dmu = 1 and dz/dlogvar = (z - mu) / 2: this is what the reparameterisation is for."""
    mu, logvar = (np.float64(np.float32(np.tile(values, (3, 1)))) for values in codes())
    leaves = [live.leaf(tensor(values)) for values in (mu, logvar)]
    model = vae.VAE(*SIZES)
    model.train()
    live.seed(4005)
    sample = model.reparameterize.call_live(*leaves)
    z = array(sample.fetch())
    assert z.shape == mu.shape, f"`reparameterize` must return the shape of `mu`; got shape {z.shape}."
    assert float(np.abs(z - mu).min(axis=0).max()) > 1e-6, "The sample is the mean: there is no noise in it."
    by_mu, by_logvar = live.gradients(sample, leaves)

    for name, gradient in (("mu", by_mu), ("logvar", by_logvar)):
        if gradient is None or not np.abs(array(gradient)).max() > 0:
            fail(f"No gradient reaches `{name}` through the sample.", f"no-gradient-to-{name}")
    assert np.allclose(array(by_mu), 1.0, atol=1e-5), "dz/dmu must be 1."
    near = np.allclose(array(by_logvar), (z - mu) / 2, rtol=1e-3, atol=1e-5)
    assert near, "dz/dlogvar must be (z - mu) / 2, as for z = mu + exp(logvar / 2) eps."


# --- decode --------------------------------------------------------------------------------------------------------


@points(0.5, function="VAE.decode")
def test_decoder_returns_probabilities(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`decode` returns a probability for each pixel: from 0 to 1 whatever the weights, and not 1 in all."""
    model = vae.VAE(*SIZES)
    model.eval()
    z = 2 * rng.normal(size=(ROWS, SIZES[2]))
    untrained = decoded(model, z, SIZES[0])
    x_recon = decoded(loaded(model, live, rng), z, SIZES[0])

    if x_recon.min() < -1e-6 or x_recon.max() > 1 + 1e-6:
        fail("`decode` returns numbers below 0 or above 1, which are no probabilities.", "no-sigmoid")
    if np.allclose(x_recon.sum(axis=1), 1.0, atol=1e-3):
        fail("The pixels of an image sum to 1: each one must be a probability by itself.", "softmax-over-pixels")
    if x_recon.min() > 0.3 or x_recon.max() < 0.7:
        fail("`decode` can't come near to 0 or 1, whatever the weights are.", "squeezed-twice")
    if untrained.min() <= 0 or untrained.max() >= 1:
        fail("An untrained decoder is sure of some pixels: are its numbers cut off instead of squeezed?", "clamped")
    assert float(np.ptp(x_recon, axis=0).max()) > 1e-3, "`decode` gives the same image for all codes."


@points(0.25, function="VAE.decode")
def test_decoder_is_smooth_and_not_linear(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """Between its layers the decoder has an activation, and its answer has a slope in z that can be learned from."""
    model = loaded(vae.VAE(*SIZES), live, rng)
    model.eval()
    first, second = rng.normal(size=(2, ROWS, SIZES[2]))
    decoded(model, first, SIZES[0])
    leaf = live.leaf(tensor(first))
    # Weighed at random: the plain sum of answers may have no slope where each of them has one.
    weights = tensor(rng.normal(size=(ROWS, SIZES[0])))
    (slope,) = live.gradients(model.decode.call_live(leaf), [leaf], weights)
    if slope is None or not (np.abs(array(slope)) > 0).mean() > 0.5:
        fail("The answer of `decode` has no slope in z.", "decoder-without-slope")

    answers = [decoded(model, z, SIZES[0]) for z in (first, second, (first + second) / 2)]
    # A sigmoid alone is no hidden layer: it is undone, where it can be, before the answers are compared. Where it
    # is near its ends, float32 holds too little of what went in.
    inside = np.all([(answer > 1e-3) & (answer < 1 - 1e-3) for answer in answers], axis=0)
    if min(answer.min() for answer in answers) >= 0 and max(answer.max() for answer in answers) <= 1:
        assert bool(inside.any()), "All pixels are exactly 0 or 1."
        answers = [np.log(answer[inside]) - np.log1p(-answer[inside]) for answer in answers]
    if bend((answers[0], answers[1]), answers[2]) < 0.01:
        fail("Before its sigmoid the decoder is a linear function of z: is an activation missing?", "linear-decoder")


# --- forward -------------------------------------------------------------------------------------------------------


@points(0.5, function="VAE.forward")
def test_forward_decodes_a_sample(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`forward` decodes a sample of q(z|x): a second pass over the same images gives other reconstructions."""
    model = vae.VAE(*SIZES)
    model.train()
    x = images(rng, ROWS, SIZES[0])
    live.seed(4006)
    first, mu, _ = passed_through(model, x, SIZES)
    second, _, _ = passed_through(model, x, SIZES)

    if np.allclose(first, second, atol=1e-6):
        belief = "decodes-the-mean" if np.allclose(first, decoded(model, mu, SIZES[0]), atol=1e-5) else None
        fail("Two passes over the same images gave the same reconstructions: where is the sample?", belief)


@points(0.25, function="VAE.forward")
def test_forward_returns_what_the_encoder_says(vae: Any, rng: np.random.Generator) -> None:
    """The second and third answer of `forward` are mu and logvar, as `encode` gives them."""
    model = vae.VAE(*SIZES)
    model.eval()
    x = images(rng, ROWS, SIZES[0])
    _, mu, logvar = passed_through(model, x, SIZES)
    wanted = encoded(model, x, SIZES[2])
    assert float(np.ptp(mu, axis=0).max()) > 1e-4, "`forward` gives the same mu for all images."

    def same(one: Array, other: Array) -> bool:
        return np.allclose(one, other, rtol=1e-3, atol=1e-5)

    if same(mu, wanted[1]) and same(logvar, wanted[0]) and not same(*wanted):
        fail("`forward` returns logvar before mu.", "mu-and-logvar-swapped")
    assert same(mu, wanted[0]), "The second answer of `forward` is not the mu of `encode`."
    if same(logvar, np.exp(wanted[1])) or same(logvar, np.exp(wanted[1] / 2)):
        fail("The third answer of `forward` is the variance or the standard deviation, not its logarithm.", "sigma-out")
    assert same(logvar, wanted[1]), "The third answer of `forward` is not the logvar of `encode`."


@points(0.25, function="VAE.forward")
def test_reconstruction_trains_the_encoder(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """The gradient of x_recon reaches the encoder, through the sample: x_recon has a slope in x."""
    model = vae.VAE(*SIZES)
    model.train()
    x = images(rng, ROWS, SIZES[0])
    passed_through(model, x, SIZES)
    leaf = live.leaf(tensor(x))
    weights = tensor(rng.normal(size=(ROWS, SIZES[0])))
    (slope,) = live.gradients(model.forward.call_live(leaf)[0], [leaf], weights)

    if slope is None or not np.abs(array(slope)).max() > 1e-9:
        fail("No gradient of x_recon reaches the encoder: its weights would never learn to describe x.", "detached-z")
