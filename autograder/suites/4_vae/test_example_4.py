"""Hidden checks of example 4: the loss of a variational autoencoder, and the network.

Oracles: the loss and its gradients by their closed forms in NumPy, in float64. Of the network, only what the contract
says is checked: shapes, ranges, what depends on what, the statistics of its noise, and derivatives. Any layout of
layers is accepted. Where weights matter they are drawn here and loaded, so that no check depends on an initialisation.

A mistake costs points once. The answer of `forward` is right if the student's own `encode`, `reparameterize` and
`decode` give it for the same images under the same seed, whatever is wrong with those. Only a `forward` that does
something else is measured by itself. If a method can't take a size, that is counted against the constructor if its
layers have the wrong sizes, and against the method otherwise.

Tolerances: float32 carries 24 bits, a relative rounding of 6e-8 for each operation; sums of a few hundred terms stay
below 1e-5, and the nearest known mistake is farther than 1e-2. Statistics get 5 standard errors, with a fixed seed.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.answers import approx, array, fail, item, number, parts, points, tensor
from autograder.remote.faults import RemoteFault
from autograder.sandbox.wire import Tensor
from autograder.verdict import Verdict

pytestmark = item("example-4")

Array = NDArray[np.float64]

LOSS = "vae_loss"

RTOL = 1e-4

SIZES = (784, 16, 20)
"""Sizes of most models here: the default sizes where they are visible from outside, so that a model with hard-coded
sizes only loses the points of the check of sizes."""

OTHER_SIZES = ((11, 9, 3), (6, 19, 4), (31, 5, 1))
"""None of these is one of the defaults, or twice one: two heads may share a layer."""

ROWS = 32
DRAWS = 2000
STANDARD_ERRORS = 5
LARGE = 1000.0
"""How many times larger than usual weights must be to bring an encoder beyond `REACH` if nothing holds it back."""

REACH = 60.0
"""Nearly what float32 allows: exp(logvar) overflows at 88."""


# --- the loss ------------------------------------------------------------------------------------------------------


def batch(rng: np.random.Generator, rows: int, pixels: int, latent: int) -> tuple[Array, Array, Array, Array]:
    """Return x (black, white and grey pixels), x_recon inside (0, 1), mu and logvar, as float32 holds them.

    One pixel in four is reconstructed as nearly black or white, where a clamped or shifted logarithm shows. At 3e-4 an
    epsilon of 1e-7 changes a logarithm of -8 by 3e-4, less than the tolerance.
    """
    x = rng.choice([0.0, 0.25, 0.5, 1.0], size=(rows, pixels))
    edge = rng.choice([3e-4, 1 - 3e-4], size=(rows, pixels))
    x_recon = np.where(rng.uniform(size=(rows, pixels)) < 0.25, edge, rng.uniform(0.05, 0.95, size=(rows, pixels)))
    x_recon[0, :2] = edge[0, :2]
    mu = rng.normal(0.3, 1.0, size=(rows, latent))
    logvar = rng.uniform(-3.0, 1.0, size=(rows, latent))
    return x, single(x_recon), single(mu), single(logvar)


def single(values: Array) -> Array:
    """Return numbers as float32 holds them."""
    return values.astype(np.float32).astype(np.float64)


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


@points(0.75, function=LOSS)
def test_reconstruction_of_any_batch(vae: Any, rng: np.random.Generator) -> None:
    """`recon` is the binary cross-entropy in nats, summed over the batch and all pixels, grey ones too."""
    for rows, pixels, latent in ((3, 7, 2), (1, 5, 4), (6, 12, 3)):
        x, x_recon, mu, logvar = batch(rng, rows, pixels, latent)
        _, recon, _ = loss_parts(vae.vae_loss(tensor(x), tensor(x_recon), tensor(mu), tensor(logvar)))

        assert recon == approx(bernoulli_loss(x, x_recon), RTOL, unit="nats")


@points(1.5, function=LOSS)
def test_kl_of_any_batch(vae: Any, rng: np.random.Generator) -> None:
    """`kl` is D(q(z|x) || N(0, I)) in nats, summed over the batch and all latent dimensions, for any mu and logvar."""
    for rows, pixels, latent in ((3, 7, 2), (1, 5, 4), (6, 12, 3)):
        x, x_recon, mu, logvar = batch(rng, rows, pixels, latent)
        for far in (1.0, 6.0):  # means up to 20 and log variances from -18 to 6: nothing may clip them
            sent = single(far * mu), single(far * logvar)
            _, _, kl = loss_parts(vae.vae_loss(tensor(x), tensor(x_recon), *map(tensor, sent)))

            assert kl == approx(gaussian_kl(*sent), RTOL, unit="nats")


@points(0.5, function=LOSS)
def test_total_is_made_of_its_parts(vae: Any, rng: np.random.Generator) -> None:
    """`total` is recon + beta * kl for any `beta`, with beta 1 by default; the parts do not depend on beta."""
    sent = [tensor(values) for values in batch(rng, 4, 9, 3)]
    default, recon, kl = (number(part) for part in loss_parts(vae.vae_loss(*sent)))
    scale = max(1.0, abs(recon), abs(kl))

    assert math.isfinite(scale), "The loss of an ordinary batch is finite."
    assert abs(kl) > 0.05, f"The KL divergence of this batch is not 0; got {kl:.6g}."
    assert abs(default - recon - kl) <= RTOL * scale, "Without `beta` the total must be recon + kl."
    for beta in (0.5, 0.0, float(rng.uniform(1.5, 4)), 100.0):
        total, recon_again, kl_again = (number(part) for part in loss_parts(vae.vae_loss(*sent, beta)))
        same = abs(recon_again - recon) <= RTOL * scale and abs(kl_again - kl) <= RTOL * scale
        assert same, "`recon` and `kl` must not depend on `beta`: only the total does."
        right = abs(total - recon - beta * kl) <= RTOL * scale * max(1.0, beta)
        assert right, f"For `beta={beta:g}` the total is not recon + beta * kl of the parts that were returned."
        by_name, _, _ = loss_parts(vae.vae_loss(*sent, beta=beta))
        assert abs(number(by_name) - total) <= RTOL * scale * max(1.0, beta), "`beta=…` must do what its position does."


@points(0.25, function=LOSS)
def test_loss_takes_images(vae: Any, rng: np.random.Generator) -> None:
    """Images x of shape (B, ...) cost the same as their pixels in rows, and no argument is changed."""
    costs = set()
    for shape in ((3, 2, 3), (2, 1, 4, 4), (1, 5)):
        sent = [tensor(values) for values in batch(rng, shape[0], math.prod(shape[1:]), 2)]
        flat = [number(part) for part in loss_parts(vae.vae_loss(*sent))]
        shaped = tensor(sent[0].array.reshape(shape)), *sent[1:]
        answer, after = vae.vae_loss.call_and_return_arguments(*shaped)

        for part, row in zip((number(part) for part in loss_parts(answer)), flat, strict=True):
            same = math.isfinite(part) and abs(part - row) <= RTOL * max(1.0, abs(row))
            assert same, "Images of shape (B, ...) must cost the same as their pixels in rows (B, input_dim)."
        costs.add(round(flat[1], 3))
        assert abs(flat[1]) > 1e-3, f"The reconstruction of this batch is not perfect; got {flat[1]:.6g}."
        assert_unchanged(shaped, after)
    assert len(costs) > 1, "Different batches do not all cost the same."


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
    """All three results are differentiable tensors without dimensions, with the gradients of the formula."""
    x, _, mu, logvar = batch(rng, 3, 6, 2)
    x_recon = single(rng.uniform(0.05, 0.95, size=x.shape))  # slopes of similar size
    leaves = [live.leaf(tensor(values)) for values in (x_recon, mu, logvar)]
    answer = vae.vae_loss.call_live(tensor(x), *leaves, 1.0)
    truths = {
        "x_recon": (x_recon - x) / (x_recon * (1 - x_recon)),
        "mu": mu,
        "logvar": 0.5 * (np.exp(logvar) - 1),
    }
    slopes: dict[str, list[Any]] = {}
    for which, name in enumerate(("total", "recon", "kl")):
        plain = answer[which].fetch()
        scalar = isinstance(plain, Tensor) and plain.array.shape == ()
        assert scalar, f"`{name}` must be a tensor without dimensions, so that `backward` can start from it."
        slopes[name] = live.gradients(answer[which], leaves)
    # The values tell which of the other two is recon: here their order does not matter.
    either = [max(pair, key=steepest) for pair in zip(slopes["recon"], slopes["kl"], strict=True)]

    for of, got in (("The total", slopes["total"]), ("A part of the loss", either)):
        for (name, truth), gradient in zip(truths.items(), got, strict=True):
            if gradient is None:
                fail(f"{of} does not depend on `{name}` in a way that PyTorch can differentiate.", "not-differentiable")
            slope = array(gradient)
            ok = slope.shape == truth.shape and bool(np.isfinite(slope).all()) and bool(np.abs(slope).max() > 1e-6)
            assert ok, f"The gradient with respect to `{name}` is 0 or not finite."
            # The checks of values cover a factor common to all elements (a mean for a sum, a lost 1/2).
            factor = float((slope * truth).sum() / (truth * truth).sum())
            near = np.abs(slope - factor * truth) <= 1e-3 * np.abs(factor * truth).max()
            if not near.all():
                complaint = f"The gradient with respect to `{name}` does not have the shape of the formula's."
                fail(complaint, "gradient-of-another-function")


def steepest(slope: Any) -> float:
    """Return the size of the largest slope, 0 where there is none."""
    return 0.0 if slope is None else float(np.abs(array(slope)).max(initial=0.0))


# --- models --------------------------------------------------------------------------------------------------------


def images(rng: np.random.Generator, rows: int, pixels: int) -> Array:
    """Return random black and white images."""
    return rng.integers(0, 2, size=(rows, pixels)).astype(float)


def modes(model: Any) -> Sequence[Callable[[], Any]]:
    """Return what puts a model into training and into evaluation: both are checked, in this order."""
    return model.train, model.eval


def assert_unchanged(sent: Sequence[Any], after: tuple[Any, ...]) -> None:
    """Fail unless tensors came back as they were sent."""
    for one, other in zip(sent, after, strict=False):
        same = isinstance(other, Tensor) and np.array_equal(one.array, other.array)
        if not same:
            fail("A tensor passed in had different values after the call: something works in place.", "input-changed")


def drawn(current: Mapping[str, Any], rng: np.random.Generator, size: float = 2.0) -> dict[str, Any]:
    """Return random parameters of the same names and shapes that keep signals at about `size` times their size."""
    shapes = {name: array(values).shape for name, values in current.items()}
    return {
        name: tensor(rng.normal(size=shape) * size / math.sqrt(shape[-1] if shape else 1))
        for name, shape in sorted(shapes.items())
    }


def loaded(model: Any, live: Any, rng: np.random.Generator, size: float = 2.0) -> Any:
    """Give every parameter that is registered a random value; return model. The constructor answers for others."""
    live.load(model, drawn(live.parameters(model), rng, size))
    return model


def two_tensors(answer: Any) -> tuple[Array, Array]:
    """Return both parts of an answer as arrays, of whatever shape."""
    first, second = (array(part) for part in parts(answer, 2))
    return first, second


def encoded(model: Any, x: Array, latent: int) -> tuple[Array, Array]:
    """Return mu and logvar of `x`, as arrays of the right shape."""
    mu, logvar = two_tensors(model.encode(tensor(x)))
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


def bend(at_ends: tuple[Array, Array], in_the_middle: Array) -> float:
    """Return how far a function is from a straight line between two points, relative to how much it varies."""
    first, second = at_ends
    spread = float(np.abs(first - second).max())
    return float(np.abs(in_the_middle - (first + second) / 2).max()) / spread if spread > 1e-6 else 0.0


def close(one: Array, other: Array) -> bool:
    """Whether two answers of networks in float32 are equal."""
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-3, atol=1e-4, equal_nan=True))


def vary(*answers: Array) -> bool:
    """Whether one of the answers has rows that differ; what is not finite does not differ from anything."""
    with np.errstate(invalid="ignore"):
        return any(answer.size > 0 and float(np.ptp(answer, axis=0).max()) > 1e-4 for answer in answers)


def layers_fit(model: Any, live: Any, sizes: tuple[int, int, int]) -> bool:
    """Whether the model's layers have the requested sizes, and not the defaults."""
    seen = {size for values in live.parameters(model).values() for size in array(values).shape}
    pixels, hidden, latent = sizes
    fits = pixels in seen and hidden in seen and (latent in seen or 2 * latent in seen)
    return fits and not seen & {784, 400, 20, 40}


