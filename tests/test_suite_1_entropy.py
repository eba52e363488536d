"""The hidden suite of section 1 against students who follow each known wrong rule exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checks.misconceptions import Misconception
from autograder.remote.calls import Call
from tests.suite_harness import SuiteInProcess

SUITE = SuiteInProcess("1_entropy", "test_example_1", "entropy")


@pytest.mark.parametrize("seed", range(5))
def test_the_truth_passes_every_check_under_any_seed(seed: int) -> None:
    failed, _ = SUITE.failed(SUITE.truths, seed)

    assert failed == []


@pytest.mark.parametrize(
    "wrong",
    [wrong for wrong in SUITE.wrong_numbers if wrong.rule is not None],
    ids=lambda wrong: f"{wrong.function}-{wrong.id}",
)
def test_wrong_number_is_far_from_the_right_one_and_is_named(wrong: Misconception) -> None:
    calls = [Call(wrong.function, (), {}, result=wrong.rule)]

    assert abs(wrong.rule - SUITE.bank.truths[wrong.function]) > 0.01
    assert [found.misconception for found in SUITE.bank.diagnose(calls)] == [wrong]


@pytest.mark.parametrize(
    "answer", [0.0, 1.0, float("nan"), float("inf"), None, [0.5, 0.5], np.array([0.5, 0.5])], ids=str
)
def test_constant_earns_nothing(answer: Any) -> None:
    failed, _ = SUITE.failed(dict.fromkeys(SUITE.truths, lambda *_args, **_kwargs: answer))

    assert failed == SUITE.checks


@pytest.mark.parametrize("kind", [ValueError, NotImplementedError, TypeError])
def test_function_that_always_raises_earns_nothing(kind: type[Exception]) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise kind("no")

    failed, _ = SUITE.failed(dict.fromkeys(SUITE.truths, refuse))

    assert failed == SUITE.checks


def test_checks_of_one_function_call_no_other() -> None:
    for function in SUITE.truths:
        _, calls = SUITE.failed({function: SUITE.truths[function]})

        assert {call.function for call in calls} == {function}
