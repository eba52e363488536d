"""Hidden checks of exercise 4: the effect of beta on a variational autoencoder, with the student's own model.

The student's code trains three models, beta 0.5, 1 and 2, for 20 epochs on 1500 of scikit-learn's digits. They are
trained once per attempt; all figures are computed here, in NumPy, from `encode` and `decode` of the trained models
alone, so the grader relies neither on the student's loss nor on their report.

The objective is inferred from the trained model. At a minimum of R + beta K (R the expected reconstruction loss, K the
KL divergence) no small change of the encoder helps, in particular not the change mu -> (1 + t) mu, which every encoder
with a linear last layer can make. So dR/dt + beta dK/dt = 0, and

    effective beta = -(dR/dt) / (dK/dt)

is the beta that the training really used, whatever the architecture. Measured on 1500 images with 4 draws and t = -1/8,
1/8: for ReLU, tanh, GELU, softplus, sigmoid and ELU, one to three hidden layers, learning rates 1e-3 to 5e-3, batches
of 32 to 256, effective beta / beta lay in 0.89 … 1.11 wherever K was above 0.2 nats. A KL divergence without 1/2 gives
2, beta squared 0.5 (for beta = 0.5), squared error above 2, beta on the reconstruction 4, a KL averaged over its
elements below 0.2. The bounds 0.72 and 1.4 lie between them, a factor of sqrt 2 around 1.

Absolute KL values depend on the architecture (0.98 to 5.8 nats for beta = 0.5 in the same runs), so no check uses them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks.answers import array, fail, item, number, parts, points, tensor, value
from autograder.remote.calls import RemotePath
from autograder.remote.faults import RemoteFault

pytestmark = item("exercise-4")

Array = NDArray[np.float64]

TRAIN = "train_beta_vae"
REPORT = "latent_report"
CLAIMS = "claims"

BETAS = (0.5, 1.0, 2.0)
EPOCHS = 20
SEED = 4
DRAWS = 4
STEP = 0.125

MARGIN = 0.3
"""Nats. In the runs above the smallest step of K between two betas was 0.44, where the larger K was at least 0.4, and
of R 0.5; two trainings of one beta with different seeds differed by up to 0.65, but here all have the same seed."""

COLLAPSED = 0.6
"""Nats. A model with less K at beta = 1 hardly uses its code any more; K cannot fall by much more for beta = 2."""

IN_USE = 0.2
"""Nats. Below this, the code is empty and R has almost no slope."""

UNTRAINED = 10.0
"""Nats. An untrained model costs 64 ln 2 = 44, one fixed image for all 25. A model closer to the first has not learned
even that, and an empty code is not the problem."""

RUN_AWAY = 200.0
"""Nats. A code never costs more than it saves: at most the 64 ln 2 = 44 nats of an untrained model, over beta."""

BAND = (0.72, 1.4)

FACTS = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": False,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}


# --- data and models -----------------------------------------------------------------------------------------------


@functools.cache
def digits() -> tuple[Array, Array]:
    """Return 1500 images for training and 297 others, each with 64 pixels between 0 and 1."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data, labels = load_digits(return_X_y=True)
    train, test = train_test_split(data / 16, test_size=297, stratify=labels, random_state=4)
    return train, test


def bernoulli_loss(x: Array, x_recon: Array) -> float:
    """Return the binary cross-entropy in nats per image; as in PyTorch, logarithms below -100 count as -100."""
    with np.errstate(divide="ignore", invalid="ignore"):
        white, black = np.maximum(np.log(x_recon), -100), np.maximum(np.log1p(-x_recon), -100)
    return float(-(x * white + (1 - x) * black).sum() / len(x))


def kl_by_dimension(mu: Array, logvar: Array) -> Array:
    """Return the KL divergence of each latent dimension in nats per image."""
    with np.errstate(over="ignore"):
        return np.asarray((0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)).mean(axis=0))


