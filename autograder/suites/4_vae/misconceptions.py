"""What students of section 4 are known to believe instead of the truth, in the grammar of checks.beliefs.

For the loss a rule is code that returns (total, recon, kl). What is wrong with a network shows in shapes, derivatives
and statistics, so the checks name those beliefs themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from autograder.checks.beliefs import misconception, truth
from autograder.checks.rules import Rule

Array = NDArray[np.float64]

LOSS = "vae_loss"
VAE = "VAE"
ENCODE = "VAE.encode"
SAMPLE = "VAE.reparameterize"
DECODE = "VAE.decode"
FORWARD = "VAE.forward"
TRAIN = "train_beta_vae"
REPORT = "latent_report"
CLAIMS = "claims"

ITEMS = {"example-4": (LOSS, VAE, ENCODE, SAMPLE, DECODE, FORWARD), "exercise-4": (TRAIN, REPORT, CLAIMS)}

BUILDS_ON = {TRAIN: (LOSS,)}


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


@truth(of=LOSS, tolerance=1e-4)
def vae_loss(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float = 1.0) -> tuple[float, float, float]:
    """Return recon + beta * kl, recon and kl, summed, in nats."""
    x, x_recon, mu, logvar = _arrays(x, x_recon, mu, logvar)
    recon, kl = float(bernoulli_terms(x, x_recon).sum()), float(kl_terms(mu, logvar).sum())
    return recon + beta * kl, recon, kl


FACTS = truth(of=CLAIMS)(
    {
        "larger_beta_moves_q_to_the_prior": True,
        "larger_beta_lowers_information_about_x": True,
        "larger_beta_improves_the_elbo": False,
        "beta_below_1_still_bounds_the_likelihood": False,
        "totals_at_different_beta_can_be_ranked": False,
        "kl_of_0_is_perfect_learning": False,
    }
)


def vae_loss_slopes(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float = 1.0) -> list[dict[str, Array]]:
    """Return the gradients of the three parts of the loss."""
    x, x_recon, mu, logvar = _arrays(x, x_recon, mu, logvar)
    recon = {"x_recon": (x_recon - x) / np.maximum(x_recon * (1 - x_recon), 1e-12)}
    kl = {"mu": mu, "logvar": 0.5 * np.expm1(logvar)}
    return [recon | {name: beta * slope for name, slope in kl.items()}, recon, kl]


SLOPES = {LOSS: vae_loss_slopes}


# --- the loss ------------------------------------------------------------------------------------------------------


def both(formula: Callable[[Array, Array, Array, Array], tuple[float, float]]) -> Rule:
    """Return the rule with other parts, which `formula(x, x_recon, mu, logvar)` gives."""

    def rule(x: Any, x_recon: Any, mu: Any, logvar: Any, beta: float) -> tuple[float, float, float]:
        recon, kl = map(float, formula(*_arrays(x, x_recon, mu, logvar)))
        return recon + beta * kl, recon, kl

    return rule


def recon(formula: Callable[[Array, Array], float]) -> Rule:
    """Return the rule with another reconstruction, `formula(x, x_recon)`."""
    return both(lambda x, x_recon, mu, logvar: (formula(x, x_recon), kl_terms(mu, logvar).sum()))


def kl(formula: Callable[[Array, Array], float]) -> Rule:
    """Return the rule with another divergence, `formula(mu, logvar)`."""
    return both(lambda x, x_recon, mu, logvar: (bernoulli_terms(x, x_recon).sum(), formula(mu, logvar)))


def parts(formula: Callable[[float, float, float], tuple[float, float, float]]) -> Rule:
    """Return the rule that answers `formula(recon, kl, beta)`."""
    return lambda answer, beta: formula(answer[1], answer[2], beta)


@misconception("loss-per-image", of=LOSS)
def loss_per_image(answer, x):
    """All three numbers are averaged over the batch.

    The contract wants sums over the batch. Averaging over images is fine in a training loop, where you divide all parts
    by the same number. The function itself must return sums.
    """
    return tuple(part / len(np.asarray(x)) for part in answer)


@misconception("total-per-image", of=LOSS)
def total_per_image(answer, x):
    """The total is averaged over the batch, but its parts are not.

    The total must be recon + beta * kl of the two parts that you return with it.
    """
    total, recon, kl = answer
    return total / len(np.asarray(x)), recon, kl


@misconception("reconstruction-averaged", of=LOSS, form=recon)
def reconstruction_averaged(x, x_recon):
    """The cross-entropy is averaged over images and pixels.

    With a mean over 784 pixels, the reconstruction counts 784 times less against the KL divergence, and the code then
    collapses. Check the `reduction` of the function that you call.
    """
    return bernoulli_terms(x, x_recon).mean()


@misconception("kl-averaged", of=LOSS, form=kl)
def kl_averaged(mu, logvar):
    """The KL divergence is averaged over images and latent dimensions.

    With a mean over the dimensions, the KL divergence counts too little against the reconstruction, and how much
    depends on the size of the code. The divergence of independent dimensions is a sum.
    """
    return kl_terms(mu, logvar).mean()


@misconception("both-averaged", of=LOSS, form=both)
def both_averaged(x, x_recon, mu, logvar):
    """Both parts are averaged over all their elements.

    There are more pixels than latent dimensions: two means over different numbers of elements change the balance of the
    two terms. Both are sums.
    """
    return bernoulli_terms(x, x_recon).mean(), kl_terms(mu, logvar).mean()


@misconception("kl-per-image", of=LOSS, form=kl)
def kl_per_image(mu, logvar):
    """The KL divergence is averaged over the batch, the reconstruction is not.

    Both parts must be summed over the same images. Otherwise the size of the batch decides their balance.
    """
    return kl_terms(mu, logvar).sum() / len(mu)


@misconception("half-left-out", of=LOSS, form=kl)
def half_left_out(mu, logvar):
    """The KL divergence is the sum without its factor 1/2.

    Compare one dimension with logvar 0 and mean 1: two normal distributions of variance 1 whose means are 1 apart.
    Their divergence is 1/2.
    """
    return 2 * kl_terms(mu, logvar).sum()


@misconception("kl-negative", of=LOSS, form=kl)
def kl_negative(mu, logvar):
    """The KL divergence is 1/2 sum (1 + logvar - mu^2 - exp(logvar)).

    A KL divergence is never negative, but yours is. Minimising the total would push the code away from the prior
    without end. Which sign belongs in front of the sum?
    """
    return -kl_terms(mu, logvar).sum()


@misconception("kl-subtracted", of=LOSS, form=parts)
def kl_subtracted(recon, kl, beta):
    """The total is recon - beta * kl.

    The ELBO subtracts the KL divergence, and the loss is minus the ELBO. So both parts are added in the loss.
    """
    return recon - beta * kl, recon, kl


@misconception("grey-values-rounded", of=LOSS, form=recon)
def grey_values_rounded(x, x_recon):
    """A pixel is black or white.

    Grey values between 0 and 1 enter the cross-entropy as they are: x log y + (1 - x) log(1 - y).
    """
    return bernoulli_terms((x > 0.5).astype(float), x_recon).sum()


@misconception("reconstruction-negative", of=LOSS, form=recon)
def reconstruction_negative(x, x_recon):
    """The reconstruction part is the log-likelihood, without a minus.

    The log-likelihood of a Bernoulli variable is negative, and a loss must become small.
    """
    return -bernoulli_terms(x, x_recon).sum()


@misconception("beta-in-the-kl", of=LOSS, form=parts)
def beta_in_the_kl(recon, kl, beta):
    """The third answer is beta * kl.

    Return the KL divergence as it is, so that models with different beta can be compared; beta belongs only in the
    total.
    """
    return recon + beta * kl, recon, beta * kl


@misconception("beta-on-the-loss-of-pixels", of=LOSS, form=parts)
def beta_on_the_loss_of_pixels(recon, kl, beta):
    """beta weighs the reconstruction.

    A larger beta must push the code towards the prior. On the reconstruction it does the opposite.
    """
    return beta * recon + kl, recon, kl


@misconception("beta-zero-taken-for-missing", of=LOSS, form=parts)
def beta_zero_taken_for_missing(recon, kl, beta):
    """A beta of 0 means that beta is missing.

    0 is false in Python, and `beta or 1.0` replaces it. With beta 0 the total is the reconstruction alone.
    """
    return recon + (beta or 1.0) * kl, recon, kl


@misconception("beta-has-no-effect", of=LOSS, form=parts)
def beta_has_no_effect(recon, kl, _beta):
    """The total is recon + kl, whatever beta is.

    The argument `beta` has no influence on the total.
    """
    return recon + kl, recon, kl


@misconception("beta-squared-in-the-total", of=LOSS, form=parts)
def beta_squared_in_the_total(recon, kl, beta):
    """The total is multiplied by beta twice.

    Your total is recon + beta^2 * kl. If you have already multiplied `kl` by beta, do not multiply it again in the sum.
    """
    return recon + beta**2 * kl, recon, kl


@misconception("squared-error", of=LOSS, form=recon)
def squared_error(x, x_recon):
    """The reconstruction part is the sum of squared errors.

    Squared error is the negative log-likelihood of a normal distribution, up to a factor and a constant. Pixels that
    each have a probability are Bernoulli variables. Their negative log-likelihood is the cross-entropy.
    """
    return ((x - x_recon) ** 2).sum()


@misconception("white-pixels-only", of=LOSS, form=recon)
def white_pixels_only(x, x_recon):
    """Only -x log x_recon counts.

    A black pixel that is drawn white is a mistake too: the second term, (1 - x) log(1 - x_recon), is missing.
    """
    return -(x * np.log(x_recon)).sum()


@misconception("data-and-reconstruction-swapped", of=LOSS, form=recon)
def data_and_reconstruction_swapped(x, x_recon):
    """The cross-entropy is that of x with the weights of x_recon.

    In -sum p log q the data are p and the reconstruction is q: take the logarithm of `x_recon`. Check the argument
    order of the function that you call.
    """
    log_x, log_rest = (np.maximum(np.log(np.maximum(part, 1e-300)), -100) for part in (x, 1 - x))
    return -(x_recon * log_x + (1 - x_recon) * log_rest).sum()


@misconception("logvar-taken-for-sigma", of=LOSS, form=kl)
def logvar_taken_for_sigma(mu, sigma):
    """logvar is the standard deviation.

    The encoder's second answer is the logarithm of the variance. Its exponential is sigma^2. A logarithm may be
    negative, a standard deviation may not.
    """
    return 0.5 * (mu**2 + sigma**2 - 1 - np.log(sigma**2)).sum()


@misconception("logvar-taken-for-log-sigma", of=LOSS, form=kl)
def logvar_taken_for_log_sigma(mu, logvar):
    """logvar is the logarithm of the standard deviation.

    logvar is log sigma^2, twice the logarithm of sigma: its exponential is already the variance.
    """
    return kl_terms(mu, 2 * logvar).sum()


@misconception("logvar-taken-for-variance", of=LOSS, form=kl)
def logvar_taken_for_variance(mu, variance):
    """logvar is the variance.

    The encoder's second answer is the logarithm of the variance: the formula contains it as it is, and its exponential
    as the variance.
    """
    return 0.5 * (mu**2 + variance - 1 - np.log(variance)).sum()


@misconception("mean-left-out", of=LOSS, form=kl)
def mean_left_out(mu, logvar):
    """The KL divergence depends on the variance only.

    The term mu^2 is missing: a code whose mean is far from 0 is far from the prior.
    """
    return kl_terms(0 * mu, logvar).sum()


@misconception("mean-not-squared", of=LOSS, form=kl)
def mean_not_squared(mu, logvar):
    """The KL divergence contains mu, not mu^2.

    Means of 1 and -1 are equally far from 0, and must cost the same.
    """
    return (kl_terms(0 * mu, logvar) + mu / 2).sum()


@misconception("one-left-out", of=LOSS, form=kl)
def one_left_out(mu, logvar):
    """The 1 in the formula is left out.

    For mean 0 and variance 1 the code is the prior itself, and the divergence is 0. Yours is not 0: a constant is
    missing for each dimension.
    """
    return (kl_terms(mu, logvar) + 0.5).sum()


@misconception("kl-the-other-way", of=LOSS, form=kl)
def kl_the_other_way(mu, logvar):
    """The divergence is that of the prior from the posterior.

    D(q || p) is not D(p || q). The ELBO has D(q(z|x) || p(z)): the expectation is taken under q.
    """
    return (0.5 * (logvar + (1 + mu**2) / np.exp(logvar) - 1)).sum()


@misconception("bits-for-nats", of=LOSS)
def bits_for_nats(answer):
    """Both parts are measured in bits.

    The contract wants nats, that is, the natural logarithm, as in PyTorch.
    """
    return tuple(part / math.log(2) for part in answer)


@misconception("answers-in-another-order", of=LOSS, form=parts)
def total_last(recon, kl, beta):
    """The answers come as recon, kl, total.

    The contract wants the total first: (total, recon, kl).
    """
    return recon, kl, recon + beta * kl


@misconception("answers-in-another-order", of=LOSS, form=parts)
def kl_before_recon(recon, kl, beta):
    """The answers come as total, kl, recon.

    The contract wants the reconstruction before the divergence: (total, recon, kl).
    """
    return recon + beta * kl, kl, recon


# --- the network; the checks name these ----------------------------------------------------------------------------


@misconception("sizes-hard-coded", of=VAE)
def sizes_hard_coded():
    """Images always have 784 pixels, the hidden layer 400 units and the code 20 dimensions.

    The sizes are arguments. Look for numbers in the layers, in `view` and in `reshape` that should be names.
    """


@misconception("layers-not-registered", of=VAE)
def layers_not_registered():
    """Everything that the module holds is part of it.

    PyTorch finds layers that are attributes of the module or are in nn.Sequential, nn.ModuleList or nn.ModuleDict.
    Layers in a plain list or dict, and tensors that are not an nn.Parameter, are never trained.
    """


@misconception("parameters-not-trained", of=VAE)
def parameters_not_trained():
    """Everything that is registered is trained.

    A parameter is trained if the loss depends on it. Look for a layer that no method uses, a frozen parameter, or a
    result that was detached.
    """


@misconception("encoder-not-deterministic", of=ENCODE)
def encoder_not_deterministic():
    """The encoder may answer differently each time.

    `encode` returns the parameters of q(z|x), the same for the same x, in training too. All noise belongs in
    `reparameterize`.
    """


@misconception("one-head-for-both", of=ENCODE)
def one_head_for_both():
    """mu and logvar come out of the same layer.

    The mean and the spread of a code are two different things, and each needs its own weights.
    """


@misconception("linear-encoder", of=ENCODE)
def linear_encoder():
    """Two linear layers make a network.

    Two linear layers one after the other are one linear layer. An activation belongs between them.
    """


@misconception("squeezed-mu", of=ENCODE)
def squeezed_mu():
    """The mean goes through an activation too.

    A mean can be any real number; the activation belongs between the layers, not after the last one.
    """


@misconception("squeezed-logvar", of=ENCODE)
def squeezed_logvar():
    """A variance is positive, so its logarithm must be positive or bounded.

    The exponential already makes the variance positive. Its logarithm can be any real number, and is negative wherever
    the code is sharper than the prior.
    """


@misconception("encoder-without-slope", of=ENCODE)
def encoder_without_slope():
    """The encoder is only called, and needs no gradient.

    The encoder is trained through what it returns. `no_grad`, `detach`, and a detour through NumPy or plain numbers cut
    its layers off.
    """


@misconception("no-noise", of=SAMPLE)
def no_noise():
    """The sample is the mean.

    Without noise the code has no uncertainty, and the decoder never sees the neighbourhood of a code.
    """


@misconception("sigma-is-exp-logvar", of=SAMPLE)
def sigma_is_exp_logvar():
    """exp(logvar) is the standard deviation.

    It is the variance. How do you get a standard deviation from a variance?
    """


@misconception("sigma-is-logvar", of=SAMPLE)
def sigma_is_logvar():
    """logvar is the standard deviation.

    It is the logarithm of the variance, and may be negative.
    """


@misconception("sigma-is-sqrt-of-sigma", of=SAMPLE)
def sigma_is_sqrt_of_sigma():
    """The standard deviation is exp(logvar / 4).

    One square root too many: half of logvar is already the logarithm of the standard deviation.
    """


@misconception("sigma-is-inverted", of=SAMPLE)
def sigma_is_inverted():
    """The standard deviation is exp(-logvar / 2).

    That is its inverse. A large variance must give widely spread samples.
    """


@misconception("noise-without-sigma", of=SAMPLE)
def noise_without_sigma():
    """The noise is added without scaling.

    Every dimension has its own standard deviation. Multiply the noise by it.
    """


@misconception("uniform-noise", of=SAMPLE)
def uniform_noise():
    """`rand` draws the noise.

    `rand` draws from the uniform distribution between 0 and 1, whose mean is 1/2. The noise is normal, with mean 0.
    """


@misconception("mu-left-out", of=SAMPLE)
def mu_left_out():
    """The sample is sigma times noise.

    Your samples spread around 0. Their mean must be mu.
    """


@misconception("one-noise-for-the-batch", of=SAMPLE)
def one_noise_for_the_batch():
    """One draw of noise serves the whole batch.

    Each example needs its own noise; check the shape of what you draw.
    """


@misconception("one-noise-for-all-dimensions", of=SAMPLE)
def one_noise_for_all_dimensions():
    """One draw of noise serves all dimensions of a code.

    The dimensions of q(z|x) are independent; check the shape of what you draw.
    """


@misconception("fixed-noise", of=SAMPLE)
def fixed_noise():
    """The noise is drawn once, or from its own seed.

    Noise that is always the same is a constant, and the network learns it. Draw new noise in each call, and leave seeds
    to the caller.
    """


@misconception("noise-of-another-generator", of=SAMPLE)
def noise_of_another_generator():
    """Any source of random numbers will do.

    A caller who sets torch's seed must get the same samples again. NumPy and Python's `random` ignore that seed, and so
    does a generator of your own.
    """


@misconception("logvar-cut-off", of=SAMPLE)
def logvar_cut_off():
    """A very large or very small variance has to be prevented.

    Where q(z|x) is very narrow or very wide, your samples do not spread as logvar says. Do you clip logvar, add
    something to sigma, or square a number that overflows?
    """


@misconception("no-gradient-to-mu", of=SAMPLE)
def no_gradient_to_mu():
    """A sample is a sample, however it was drawn.

    `torch.normal`, `sample()`, `detach()` and `no_grad` cut the graph. Draw noise that does not depend on the
    parameters, and compute the sample from it.
    """


@misconception("no-gradient-to-logvar", of=SAMPLE)
def no_gradient_to_logvar():
    """The spread needs no gradient.

    The encoder learns how sure it may be only if the gradient reaches logvar through the sample. What cuts the graph
    between them?
    """


@misconception("no-sigmoid", of=DECODE)
def no_sigmoid():
    """The output of the last linear layer is the image.

    Bernoulli means are probabilities. Something must map all real numbers to values between 0 and 1.
    """


@misconception("softmax-over-pixels", of=DECODE)
def softmax_over_pixels():
    """The pixels of an image share one probability.

    Softmax is for one choice among many. Here every pixel has its own probability.
    """


@misconception("squeezed-twice", of=DECODE)
def squeezed_twice():
    """A second squeeze does no harm.

    A sigmoid of numbers that are already in a small range cannot come near 0 or 1. One is enough, after the last linear
    layer.
    """


@misconception("clamped", of=DECODE)
def clamped():
    """Clipping makes probabilities.

    A clipped pixel has no slope, so the decoder can't learn to correct it. Use a smooth map.
    """


@misconception("probabilities-cut-off", of=DECODE)
def probabilities_cut_off():
    """Probabilities near 0 and 1 are dangerous and have to be kept away.

    A corner that is black in every image must come out as black, and your limits prevent that. Beyond these limits a
    pixel has no slope either.
    """


@misconception("decoder-without-slope", of=DECODE)
def decoder_without_slope():
    """The decoder returns decisions.

    A rounded or detached answer has no slope, so nothing before it learns.
    """


@misconception("linear-decoder", of=DECODE)
def linear_decoder():
    """Two linear layers make a network.

    Two linear layers one after the other are one linear layer. An activation belongs between them.
    """


@misconception("decodes-the-mean", of=FORWARD)
def decodes_the_mean():
    """The mean is decoded.

    The ELBO is an expectation over q(z|x). If you decode the mean, you have an ordinary autoencoder with a penalty: the
    variance then costs nothing and explains nothing.
    """


@misconception("sigma-handed-on", of=FORWARD)
def sigma_handed_on():
    """`reparameterize` takes the variance or the standard deviation.

    Check what `reparameterize` takes: it computes a standard deviation from its second argument by itself.
    """


@misconception("not-decoded-from-one-sample", of=FORWARD)
def not_decoded_from_one_sample():
    """The decoder can take any point near the mean.

    Decode one sample of q(z|x), with the spread that logvar gives, and return the result as it is.
    """


@misconception("noise-shared-by-rows", of=SAMPLE)
def noise_shared_by_rows():
    """Noise can be reused for other rows.

    Each number in z needs its own noise. Noise that is copied, shifted or sign-flipped depends on another row.
    """


@misconception("mu-and-logvar-swapped", of=FORWARD)
def mu_and_logvar_swapped():
    """The order of mu and logvar does not matter.

    The caller puts the second answer into the loss as mu and the third as logvar.
    """


@misconception("sigma-out", of=FORWARD)
def sigma_out():
    """The third answer is sigma or its square.

    The contract wants the logarithm of the variance, as `encode` returns it.
    """


@misconception("detached-z", of=FORWARD)
def detached_z():
    """The decoder gets a copy of the sample.

    The encoder learns what to say about an image only through the sample. What cuts that path?
    """


# --- the exercise --------------------------------------------------------------------------------------------------


@misconception("empty-code", of=TRAIN)
def empty_code():
    """A small loss means a trained model.

    The code says nothing about the image. Two known causes: the cross-entropy is averaged over pixels, so the KL
    divergence outweighs it, or no gradient of the reconstruction reaches the encoder.
    """


@misconception("not-trained", of=TRAIN)
def not_trained():
    """The loop runs, so the model learns.

    Your model is about as good as one with fresh weights. Does the optimiser get the parameters of the model that you
    return? Does it take steps, and does the loop run as often as `epochs` says?
    """


@misconception("training-runs-away", of=TRAIN)
def training_runs_away():
    """The KL divergence should become large.

    If the KL divergence is subtracted in the loss, or is itself negative, training pushes the code away from the prior
    without end.
    """


@misconception("kl-averaged", of=TRAIN)
def kl_averaged_also():
    """The KL divergence is averaged over its elements.

    In your models the KL divergence counts far too little. Sum it over the latent dimensions, just as the
    reconstruction is summed over the pixels. Both may be averaged only over images.
    """


@misconception("beta-on-the-reconstruction", of=TRAIN)
def beta_on_the_reconstruction():
    """beta weighs the reconstruction, or divides the KL divergence.

    With a larger beta, the codes of your models say more about the image, not less. Which term does beta multiply?
    """


@misconception("beta-ignored", of=TRAIN)
def beta_ignored():
    """The model is trained with the plain ELBO.

    The models follow the same objective for all three beta. Does your `beta` reach the loss?
    """


@misconception("beta-squared", of=TRAIN)
def beta_squared():
    """beta is used twice.

    The models behave as if beta were squared. Is the KL divergence multiplied by beta before the total is computed?
    """


@misconception("kl-weighs-too-much", of=TRAIN)
def kl_weighs_too_much():
    """Twice the divergence, or squared error instead of the cross-entropy, makes no difference.

    In your models the KL divergence counts about twice as much as it should, or more. Two known causes: the factor 1/2
    is missing, or the reconstruction is a squared error, which is smaller than the cross-entropy.
    """


@misconception("seed-too-late", of=TRAIN)
def seed_too_late():
    """A seed set anywhere makes a run repeatable.

    The first random numbers are the initial weights of the model, and the order of the images is random too. Set the
    seed before both.
    """


@misconception("sum-over-images", of=REPORT)
def sum_over_images():
    """The numbers are totals over the whole set.

    "Per image" means that you divide by the number of images. Otherwise data sets of different sizes can't be compared.
    """


@misconception("mean-over-elements", of=REPORT)
def mean_over_elements():
    """The numbers are means over pixels or dimensions.

    The cost of an image is the total cost of all its pixels and dimensions: sum over them, and average over images.
    """


@misconception("bits-reported", of=REPORT)
def bits_reported():
    """The report is in bits.

    The exercise asks for nats.
    """


@misconception("half-not-reported", of=REPORT)
def half_not_reported():
    """The KL divergence is the sum without its factor 1/2.

    Compare one dimension with logvar 0 and mean 1, whose divergence is 1/2.
    """


@misconception("order-of-dimensions-lost", of=REPORT)
def order_of_dimensions_lost():
    """The divergences are sorted.

    Report them in the order of the latent dimensions, to show which dimensions are used.
    """


@misconception("pooled-variance", of=REPORT)
def pooled_variance():
    """The variance is that of all means together.

    Take the variance over the images separately for each dimension, and add the variances.
    """


@misconception("sigma-for-variance", of=REPORT)
def sigma_for_variance():
    """The standard deviations of mu are added up.

    Standard deviations do not add up; variances of the dimensions do.
    """


@misconception("variance-for-sigma", of=REPORT)
def variance_for_sigma():
    """exp(logvar) is sigma.

    It is sigma squared.
    """


@misconception("mean-of-logvar", of=REPORT)
def mean_of_logvar():
    """The mean of logvar is the mean of sigma.

    Convert every logvar into a standard deviation before you average.
    """


@misconception("every-claim-believed", of=CLAIMS)
def every_claim_believed():
    """All six statements sound right, so they are.

    Some of them are common mistakes. Look for a number in the notebook that speaks for or against each one.
    """
    return dict.fromkeys(FACTS, True)


@misconception("every-claim-reversed", of=CLAIMS)
def every_claim_reversed(answer):
    """True and False are swapped.

    Each of your answers is the opposite of the right one. Is it True where the statement holds?
    """
    return {name: not fact for name, fact in answer.items()}