def takes(model: Any, live: Any, sizes: tuple[int, int, int], ask: Callable[[], object]) -> None:
    """Fail if `ask`, a question about a method, does not work, unless the layers have other sizes than `sizes`."""
    try:
        ask()
    except (RemoteFault, AssertionError) as fault:
        if isinstance(fault, RemoteFault) and fault.verdict is not Verdict.ERROR:
            raise
        if layers_fit(model, live, sizes):
            fail(
                f"In a model with `input_dim={sizes[0]}`, `hidden_dim={sizes[1]}` and `latent_dim={sizes[2]}` this "
                "method does not answer a batch of its size. Is a size written as a number somewhere?",
                "sizes-hard-coded",
            )


@points(0.75, function="VAE")
def test_model_has_the_sizes_that_are_asked_for(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`VAE(input_dim, hidden_dim, latent_dim)` works for any sizes, by default 784, 400 and 20."""
    for sizes in OTHER_SIZES:
        model = vae.VAE(*sizes)
        model.eval()
        if layers_fit(model, live, sizes):
            continue
        seen = {size for values in live.parameters(model).values() for size in array(values).shape}
        has_hidden = not seen or any(size % sizes[1] == 0 for size in seen)
        assert has_hidden, f"No layer of a model with `hidden_dim={sizes[1]}` has that many units."
        try:
            encoded(model, images(rng, 4, sizes[0]), sizes[2])
            decoded(model, rng.normal(size=(4, sizes[2])), sizes[0])
        except (RemoteFault, AssertionError) as fault:
            if isinstance(fault, RemoteFault) and fault.verdict is not Verdict.ERROR:
                raise
            fail(
                f"A model with `input_dim={sizes[0]}`, `hidden_dim={sizes[1]}` and `latent_dim={sizes[2]}` does not "
                "have layers of these sizes. Is a size written as a number somewhere?",
                misconception="sizes-hard-coded" if live.parameters(model) else None,
            )

    def count(*sizes: int, **named: int) -> int:
        return sum(array(values).size for values in live.parameters(vae.VAE(*sizes, **named)).values())

    assert count(12, 5, 2) < count(12, 50, 2), "`hidden_dim` has no influence on the number of parameters."
    assert count(12, 5, 2) < count(120, 5, 2), "`input_dim` has no influence on the number of parameters."
    assert count(12, 5, 2) < count(12, 5, 21), "`latent_dim` has no influence on the number of parameters."
    for given, meant in (
        (count(), count(784, 400, 20)),
        (count(12, 5), count(12, 5, 20)),
        (count(input_dim=12, latent_dim=2), count(12, 400, 2)),
        (count(hidden_dim=5, latent_dim=2), count(784, 5, 2)),
    ):
        assert given == meant, "By default the sizes must be 784, 400 and 20."


@points(0.25, function="VAE")
def test_every_layer_is_registered(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """Two models with equal parameters give equal answers: nothing that matters is missing from `parameters()`."""
    if answers_alike(vae, live, rng):
        assert live.parameters(vae.VAE(*SIZES)), "The model has no parameters."
        return
    fail(
        "Two models with equal parameters answer differently: some layer is not in `parameters()`, so no "
        "optimiser would train it. Make each layer an attribute of the module.",
        misconception="layers-not-registered",
    )


def registered(vae: Any, live: Any, rng: np.random.Generator) -> bool:
    """Whether there are parameters, and they are all that the answers depend on, noise aside."""
    return answers_alike(vae, live, rng) and bool(live.parameters(vae.VAE(*SIZES)))


def answers_alike(vae: Any, live: Any, rng: np.random.Generator) -> bool:
    """Whether equal parameters make equal answers, noise aside: unless a seed repeats it, this proves nothing."""
    one, other = vae.VAE(*SIZES), vae.VAE(*SIZES)
    for model in (one, other):
        model.eval()
    weights = drawn(live.parameters(one), rng)
    for model in (one, other) if weights else ():
        live.load(model, weights)
    x, z = tensor(images(rng, ROWS, SIZES[0])), tensor(rng.normal(size=(ROWS, SIZES[2])))

    def answers(model: Any) -> list[Array]:
        found: list[Array] = []
        for ask in (lambda: two_tensors(model.encode(x)), lambda: (array(model.decode(z)),)):
            live.seed(4007)
            with contextlib.suppress(AssertionError):  # a missing answer concerns that method
                found += ask()
        return found

    first, again, second = answers(one), answers(one), answers(other)
    return all(close(a, c) for a, b, c in zip(first, again, second, strict=True) if close(a, b))


@points(0.25, function="VAE")
def test_every_parameter_is_trained(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """Every parameter has an influence on some answer of the model, and none is frozen."""
    model = loaded(vae.VAE(*SIZES), live, rng)
    model.train()
    x, z = tensor(images(rng, ROWS, SIZES[0])), tensor(rng.normal(size=(ROWS, SIZES[2])))

    def reached() -> set[str]:
        passed = model.forward.call_live(x)
        outputs = [passed[which] for which in range(3)]
        code = model.encode.call_live(x)
        outputs += [code[0], code[1], model.decode.call_live(z)]
        gradients = [live.parameter_gradients(output, model) for output in outputs]
        return {name for one in gradients for name, slope in one.items() if slope is not None}

    names = set(live.parameters(model))
    assert names, "The model has no parameters."
    missed = names - reached()
    if not missed:
        return
    live.trainable(model, True)
    frozen = missed & reached()

    def answers() -> list[Array]:
        live.seed(4008)
        return [*two_tensors(model.encode(x)), array(model.decode(z))]

    before = answers()
    if close(before[0], before[1]):  # one head for both concerns `encode`, and leaves a layer unused
        missed = frozen
    changed = drawn(live.parameters(model), rng)
    for name in sorted(missed - frozen):
        live.load(model, {name: changed[name]})
        after = answers()
        if not all(map(close, before, after)):  # in use, but cut off by a method
            missed.discard(name)
        before = after
    if missed:
        fail(
            "Some parameters are frozen, or no answer of the model depends on them: training would not change them.",
            misconception="parameters-not-trained",
        )


# --- encode --------------------------------------------------------------------------------------------------------


@points(0.25, function="VAE.encode")
def test_encoder_is_deterministic(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`encode` returns two tensors of shape (B, latent_dim), the same for the same images, others for other images."""
    model = loaded(vae.VAE(*SIZES), live, rng)
    x = tensor(images(rng, ROWS, SIZES[0]))
    for mode in modes(model):
        mode()
        first, second = encoded(model, x.array, SIZES[2]), encoded(model, x.array, SIZES[2])
        for one, again in zip(first, second, strict=True):
            if not np.allclose(one, again, rtol=1e-5, atol=1e-6):
                fail(
                    "`encode` gave two answers for the same images: the noise belongs in `reparameterize`.",
                    "encoder-not-deterministic",
                )
            assert float(np.ptp(one, axis=0).max()) > 1e-4, "`encode` gives the same answer for all images."
        if np.allclose(*first, rtol=1e-5, atol=1e-6):
            fail("`mu` and `logvar` are the same numbers: each needs a layer of its own.", "one-head-for-both")
    _, after = model.encode.call_and_return_arguments(x)
    assert_unchanged([x], after)
    encoded(model, x.array[:1], SIZES[2])
    for sizes in OTHER_SIZES:
        other = vae.VAE(*sizes)
        other.eval()
        takes(other, live, sizes, lambda: encoded(other, images(rng, 4, sizes[0]), sizes[2]))  # noqa: B023


@points(0.5, function="VAE.encode")
def test_encoder_is_not_linear(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """Between its layers the encoder has an activation, so it is not linear in the image; and gradients pass."""
    model = loaded(vae.VAE(*SIZES), live, rng)
    model.eval()
    first, second = images(rng, ROWS, SIZES[0]), images(rng, ROWS, SIZES[0])
    ends = [encoded(model, x, SIZES[2]) for x in (first, second)]
    middle = encoded(model, (first + second) / 2, SIZES[2])

    for which in (0, 1):
        assert float(np.ptp(ends[0][which], axis=0).max()) > 1e-4, "`encode` gives the same answer for all images."
        if bend((ends[0][which], ends[1][which]), middle[which]) < 0.01:
            fail("The encoder is a linear function of its input: is an activation missing?", "linear-encoder")
    leaf = live.leaf(tensor(first))
    answer = model.encode.call_live(leaf)
    weights = tensor(rng.normal(size=(ROWS, SIZES[2])))
    for which, name in ((0, "mu"), (1, "logvar")):
        (slope,) = live.gradients(answer[which], [leaf], weights)
        if slope is None or not np.abs(array(slope)).max() > 0:
            fail(f"`{name}` has no slope: no gradient reaches the layers of the encoder.", "encoder-without-slope")


@points(0.25, function="VAE.encode")
def test_encoder_is_not_bounded(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`mu` and `logvar` can be any real numbers: nothing squeezes or clips the last layer."""
    model = vae.VAE(*SIZES)
    model.eval()
    x = tensor(images(rng, ROWS, SIZES[0]))
    seen: list[list[Array]] = [[], []]
    for size in (2.0, 10.0, 100.0, LARGE, LARGE**2, LARGE**4):
        answer = two_tensors(loaded(model, live, rng, size).encode(x))
        for values, got in zip(seen, answer, strict=True):
            values.append(got[np.isfinite(got)])  # too large for float32 is not clipped
    for name, values in zip(("mu", "logvar"), seen, strict=True):
        spread = [float(np.ptp(got)) for got in values if got.size]
        assert max(spread, default=0.0) > 1e-4, f"`encode` gives the same `{name}` for all images."
    lowest, highest = ([float(reach(np.concatenate(values))) for values in seen] for reach in (np.min, np.max))
    bounded = [name for which, name in ((0, "mu"), (1, "logvar")) if lowest[which] > -REACH or highest[which] < REACH]
    if not bounded or not registered(vae, live, rng):
        return
    complaint = "stays within bounds, whatever the weights are. It should be able to take any value."
    if len(bounded) == 2 and close(np.array(lowest), np.array(highest)):
        fail(f"`mu` and `logvar` {complaint}")
    fail(f"`{bounded[0]}` {complaint}", f"squeezed-{bounded[0]}")


# --- reparameterize ------------------------------------------------------------------------------------------------


def codes() -> tuple[Array, Array]:
    """Return means and log variances, one of each for every latent dimension."""
    mu = np.linspace(-2.0, 2.0, SIZES[2])
    logvar = np.linspace(-2.5, 2.0, SIZES[2])[np.arange(SIZES[2]) * 7 % SIZES[2]]
    return mu, logvar


def extreme_codes() -> tuple[Array, Array]:
    """Return means of 0, so that float32 can hold any spread, and log variances over the whole range."""
    return np.zeros(SIZES[2]), np.linspace(-80.0, 80.0, SIZES[2])


def samples(model: Any, live: Any, seed: int, of: tuple[Array, Array]) -> Array:
    """Return z - mu of many samples of the codes `of`, shape (DRAWS, latent_dim)."""
    mu, logvar = of
    live.seed(seed)
    answer = model.reparameterize(tensor(np.tile(mu, (DRAWS, 1))), tensor(np.tile(logvar, (DRAWS, 1))))
    z = array(answer)
    assert z.shape == (DRAWS, SIZES[2]), f"`reparameterize` must return the shape of `mu`; got shape {z.shape}."
    assert bool(np.isfinite(z).all()), "`reparameterize` returned numbers that are not finite."
    return z - single(mu)


def spread_is(deviation: Array, centre: Array | float, sigma: Array) -> bool:
    """Whether each column has that mean and that standard deviation, within 5 standard errors.

    The mean of N normal draws has the standard error sigma / sqrt(N), their variance sigma^2 sqrt(2 / N).
    """
    mean_error = STANDARD_ERRORS * sigma / math.sqrt(DRAWS) + 1e-5
    variance_error = STANDARD_ERRORS * sigma**2 * math.sqrt(2 / DRAWS) + 1e-6
    near_mean = np.abs(deviation.mean(axis=0) - centre) <= mean_error
    return bool(near_mean.all() and (np.abs(deviation.var(axis=0) - sigma**2) <= variance_error).all())


@points(0.25, function="VAE.reparameterize")
def test_samples_have_the_right_mean_and_spread(vae: Any, live: Any) -> None:
    """Samples have mean mu and standard deviation exp(logvar / 2), within 5 standard errors, in evaluation too."""
    model = vae.VAE(*SIZES)
    for mode in modes(model):
        mode()
        mu, logvar = codes()
        deviation = samples(model, live, 4001, (mu, logvar))
        if np.abs(deviation - deviation[0]).max() < 1e-5 and np.abs(deviation).max() > 1e-5:
            repeated = np.allclose(deviation, samples(model, live, 4014, (mu, logvar)), atol=1e-6)
            fail("All rows of a batch got the same noise.", None if repeated else "one-noise-for-the-batch")
        assert_spread(deviation, mu, logvar)
        extreme = np.exp(extreme_codes()[1] / 2)
        if not spread_is(samples(model, live, 4009, extreme_codes()) / extreme, 0.0, np.ones_like(extreme)):
            fail("For some logvar between -80 and 80 the standard deviation is not exp(logvar / 2).", "logvar-cut-off")


def assert_spread(deviation: Array, mu: Array, logvar: Array) -> None:
    """Fail, with the belief that explains it, unless deviations have mean 0 and standard deviation exp(logvar / 2)."""
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
        ("uniform-noise", 0.0, sigma / math.sqrt(3)),
        ("mu-left-out", -mu, sigma),
    )
    for belief, centre, spread in beliefs:
        if spread_is(deviation, centre, spread):
            fail("The samples do not have the mean and the standard deviation that `mu` and `logvar` give.", belief)
    fail("The samples do not have the mean mu and the standard deviation exp(logvar / 2).")


@points(0.25, function="VAE.reparameterize")
def test_noise_is_normal_and_independent(vae: Any, live: Any) -> None:
    """The noise is standard normal, and the noise of one element says nothing about that of another."""
    model = vae.VAE(*SIZES)
    model.train()
    deviation = samples(model, live, 4002, codes())
    spread = deviation.std(axis=0)
    assert bool((spread > 1e-3).all()), "The samples of one code do not differ from row to row."
    noise = (deviation - deviation.mean(axis=0)) / spread

    # The correlation of two independent columns has the standard error 1 / sqrt(N), and there are 190 pairs.
    correlation = np.corrcoef(noise, rowvar=False) - np.eye(SIZES[2])
    if np.abs(correlation).max() > 1.2 * STANDARD_ERRORS / math.sqrt(DRAWS):
        fail("The noise of the latent dimensions is not independent.", "one-noise-for-all-dimensions")
    for lag in (1, DRAWS // 2):  # noise that is reused, in the next row or in the other half of the batch
        product = (noise[lag:] * noise[:-lag]).mean()
        independent = abs(product) <= STANDARD_ERRORS / math.sqrt(noise[lag:].size)
        if not independent:
            fail("The noise of one row depends on that of another.", "noise-shared-by-rows")
    # E[eps^4] = 3 with Var(eps^4) = 105 - 9 = 96: a uniform has 1.8, a sign 1, a Laplace 6.
    kurtosis = float((noise**4).mean())
    error = STANDARD_ERRORS * math.sqrt(96 / noise.size)
    assert abs(kurtosis - 3) <= error, "The noise does not have the tails of a normal distribution."


@points(0.25, function="VAE.reparameterize")
def test_noise_is_drawn_anew(vae: Any, live: Any) -> None:
    """Each call draws new noise from torch's global generator: a seed repeats it, a second call does not."""
    sent = [tensor(np.tile(values[:5], (4, 1))) for values in codes()]  # as many dimensions as are given
    model = vae.VAE(*SIZES)
    for mode in modes(model):
        mode()
        live.seed(4003)
        first, second = array(model.reparameterize(*sent)), array(model.reparameterize(*sent))
        live.seed(4003)
        again = array(model.reparameterize(*sent))
        live.seed(4004)
        other = array(model.reparameterize(*sent))
        right = first.shape == sent[0].array.shape and bool(np.isfinite(first).all())
        assert right, f"`reparameterize` must return finite numbers in the shape of `mu`; got shape {first.shape}."

        if np.allclose(first, second, atol=1e-6) or np.allclose(first, other, atol=1e-6):
            if np.allclose(first, sent[0].array, atol=1e-6):
                fail("The sample is the mean.", "no-noise")
            varies = first.ndim == 2 and float(np.ptp(first, axis=0).max()) > 1e-6
            fail("Two calls returned the same sample.", "fixed-noise" if varies else None)
        if not (np.allclose(first, again, rtol=1e-5, atol=1e-6) and of_torch(vae, model, sent)):
            fail("The noise does not come from torch's global generator.", "noise-of-another-generator")
    _, after = model.reparameterize.call_and_return_arguments(*sent)
    assert_unchanged(sent, after)


def of_torch(vae: Any, model: Any, sent: Sequence[Any]) -> bool:
    """Whether a seed set only in torch repeats the noise; a module that calls torch in other ways is not checked."""
    found = []
    for _ in range(2):
        try:
            vae.torch.manual_seed.call_live(4010)
        except RemoteFault:
            return True
        found.append(array(model.reparameterize(*sent)))
    return bool(np.allclose(found[0], found[1], rtol=1e-5, atol=1e-6))


@points(0.75, function="VAE.reparameterize")
def test_gradients_pass_through_the_sample(vae: Any, live: Any) -> None:
    """dz/dmu = 1 and dz/dlogvar = (z - mu) / 2: this is the purpose of the reparameterisation."""
    mu, logvar = (single(np.tile(values, (3, 1))) for values in codes())
    leaves = [live.leaf(tensor(values)) for values in (mu, logvar)]
    model = vae.VAE(*SIZES)
    model.train()
    live.seed(4005)
    sample = model.reparameterize.call_live(*leaves)
    z = array(sample.fetch())
    assert z.shape == mu.shape, f"`reparameterize` must return the shape of `mu`; got shape {z.shape}."
    assert float(np.abs(z - mu).min(axis=0).max()) > 1e-6, "The sample is the mean: there is no noise in it."
    by_mu, by_logvar = live.gradients(sample, leaves)

    for name, gradient, moved, unused in (
        ("mu", by_mu, (mu + 1, logvar), "mu-left-out"),
        ("logvar", by_logvar, (mu, logvar + 1), "noise-without-sigma"),
    ):
        if gradient is None or not np.abs(array(gradient)).max() > 0:
            live.seed(4005)
            constant = float(np.ptp(z)) < 1e-6
            depends = not close(array(model.reparameterize(*map(tensor, moved))), z)
            belief = f"no-gradient-to-{name}" if depends else unused
            fail(f"No gradient reaches `{name}` through the sample.", None if constant else belief)
    assert np.allclose(array(by_mu), 1.0, atol=1e-5), "dz/dmu must be 1."
    near = np.allclose(array(by_logvar), (z - mu) / 2, rtol=1e-3, atol=1e-5)
    assert near, "dz/dlogvar must be (z - mu) / 2, as for z = mu + exp(logvar / 2) eps."


# --- decode --------------------------------------------------------------------------------------------------------


@points(0.5, function="VAE.decode")
def test_decoder_returns_probabilities(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`decode` returns a probability for each pixel: from 0 to 1 whatever the weights are, without a sum of 1."""
    model = vae.VAE(*SIZES)
    z = tensor(2 * rng.normal(size=(ROWS, SIZES[2])))
    for mode in modes(model):
        mode()
        assert_probabilities(model, live, z.array, rng)
        again = decoded(model, z.array, SIZES[0]), decoded(model, z.array, SIZES[0])
        assert close(*again), "`decode` gave two answers for the same codes: the noise belongs in `reparameterize`."
    _, after = model.decode.call_and_return_arguments(z)
    assert_unchanged([z], after)
    decoded(model, z.array[:1], SIZES[0])
    if registered(vae, live, rng):
        far = np.concatenate(
            [decoded(loaded(model, live, rng, size), z.array, SIZES[0]).reshape(-1) for size in (4.0, 30.0)]
        )
        if far.min() > 1e-3 or far.max() < 1 - 1e-3:
            fail("`decode` can't get close to 0 or 1, whatever the weights are.", "probabilities-cut-off")
    for sizes in OTHER_SIZES:
        other = vae.VAE(*sizes)
        other.eval()
        takes(other, live, sizes, lambda: decoded(other, rng.normal(size=(4, sizes[2])), sizes[0]))  # noqa: B023


def assert_probabilities(model: Any, live: Any, z: Array, rng: np.random.Generator) -> None:
    """Fail, with the belief that explains it, unless the decoder maps all codes smoothly between 0 and 1."""
    weak = decoded(loaded(model, live, rng, 0.2), z, SIZES[0])
    x_recon = decoded(loaded(model, live, rng), z, SIZES[0])

    assert float(np.ptp(x_recon, axis=0).max()) > 1e-3, "`decode` gives the same image for all codes."
    if x_recon.min() < -1e-6 or x_recon.max() > 1 + 1e-6:
        fail("`decode` returns numbers below 0 or above 1, which are not probabilities.", "no-sigmoid")
    if np.allclose(x_recon.sum(axis=1), 1.0, atol=1e-3):
        fail("The pixels of an image sum to 1: each one must be a probability of its own.", "softmax-over-pixels")
    large = decoded(loaded(model, live, rng, 30.0), z, SIZES[0])
    if min(x_recon.min(), large.min()) > 0.3 or max(x_recon.max(), large.max()) < 0.7:
        fail("`decode` can't get close to 0 or 1, whatever the weights are.", "squeezed-twice")
    if np.isin(weak, (0.0, 1.0)).any():
        whole = bool(np.isin(weak, (0.0, 1.0)).all())
        complaint = "A decoder with small weights is sure of some pixels: are its numbers clipped instead of squeezed?"
        fail(complaint, None if whole else "clamped")


@points(0.25, function="VAE.decode")
def test_decoder_is_smooth_and_not_linear(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """Between its layers the decoder has an activation, and its answer has a slope in z to learn from."""
    model = loaded(vae.VAE(*SIZES), live, rng)
    model.eval()
    first, second = rng.normal(size=(2, ROWS, SIZES[2]))
    varies = float(np.ptp(decoded(model, first, SIZES[0]), axis=0).max()) > 1e-3
    assert varies, "`decode` gives the same image for all codes."
    leaf = live.leaf(tensor(first))
    # Weighted at random: the plain sum of answers may have no slope although each of them has one.
    weights = tensor(rng.normal(size=(ROWS, SIZES[0])))
    (slope,) = live.gradients(model.decode.call_live(leaf), [leaf], weights)
    if slope is None or not (np.abs(array(slope)) > 0).mean() > 0.5:
        fail("The answer of `decode` has no slope in z.", "decoder-without-slope")

    answers = [decoded(model, z, SIZES[0]) for z in (first, second, (first + second) / 2)]
    # A sigmoid alone is not a hidden layer: it is undone, where possible, before the answers are compared. Where it
    # is close to 0 or 1, float32 keeps too little of what went in.
    inside = np.all([(answer > 1e-3) & (answer < 1 - 1e-3) for answer in answers], axis=0)
    if min(answer.min() for answer in answers) >= 0 and max(answer.max() for answer in answers) <= 1:
        assert bool(inside.any()), "All pixels are exactly 0 or 1."
        answers = [np.log(answer[inside]) - np.log1p(-answer[inside]) for answer in answers]
    if bend((answers[0], answers[1]), answers[2]) < 0.01:
        fail("Before its sigmoid the decoder is a linear function of z: is an activation missing?", "linear-decoder")


# --- forward -------------------------------------------------------------------------------------------------------


def passed_through(model: Any, x: Array) -> tuple[Array, Array, Array]:
    """Return x_recon, mu and logvar of a forward pass, as arrays of whatever shape."""
    x_recon, mu, logvar = (array(part) for part in parts(model.forward(tensor(x)), 3))
    return x_recon, mu, logvar


def composed(model: Any, x: Array) -> tuple[Array, Array, Array] | None:
    """Return what the student's own encode, reparameterize and decode make of flat images; None if they can't."""
    try:
        code = parts(model.encode(tensor(x)), 2)
        z, after = model.reparameterize.call_and_return_arguments(*code)
        mu, logvar = after  # as it left them: `forward` can return nothing else
        return array(model.decode(z)), array(mu), array(logvar)
    except (RemoteFault, AssertionError):
        return None


def is_composed(model: Any, live: Any, x: Array, seed: int) -> bool:
    """Whether `forward` answers exactly what its three parts give under the same seed, and that is informative."""
    live.seed(seed)
    wanted = composed(model, x.reshape(len(x), -1))
    live.seed(seed)
    got = passed_through(model, x)
    return wanted is not None and vary(*got) and all(map(close, got, wanted))


def assert_shapes(got: tuple[Array, Array, Array], rows: int, sizes: tuple[int, int, int]) -> None:
    """Fail unless the answers of a forward pass have the shapes of the contract."""
    shapes = tuple(answer.shape for answer in got)
    complaint = "`forward` must return x_recon of shape (B, input_dim), then mu and logvar of shape (B, latent_dim)"
    right = shapes == ((rows, sizes[0]), (rows, sizes[2]), (rows, sizes[2]))
    if not right:
        fail(f"{complaint}; got the shapes {shapes[0]}, {shapes[1]} and {shapes[2]}.", "wrong-shape")


@points(0.25, function="VAE.forward")
def test_forward_takes_images(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`forward` flattens: it treats images of any shape (B, ...) as rows of pixels, and its answers have B rows."""
    shapes: tuple[tuple[tuple[int, int, int], tuple[int, ...]], ...] = (
        (SIZES, (3, 1, 28, 28)),
        (SIZES, (2, 28, 28)),
        (SIZES, (1, 784)),
        ((12, 9, 3), (4, 3, 2, 2)),
        ((11, 9, 3), (4, 11)),
    )
    for sizes, shape in shapes:
        model = loaded(vae.VAE(*sizes), live, rng)
        model.eval()
        x = images(rng, shape[0], sizes[0]).reshape(shape)
        if sizes != SIZES and composed(model, x.reshape(len(x), -1)) is None:
            continue  # such a model can't be made, which the checks of its constructor or its encoder report
        try:
            if is_composed(model, live, x, 4011):
                continue
        except RemoteFault as fault:
            if sizes == SIZES or fault.verdict is not Verdict.ERROR:
                raise
            fail(
                f"`forward` does not take {len(x)} examples of {sizes[0]} values, but the model's own parts do. Is a "
                "size written as a number somewhere?",
                "sizes-hard-coded",
            )
        answers = []
        for sent in (x, x.reshape(len(x), -1), x.reshape(len(x), -1)):
            live.seed(4011)
            answers.append(passed_through(model, sent))
            assert_shapes(answers[-1], len(x), sizes)
        # A generator that no seed reaches concerns `reparameterize`.
        same = [close(*three[:2]) or not close(*three[1:]) for three in zip(*answers, strict=True)]
        assert all(same), "Images of shape (B, ...) and the same pixels in rows gave different answers."
        assert len(x) == 1 or vary(answers[0][1]), "`forward` gives the same mu for all images."
    given = tensor(images(rng, 3, SIZES[0]))
    model = vae.VAE(*SIZES)
    model.eval()
    _, after = model.forward.call_and_return_arguments(given)
    _, after_encode = model.encode.call_and_return_arguments(given)
    if all(isinstance(one, Tensor) and np.array_equal(one.array, given.array) for one in after_encode):
        assert_unchanged([given], after)


@points(0.75, function="VAE.forward")
def test_forward_decodes_a_sample(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """`forward` decodes a sample of q(z|x), in evaluation too, however narrow or wide q(z|x) is."""
    model = loaded(vae.VAE(*SIZES), live, rng, 1.0)
    x = np.repeat(images(rng, 1, SIZES[0]), 8, axis=0)
    for logvar in (None, -4.0, -REACH, REACH):
        model.eval()
        if logvar is not None:
            bring_logvar_to(model, live, x, logvar)
        for mode in modes(model):
            mode()
            rows = np.concatenate([x[:1], images(rng, 7, SIZES[0])])  # others too, for batch normalisation
            if not is_composed(model, live, rows, 4006):
                assert vary(passed_through(model, rows)[0]), "`forward` gives the same result for all images."
                assert_samples(model, live, np.repeat(x[:1], DRAWS // 2, axis=0), rng)


def bring_logvar_to(model: Any, live: Any, x: Array, goal: float) -> None:
    """Bring the logvar of the image in all rows of `x` to `goal`, by parameters on which mu does not depend.

    The slope of the sum of logvar gives the step; for a linear last layer one step is exact. An encoder that can't be
    moved this way stays as it is: `forward` is then checked at its own logvar.
    """
    for _ in range(4):
        logvar = two_tensors(model.encode(tensor(x)))[1]
        if np.abs(logvar - goal).max() < 1:
            return
        answer = model.encode.call_live(tensor(x))
        of_mu, slopes = (live.parameter_gradients(answer[which], model) for which in (0, 1))
        own = {
            name: array(slope) * (1 if of_mu[name] is None else array(of_mu[name]) == 0)
            for name, slope in slopes.items()
            if slope is not None
        }
        steepness = sum(float((slope**2).sum()) for slope in own.values())
        if not 0 < steepness < math.inf:
            return
        step = float((goal - logvar).sum()) / steepness
        current = live.parameters(model)
        live.load(model, {name: tensor(array(current[name]) + step * slope) for name, slope in own.items()})


def assert_samples(model: Any, live: Any, x: Array, rng: np.random.Generator) -> None:
    """Fail unless reconstructions of one image in all rows are spread like the decoded samples of its q(z|x)."""
    live.seed(4006)
    got, _, _ = passed_through(model, x)
    mu, logvar = encoded(model, x, SIZES[2])
    assert got.shape == (len(x), SIZES[0]), f"`forward` must return x_recon of shape (B, input_dim); got {got.shape}."
    assert bool(np.isfinite(got).all()), "For a narrow or wide q(z|x) the reconstruction is not finite."
    sigma = np.exp(logvar / 2)
    wanted = decoded(model, mu + sigma * rng.standard_normal(mu.shape), SIZES[0])

    def near(one: Array, other: Array) -> bool:
        """Whether each pixel has the same mean and variance, within 5 standard errors of their difference."""
        for first, second in ((one, other), ((one - one.mean(0)) ** 2, (other - other.mean(0)) ** 2)):
            error = np.sqrt((first.var(axis=0) + second.var(axis=0)) / len(first))
            if not (np.abs(first.mean(axis=0) - second.mean(axis=0)) <= 1.2 * STANDARD_ERRORS * error + 1e-3).all():
                return False
        return True

    if near(got, wanted):
        return
    if np.allclose(got, decoded(model, mu, SIZES[0]), atol=1e-4):
        fail("The reconstructions are decoded from the mean: where is the sample?", "decodes-the-mean")
    for given in (sigma, sigma**2):  # instead of logvar
        with np.errstate(over="ignore"):
            spread = np.exp(given / 2)
        if np.isfinite(spread * spread).all():
            other = decoded(model, mu + spread * rng.standard_normal(mu.shape), SIZES[0])
            if near(got, other):
                fail("The reconstructions do not spread as samples of q(z|x) do.", "sigma-handed-on")
    fail("The reconstructions do not spread as samples of q(z|x) do.", "not-decoded-from-one-sample")


@points(0.25, function="VAE.forward")
def test_forward_returns_what_the_encoder_says(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """The second and third answer of `forward` are mu and logvar, as `encode` gives them."""
    model = loaded(vae.VAE(*SIZES), live, rng)
    x = images(rng, ROWS, SIZES[0])
    for mode in modes(model):
        mode()
        if is_composed(model, live, x, 4012):
            continue
        live.seed(4012)
        x_recon, mu, logvar = passed_through(model, x)
        live.seed(4012)
        wanted = two_tensors(model.encode(tensor(x)))
        assert vary(x_recon, mu), "`forward` gives the same answers for all images."

        if close(mu, wanted[1]) and close(logvar, wanted[0]) and not close(*wanted):
            fail("`forward` returns logvar before mu.", "mu-and-logvar-swapped")
        assert close(mu, wanted[0]), "The second answer of `forward` is not the mu of `encode`."
        with np.errstate(over="ignore"):
            exponentials = np.exp(wanted[1]), np.exp(wanted[1] / 2)
        if close(logvar, wanted[1]):
            continue
        if any(close(logvar, one) for one in exponentials):
            fail(
                "The third answer of `forward` is the variance or the standard deviation, not its logarithm.",
                "sigma-out",
            )
        fail("The third answer of `forward` is not the logvar of `encode`.")


@points(0.25, function="VAE.forward")
def test_reconstruction_trains_the_encoder(vae: Any, live: Any, rng: np.random.Generator) -> None:
    """The gradient of x_recon reaches the encoder, through the sample: x_recon has a slope in x."""
    model = loaded(vae.VAE(*SIZES), live, rng, 1.0)
    model.train()
    x = images(rng, ROWS, SIZES[0])
    weights = tensor(rng.normal(size=(ROWS, SIZES[0])))
    leaf = live.leaf(tensor(x))
    live.seed(4013)
    passed = model.forward.call_live(leaf)[0]
    x_recon = array(passed.fetch())
    assert x_recon.ndim > 0, "`forward` must return a tensor with a reconstruction for each image."
    assert vary(x_recon), "`forward` gives the same result for all images."
    (slope,) = live.gradients(passed, [leaf], weights)
    missing = slope is None or not np.abs(array(slope)).max() > 1e-9

    live.seed(4013)
    by_parts, wanted = slope_of_the_parts(model, live, x, weights)
    if by_parts is None or not close(x_recon, by_parts):
        wanted = None if not missing else np.ones(1)  # it is not the same program as its parts: any slope is enough
    if wanted is None or (not missing and wanted.size > 1 and np.allclose(array(slope), wanted, rtol=1e-2, atol=1e-5)):
        return
    if missing:
        fail("No gradient of x_recon reaches the encoder: its weights would never learn to describe x.", "detached-z")
    fail("Only a part of the gradient of x_recon reaches the encoder: something between them is cut off.")


def slope_of_the_parts(model: Any, live: Any, x: Array, weights: Any) -> tuple[Array | None, Array | None]:
    """Return what the three parts make of `x` one after the other and its slope in `x`, None where there is none."""
    leaf = live.leaf(tensor(x))
    try:
        code = model.encode.call_live(leaf)
        output = model.decode.call_live(model.reparameterize.call_live(code[0], code[1]))
        (slope,) = live.gradients(output, [leaf], weights)
        return array(output.fetch()), None if slope is None or not np.abs(array(slope)).max() > 1e-9 else array(slope)
    except (RemoteFault, AssertionError):
        return None, None
