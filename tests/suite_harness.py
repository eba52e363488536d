"""Runs a section's hidden checks in this process, against functions that follow a given rule exactly."""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograder
from autograder.checks import answers
from autograder.checks.beliefs import load_bank, load_module
from autograder.remote.calls import Call, Given
from autograder.remote.faults import RemoteFault
from autograder.verdict import Verdict

SUITES = Path(autograder.__file__).parent / "suites"


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

    def outcomes(self, *given: Given) -> list[Any]:
        outcomes: list[Any] = []
        for call in given:
            try:
                outcomes.append(self(*call.args, **call.kwargs))
            except RemoteFault as fault:
                outcomes.append(fault)
        return outcomes

    def each(self, *given: Given) -> list[Any]:
        return [self(*call.args, **call.kwargs) for call in given]

    def each_with_arguments(self, *given: Given) -> list[Any]:
        return [self.call_and_return_arguments(*call.args, **call.kwargs) for call in given]


class SuiteInProcess:
    """The checks and the misconceptions of one item: static methods of a class, or what the notebook defines.

    Parameters
    ----------
    section, checks
        Folder of the suite and the module with the checks, ``test_example_1``.
    module
        Name of the fixture: that of the student's module, or ``notebook``.
    """

    def __init__(self, section: str, checks: str, module: str) -> None:
        self.module = module
        bank = load_bank(SUITES / section)
        assert bank is not None
        self.bank = bank
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(answers, "points", _points)
            patch.setattr(answers, "item", str)
            loaded = load_module(SUITES / section / f"{checks}.py")
        self.checks = [check for name, check in inspect.getmembers(loaded) if name.startswith("test_")]
        asked = {check.function for check in self.checks}
        self.truths = {name: rule for name, rule in bank.truths.items() if name in asked and callable(rule)}
        self.wrong_functions = [wrong for wrong in bank.misconceptions if wrong.function in self.truths]
        self.numbers = {name: rule for name, rule in bank.truths.items() if name in asked and not callable(rule)}
        self.wrong_numbers = [wrong for wrong in bank.misconceptions if not callable(wrong.rule)]

    def failed(self, rules: Mapping[str, Callable[..., Any]], seed: int = 0) -> tuple[list[Any], list[Call]]:
        """Run the checks on a module and a notebook whose functions follow `rules`; return what failed, and all calls.

        A name without a class is one of the module's and of the notebook's; its rule may be a number.
        """
        calls: list[Call] = []
        classes: dict[str, dict[str, Any]] = {}
        for name, rule in rules.items():
            owner, _, method = name.rpartition(".")
            classes.setdefault(owner, {})[method] = Student(name, rule, calls) if callable(rule) else rule
        plain = classes.pop("", {})
        notebook = SimpleNamespace(**plain)
        module = SimpleNamespace(**plain, **{owner: SimpleNamespace(**names) for owner, names in classes.items()})
        failed = []
        for check in self.checks:
            if check.function not in rules:
                continue
            rng = np.random.default_rng([seed, zlib.crc32(check.__name__.encode())])
            available = {self.module: module, "notebook": notebook, "rng": rng}
            try:
                check(**{name: available[name] for name in inspect.signature(check).parameters})
            except (AssertionError, RemoteFault):
                failed.append(check)
        return failed, calls


def _points(_value: float, function: str, **_options: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a check with the function that it is about, in place of `suite.points`, whose marks are the judge's."""

    def marked(check: Callable[..., None]) -> Callable[..., None]:
        check.function = function  # type: ignore[attr-defined]
        return check

    return marked