@dataclass(frozen=True)
class Trained:
    """What the judge measured for a trained model on images that it has not seen."""

    kl: float
    reconstruction: float
    effective_beta: float
    layers: list[tuple[int, ...]]


def trained(notebook: Any, live: Any, once: Any, beta: float) -> Trained:
    """Return the student's model for `beta`, trained once in an attempt."""
    result: Trained = once(f"trained with beta {beta:g}", lambda: train(notebook, live, beta))
    return result


def train(notebook: Any, live: Any, beta: float) -> Trained:
    """Have the student's code train a model, and measure it."""
    x_train, x_test = digits()
    model = as_model(notebook.train_beta_vae(tensor(x_train), beta, SEED, EPOCHS))
    rng = np.random.default_rng(SEED)
    mu, logvar = encoded(model, x_test)
    losses = [bernoulli_loss(x_test, decoded(model, sampled(mu, logvar, rng))) for _ in range(2 * DRAWS)]
    return Trained(
        kl=float(kl_by_dimension(mu, logvar).sum()),
        reconstruction=float(np.mean(losses)),
        effective_beta=effective_beta(model, x_train, rng),
        layers=layers(model, live),
    )


def layers(model: Any, live: Any) -> list[tuple[int, ...]]:
    """Return the shapes of the model's parameters, whatever their names and their order; none if it has none."""
    try:
        return sorted(array(values).shape for values in live.parameters(model).values())
    except RemoteFault:
        return []


def as_model(answer: Any) -> Any:
    """Return the model that `train_beta_vae` returned, ready to use; a pair with the model first is accepted."""
    model = value(answer)
    if isinstance(model, tuple | list) and model:
        model = model[0]
    if not isinstance(model, RemotePath):
        fail("`train_beta_vae` must return the trained model.")
    model.eval()
    return model


def encoded(model: Any, x: Array) -> tuple[Array, Array]:
    """Return mu and logvar of `x` as the model gives them."""
    mu, logvar = (array(part) for part in parts(model.encode(tensor(x)), 2))
    right = mu.ndim == 2 and mu.shape == logvar.shape and len(mu) == len(x)
    assert right, f"`encode` of the trained model must return two tensors of shape ({len(x)}, latent_dim)."
    if not (np.isfinite(mu).all() and np.isfinite(logvar).all() and np.isfinite(kl_by_dimension(mu, logvar)).all()):
        fail("The trained model's numbers are not finite: training diverged.", misconception="training-runs-away")
    return mu, logvar


def decoded(model: Any, z: Array) -> Array:
    """Return the reconstructions of `z` as the model gives them."""
    x_recon = array(model.decode(tensor(z)))
    assert x_recon.shape == (len(z), 64), f"`decode` must return 64 pixels for each image; got shape {x_recon.shape}."
    assert bool(np.isfinite(x_recon).all()), "The trained model's reconstructions are not finite."
    return x_recon


def sampled(mu: Array, logvar: Array, rng: np.random.Generator) -> Array:
    """Return one sample of q(z|x) for each image."""
    return np.asarray(mu + np.exp(logvar / 2) * rng.standard_normal(mu.shape))


def effective_beta(model: Any, x: Array, rng: np.random.Generator) -> float:
    """Return the beta that the training used: -(dR/dt) / (dK/dt) for mu -> (1 + t) mu."""
    mu, logvar = encoded(model, x)
    slope = 0.0
    for _ in range(DRAWS):
        noise = sampled(mu, logvar, rng) - mu  # the same for both steps, so that their difference has little noise
        further, nearer = (bernoulli_loss(x, decoded(model, (1 + t) * mu + noise)) for t in (STEP, -STEP))
        slope += (further - nearer) / DRAWS
    growth = 2 * STEP * float((mu**2).sum()) / len(x)  # K(1 + t) - K(1 - t) = 2 t sum mu^2
    return -slope / growth if growth > 1e-9 else math.nan


