"""The checks of section 5 that answer at once. They use small numbers that can be worked out by hand.

The points come from other checks with other numbers, among them cases that are not listed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from IPython.display import display

from .notebook_helpers import (
    ChecksFailed,
    Outcome,
    Report,
    as_number,
    expect_number,
    expect_true,
    is_close,
    show,
)
from .student_files import NotLoaded, StudentModule

ELBO, LOSSES = StudentModule("elbo"), StudentModule("losses")

SINGLE = 1e-5
"""Tolerance of numbers that come out of float32."""

BITS_HINT = "that is in bits. A loss is measured in nats, with the natural logarithm."


def check_cross_entropy() -> None:
    """Show the checks of ``LossFunctions.cross_entropy_loss``."""
    display(cross_entropy_report())


def check_kl_loss() -> None:
    """Show the checks of ``LossFunctions.kl_div_loss``."""
    display(kl_loss_report())


def check_label_smoothing() -> None:
    """Show the checks of ``LossFunctions.label_smoothing_loss``."""
    display(label_smoothing_report())


def check_components() -> None:
    """Show the checks of ``ELBOAnalysis.compute_elbo_components`` without a decoder."""
    display(components_report())


def check_estimate() -> None:
    """Show the checks of what ``ELBOAnalysis.compute_elbo_components`` does with a decoder."""
    display(estimate_report())


def check_latent() -> None:
    """Show the checks of ``ELBOAnalysis.analyze_latent_distribution``."""
    display(latent_report())


def check_example_5() -> None:
    """Show the checks of the module ``losses.py``, and fail if one of them fails."""
    _all_pass([cross_entropy_report(), kl_loss_report(), label_smoothing_report()])


def check_example_6() -> None:
    """Show the checks of the module ``elbo.py``, and fail if one of them fails."""
    _all_pass([components_report(), estimate_report(), latent_report()])


def check_exercise_5(names: Mapping[str, Any]) -> None:
    """Show what can be said about the four functions of exercise-5; call with ``globals()``."""
    display(exercise_5_report(names))


def cross_entropy_report() -> Report:
    """Run the checks of ``cross_entropy_loss``."""
    loss = _loss("cross_entropy_loss")
    three_to_one = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
    return Report(
        "cross_entropy_loss",
        (
            expect_number(
                "Two classes, equal logits: ln 2.",
                lambda: loss(torch.zeros(1, 2), torch.tensor([0])),
                math.log(2),
                "nats",
                [(1.0, BITS_HINT)],
                SINGLE,
            ),
            expect_number(
                "Ten classes, equal logits, a batch of 4: ln 10.",
                lambda: loss(torch.zeros(4, 10), torch.tensor([1, 2, 3, 4])),
                math.log(10),
                "nats",
                [
                    (4 * math.log(10), "that is the sum over the batch. The mean is asked for."),
                    (math.log(4), "the softmax runs down the batch. It belongs across the classes."),
                ],
                SINGLE,
            ),
            expect_number(
                "Logits (ln 3, 0) mean p = (3/4, 1/4). True classes 0 and 1 cost −ln 3/4 and −ln 1/4; the mean is "
                "0.836988.",
                lambda: loss(three_to_one, torch.tensor([0, 1])),
                math.log(4) - math.log(3) / 2,
                "nats",
                [
                    (2 * math.log(4) - math.log(3), "that is the sum over the batch. The mean is asked for."),
                    (-0.5, "that is minus the mean probability. The logarithm is missing."),
                    (-math.log(3) / 2, "that is minus the mean logit. The softmax is missing."),
                    (
                        math.log(math.exp(0.75) + math.exp(0.25)) - 0.5,
                        "the logits went through the softmax twice.",
                    ),
                ],
                SINGLE,
            ),
            expect_number(
                "Logits 1000 and −1000, the wrong one large: 2000.",
                lambda: loss(torch.tensor([[1000.0, -1000.0]]), torch.tensor([1])),
                2000.0,
                "nats",
                [(math.inf, "a probability was 0 in float32, and log 0 is infinite. Take the logarithm in one step.")],
                SINGLE,
            ),
            _learns("Gradients reach the logits.", loss, torch.tensor([0, 2])),
        ),
    )


def kl_loss_report() -> Report:
    """Run the checks of ``kl_div_loss``."""
    loss = _loss("kl_div_loss")
    half = torch.tensor([[0.5, 0.5]])
    three_to_one = torch.tensor([[math.log(3), 0.0]])
    forward = math.log(2) - math.log(3) / 2
    return Report(
        "kl_div_loss",
        (
            expect_number(
                "Target (1/2, 1/2), prediction (3/4, 1/4): 0.143841.",
                lambda: loss(three_to_one, half),
                forward,
                "nats",
                [
                    (0.75 * math.log(3) - math.log(2), "that is the other direction. The target comes first."),
                    (forward + math.log(2), "that is the cross-entropy. Take off the entropy of the target."),
                    (forward / 2, "that is a mean over the classes. Over the classes you sum."),
                ],
                SINGLE,
            ),
            expect_number(
                "Where the prediction is the target: 0.",
                lambda: loss(three_to_one, torch.tensor([[0.75, 0.25]])),
                0.0,
                "nats",
                (),
                SINGLE,
            ),
            expect_number(
                "A target with a 0 in it, (1, 0), and equal logits: ln 2.",
                lambda: loss(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]])),
                math.log(2),
                "nats",
                (),
                SINGLE,
            ),
            expect_number(
                "Three such examples: ln 2 again, because the loss is a mean over the batch.",
                lambda: loss(torch.zeros(3, 2), torch.tensor([[1.0, 0.0]] * 3)),
                math.log(2),
                "nats",
                [(3 * math.log(2), "that is the sum over the batch. The mean is asked for.")],
                SINGLE,
            ),
            expect_number(
                "Logits 1000 and −1000, target (1/2, 1/2): 1000 − ln 2.",
                lambda: loss(torch.tensor([[1000.0, -1000.0]]), half),
                1000 - math.log(2),
                "nats",
                (),
                SINGLE,
            ),
            _learns(
                "Gradients reach the logits, also where the target is 0.",
                loss,
                torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]),
            ),
        ),
    )


def label_smoothing_report() -> Report:
    """Run the checks of ``label_smoothing_loss``."""
    loss = _loss("label_smoothing_loss")
    three_to_one = torch.tensor([[math.log(3), 0.0]])
    first = torch.tensor([0])
    expected = math.log(4) - 0.9 * math.log(3)
    return Report(
        "label_smoothing_loss",
        (
            expect_number(
                "Logits (ln 3, 0), true class 0, eps 0.2: the target is (0.9, 0.1), the loss 0.397543.",
                lambda: loss(three_to_one, first, smoothing=0.2),
                expected,
                "nats",
                [
                    (math.log(4) - 0.8 * math.log(3), "that is ε/(K−1): ε went to the other class only."),
                    (math.log(4) - math.log(3), "that is without smoothing."),
                    (expected + 0.9 * math.log(0.9) + 0.1 * math.log(0.1), "that is the divergence D(q′ ‖ p)."),
                ],
                SINGLE,
            ),
            expect_number(
                "With eps 0 it is the cross-entropy loss, ln 4 − ln 3.",
                lambda: loss(three_to_one, first, smoothing=0.0),
                math.log(4 / 3),
                "nats",
                (),
                SINGLE,
            ),
            expect_number(
                "Equal logits cost ln K, whatever eps is: ln 5 for five classes, a batch of 2.",
                lambda: loss(torch.zeros(2, 5), torch.tensor([4, 0])),
                math.log(5),
                "nats",
                [(2 * math.log(5), "that is the sum over the batch. The mean is asked for.")],
                SINGLE,
            ),
            expect_number(
                "Without `smoothing` eps is 0.1: logits (ln 3, 0) cost 0.342612.",
                lambda: loss(three_to_one, first),
                math.log(4) - 0.95 * math.log(3),
                "nats",
                (),
                SINGLE,
            ),
            _refuses("`smoothing=1.5` is refused.", lambda: loss(three_to_one, first, smoothing=1.5)),
            _learns("Gradients reach the logits.", loss, torch.tensor([0, 2])),
        ),
    )


def components_report() -> Report:
    """Run the checks of ``compute_elbo_components`` without a decoder."""
    compute = _analysis("compute_elbo_components")
    x, half = torch.tensor([[1.0, 0.0], [1.0, 1.0]]), torch.full((2, 2), 0.5)
    mu, logvar = torch.ones(2, 1), torch.zeros(2, 1)

    def part(name: str, **changed: Any) -> Callable[[], Any]:
        given = {"x": x, "x_recon": half, "mu": mu, "logvar": logvar, **changed}
        return lambda: _entry(compute(**given), name)

    summed = "that is the sum over the batch. The mean over the examples is asked for."
    return Report(
        "compute_elbo_components",
        (
            expect_number(
                "Two pixels reconstructed as 1/2 have a log-likelihood of −2 ln 2 per example.",
                part("reconstruction"),
                -2 * math.log(2),
                "nats",
                [
                    (-4 * math.log(2), summed),
                    (-math.log(2), "that is a mean over the pixels. Over the pixels you sum."),
                    (2 * math.log(2), "that is the cross-entropy. The log-likelihood is minus it."),
                ],
                SINGLE,
            ),
            expect_number(
                "A posterior N(1, 1) is 1/2 nat away from the prior.",
                part("kl_divergence"),
                0.5,
                "nats",
                [(1.0, f"a factor of 1/2 is missing, or {summed}"), (-0.5, "a divergence is never negative.")],
                SINGLE,
            ),
            expect_number(
                "Two dimensions with σ² = 4 are 2 (3 − ln 4)/2 nats away.",
                part("kl_divergence", mu=torch.zeros(2, 2), logvar=torch.full((2, 2), math.log(4))),
                3 - math.log(4),
                "nats",
                [
                    ((3 - math.log(4)) / 2, "that is a mean over the dimensions. Over the dimensions you sum."),
                    (15 - 2 * math.log(4), "`logvar` is log σ², not log σ."),
                ],
                SINGLE,
            ),
            expect_number("The bound is −2 ln 2 − 1/2.", part("elbo"), -2 * math.log(2) - 0.5, "nats", (), SINGLE),
            expect_number(
                "`log_marginal_lower_bound` is the same.",
                part("log_marginal_lower_bound"),
                -2 * math.log(2) - 0.5,
                "nats",
                (),
                SINGLE,
            ),
            expect_number(
                "Examples may be images: one of 2 × 2 pixels, reconstructed as 1/2, has −4 ln 2.",
                part(
                    "reconstruction", x=torch.ones(1, 2, 2), x_recon=torch.full((1, 4), 0.5), mu=mu[:1], logvar=mu[:1]
                ),
                -4 * math.log(2),
                "nats",
                [(-2 * math.log(2), "that is a mean over the rows of the image. Over all pixels you sum.")],
                SINGLE,
            ),
            expect_true(
                "Without a decoder `reconstruction_mc` is NaN.",
                lambda: math.isnan(as_number(part("reconstruction_mc")()) or 0.0),
                "It is a number, although nothing was sampled.",
            ),
            _refuses("`n_samples=0` is refused with a ValueError.", part("elbo", n_samples=0), ValueError),
        ),
    )


def estimate_report() -> Report:
    """Run the checks of ``compute_elbo_components`` with a decoder of which the answer is known."""
    compute = _analysis("compute_elbo_components")
    x, narrow = torch.tensor([[1.0]]), torch.full((1, 1), 0.25)

    def estimate(decoder: Callable[[torch.Tensor], torch.Tensor], n_samples: int = 500) -> Any:
        torch.manual_seed(0)
        parts = compute(x, narrow, torch.zeros(1, 1), torch.zeros(1, 1), n_samples=n_samples, decoder=decoder)
        return _entry(parts, "reconstruction_mc")

    def steep(z: torch.Tensor) -> torch.Tensor:
        return torch.exp(-z.abs() - 0.1)

    def near() -> bool:
        number = as_number(estimate(steep))
        return number is not None and abs(number + 0.1 + math.sqrt(2 / math.pi)) < 5 * 0.603 / math.sqrt(500)

    def differs() -> bool:
        parts = [
            _entry(compute(x, narrow, torch.zeros(1, 1), torch.zeros(1, 1), 3, steep), "reconstruction_mc")
            for _ in range(3)
        ]
        return len(set(map(as_number, parts))) == 3

    return Report(
        "compute_elbo_components, with a decoder",
        (
            expect_number(
                "A decoder that answers 1/2 to everything gives −ln 2, however many samples there are.",
                lambda: estimate(lambda z: torch.full_like(z, 0.5)),
                -math.log(2),
                "nats",
                [
                    (math.log(0.25), "that is `reconstruction` once more. Decode samples, and compare them with x."),
                    (-500 * math.log(2), "that is the sum over the samples. Their average is asked for."),
                ],
                SINGLE,
            ),
            expect_true(
                "A decoder with log y = −|z| − 0.1 gives E = −0.897885, within 5 standard errors of 500 samples.",
                near,
                "The number is too far off. Is z = μ + σ · noise, with σ = exp(logvar / 2), and is every z decoded?",
            ),
            expect_true(
                "Three calls with 3 samples give three numbers.",
                differs,
                "Some numbers are the same. Each call has to draw anew.",
            ),
        ),
    )


def latent_report() -> Report:
    """Run the checks of ``analyze_latent_distribution``."""
    analyze = _analysis("analyze_latent_distribution")
    mu = torch.tensor([[-1.0, 3.0]] * 50)
    logvar = torch.tensor([[math.log(4), -math.log(4)]] * 50)

    def statistic(name: str) -> Callable[[], Any]:
        return lambda: _entry(analyze(mu, logvar), name)

    variance = (2.125, "that is the mean of exp(logvar), the variance. σ is its square root.")
    checks = (
        ("mean_mu", "μ is −1 and 3 in equal numbers: mean 1.", 1.0, [], SINGLE),
        ("std_mu", "Their standard deviation is 2 (with N or N − 1, within 1 %).", 2.0, [(4.0, "a variance.")], 0.01),
        ("mean_sigma", "The variances are 4 and 1/4, so σ is 2 and 1/2: mean 1.25.", 1.25, [variance], SINGLE),
        ("std_sigma", "The standard deviation of σ is 0.75 (within 1 %).", 0.75, [(0.5625, "a variance.")], 0.0075),
        ("min_sigma", "The smallest σ is 1/2.", 0.5, [(0.25, "that is the variance.")], SINGLE),
        ("max_sigma", "The largest σ is 2.", 2.0, [(4.0, "that is the variance.")], SINGLE),
    )
    return Report(
        "analyze_latent_distribution",
        tuple(
            expect_number(title, statistic(name), value, "", hints, tolerance)
            for name, title, value, hints, tolerance in checks
        ),
    )


def exercise_5_report(names: Mapping[str, Any]) -> Report:
    """Check what can be said about the four functions without giving their answers away."""

    def defined(name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            if not callable(names.get(name)):
                raise NotImplementedError(f"define the function `{name}` in the cell above, and run that cell")
            return names[name](*args)

        return call

    target, gap, least, parts = (defined(n) for n in ("smoothed_target", "optimal_gap", "minimum_loss", "decompose"))

    def is_distribution() -> bool:
        numbers = np.asarray(target(4, 2, 0.2), dtype=float)
        return numbers.shape == (4,) and is_close(float(numbers.sum()), 1.0, SINGLE) and int(numbers.argmax()) == 2

    def three_numbers() -> bool:
        return len([float(part) for part in parts(np.array([1.0, 0.0, -1.0]), 0, 0.2)]) == 3

    return Report(
        "exercise-5",
        (
            expect_true(
                "`smoothed_target(4, 2, 0.2)` has four entries that sum to 1, the largest at index 2.",
                is_distribution,
                "It is something else.",
            ),
            expect_number(
                "`optimal_gap(4, 0.0)` is infinite: hard targets want an infinite margin.",
                lambda: gap(4, 0.0),
                math.inf,
                "",
            ),
            expect_true(
                "`optimal_gap(4, 0.2)` is larger than `optimal_gap(4, 0.4)`.",
                lambda: float(gap(4, 0.2)) > float(gap(4, 0.4)),
                "More smoothing has to mean a smaller margin.",
            ),
            expect_number("`minimum_loss(4, 0.0)` is 0.", lambda: least(4, 0.0), 0.0, ""),
            expect_number("`minimum_loss(4, 1.0)` is ln 4.", lambda: least(4, 1.0), math.log(4), "nats", (), SINGLE),
            expect_true("`decompose` returns three numbers.", three_numbers, "It returns something else."),
        ),
    )


def _all_pass(reports: Sequence[Report]) -> None:
    """Show `reports`, and fail if one of their checks failed."""
    for report in reports:
        display(report)
    if not all(report.passed for report in reports):
        raise ChecksFailed("; ".join(f"{report.title}: {report.summary}" for report in reports if not report.passed))


def _entry(parts: Any, name: str) -> Any:
    """Return an entry of the dict that a function returned."""
    if not isinstance(parts, Mapping):
        raise TypeError(f"a dict is expected; you returned {show(parts)}")
    if name not in parts:
        raise KeyError(f"the key {name} is missing")
    return parts[name]


def _learns(title: str, loss: Callable[..., Any], target: torch.Tensor) -> Outcome:
    """Check that the gradient of a loss reaches the logits and is finite."""

    def gradient_is_there() -> bool:
        logits = torch.tensor([[0.5, -1.0, 2.0], [0.0, 1.0, -2.0]], requires_grad=True)
        result = loss(logits, target)
        if not isinstance(result, torch.Tensor) or not result.requires_grad:
            return False
        (gradient,) = torch.autograd.grad(result.sum(), [logits])
        return bool(torch.isfinite(gradient).all() and gradient.abs().max() > 0)

    return expect_true(title, gradient_is_there, "There is none, or it is not finite. Compute with tensors throughout.")


def _refuses(title: str, call: Callable[[], Any], kind: type[Exception] = Exception) -> Outcome:
    """Check that `call` raises an exception of that kind, other than that nothing is written yet."""
    try:
        answer = call()
    except NotLoaded as error:
        return Outcome("not checked", title, str(error))
    except NotImplementedError as error:
        return Outcome("unfinished", title, str(error))
    except kind:
        return Outcome("passed", title)
    except Exception as error:  # noqa: BLE001 (a student's function may raise anything)
        return Outcome("wrong", title, f"It has to raise {kind.__name__}; it raised {type(error).__name__}.")
    return Outcome("wrong", title, f"It was accepted and gave {show(answer)}.")


def _loss(name: str) -> Callable[..., Any]:
    return LOSSES.function(f"LossFunctions.{name}")


def _analysis(name: str) -> Callable[..., Any]:
    return ELBO.function(f"ELBOAnalysis.{name}")
