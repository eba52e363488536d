"""Runs the judge itself against students who follow a given rule exactly, without a process for them.

Checks, points, comparisons and the naming of misconceptions are the real ones; only the far end of the wire is replaced
by a table of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.checks.misconceptions import Bank, Misconception
from autograder.course import Course
from autograder.judge import trial
from autograder.judge.results import CheckResult
from autograder.judge.suite import Suite
from autograder.remote.calls import Call, Given, RemotePath
from autograder.remote.child import Clock
from autograder.remote.faults import RemoteFault
from autograder.sandbox.requests import NOTEBOOK
from autograder.submissions.attempts import Attempt, make_attempt
from autograder.verdict import Verdict

Rules = Mapping[str, Any]


class SessionOfRules:
    """What :class:`autograder.remote.session.Session` is to the judge, for a student whose functions follow `rules`."""

    def __init__(self, rules: Rules, live: Any) -> None:
        self.rules = rules
        self.operations = live
        self.calls: list[Call] = []
        self.cell_faults: dict[str, Any] = {}
        self.clock = Clock()
        self.about: str | None = None
        self.not_imported: set[str] = set()
        self.wanted_commands = False
        self._made: dict[str, Any] = {}

    def again(self, *_: Any) -> SessionOfRules:
        return SessionOfRules(self.rules, self.operations)

    def module(self, filename: str) -> RemotePath:
        return RemotePath(self, filename.removesuffix(".py"))  # type: ignore[arg-type]

    def notebook(self) -> RemotePath:
        return RemotePath(self, NOTEBOOK)  # type: ignore[arg-type]

    def live(self) -> Any:
        return self.operations

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def prepare(self, filenames: Sequence[str]) -> None:
        pass

    def close(self) -> None:
        pass

    def call(self, function: RemotePath, args: Any, kwargs: Any, back: bool = False, hold: bool = False) -> Any:
        name = function._name
        rule = self._rule(name)
        try:
            with np.errstate(all="ignore"):
                result = rule(*args, **kwargs)
        except Exception as error:
            fault = RemoteFault(Verdict.ERROR, str(error), [kind.__name__ for kind in type(error).__mro__])
            self.calls.append(Call(name, args, kwargs, fault=fault))
            raise fault from error
        self.calls.append(Call(name, args, kwargs, result=result))
        if hold:
            return SimpleNamespace(rule=rule, args=args)
        return (result, args) if back else result

    def call_each(self, function: RemotePath, given: Sequence[Given], back: bool = False) -> list[Any]:
        outcomes: list[Any] = []
        for one in given:
            try:
                outcomes.append(self.call(function, one.args, one.kwargs, back))
            except RemoteFault as fault:
                outcomes.append(fault)
        return outcomes

    def get(self, path: RemotePath, hold: bool = False) -> Any:
        result = self._rule(path._name)
        self.calls.append(Call(path._name, (), {}, result=result))
        return result

    def _rule(self, name: str) -> Any:
        if name not in self.rules:
            raise RemoteFault(Verdict.MISSING, f"There is no `{name}`.", ("missing",))
        return self.rules[name]


class BankInProcess:
    """The suite and the bank of one section, with students made of its rules.

    Parameters
    ----------
    live
        The fixture `live`.
    student_of
        Makes what a student computes out of a rule that leaves a part of it open (random estimates).
    """

    def __init__(
        self, course: Course, section: str, live: Any = None, student_of: Callable[[str, Any], Any] | None = None
    ) -> None:
        self.suite = Suite(course, course.section(section))
        assert self.suite.bank is not None
        self.bank: Bank = self.suite.bank
        self.seed = course.seed
        self._attempt: Attempt = make_attempt(course.section(section), "rule", Path(), {})
        self._live = live
        self._student_of = student_of or (lambda _name, rule: rule)
        self._checks = self.suite.checks

    def judged(self, function: str, rule: Any) -> list[CheckResult]:
        """Return how the checks of `function` end where it follows `rule`."""
        rules = {function: self._student_of(function, rule)}
        own = tuple(check for check in self._checks if check.function == function)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(trial, "Session", lambda *_args, **_options: SessionOfRules(rules, self._live))
            patch.setattr(self.suite, "checks", own)
            link: Any = SimpleNamespace()  # there is no process
            found = trial.judge(self.suite, self._attempt, link, self.seed)
        assert found.fault_of_ours is None, found.fault_of_ours
        return list(found.results)

    def rejects(self, wrong: Misconception) -> tuple[bool, bool]:
        """Return whether a student with this belief loses points in its item, and whether it is the one named first."""
        results = self.judged(wrong.function, wrong.rule)
        lost = any(result.verdict is not Verdict.PASSED and result.check.item == wrong.item for result in results)
        return lost, any(result.hints and result.hints[0].id == wrong.id for result in results)


def with_a_rule(bank: Bank) -> list[Misconception]:
    """Return the misconceptions that are held against answers; the others are proved by a check itself."""
    return [entry for entry in bank.misconceptions if entry.rule is not None]