# --- training ------------------------------------------------------------------------------------------------------


@points(0.5, function=TRAIN)
def test_trained_model_is_the_one_that_is_asked_for(vae: Any, notebook: Any, live: Any, once: Any) -> None:
    """The trained model is a `vae.VAE(64, 128, 8)`: its layers and its codes have the sizes of such a model."""
    model = trained(notebook, live, once, 1.0)

    same = model.layers == layers(vae.VAE(64, 128, 8), live)
    assert model.layers, "The trained model has no parameters."
    assert same, "The layers of the trained model do not have the sizes of a `vae.VAE(64, 128, 8)`."


@points(1, function=TRAIN)
def test_training_learns(notebook: Any, live: Any, once: Any) -> None:
    """Trained with beta 0.5, the model uses its code and reconstructs new digits better than one fixed image does."""
    x_train, x_test = digits()
    fixed = bernoulli_loss(x_test, np.broadcast_to(x_train.mean(axis=0), x_test.shape))
    model = trained(notebook, live, once, 0.5)

    if model.kl < IN_USE:
        belief = "not-trained" if model.reconstruction > fixed + UNTRAINED else "empty-code"
        fail(f"After training with beta 0.5 the code is empty: KL is {model.kl:.2f} nats per image.", belief)
    better = model.reconstruction < fixed - 0.5
    assert better, "After training the reconstructions of new digits are no better than one fixed image for all."


@points(3.5, function=TRAIN)
def test_training_follows_the_objective(notebook: Any, live: Any, once: Any) -> None:
    """The models minimise recon + beta * kl, both summed over an image: no other weight fits them."""
    models = {beta: trained(notebook, live, once, beta) for beta in BETAS}
    ratios = {beta: model.effective_beta / beta for beta, model in models.items() if model.kl > IN_USE}
    if 0.5 not in ratios:
        x_train, x_test = digits()
        fixed = bernoulli_loss(x_test, np.broadcast_to(x_train.mean(axis=0), x_test.shape))
        belief = "not-trained" if models[0.5].reconstruction > fixed + UNTRAINED else "empty-code"
        fail("After training with beta 0.5 the code is empty, so no balance can be seen.", belief)
    if all(BAND[0] < ratio < BAND[1] for ratio in ratios.values()):
        return

    half, one, two = (ratios.get(beta) for beta in BETAS)  # None where the code is empty
    complaint = "The balance of reconstruction and KL in the trained models is not that of recon + beta * kl."
    if max(model.kl for model in models.values()) > RUN_AWAY or min(ratios.values()) < 0:
        fail(complaint, "training-runs-away")
    if max(ratios.values()) < 0.45:
        fail(complaint, "kl-averaged")
    if half is not None and half > 2.8 and (two is None or two < 0.4):
        fail(complaint, "beta-on-the-reconstruction")
    if half is not None and 1.5 < half < 2.8 and (two is None or two < 0.72) and (one is None or 0.7 < one < 1.4):
        fail(complaint, "beta-ignored")
    if half is not None and half < 0.72 and (one is None or 0.72 < one < 1.4) and (two is None or two > 1.4):
        fail(complaint, "beta-squared")
    if min(ratios.values()) > 1.4:
        fail(complaint, "kl-weighs-too-much")
    fail(complaint)


@points(1, function=TRAIN)
def test_kl_falls_as_beta_grows(notebook: Any, live: Any, once: Any) -> None:
    """With a larger beta the KL divergence of the trained model is smaller, from 0.5 to 1 and from 1 to 2."""
    half, one, two = (trained(notebook, live, once, beta).kl for beta in BETAS)

    assert half - one > MARGIN, f"From beta 0.5 to 1 KL went from {half:.2f} to {one:.2f} nats per image."
    falls = two < one + 0.05 if one < COLLAPSED else one - two > MARGIN
    assert falls, f"From beta 1 to 2 KL went from {one:.2f} to {two:.2f} nats per image."


