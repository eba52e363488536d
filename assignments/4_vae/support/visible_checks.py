"""The checks of section 4 that answer at once. They use numbers that can be worked out by hand, and small networks.

The points come from other checks with other numbers and sizes, among them cases that are not listed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch

# The first optimiser of a process imports it, two seconds, which the setup pays and no check.
import torch._dynamo
from IPython.display import display
from torch import Tensor

from .notebook_helpers import (
    ChecksFailed,
    Outcome,
    Report,
    as_number,
    expect_number,
    expect_true,
    show,
)
from .student_files import StudentModule

STUDENT = StudentModule("vae")

TOLERANCE = 1e-5
"""Single precision carries about seven digits."""

STATEMENTS = (
    "larger_beta_moves_q_to_the_prior",
    "larger_beta_lowers_information_about_x",
    "larger_beta_improves_the_elbo",
    "beta_below_1_still_bounds_the_likelihood",
    "totals_at_different_beta_can_be_ranked",
    "kl_of_0_is_perfect_learning",
)


def check_vae_loss() -> None:
    """Show the checks of ``vae_loss``."""
    display(vae_loss_report())


def check_encode() -> None:
    """Show the checks of ``VAE.__init__`` and ``VAE.encode``."""
    display(encode_report())


def check_reparameterize() -> None:
    """Show the checks of ``VAE.reparameterize``."""
    display(reparameterize_report())


def check_decode() -> None:
    """Show the checks of ``VAE.decode``."""
    display(decode_report())


def check_forward() -> None:
    """Show the checks of ``VAE.forward``."""
    display(forward_report())


def check_example_4() -> None:
    """Show the checks of the whole module, and fail if one of them fails.

    Raises
    ------
    ChecksFailed
        With the number of checks that do not pass and the functions they belong to.
    """
    reports = [vae_loss_report(), encode_report(), reparameterize_report(), decode_report(), forward_report()]
    for report in reports:
        display(report)
    if not all(report.passed for report in reports):
        raise ChecksFailed("; ".join(f"{report.title}: {report.summary}" for report in reports if not report.passed))


def check_exercise_4(names: Mapping[str, Any]) -> None:
    """Show whether what exercise-4 defines can be right; call with ``globals()``."""
    display(exercise_4_report(names))


def vae_loss_report() -> Report:
    """Run the checks of ``vae_loss``."""

    def part(which: int, mu: float, logvar: float, beta: float = 1.0, rows: int = 1) -> Callable[[], Any]:
        x, x_recon = torch.tensor([[1.0, 0.0]] * rows), torch.full((rows, 2), 0.5)
        code = torch.full((rows, 1), mu), torch.full((rows, 1), logvar)
        return lambda: STUDENT.vae_loss(x, x_recon, *code, beta)[which]

    def of_images() -> Any:
        x, x_recon, code = torch.zeros(2, 1, 8, 8), torch.full((2, 64), 0.5), torch.zeros(2, 1)
        return STUDENT.vae_loss(x, x_recon, code, code)[1]

    def number(title: str, call: Callable[[], Any], expected: float, *hints: tuple[float, str]) -> Outcome:
        return expect_number(title, call, expected, unit="nats", hints=hints, tolerance=TOLERANCE)

    half = "the factor 1/2 of the KL divergence is missing."
    mean = "that is a mean. Sum over the batch and over the pixels."
    spread = 0.5 * (math.exp(-2) - 1 + 2)
    return Report(
        "vae_loss",
        (
            number("recon: two pixels given as 1/2 cost 2 ln 2.", part(1, 0, 0), 2 * math.log(2), (math.log(2), mean)),
            number(
                "recon: three such images cost 6 ln 2.", part(1, 0, 0, rows=3), 6 * math.log(2), (math.log(2), mean)
            ),
            number(
                "recon: images x of shape (2, 1, 8, 8), all pixels given as 1/2, cost 128 ln 2.",
                of_images,
                128 * math.log(2),
            ),
            number("kl: mu = 0 and logvar = 0 is the prior itself.", part(2, 0, 0), 0.0),
            number("kl: mu = 2 and logvar = 0 cost 2.", part(2, 2, 0), 2.0, (4.0, half), (-2.0, "its sign is wrong.")),
            number(
                "kl: mu = 0 and logvar = -2 cost (exp(-2) + 1)/2.",
                part(2, 0, -2),
                spread,
                (2 * spread, half),
                (0.5 * (4 - 1 - math.log(4)), "`logvar` is not the standard deviation, it is log sigma^2."),
            ),
            number(
                "kl: not multiplied by beta.", part(2, 2, 0, beta=3), 2.0, (6.0, "beta belongs into the total only.")
            ),
            number(
                "total: recon + beta * kl, here with beta = 3.",
                part(0, 2, 0, beta=3),
                2 * math.log(2) + 6,
                (6 * math.log(2) + 2, "beta multiplies kl, not recon."),
                (2 * math.log(2) + 2, "beta has no effect."),
                (2 * math.log(2) + 18, "beta counts twice."),
            ),
        ),
    )


def encode_report() -> Report:
    """Run the checks of the constructor and of ``encode``."""

    def shapes() -> bool:
        mu, logvar = _model(6, 5, 3).encode(_images(4, 6))
        return mu.shape == logvar.shape == (4, 3)

    def repeats() -> bool:
        model, x = _model(6, 5, 3), _images(4, 6)
        return all(torch.equal(one, other) for one, other in zip(model.encode(x), model.encode(x), strict=True))

    def registered() -> bool:
        return sum(parameter.numel() for parameter in _model(6, 5, 3).parameters()) >= 6 * 5 + 5 * 3

    def bends() -> bool:
        model = _wide_awake(_model(6, 5, 3))
        ends = _images(64, 6), 1 - _images(64, 6)
        first, second, middle = (model.encode(x)[0] for x in (*ends, (ends[0] + ends[1]) / 2))
        return bool((middle - (first + second) / 2).abs().max() > 1e-3)

    return Report(
        "VAE, encode",
        (
            expect_true(
                "`VAE(6, 5, 3).encode` turns 4 images of 6 pixels into two tensors of shape (4, 3).",
                shapes,
                "The shapes are others. Are the sizes those of the arguments?",
            ),
            expect_true("The same images give the same answer.", repeats, "It changed: noise belongs elsewhere."),
            expect_true(
                "`parameters()` finds the layers.",
                registered,
                "There are too few parameters. Is each layer an attribute of the module?",
            ),
            expect_true("The encoder is not linear.", bends, "It is linear. Is the activation missing?"),
        ),
    )


def reparameterize_report() -> Report:
    """Run the checks of ``reparameterize``."""
    mu, logvar = torch.tensor([[3.0, -1.0]]), torch.tensor([[0.0, -4.0]])

    def many() -> Tensor:
        torch.manual_seed(0)
        return _model(6, 5, 2).reparameterize(mu.expand(10_000, 2), logvar.expand(10_000, 2))

    def centred() -> bool:
        # five standard errors of the mean of 10000 draws
        return bool(((many().mean(dim=0) - mu[0]).abs() < torch.tensor([0.05, 0.05 * math.exp(-2)])).all())

    def spread() -> bool:
        return bool(((many().std(dim=0) / torch.tensor([1.0, math.exp(-2)]) - 1).abs() < 0.04).all())

    def fresh(model: Any) -> bool:
        return not torch.equal(model.reparameterize(mu, logvar), model.reparameterize(mu, logvar))

    def passes() -> bool:
        leaves = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
        z = _model(6, 5, 2).reparameterize(*leaves)
        by_mu, by_logvar = torch.autograd.grad(z.sum(), leaves)
        return bool(torch.allclose(by_mu, torch.ones_like(mu)) and torch.allclose(by_logvar, (z - mu) / 2, atol=1e-4))

    return Report(
        "reparameterize",
        (
            expect_true(
                "The mean of 10000 samples is near mu.", centred, "It is not: five standard errors were allowed."
            ),
            expect_true(
                "For logvar = 0 and -4 their standard deviations are near 1 and exp(-2) = 0.1353.",
                spread,
                "They are not. Which power of e makes a standard deviation out of log sigma^2?",
            ),
            expect_true("Two calls give two samples.", lambda: fresh(_model(6, 5, 2)), "They gave the same one."),
            expect_true(
                "After `eval()` two calls give two samples, too.",
                lambda: fresh(_model(6, 5, 2).eval()),
                "They gave the same one. A sample is drawn in training and in evaluation alike.",
            ),
            expect_true(
                "dz/dmu = 1 and dz/dlogvar = (z - mu)/2.",
                passes,
                "The slopes are others. Build z from mu, logvar and noise, by operations that PyTorch can follow.",
            ),
        ),
    )


def decode_report() -> Report:
    """Run the checks of ``decode``."""

    def shape() -> bool:
        return _model(6, 5, 3).decode(torch.zeros(4, 3)).shape == (4, 6)

    def probabilities() -> bool:
        answer = _wide_awake(_model(6, 5, 3)).decode(3 * _normal(200, 3))
        return bool(answer.min() >= 0 and answer.max() <= 1)

    def each_for_itself() -> bool:
        return not torch.allclose(_model(6, 5, 3).decode(_normal(200, 3)).sum(dim=1), torch.ones(200))

    return Report(
        "decode",
        (
            expect_true("4 codes of 3 numbers become 4 images of 6 pixels.", shape, "The shape is another."),
            expect_true(
                "Pixels lie between 0 and 1, whatever the weights are.",
                probabilities,
                "Some lie outside. What maps every real number into (0, 1)?",
            ),
            expect_true(
                "The pixels of an image do not sum to 1.",
                each_for_itself,
                "They do. Each pixel is a question of its own, not one choice among all.",
            ),
        ),
    )


def forward_report() -> Report:
    """Run the checks of ``forward``."""

    def shapes() -> bool:
        x_recon, mu, logvar = _model(6, 5, 3)(_images(4, 6).reshape(4, 1, 2, 3))
        return (x_recon.shape, mu.shape, logvar.shape) == ((4, 6), (4, 3), (4, 3))

    def samples(model: Any) -> bool:
        x = _images(4, 6)
        return not torch.equal(model(x)[0], model(x)[0])

    def reaches_the_encoder() -> bool:
        x = _images(4, 6).requires_grad_()
        (slope,) = torch.autograd.grad(_model(6, 5, 3)(x)[0].sum(), [x], allow_unused=True)
        return slope is not None and bool(slope.abs().max() > 0)

    return Report(
        "forward",
        (
            expect_true(
                "Images of shape (4, 1, 2, 3) give x_recon (4, 6), mu (4, 3) and logvar (4, 3), in this order.",
                shapes,
                "The shapes are others. Flatten each image first.",
            ),
            expect_true(
                "Two passes give two reconstructions.",
                lambda: samples(_model(6, 5, 3)),
                "They were equal: decode a sample of q(z|x).",
            ),
            expect_true(
                "After `eval()` two passes give two reconstructions, too.",
                lambda: samples(_model(6, 5, 3).eval()),
                "They were equal. A sample is decoded in training and in evaluation alike.",
            ),
            expect_true(
                "The gradient of x_recon reaches the encoder.",
                reaches_the_encoder,
                "It does not. What cuts the graph between encoder and decoder?",
            ),
        ),
    )


def exercise_4_report(names: Mapping[str, Any]) -> Report:
    """Check what can be said about exercise 4 without training for long."""
    images = (_images(256, 64) + _images(256, 64).roll(1, 0)) / 2

    def trained(seed: int) -> Any:
        return named(names, "train_beta_vae")(images, 1.0, seed, 1)

    def is_a_model() -> bool:
        mu, _ = trained(0).encode(images)
        return len(mu) == 256

    def repeats() -> bool:
        torch.manual_seed(12345)
        first = trained(0).encode(images)[0]
        return torch.allclose(first, trained(0).encode(images)[0]) and not torch.allclose(
            first, trained(1).encode(images)[0]
        )

    def reports() -> bool:
        report = named(names, "latent_report")(trained(0), images)
        parts = [as_number(report[name]) for name in ("reconstruction", "kl", "sum_var_mu", "mean_sigma")]
        return all(part is not None and math.isfinite(part) for part in parts)

    def adds_up() -> bool:
        report = named(names, "latent_report")(trained(0), images)
        total = sum(float(part) for part in report["kl_per_dimension"])
        return abs(total - float(report["kl"])) < 1e-3 * max(1.0, total)

    return Report(
        "exercise-4",
        (
            expect_true("`train_beta_vae` returns a model with `encode`.", is_a_model, "What came back has none."),
            expect_true(
                "The same seed gives the same model, another seed another one.",
                repeats,
                "It does not. The seed has to be set before the first random number is drawn.",
            ),
            expect_true(
                "`latent_report` returns a dict with its four numbers.", reports, "One is missing or no number."
            ),
            expect_true("`kl` is the sum of `kl_per_dimension`.", adds_up, "It is not."),
            _claims(names),
        ),
    )


def _claims(names: Mapping[str, Any]) -> Outcome:
    """Check that there is an answer to each statement."""
    title = "`claims` judges the six statements, each True or False."
    claims = names.get("claims")
    if claims is None:
        return Outcome("unfinished", title, "Define `claims` in the cell above and run it.")
    if not isinstance(claims, dict):
        return Outcome("wrong", title, f"It is {show(claims)}, which is no dict.")
    missing = [statement for statement in STATEMENTS if not isinstance(claims.get(statement), bool)]
    if missing:
        return Outcome("wrong", title, f"No True or False for `{missing[0]}` (wrong answers subtract, gaps do not).")
    return Outcome("passed", title)


def named(names: Mapping[str, Any], name: str) -> Any:
    """Return what the notebook calls `name`."""
    if name not in names:
        raise NotImplementedError(f"`{name}` is made by a cell above; finish that one first")
    return names[name]


def _model(*sizes: int) -> Any:
    return STUDENT.VAE(*sizes)


def _images(rows: int, pixels: int) -> Tensor:
    """Return black and white images that are the same each time."""
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 2, (rows, pixels), generator=generator).float()


def _normal(rows: int, columns: int) -> Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(2))


def _wide_awake(model: Any) -> Any:
    """Return `model` with larger weights, so that what bends or squeezes shows."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(4)
    return model
