"""Wrong rules that students of section 4 are known to follow, with what to say to whom follows them.

For the loss they are code: a rule takes the arguments of ``vae_loss`` and returns (total, recon, kl). What is wrong
with a network shows in shapes, derivatives and statistics, so the checks name those entries themselves; they have no
rule.

Trust: rules run in the judge on arguments that the suite chose itself. They are compared with a student's answers,
never with the reference solution.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from autograder.checks.misconceptions import Misconception
from autograder.checks.rules import Rule

Array = NDArray[np.float64]

LOSS = "vae_loss"
CLAIMS = "claims"

TOLERANCE = 1e-4


# --- truths --------------------------------------------------------------------------------------------------------


def _arrays(x: Any, *values: Any) -> tuple[Array, ...]:
    """Return arguments of the loss as arrays, images as rows of pixels."""
    first, *others = (np.asarray(value, dtype=float) for value in (x, *values))
    return first.reshape(len(first), -1), *others


def bernoulli_terms(x: Array, x_recon: Array) -> Array:
    """Return the binary cross-entropy of each pixel in nats."""
    return np.asarray(-(xlogy(x, x_recon) + xlog1py(1 - x, -x_recon)))


def kl_terms(mu: Array, logvar: Array) -> Array:
    """Return D(N(mu, exp(logvar)) || N(0, 1)) of each element in nats."""
    return np.asarray(0.5 * (mu**2 + np.exp(logvar) - 1 - logvar))


def vae_loss(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float = 1.0) -> tuple[float, float, float]:
    """Return recon + beta * kl, recon and kl, summed, in nats."""
    x, x_recon, mu, logvar = _arrays(x, x_recon, mu, logvar)
    recon, kl = float(bernoulli_terms(x, x_recon).sum()), float(kl_terms(mu, logvar).sum())
    return recon + beta * kl, recon, kl


FACTS = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": False,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}

TRUTHS: Mapping[str, Any] = {LOSS: vae_loss, CLAIMS: FACTS}

BUILDS_ON = {"train_beta_vae": (LOSS,)}


def vae_loss_slopes(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float = 1.0) -> list[dict[str, Array]]:
    """Return the gradients of the three parts of the loss."""
    x, x_recon, mu, logvar = _arrays(x, x_recon, mu, logvar)
    recon = {"x_recon": (x_recon - x) / np.maximum(x_recon * (1 - x_recon), 1e-12)}
    kl = {"mu": mu, "logvar": 0.5 * np.expm1(logvar)}
    return [recon | {name: beta * slope for name, slope in kl.items()}, recon, kl]


SLOPES = {LOSS: vae_loss_slopes}


# --- the loss ------------------------------------------------------------------------------------------------------


def _of_parts(
    recon_of: Callable[[Array, Array], float] = lambda x, x_recon: float(bernoulli_terms(x, x_recon).sum()),
    kl_of: Callable[[Array, Array], float] = lambda mu, logvar: float(kl_terms(mu, logvar).sum()),
    answer: Callable[[float, float, float], tuple[float, float, float]] = lambda recon, kl, beta: (
        recon + beta * kl,
        recon,
        kl,
    ),
) -> Rule:
    """Return the rule that computes the parts so and puts them together so."""

    def rule(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float = 1.0) -> tuple[float, float, float]:
        x, x_recon, mu, logvar = _arrays(x, x_recon, mu, logvar)
        return answer(recon_of(x, x_recon), kl_of(mu, logvar), beta)

    return rule


def _per_image(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float = 1.0) -> tuple[float, ...]:
    return tuple(part / len(np.asarray(x)) for part in vae_loss(x, x_recon, mu, logvar, beta))


def _total_per_image(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float = 1.0) -> tuple[float, ...]:
    total, recon, kl = vae_loss(x, x_recon, mu, logvar, beta)
    return total / len(np.asarray(x)), recon, kl


def _squared(x: Array, x_recon: Array) -> float:
    return float(((x - x_recon) ** 2).sum())


def _reversed_kl(mu: Array, logvar: Array) -> float:
    return float((0.5 * (logvar + (1 + mu**2) / np.exp(logvar) - 1)).sum())


_LOSS: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "loss-per-image",
        "All three numbers are averaged over the batch.",
        "The contract wants sums over the batch. An average over images is fine in a training loop, where you divide "
        "all parts by the same number, but a caller who asks for sums must get them.",
        _per_image,
    ),
    (
        "total-per-image",
        "The total is averaged over the batch, and its parts are not.",
        "The total has to be recon + beta * kl of the two parts that you return beside it.",
        _total_per_image,
    ),
    (
        "reconstruction-averaged",
        "The cross-entropy is averaged over images and pixels.",
        "A mean over pixels makes the reconstruction of 784 pixels weigh 784 times less against the KL divergence; "
        "the code then collapses. Look at the `reduction` of the function that you call.",
        _of_parts(recon_of=lambda x, x_recon: float(bernoulli_terms(x, x_recon).mean())),
    ),
    (
        "kl-averaged",
        "The KL divergence is averaged over images and latent dimensions.",
        "A mean over the dimensions makes the KL divergence weigh too little against the reconstruction, and "
        "differently for each size of the code. The divergence of independent dimensions is a sum.",
        _of_parts(kl_of=lambda mu, logvar: float(kl_terms(mu, logvar).mean())),
    ),
    (
        "both-averaged",
        "Both parts are averaged over all their elements.",
        "There are more pixels than latent dimensions: two means over different numbers of elements change the "
        "balance of the two terms. Both are sums.",
        _of_parts(
            lambda x, x_recon: float(bernoulli_terms(x, x_recon).mean()),
            lambda mu, logvar: float(kl_terms(mu, logvar).mean()),
        ),
    ),
    (
        "kl-per-image",
        "The KL divergence is averaged over the batch, the reconstruction is not.",
        "Both parts have to be summed over the same images, or the size of the batch decides on their balance.",
        _of_parts(kl_of=lambda mu, logvar: float(kl_terms(mu, logvar).sum() / len(mu))),
    ),
    (
        "half-left-out",
        "The KL divergence is the sum without its factor 1/2.",
        "Compare one dimension with logvar 0 and mean 1: two normal distributions of variance 1 whose means are 1 "
        "apart. Their divergence is 1/2.",
        _of_parts(kl_of=lambda mu, logvar: float(2 * kl_terms(mu, logvar).sum())),
    ),
    (
        "kl-negative",
        "The KL divergence is 1/2 sum (1 + logvar - mu^2 - exp(logvar)).",
        "A KL divergence is never negative, yours is. Minimising the total would push the code away from the prior "
        "without end. Which sign stands before the sum?",
        _of_parts(kl_of=lambda mu, logvar: float(-kl_terms(mu, logvar).sum())),
    ),
    (
        "kl-subtracted",
        "The total is recon - beta * kl.",
        "The ELBO subtracts the KL divergence, and a loss is the ELBO with its sign changed: both parts count "
        "against you.",
        _of_parts(answer=lambda recon, kl, beta: (recon - beta * kl, recon, kl)),
    ),
    (
        "grey-values-rounded",
        "A pixel is black or white.",
        "Grey values between 0 and 1 enter the cross-entropy as they are: x log y + (1 - x) log(1 - y).",
        _of_parts(recon_of=lambda x, x_recon: float(bernoulli_terms((x > 0.5).astype(float), x_recon).sum())),
    ),
    (
        "reconstruction-negative",
        "The reconstruction part is the log-likelihood, without a minus.",
        "The log-likelihood of a Bernoulli variable is negative, and a loss is what has to become small.",
        _of_parts(recon_of=lambda x, x_recon: float(-bernoulli_terms(x, x_recon).sum())),
    ),
    (
        "beta-in-the-kl",
        "The third answer is beta * kl.",
        "Return the KL divergence as it is, so that models with different beta can be compared; beta belongs into "
        "the total only.",
        _of_parts(answer=lambda recon, kl, beta: (recon + beta * kl, recon, beta * kl)),
    ),
    (
        "beta-on-the-loss-of-pixels",
        "beta weighs the reconstruction.",
        "A larger beta has to press the code to the prior. On the reconstruction it does the opposite.",
        _of_parts(answer=lambda recon, kl, beta: (beta * recon + kl, recon, kl)),
    ),
    (
        "beta-zero-taken-for-missing",
        "A beta of 0 is no beta.",
        "0 is false in Python, and `beta or 1.0` replaces it. With beta 0 the total is the reconstruction alone.",
        _of_parts(answer=lambda recon, kl, beta: (recon + (beta or 1.0) * kl, recon, kl)),
    ),
    (
        "beta-has-no-effect",
        "The total is recon + kl, whatever beta is.",
        "The argument `beta` has no influence on the total.",
        _of_parts(answer=lambda recon, kl, _beta: (recon + kl, recon, kl)),
    ),
    (
        "beta-squared-in-the-total",
        "beta is multiplied twice into the total.",
        "Your total is recon + beta^2 * kl. If `kl` has been multiplied already, leave it as it is in the sum.",
        _of_parts(answer=lambda recon, kl, beta: (recon + beta**2 * kl, recon, kl)),
    ),
    (
        "squared-error",
        "The reconstruction part is the sum of squared errors.",
        "Squared error is the negative log-likelihood of a normal distribution, up to a factor and a constant. Pixels "
        "with a probability each are Bernoulli variables; theirs is the cross-entropy.",
        _of_parts(recon_of=_squared),
    ),
    (
        "white-pixels-only",
        "Only -x log x_recon counts.",
        "A black pixel that is drawn white is a mistake too: the second term, (1 - x) log(1 - x_recon), is missing.",
        _of_parts(recon_of=lambda x, x_recon: float(-(x * np.log(x_recon)).sum())),
    ),
    (
        "data-and-reconstruction-swapped",
        "The cross-entropy is that of x under the weights of x_recon.",
        "In -sum p log q the data are p and the reconstruction is q: the logarithm is taken of `x_recon`. Check the "
        "order of arguments of the function that you call.",
        _of_parts(
            recon_of=lambda x, x_recon: float(
                -(
                    x_recon * np.maximum(np.log(np.maximum(x, 1e-300)), -100)
                    + (1 - x_recon) * np.maximum(np.log(np.maximum(1 - x, 1e-300)), -100)
                ).sum()
            )
        ),
    ),
    (
        "logvar-taken-for-sigma",
        "logvar is the standard deviation.",
        "The encoder's second answer is the logarithm of the variance. Its exponential is sigma^2; it may be negative "
        "itself, a standard deviation may not.",
        _of_parts(kl_of=lambda mu, sigma: float(0.5 * (mu**2 + sigma**2 - 1 - np.log(sigma**2)).sum())),
    ),
    (
        "logvar-taken-for-log-sigma",
        "logvar is the logarithm of the standard deviation.",
        "logvar is log sigma^2, twice the logarithm of sigma: its exponential is already the variance.",
        _of_parts(kl_of=lambda mu, logvar: float(kl_terms(mu, 2 * logvar).sum())),
    ),
    (
        "logvar-taken-for-variance",
        "logvar is the variance.",
        "The encoder's second answer is the logarithm of the variance: it enters the formula as it stands, and as the "
        "variance after exponentiation.",
        _of_parts(kl_of=lambda mu, variance: float(0.5 * (mu**2 + variance - 1 - np.log(variance)).sum())),
    ),
    (
        "mean-left-out",
        "The KL divergence depends on the variance only.",
        "The term mu^2 is missing: a code whose mean is far from 0 is far from the prior.",
        _of_parts(kl_of=lambda mu, logvar: float(kl_terms(0 * mu, logvar).sum())),
    ),
    (
        "mean-not-squared",
        "The mean enters the KL divergence as mu, not as mu^2.",
        "Means of 1 and -1 are equally far from 0, and must cost the same.",
        _of_parts(kl_of=lambda mu, logvar: float((kl_terms(0 * mu, logvar) + mu / 2).sum())),
    ),
    (
        "one-left-out",
        "The 1 in the formula is left out.",
        "For mean 0 and variance 1 the code is the prior itself and the divergence is 0. Yours is not: a constant is "
        "missing for each dimension.",
        _of_parts(kl_of=lambda mu, logvar: float((kl_terms(mu, logvar) + 0.5).sum())),
    ),
    (
        "kl-the-other-way",
        "The divergence is that of the prior from the posterior.",
        "D(q || p) is not D(p || q). The ELBO has D(q(z|x) || p(z)): the expectation is taken under q.",
        _of_parts(kl_of=_reversed_kl),
    ),
    (
        "bits-for-nats",
        "Both parts are measured in bits.",
        "The contract wants nats, the natural logarithm, as PyTorch has it.",
        _of_parts(
            lambda x, x_recon: float(bernoulli_terms(x, x_recon).sum() / math.log(2)),
            lambda mu, logvar: float(kl_terms(mu, logvar).sum() / math.log(2)),
        ),
    ),
    (
        "answers-in-another-order",
        "The answers come as recon, kl, total.",
        "The contract wants the total first: (total, recon, kl).",
        _of_parts(answer=lambda recon, kl, beta: (recon, kl, recon + beta * kl)),
    ),
    (
        "answers-in-another-order",
        "The answers come as total, kl, recon.",
        "The contract wants the reconstruction before the divergence: (total, recon, kl).",
        _of_parts(answer=lambda recon, kl, beta: (recon + beta * kl, kl, recon)),
    ),
)


# --- the network; the checks name these ----------------------------------------------------------------------------

_NETWORK: tuple[tuple[str, str, str, str], ...] = (
    (
        "sizes-hard-coded",
        "VAE",
        "Images have 784 pixels, the hidden layer 400 units and the code 20 dimensions.",
        "The sizes are arguments. Look for numbers in the layers, in `view` and in `reshape` where a name should be.",
    ),
    (
        "layers-not-registered",
        "VAE",
        "Whatever the module holds is a part of it.",
        "PyTorch finds layers that are attributes of the module or stand in nn.Sequential, nn.ModuleList or "
        "nn.ModuleDict. Those in a plain list or dict, and tensors that are no nn.Parameter, are never trained.",
    ),
    (
        "parameters-not-trained",
        "VAE",
        "What is registered is trained.",
        "A parameter is trained if the loss depends on it. Look for a layer that no method uses, a frozen parameter, "
        "or a result that was detached.",
    ),
    (
        "encoder-not-deterministic",
        "VAE.encode",
        "The encoder may answer otherwise each time.",
        "`encode` returns the parameters of q(z|x), the same for the same x, in training too. All noise belongs into "
        "`reparameterize`.",
    ),
    (
        "one-head-for-both",
        "VAE.encode",
        "mu and logvar come out of the same layer.",
        "Mean and spread of a code are two different things; each needs weights of its own.",
    ),
    (
        "linear-encoder",
        "VAE.encode",
        "Two linear layers make a network.",
        "Two linear layers one after the other are one linear layer. Between them belongs an activation.",
    ),
    (
        "squeezed-mu",
        "VAE.encode",
        "The mean goes through an activation too.",
        "A mean can be any real number; the activation belongs between the layers, not after the last one.",
    ),
    (
        "squeezed-logvar",
        "VAE.encode",
        "A variance is positive, so its logarithm is made positive or bounded.",
        "The exponential makes the variance positive already: its logarithm can be any real number, and is negative "
        "wherever the code is sharper than the prior.",
    ),
    (
        "encoder-without-slope",
        "VAE.encode",
        "The encoder is only asked, and needs no gradient.",
        "The encoder is trained through what it returns. `no_grad`, `detach`, and a way through NumPy or plain numbers "
        "cut its layers off.",
    ),
    (
        "no-noise",
        "VAE.reparameterize",
        "The sample is the mean.",
        "Without noise the code has no uncertainty and the decoder never meets the neighbourhood of a code.",
    ),
    (
        "sigma-is-exp-logvar",
        "VAE.reparameterize",
        "exp(logvar) is the standard deviation.",
        "It is the variance. What has to be done to a variance to get a standard deviation?",
    ),
    (
        "sigma-is-logvar",
        "VAE.reparameterize",
        "logvar is the standard deviation.",
        "It is the logarithm of the variance, and may be negative.",
    ),
    (
        "sigma-is-sqrt-of-sigma",
        "VAE.reparameterize",
        "The standard deviation is exp(logvar / 4).",
        "One square root too many: half of logvar is already the logarithm of the standard deviation.",
    ),
    (
        "sigma-is-inverted",
        "VAE.reparameterize",
        "The standard deviation is exp(-logvar / 2).",
        "That is its inverse: a large variance has to give widely spread samples.",
    ),
    (
        "noise-without-sigma",
        "VAE.reparameterize",
        "The noise is added as it is.",
        "Every dimension has a standard deviation of its own, by which the noise has to be multiplied.",
    ),
    (
        "uniform-noise",
        "VAE.reparameterize",
        "rand draws the noise.",
        "`rand` draws from the uniform distribution between 0 and 1, whose mean is 1/2. The noise is normal, with "
        "mean 0.",
    ),
    (
        "mu-left-out",
        "VAE.reparameterize",
        "The sample is sigma times noise.",
        "The samples spread around 0. Their mean has to be mu.",
    ),
    (
        "one-noise-for-the-batch",
        "VAE.reparameterize",
        "One draw of noise serves the whole batch.",
        "Each example needs noise of its own; look at the shape of what you draw.",
    ),
    (
        "one-noise-for-all-dimensions",
        "VAE.reparameterize",
        "One draw of noise serves all dimensions of a code.",
        "The dimensions of q(z|x) are independent; look at the shape of what you draw.",
    ),
    (
        "fixed-noise",
        "VAE.reparameterize",
        "The noise is drawn once, or from a seed of its own.",
        "Noise that is always the same is a constant: the network learns it. Draw it anew in each call and leave "
        "seeds to the caller.",
    ),
    (
        "noise-of-another-generator",
        "VAE.reparameterize",
        "Any source of random numbers will do.",
        "A caller who sets torch's seed must get the same samples again. NumPy and Python's `random` know nothing of "
        "that seed, nor does a generator of your own.",
    ),
    (
        "logvar-cut-off",
        "VAE.reparameterize",
        "A very large or very small variance has to be prevented.",
        "Where q(z|x) is very narrow or very wide, your samples do not spread as logvar says. Is logvar cut off, "
        "something added to sigma, or a number squared that overflows?",
    ),
    (
        "no-gradient-to-mu",
        "VAE.reparameterize",
        "A sample is a sample, however it was drawn.",
        "`torch.normal`, `sample()`, `detach()` and `no_grad` cut the graph. Draw noise that does not depend on the "
        "parameters, and compute the sample from it.",
    ),
    (
        "no-gradient-to-logvar",
        "VAE.reparameterize",
        "The spread needs no gradient.",
        "The encoder learns how sure it may be only if the gradient reaches logvar through the sample. What cuts the "
        "graph between them?",
    ),
    (
        "no-sigmoid",
        "VAE.decode",
        "The last linear layer is the image.",
        "Bernoulli means are probabilities: something must map all real numbers between 0 and 1.",
    ),
    (
        "softmax-over-pixels",
        "VAE.decode",
        "The pixels of an image share one probability.",
        "Softmax is for one choice among many. Here every pixel has a probability of its own.",
    ),
    (
        "squeezed-twice",
        "VAE.decode",
        "A second squeeze does no harm.",
        "A sigmoid of numbers that are in a small range already cannot come near 0 or 1. One is enough, after the "
        "last linear layer.",
    ),
    (
        "clamped",
        "VAE.decode",
        "Cutting off makes probabilities.",
        "A pixel that is cut off has no slope, so the decoder can't learn to correct it. Use a smooth map.",
    ),
    (
        "probabilities-cut-off",
        "VAE.decode",
        "Probabilities near 0 and 1 are dangerous and have to be kept away.",
        "A black corner is black in every image, and the decoder must be able to say so. Beyond the border a pixel has "
        "no slope either.",
    ),
    (
        "decoder-without-slope",
        "VAE.decode",
        "The decoder returns decisions.",
        "A rounded or detached answer has no slope: nothing behind it learns.",
    ),
    (
        "linear-decoder",
        "VAE.decode",
        "Two linear layers make a network.",
        "Two linear layers one after the other are one linear layer. Between them belongs an activation.",
    ),
    (
        "decodes-the-mean",
        "VAE.forward",
        "The mean is decoded.",
        "The ELBO is an expectation over q(z|x). Decoding the mean makes an ordinary autoencoder with a penalty: the "
        "variance then costs nothing and explains nothing.",
    ),
    (
        "sigma-handed-on",
        "VAE.forward",
        "`reparameterize` is given the variance or the standard deviation.",
        "Look at what `reparameterize` takes: it makes a standard deviation out of its second argument by itself.",
    ),
    (
        "not-decoded-from-one-sample",
        "VAE.forward",
        "Any point near the mean will do for the decoder.",
        "One sample of q(z|x) is decoded, with the spread that logvar says, and its decoding is returned as it is.",
    ),
    (
        "noise-shared-by-rows",
        "VAE.reparameterize",
        "Noise can be used again for other rows.",
        "Each number of z has noise of its own. What is copied, shifted or has its sign turned tells of the other row.",
    ),
    (
        "mu-and-logvar-swapped",
        "VAE.forward",
        "The order of mu and logvar does not matter.",
        "The caller puts the second answer into the loss as mu and the third as logvar.",
    ),
    (
        "sigma-out",
        "VAE.forward",
        "The third answer is sigma or its square.",
        "The contract wants the logarithm of the variance, as `encode` returns it.",
    ),
    (
        "detached-z",
        "VAE.forward",
        "The decoder gets a copy of the sample.",
        "The only way on which the encoder learns what to say about an image leads through the sample. What cuts it?",
    ),
)

_TRAINING: tuple[tuple[str, str, str, str], ...] = (
    (
        "empty-code",
        "train_beta_vae",
        "A small loss is a trained model.",
        "The code says nothing about the image. Two known causes: the cross-entropy is averaged over pixels, so the "
        "KL divergence outweighs it; or no gradient of the reconstruction reaches the encoder.",
    ),
    (
        "not-trained",
        "train_beta_vae",
        "The loop runs, so the model learns.",
        "Your model is about as good as one with fresh weights. Is the optimiser given the parameters of the model "
        "that you return, does it take its steps, and is the loop run as often as `epochs` says?",
    ),
    (
        "training-runs-away",
        "train_beta_vae",
        "The KL divergence is to be made large.",
        "If the KL divergence enters the loss with a minus, or is negative itself, training pushes the code away from "
        "the prior without end.",
    ),
    (
        "kl-averaged",
        "train_beta_vae",
        "The KL divergence is averaged over its elements.",
        "Your models pay far too little for their code. Sum the divergence over the latent dimensions, as the "
        "reconstruction is summed over the pixels; only over images may both be averaged.",
    ),
    (
        "beta-on-the-reconstruction",
        "train_beta_vae",
        "beta weighs the reconstruction, or divides the KL divergence.",
        "A larger beta gives your models more to say about the image, not less. Which term does beta multiply?",
    ),
    (
        "beta-ignored",
        "train_beta_vae",
        "The model is trained with the plain ELBO.",
        "The models follow the same objective for all three beta. Does your `beta` reach the loss?",
    ),
    (
        "beta-squared",
        "train_beta_vae",
        "beta enters twice.",
        "The models behave as if beta were its square. Is the KL divergence multiplied by beta before the total is?",
    ),
    (
        "kl-weighs-too-much",
        "train_beta_vae",
        "Twice the divergence, or squared error for the cross-entropy, makes no difference.",
        "In your models the KL divergence weighs about twice as much as it should, or more. Two known causes: the "
        "factor 1/2 is missing, or the reconstruction is a squared error, which is smaller than the cross-entropy.",
    ),
    (
        "seed-too-late",
        "train_beta_vae",
        "A seed anywhere makes a run repeatable.",
        "The first random numbers are the initial weights of the model, and the order of the images is random too. "
        "The seed has to be set before both.",
    ),
    (
        "sum-over-images",
        "latent_report",
        "The numbers are those of the whole set.",
        "Per image means: divide by the number of images, or data sets of different sizes can't be compared.",
    ),
    (
        "mean-over-elements",
        "latent_report",
        "The numbers are means over pixels or dimensions.",
        "An image costs what all its pixels and all its dimensions cost together: sum over them, average over images.",
    ),
    (
        "bits-reported",
        "latent_report",
        "The report is in bits.",
        "The report is wanted in nats.",
    ),
    (
        "half-not-reported",
        "latent_report",
        "The KL divergence is the sum without its factor 1/2.",
        "Compare one dimension with logvar 0 and mean 1, whose divergence is 1/2.",
    ),
    (
        "order-of-dimensions-lost",
        "latent_report",
        "The divergences are sorted.",
        "Report them in the order of the latent dimensions, so that one can see which dimension is used.",
    ),
    (
        "pooled-variance",
        "latent_report",
        "The variance is that of all means together.",
        "Take the variance over the images for each dimension by itself, and add them up.",
    ),
    (
        "sigma-for-variance",
        "latent_report",
        "The standard deviations of mu are added up.",
        "Standard deviations do not add up; variances of the dimensions do.",
    ),
    (
        "variance-for-sigma",
        "latent_report",
        "exp(logvar) is sigma.",
        "It is sigma squared.",
    ),
    (
        "mean-of-logvar",
        "latent_report",
        "The mean of logvar is the mean of sigma.",
        "Turn every logvar into a standard deviation before you average.",
    ),
)

MISCONCEPTIONS: tuple[Misconception, ...] = (
    *(Misconception(name, "example-4", LOSS, believed, hint, rule, TOLERANCE) for name, believed, hint, rule in _LOSS),
    *(Misconception(name, "example-4", function, believed, hint, None) for name, function, believed, hint in _NETWORK),
    *(
        Misconception(name, "exercise-4", function, believed, hint, None)
        for name, function, believed, hint in _TRAINING
    ),
    Misconception(
        "every-claim-believed",
        "exercise-4",
        CLAIMS,
        "All six statements sound right, so they are.",
        "Some of them are common mistakes. Look for a number in the notebook that speaks for or against each one.",
        dict.fromkeys(FACTS, True),  # type: ignore[arg-type]
    ),
    Misconception(
        "every-claim-reversed",
        "exercise-4",
        CLAIMS,
        "True and False are the other way round.",
        "Each of your answers is the opposite of the right one. Is it True where the statement holds?",
        {name: not fact for name, fact in FACTS.items()},  # type: ignore[arg-type]
    ),
)