@points(0.5, function=TRAIN)
def test_reconstruction_suffers_as_beta_grows(notebook: Any, live: Any, once: Any) -> None:
    """With a larger beta the reconstruction loss is larger, from 0.5 to 1 and from 1 to 2."""
    models = [trained(notebook, live, once, beta) for beta in BETAS]
    half, one, two = (model.reconstruction for model in models)

    assert one - half > MARGIN, f"From beta 0.5 to 1 the reconstruction loss went from {half:.2f} to {one:.2f} nats."
    rises = two > one - 0.05 if models[1].kl < COLLAPSED else two - one > MARGIN
    assert rises, f"From beta 1 to 2 the reconstruction loss went from {one:.2f} to {two:.2f} nats."


@points(0.5, function=TRAIN)
def test_training_can_be_repeated(notebook: Any) -> None:
    """The same seed gives the same model; another seed, other images or more epochs give a different one."""
    x = digits()[0][:256]

    def codes(images: Array, seed: int, epochs: int) -> Array:
        model = as_model(notebook.train_beta_vae(tensor(images), 1.0, seed, epochs))
        return encoded(model, x)[0]

    first = codes(x, 7, 2)
    if not np.allclose(first, codes(x, 7, 2), rtol=1e-3, atol=1e-4):
        fail("Two trainings with the same seed gave different models.", "seed-too-late")
    for what, other in (
        ("Another `seed`", codes(x, 8, 2)),
        ("Other images", codes(digits()[0][256:512], 7, 2)),
        ("More `epochs`", codes(x, 7, 4)),
    ):
        differs = not np.allclose(first, other, rtol=1e-3, atol=1e-4)
        assert differs, f"{what} gave the same model: that argument has no influence."


# --- report --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reported:
    """The student's report on a model whose weights were drawn here, and what the judge measured for that model.

    `reconstruction` holds two ranges: of decoding the mean, and of decoding samples with 5 standard errors of one pass.
    """

    report: Mapping[str, Any]
    mu: Array
    logvar: Array
    reconstruction: tuple[tuple[float, float], tuple[float, float]]


def reported(vae: Any, notebook: Any, live: Any, once: Any, which: int = 0) -> Reported:
    """Return the student's report on many images (0) or on copies of one (1), asked for once in an attempt."""
    result: Reported = once("reported", lambda: reports(vae, notebook, live))[which]
    if not isinstance(result.report, Mapping):
        fail("`latent_report` must return a dict.")
    return result


def reports(vae: Any, notebook: Any, live: Any) -> tuple[Reported, Reported]:
    """Have the student's code report on a model that needs no training."""
    value(notebook.latent_report)  # says so if there is none, before anything else happens
    x = digits()[1][41:241]  # not the set that the notebook holds
    model = as_model(vae.VAE(64, 16, 8))
    rng = np.random.default_rng(SEED)
    shapes = {name: array(values).shape for name, values in live.parameters(model).items()}
    weights = {
        name: tensor(rng.normal(size=shape) / math.sqrt(shape[-1] if shape else 1))
        for name, shape in sorted(shapes.items())
    }
    live.load(model, weights)
    losses = each_loss(x, decoded(model, encoded(model, x)[0]))
    oddest = int(np.abs(losses - losses.mean()).argmax())
    x = np.roll(x, -oddest, axis=0)  # so that a report on the first image does not fit all of them
    copies = np.repeat(x[[farthest_from_the_prior(model, x, rng)]], len(x), axis=0)
    return report(model, notebook, x, rng), report(model, notebook, copies, rng)


