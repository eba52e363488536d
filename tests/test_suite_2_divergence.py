"""The hidden suite of section 2 against students who follow each known wrong rule exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checks.misconceptions import Misconception
from autograder.remote.calls import Call
from tests.suite_harness import SuiteInProcess

EXAMPLE = SuiteInProcess("2_divergence", "test_example_2", "divergence")
EXERCISE = SuiteInProcess("2_divergence", "test_exercise_2", "divergence")
SUITES = (EXAMPLE, EXERCISE)


@pytest.mark.parametrize("seed", [*range(20), 2026])
@pytest.mark.parametrize("suite", SUITES, ids=["example", "exercise"])
def test_the_truth_passes_every_check_under_any_seed(suite: SuiteInProcess, seed: int) -> None:
    failed, _ = suite.failed({**suite.truths, **suite.numbers}, seed)

    assert failed == []


@pytest.mark.parametrize("wrong", EXERCISE.wrong_numbers, ids=lambda wrong: f"{wrong.function}-{wrong.id}")
def test_wrong_number_is_far_from_the_right_one_loses_its_check_and_is_named(wrong: Misconception) -> None:
    failed, _ = EXERCISE.failed({wrong.function: wrong.rule})  # type: ignore[dict-item]
    calls = [Call(wrong.function, (), {}, result=wrong.rule)]

    assert len(failed) == 1
    assert abs(wrong.rule - EXERCISE.bank.truths[wrong.function]) > 0.01
    assert [found.misconception.id for found in EXERCISE.bank.diagnose(calls)] == [wrong.id]


@pytest.mark.parametrize(
    "answer", [0.0, 1.0, 0.5, float("nan"), float("inf"), None, [0.5, 0.5], np.array([0.5, 0.5])], ids=str
)
@pytest.mark.parametrize("suite", SUITES, ids=["example", "exercise"])
def test_constant_earns_nothing(suite: SuiteInProcess, answer: Any) -> None:
    failed, _ = suite.failed(
        {**dict.fromkeys(suite.truths, lambda *_args, **_kwargs: answer), **dict.fromkeys(suite.numbers, answer)}
    )

    assert failed == suite.checks


@pytest.mark.parametrize("kind", [ValueError, NotImplementedError, TypeError])
@pytest.mark.parametrize("suite", SUITES, ids=["example", "exercise"])
def test_function_that_always_raises_earns_nothing(suite: SuiteInProcess, kind: type[Exception]) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise kind("no")

    failed, _ = suite.failed(dict.fromkeys(suite.truths, refuse))

    assert failed == [check for check in suite.checks if check.function in suite.truths]


@pytest.mark.parametrize("suite", SUITES, ids=["example", "exercise"])
def test_checks_of_one_function_call_no_other(suite: SuiteInProcess) -> None:
    for function in suite.truths:
        _, calls = suite.failed({function: suite.truths[function]})

        assert {call.function for call in calls} == {function}


def test_rounded_numbers_are_told_apart_from_wrong_ones() -> None:
    failed, _ = EXERCISE.failed({name: round(truth, 3) for name, truth in EXERCISE.numbers.items()})

    assert [check.function for check in failed] == ["kl_forward", "kl_forward_std2", "kl_reverse"]


def test_single_precision_is_precise_enough_for_the_function() -> None:
    truth = EXERCISE.truths["gaussian_kl"]

    def single(mu1: float, sigma1: float, mu2: float, sigma2: float) -> np.float32:
        truth(mu1, sigma1, mu2, sigma2)
        mu1, sigma1, mu2, sigma2 = (np.float32(value) for value in (mu1, sigma1, mu2, sigma2))
        ratio, distance = (sigma1 / sigma2) ** 2, ((mu1 - mu2) / sigma2) ** 2
        return np.float32(0.5) * (ratio + distance - np.float32(1) - np.log(ratio))

    for seed in range(20):
        failed, _ = EXERCISE.failed({"gaussian_kl": single}, seed)
        assert failed == []
