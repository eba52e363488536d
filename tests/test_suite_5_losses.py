"""The hidden suites of section 5 against students who follow each known wrong rule exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import xlogy

from autograder.checks.answers import tensor
from autograder.checks.misconceptions import Misconception
from tests.live_harness import LiveSuiteInProcess

LOSSES = LiveSuiteInProcess("5_losses", "test_example_5", "losses")
ELBO = LiveSuiteInProcess("5_losses", "test_example_6", "elbo")
EXERCISE = LiveSuiteInProcess("5_losses", "test_exercise_5", "notebook")
SUITES = (LOSSES, ELBO, EXERCISE)

COMPONENTS = "ELBOAnalysis.compute_elbo_components"
OF_THE_ESTIMATE = {
    "test_estimate_needs_a_decoder",
    "test_estimate_agrees_with_quadrature",
    "test_estimate_averages_over_n_samples",
    "test_each_example_has_samples_of_its_own",
    "test_a_thousand_samples_by_default",
}
EACH_SUITE = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.module)


def log_likelihood(x: Any, y: Any) -> Any:
    pixels = x.array.astype(float).reshape(len(x.array), -1)
    return (xlogy(pixels, y) + xlogy(1 - pixels, 1 - y)).sum(axis=-1).mean()


def drawn(
    width: Callable[[Any], Any] = lambda logvar: np.exp(0.5 * logvar),
    centre: Callable[[Any], Any] = lambda mu: mu,
    combine: Callable[[Any], Any] = np.mean,
    count: Callable[[int], int] = lambda n_samples: n_samples,
    seed: int | None = None,
    noise_of: Callable[[np.random.Generator, tuple[int, ...]], Any] = lambda rng, shape: rng.normal(size=shape),
) -> Callable[..., float]:
    """Return a way to estimate the reconstruction term by samples; what is not given is as it should be."""

    def estimate(x: Any, _x_recon: Any, mu: Any, logvar: Any, n_samples: int, decoder: Any) -> float:
        rng = ELBO.live.rng if seed is None else np.random.default_rng(seed)
        noise = noise_of(rng, (count(n_samples), *mu.array.shape))
        z = centre(mu.array.astype(float)) + width(logvar.array.astype(float)) * noise
        return float(combine([log_likelihood(x, decoder(one)) for one in z]))

    return estimate


def averaged_first(x: Any, _x_recon: Any, mu: Any, logvar: Any, n_samples: int, decoder: Any) -> float:
    """Average decoded samples, and compare the average with x."""
    noise = ELBO.live.rng.normal(size=(n_samples, *mu.array.shape))
    return float(log_likelihood(x, decoder(mu.array + np.exp(0.5 * logvar.array) * noise).mean(axis=0)))


def logarithm_last(x: Any, _x_recon: Any, mu: Any, logvar: Any, n_samples: int, decoder: Any) -> float:
    """Average the likelihoods of each example over its samples, and then take the logarithm."""
    noise = ELBO.live.rng.normal(size=(n_samples, *mu.array.shape))
    y = decoder(mu.array + np.exp(0.5 * logvar.array) * noise)  # (n, B, D)
    pixels = x.array.astype(float).reshape(len(x.array), -1)
    terms = (xlogy(pixels, y) + xlogy(1 - pixels, 1 - y)).sum(axis=-1)
    return float(np.log(np.exp(terms).mean(axis=0)).mean())


def shared_out(x: Any, x_recon: Any, mu: Any, logvar: Any, n_samples: int, decoder: Any) -> float:
    """Share samples out among the examples of the batch."""
    return drawn()(x, x_recon, mu, logvar, max(1, n_samples // len(x.array)), decoder)


def sampling(
    rule: Callable[..., Any], estimate: Callable[..., float] | None = None, default: int = 1000
) -> Callable[..., Any]:
    """Return `rule` with the number that it leaves out where there is a decoder."""
    estimate = estimate or drawn()

    def student(x: Any, x_recon: Any, mu: Any, logvar: Any, n_samples: int = default, decoder: Any = None) -> Any:
        answer = rule(x, x_recon, mu, logvar, n_samples, decoder)
        if decoder is not None and isinstance(answer, dict):
            answer["reconstruction_mc"] = estimate(x, x_recon, mu, logvar, n_samples, decoder)
        return answer

    return student


def student_of(name: str, rule: Any) -> Callable[..., Any]:
    return sampling(rule) if name == COMPONENTS else rule


def truths(suite: LiveSuiteInProcess) -> dict[str, Callable[..., Any]]:
    return {name: student_of(name, rule) for name, rule in suite.truths.items()}


@EACH_SUITE
@pytest.mark.parametrize("seed", range(4))
def test_the_truth_passes_every_check_under_any_seed(suite: LiveSuiteInProcess, seed: int) -> None:
    failed, _ = suite.failed(truths(suite), seed)

    assert [(check.__name__, check.error) for check in failed] == []


@pytest.mark.parametrize(
    ("name", "estimate"),
    [
        ("decoder-at-the-mean", drawn(width=np.zeros_like)),
        ("logvar-for-log-sigma", drawn(width=np.exp)),
        ("logvar-for-sigma", drawn(width=lambda logvar: logvar)),
        ("sigma-ignored", drawn(width=np.ones_like)),
        ("precision-for-variance", drawn(width=lambda logvar: np.exp(-0.5 * logvar))),
        ("samples-from-the-prior", drawn(width=np.ones_like, centre=np.zeros_like)),
        ("mean-left-out", drawn(centre=np.zeros_like)),
        ("summed-over-samples", drawn(combine=np.sum)),
        ("bits-for-nats", drawn(combine=lambda terms: np.mean(terms) / math.log(2))),
        ("loss-for-likelihood", drawn(combine=lambda terms: -np.mean(terms))),
        ("averaged-over-pixels", drawn(combine=lambda terms: np.mean(terms) / 4)),
        ("copy-of-the-reconstruction", lambda x, x_recon, *_: float(log_likelihood(x, x_recon.array))),
        ("no-fresh-samples", drawn(seed=0)),
        ("other-number-of-draws", drawn(count=lambda _n_samples: 400)),
        ("other-number-of-draws", drawn(count=lambda _n_samples: 1)),
        ("compared-with-the-reconstruction", lambda _x, x_recon, *rest: drawn()(x_recon, x_recon, *rest)),
        ("noise-not-normal", drawn(noise_of=lambda rng, shape: rng.uniform(size=shape))),
        ("averaged-before-the-logarithm", logarithm_last),
        ("pixels-averaged-first", averaged_first),
        ("draws-shared-by-the-batch", shared_out),
        ("draws-shared-by-the-batch", drawn(noise_of=lambda rng, shape: rng.normal(size=(shape[0], 1, shape[2])))),
    ],
)
@pytest.mark.parametrize("seed", range(2))
def test_wrong_estimate_loses_points_and_is_named(name: str, estimate: Callable[..., float], seed: int) -> None:
    failed, _ = ELBO.failed({COMPONENTS: sampling(ELBO.truths[COMPONENTS], estimate)}, seed)

    named = [getattr(check.error, "misconception", None) for check in failed]
    assert name in named
    assert ELBO.bank.named(name, "example-6")
    assert {check.__name__ for check in failed} <= OF_THE_ESTIMATE


@pytest.mark.parametrize("default", [1, 100, 999, 2000])
def test_another_default_is_named(default: int) -> None:
    failed, _ = ELBO.failed({COMPONENTS: sampling(ELBO.truths[COMPONENTS], default=default)})

    assert [(check.__name__, check.error.misconception) for check in failed] == [
        ("test_a_thousand_samples_by_default", "another-default")
    ]


@pytest.mark.parametrize(("default", "is_right"), [(1000, True), (100, False)])
def test_default_of_a_program_with_noise_of_its_own_is_told_by_statistics(default: int, is_right: bool) -> None:
    own = np.random.default_rng(5)
    estimate = drawn(noise_of=lambda _rng, shape: own.normal(size=shape))

    failed, _ = ELBO.failed({COMPONENTS: sampling(ELBO.truths[COMPONENTS], estimate, default)})

    assert {check.__name__ for check in failed} == (set() if is_right else {"test_a_thousand_samples_by_default"})


def test_every_mistake_that_a_check_names_is_in_the_bank() -> None:
    for name in (
        "bound-from-the-estimate",
        "another-default",
        "gradient-cut-off",
        "copy-of-the-reconstruction",
        "estimate-without-decoder",
        "elbo-for-expectation",
        "summed-over-the-batch",
        "averaged-over-everything",
    ):
        assert any(suite.bank.named(name, item) for suite, item in ((LOSSES, "example-5"), (ELBO, "example-6")))


@EACH_SUITE
@pytest.mark.parametrize(
    "answer",
    [
        0.0,
        1.0,
        math.nan,
        math.inf,
        None,
        [0.5, 0.5],
        (1.0, 1.0, 1.0),
        {},
        dict.fromkeys(
            ("reconstruction", "kl_divergence", "elbo", "log_marginal_lower_bound", "reconstruction_mc"), 0.0
        ),
        dict.fromkeys(("reconstruction", "kl_divergence", "elbo", "log_marginal_lower_bound"), 2.0)
        | {"reconstruction_mc": math.nan},
        dict.fromkeys(("mean_mu", "std_mu", "mean_sigma", "std_sigma", "min_sigma", "max_sigma"), 1.0),
    ],
    ids=str,
)
def test_constant_earns_nothing(suite: LiveSuiteInProcess, answer: Any) -> None:
    failed, _ = suite.failed(dict.fromkeys(suite.truths, lambda *_args, **_kwargs: answer))

    assert failed == suite.checks


@EACH_SUITE
@pytest.mark.parametrize("kind", [ValueError, NotImplementedError, TypeError])
def test_function_that_always_raises_earns_nothing(suite: LiveSuiteInProcess, kind: type[Exception]) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise kind("no")

    failed, _ = suite.failed(dict.fromkeys(suite.truths, refuse))

    assert failed == suite.checks


@EACH_SUITE
def test_checks_of_one_function_call_no_other(suite: LiveSuiteInProcess) -> None:
    for function, rule in truths(suite).items():
        _, calls = suite.failed({function: rule})

        assert {call.function for call in calls} == {function}


@pytest.mark.parametrize("wrong", LOSSES.wrong_functions, ids=lambda wrong: f"{wrong.function}-{wrong.id}")
def test_rules_have_no_opinion_on_live_tensors(wrong: Misconception) -> None:
    """The judge sees a handle there, and a handle as the answer: a rule that gave a number would contradict it."""
    target = tensor([[0.5, 0.5, 0.0]]) if wrong.function == "LossFunctions.kl_div_loss" else tensor([1], "int64")

    with pytest.raises(TypeError):
        wrong.rule(object(), target)  # type: ignore[operator, misc]


@EACH_SUITE
def test_every_function_has_six_known_mistakes(suite: LiveSuiteInProcess) -> None:
    for function in suite.truths:
        assert len({wrong.id for wrong in suite.wrong_functions if wrong.function == function}) >= 6