def farthest_from_the_prior(model: Any, x: Array, rng: np.random.Generator) -> int:
    """Return the image whose reconstruction from the prior differs most in cost from the one from its own code."""
    mu, logvar = encoded(model, x)
    codes = [sampled(mu, logvar, rng) for _ in range(2 * DRAWS)]
    own = np.mean([each_loss(x, decoded(model, z)) for z in codes], axis=0)
    of_prior = decoded(model, rng.standard_normal(mu.shape))
    foreign = np.array([bernoulli_loss(np.broadcast_to(image, of_prior.shape), of_prior) for image in x])
    of_mean = each_loss(x, decoded(model, mu))
    return int(np.minimum(np.abs(foreign - own), np.abs(foreign - of_mean)).argmax())


def each_loss(x: Array, x_recon: Array) -> Array:
    """Return the binary cross-entropy of each image in nats."""
    return np.array([bernoulli_loss(x[[row]], x_recon[[row]]) for row in range(len(x))])


def report(model: Any, notebook: Any, x: Array, rng: np.random.Generator) -> Reported:
    """Measure the model on the images `x`, and have the student's code report on them."""
    mu, logvar = encoded(model, x)
    assert float(kl_by_dimension(mu, logvar).min()) > 1e-4, "The encoder says nothing about the images."
    of_samples = [bernoulli_loss(x, decoded(model, sampled(mu, logvar, rng))) for _ in range(2 * DRAWS)]
    error = 5 * float(np.std(of_samples, ddof=1)) * math.sqrt(1 + 1 / len(of_samples))
    return Reported(
        report=value(notebook.latent_report(model, tensor(x))),
        mu=mu,
        logvar=logvar,
        reconstruction=(
            around(bernoulli_loss(x, decoded(model, mu)), 2e-3),
            (float(np.mean(of_samples)) - error, float(np.mean(of_samples)) + error),
        ),
    )


def entry(result: Reported, name: str) -> Any:
    """Return an entry of the report."""
    assert name in result.report, f"The report has no `{name}`."
    return result.report[name]


def assert_reported(
    result: Reported, name: str, truths: Sequence[tuple[float, float]], beliefs: Mapping[str, float]
) -> None:
    """Fail unless the entry `name` lies in one of the ranges `truths`; name the belief that explains it by a factor."""
    got = number(entry(result, name))
    if any(low <= got <= high for low, high in truths):
        return
    for belief, factor in beliefs.items():
        if any(min(factor * low, factor * high) <= got <= max(factor * low, factor * high) for low, high in truths):
            fail(f"`{name}` is not what encoder and decoder give.", belief)
    fail(f"`{name}` is not what encoder and decoder give, per image and in nats.")


def around(truth: float, tolerance: float) -> tuple[float, float]:
    """Return the range of what is equal to a positive number up to a relative tolerance."""
    return truth * (1 - tolerance), truth * (1 + tolerance)


@points(0.75, function=REPORT)
def test_report_of_both_terms(vae: Any, notebook: Any, live: Any, once: Any) -> None:
    """`reconstruction` and `kl` are what the model's encoder and decoder give, in nats per image."""
    result, of_one_image = (reported(vae, notebook, live, once, which) for which in (0, 1))
    n, latent = result.mu.shape
    kl = float(kl_by_dimension(result.mu, result.logvar).sum())

    bits = 1 / math.log(2)
    wrong = {"sum-over-images": n, "mean-over-elements": 1 / 64, "bits-reported": bits}
    assert_reported(result, "reconstruction", result.reconstruction, wrong)
    # Over many images, random codes do about as badly as the right codes of random weights; over one, they do not.
    assert_reported(of_one_image, "reconstruction", of_one_image.reconstruction, {})
    wrong = {
        "sum-over-images": n,
        "mean-over-elements": 1 / latent,
        "bits-reported": bits,
        "half-not-reported": 2.0,
    }
    assert_reported(result, "kl", [around(kl, 2e-3)], wrong)


