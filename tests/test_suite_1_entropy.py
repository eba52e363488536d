"""The hidden suite of section 1 against students who follow each known wrong rule exactly."""

from __future__ import annotations

import importlib.util
import inspect
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograder
from autograder import suite
from autograder.diagnose import Bank, Misconception
from autograder.remote import Call, RemoteFault
from autograder.verdict import Verdict

SUITE = Path(autograder.__file__).parent / "suites" / "1_entropy"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"suite_1_entropy_{name}", SUITE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def points(_value: float, function: str, **_options: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a check with the function that it is about, in place of `suite.points`, whose marks are the judge's."""

    def marked(check: Callable[..., None]) -> Callable[..., None]:
        check.function = function  # type: ignore[attr-defined]
        return check

    return marked


RULES = load("misconceptions")
with pytest.MonkeyPatch.context() as patch:
    patch.setattr(suite, "points", points)
    patch.setattr(suite, "item", str)
    CHECKS = [check for name, check in inspect.getmembers(load("test_example_1")) if name.startswith("test_")]
FUNCTIONS = {name: rule for name, rule in RULES.TRUTHS.items() if callable(rule)}
WRONG_FUNCTIONS = [wrong for wrong in RULES.MISCONCEPTIONS if callable(wrong.rule)]
WRONG_NUMBERS = [wrong for wrong in RULES.MISCONCEPTIONS if not callable(wrong.rule)]


class Student:
    """A function that answers as the judge would see it, and remembers its calls."""

    def __init__(self, name: str, rule: Callable[..., Any], calls: list[Call]) -> None:
        self.name = name
        self.rule = rule
        self.calls = calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            with np.errstate(all="ignore"):
                result = self.rule(*args, **kwargs)
        except Exception as error:
            fault = RemoteFault(Verdict.ERROR, str(error), [kind.__name__ for kind in type(error).__mro__])
            self.calls.append(Call(self.name, args, kwargs, fault=fault))
            raise fault from error
        self.calls.append(Call(self.name, args, kwargs, result=result))
        return result

    def call_and_return_arguments(self, *args: Any, **kwargs: Any) -> Any:
        return self(*args, **kwargs), args


def failed_checks(
    rules: Mapping[str, Callable[..., Any]], seed: int = 0
) -> tuple[list[Callable[..., None]], list[Call]]:
    """Run the checks on a module whose functions follow `rules`; return those that failed, and all calls."""
    calls: list[Call] = []
    students = {name.rpartition(".")[2]: Student(name, rule, calls) for name, rule in rules.items()}
    fixtures = {"entropy": SimpleNamespace(InformationMeasures=SimpleNamespace(**students))}
    failed = []
    for check in CHECKS:
        if check.function not in rules:
            continue
        rng = np.random.default_rng([seed, zlib.crc32(check.__name__.encode())])
        available = {**fixtures, "rng": rng}
        try:
            check(**{name: available[name] for name in inspect.signature(check).parameters})
        except (AssertionError, RemoteFault):
            failed.append(check)
    return failed, calls


@pytest.mark.parametrize("seed", range(5))
def test_the_truth_passes_every_check_under_any_seed(seed: int) -> None:
    failed, _ = failed_checks(FUNCTIONS, seed)

    assert failed == []


@pytest.mark.parametrize("wrong", WRONG_FUNCTIONS, ids=lambda wrong: f"{wrong.function.rpartition('.')[2]}-{wrong.id}")
def test_wrong_function_loses_points_and_is_named(wrong: Misconception) -> None:
    failed, calls = failed_checks({wrong.function: wrong.rule})  # type: ignore[dict-item]

    assert failed
    assert Bank(RULES.TRUTHS, RULES.MISCONCEPTIONS).diagnose(calls)[wrong.function][0].id == wrong.id


@pytest.mark.parametrize("wrong", WRONG_NUMBERS, ids=lambda wrong: f"{wrong.function}-{wrong.id}")
def test_wrong_number_is_far_from_the_right_one_and_is_named(wrong: Misconception) -> None:
    calls = [Call(wrong.function, (), {}, result=wrong.rule)]

    assert abs(wrong.rule - RULES.TRUTHS[wrong.function]) > 0.01
    assert Bank(RULES.TRUTHS, RULES.MISCONCEPTIONS).diagnose(calls)[wrong.function] == [wrong]


@pytest.mark.parametrize(
    "answer", [0.0, 1.0, float("nan"), float("inf"), None, [0.5, 0.5], np.array([0.5, 0.5])], ids=str
)
def test_constant_earns_nothing(answer: Any) -> None:
    failed, _ = failed_checks(dict.fromkeys(FUNCTIONS, lambda *_args, **_kwargs: answer))

    assert failed == CHECKS


@pytest.mark.parametrize("kind", [ValueError, NotImplementedError, TypeError])
def test_function_that_always_raises_earns_nothing(kind: type[Exception]) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise kind("no")

    failed, _ = failed_checks(dict.fromkeys(FUNCTIONS, refuse))

    assert failed == CHECKS


def test_checks_of_one_function_call_no_other() -> None:
    for function in FUNCTIONS:
        _, calls = failed_checks({function: FUNCTIONS[function]})

        assert {call.function for call in calls} == {function}