@points(0.5, function=REPORT)
def test_report_of_each_dimension(vae: Any, notebook: Any, live: Any, once: Any) -> None:
    """`kl_per_dimension` holds the KL divergence of each latent dimension, in nats per image, in their order."""
    result = reported(vae, notebook, live, once)
    truth = kl_by_dimension(result.mu, result.logvar)
    got = array(entry(result, "kl_per_dimension")).reshape(-1)

    def near(one: Array, other: Array) -> bool:
        return bool(np.allclose(one, other, rtol=2e-3, atol=2e-3 * float(other.max())))

    assert got.shape == truth.shape, f"`kl_per_dimension` must hold {truth.size} numbers; got {got.size}."
    if near(got, truth):
        return
    for belief, wrong in (
        ("sum-over-images", len(result.mu) * truth),
        ("half-not-reported", 2 * truth),
        ("bits-reported", truth / math.log(2)),
    ):
        if near(got, wrong):
            fail("`kl_per_dimension` is not what the encoder gives.", belief)
    if near(np.sort(got), np.sort(truth)):
        fail("These are the right numbers in another order.", "order-of-dimensions-lost")
    fail("`kl_per_dimension` is not what the encoder gives.")


@points(0.25, function=REPORT)
def test_report_of_means_and_spreads(vae: Any, notebook: Any, live: Any, once: Any) -> None:
    """`sum_var_mu` is the variance of mu over the images, summed over dimensions; `mean_sigma` is the mean of sigma."""
    result = reported(vae, notebook, live, once)
    mu, logvar = result.mu, result.logvar

    spread = float(mu.var(axis=0).sum())
    wrong = {
        "pooled-variance": float(mu.var()) / spread,
        "mean-over-elements": 1 / mu.shape[1],
        "sigma-for-variance": float(mu.std(axis=0).sum()) / spread,
    }
    assert_reported(result, "sum_var_mu", [around(spread, 0.01)], wrong)  # N and N - 1 differ by 0.5 %
    sigma = float(np.exp(logvar / 2).mean())
    wrong = {
        "variance-for-sigma": float(np.exp(logvar).mean()) / sigma,
        "mean-of-logvar": float(logvar.mean()) / sigma,
    }
    assert_reported(result, "mean_sigma", [around(sigma, 2e-3)], wrong)


# --- claims --------------------------------------------------------------------------------------------------------


def assert_balance(notebook: Any, least: int) -> None:
    """Fail unless at least `least` more of the statements are judged right than wrong."""
    claims = value(notebook.claims)
    if not isinstance(claims, Mapping):
        fail("`claims` must be a dict from statements to True or False.")
    answers = {name: claims[name] for name in FACTS if name in claims}
    judged = {name: bool(answer) for name, answer in answers.items() if type(answer) in (bool, np.bool_)}
    right = sum(judged[name] is FACTS[name] for name in judged)
    if 2 * right - len(judged) < least:
        fail(f"{right} of the six statements are judged right and {len(judged) - right} wrong; wrong ones subtract.")


@points(0.25, function=CLAIMS)
def test_claims_more_right_than_wrong(notebook: Any) -> None:
    """More of the six statements are judged right than wrong."""
    assert_balance(notebook, 1)


@points(0.25, function=CLAIMS)
def test_claims_two_more_right(notebook: Any) -> None:
    """Of the six statements at least two more are judged right than wrong."""
    assert_balance(notebook, 2)


@points(0.25, function=CLAIMS)
def test_claims_three_more_right(notebook: Any) -> None:
    """Of the six statements at least three more are judged right than wrong."""
    assert_balance(notebook, 3)


@points(0.25, function=CLAIMS)
def test_claims_four_more_right(notebook: Any) -> None:
    """Of the six statements at least four more are judged right than wrong."""
    assert_balance(notebook, 4)


@points(0.25, function=CLAIMS)
def test_claims_five_more_right(notebook: Any) -> None:
    """Of the six statements at least five more are judged right than wrong."""
    assert_balance(notebook, 5)


@points(0.25, function=CLAIMS)
def test_claims_all_right(notebook: Any) -> None:
    """All of the six statements are judged right."""
    assert_balance(notebook, 6)
