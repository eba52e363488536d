"""Judges one attempt with the hidden suite of its section.

A trial runs every check, repeats checks that may have failed because of a fault that has already cost its points, and
names the misconceptions that explain the answers.
"""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.checks.answers import WrongAnswer, call_text, observed
from autograder.checks.misconceptions import Misconception
from autograder.checks.symptoms import SYMPTOMS
from autograder.course import Limits
from autograder.judge import follow_on
from autograder.judge.results import Check, CheckResult, Judgement
from autograder.judge.suite import Suite
from autograder.remote.errors import AsleepError, DisturbedError, WorkerUnavailableError
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.remote.true_answers import TrueAnswers
from autograder.sandbox.requests import NOTEBOOK
from autograder.submissions.attempts import Attempt
from autograder.verdict import Verdict

_SLACK = (1, 1, 64)  # `Link.slack` at each try of an attempt that other processes disturbed
_NO_COMMANDS = (
    "Commands for the system's shell (`!…`, `%%bash`, `%pip`) are not available while your work is graded; "
    "each gave empty output."
)


class FaultyCheckError(Exception):
    """A check failed by itself: a fault of ours."""


def judge(suite: Suite, attempt: Attempt, link: Link, seed: int, patience: float | None = None) -> Judgement:
    """Run every check of `suite` against `attempt`.

    A fault of ours ends the run; `Judgement.fault_of_ours` then says which, and there are no results.

    Raises
    ------
    AsleepError
        If the student's code sleeps for more than `patience` seconds. With None the course's limit holds, and
        exceeding it is a verdict.
    MemoryError
        If the judge's own memory ran out.
    """
    why = ""
    for link.slack in _SLACK:
        try:
            return Trial(suite, attempt, link, seed, patience).judgement()
        except DisturbedError as error:
            why = str(error)
        except (WorkerUnavailableError, FaultyCheckError) as error:
            if _is_of_memory(error):
                raise MemoryError from error
            return Judgement(fault_of_ours=str(error))
    return Judgement(fault_of_ours=why)


def _is_of_memory(error: BaseException | None) -> bool:
    """Whether memory ran out: what ends the child then fails too, for want of memory, and hides the reason."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error is not None


def given_up(suite: Suite, verdict: Verdict, reason: str) -> Judgement:
    """Return the judgement on an attempt that can't be judged because of what it does to the judge: no check passes."""
    return Judgement(
        results=tuple(CheckResult(check, verdict, reason) for check in suite.checks),
        explanations=suite.explanations.unread(reason),
    )


@dataclass
class _Run:
    """How one check ended, and the numbers of the calls that it made."""

    result: CheckResult
    calls: range


class Trial:
    """One run of an attempt through the checks of `suite`, from its start.

    Raises
    ------
    AsleepError, DisturbedError, WorkerUnavailableError, FaultyCheckError
        In any step; the attempt then has to be judged again, or can't be judged.
    """

    def __init__(self, suite: Suite, attempt: Attempt, link: Link, seed: int, patience: float | None) -> None:
        self._began = time.process_time()
        self._checks_seconds = 0.0
        self._suite = suite
        self._seed = seed
        self._section = suite.section
        self._attempt = attempt
        self._cells, self._notes = suite.cells_of(attempt)
        files = {**attempt.files, **suite.helpers}
        self._session = Session(link, files, self._cells, self._section.limits, seed, patience=patience)
        self._clocks = [self._session.clock]
        self._runs: list[_Run] = []

    def judgement(self) -> Judgement:
        """Run all steps, and return the result."""
        self.run()
        self.repeat()
        self.name_misconceptions()
        explanations = self._suite.explanations.read(self._attempt.files.get(self._section.notebook))
        session, clocks = self._session, self._clocks
        others = time.process_time() - self._began - self._checks_seconds
        return Judgement(
            results=tuple(run.result for run in self._runs),
            cells=tuple(
                (cell.label, cell.verdict, cell.message) for cell in session.cell_faults.values() if not cell.unfinished
            ),
            notes=(*self._notes, _NO_COMMANDS) if session.wanted_commands else self._notes,
            times={
                "student": sum(clock.calls for clock in clocks),
                "checks": self._checks_seconds,
                "other": others + sum(clock.children - clock.calls for clock in clocks),
            },
            most={**session.clock.most, "attempt_cpu_seconds": sum(clock.children for clock in clocks)},
            explanations=explanations,
        )

    def run(self) -> None:
        """Run every check."""
        began = time.process_time()
        with contextlib.closing(self._session) as session:
            session.prepare(self._section.modules)
            for check in self._suite.checks:
                first = len(session.calls)
                result = self._result(check, session)
                self._runs.append(_Run(result, range(first, len(session.calls))))
        self._checks_seconds = time.process_time() - began

    def repeat(self) -> None:
        """Find failed checks that pass once the broken functions that they call are answered for.

        The time that repeats take is counted for the attempt. Nothing else is taken from a repeat.
        """
        bank = self._suite.bank
        all_passed = all(run.result.verdict is Verdict.PASSED for run in self._runs)
        if bank is None or self._section.follow_on == "off" or all_passed:
            return
        asked = [self._asked(run.result) for run in self._runs]
        homes = {entry.function: entry.home for entry in asked}
        following: set[int] = set()
        for repeat in follow_on.repeats(
            bank.builds_on,
            asked,
            following,
            self._source,
            lambda function: self._is_written(function, homes[function]),
            self._session.not_imported,
        ):
            truths: dict[str, Any] = {name: bank.truths[name] for name in repeat.broken}
            true_answers = TrueAnswers(truths, homes, repeat.window, bank.slopes)
            with contextlib.closing(self._session.again(self._limits_left(), true_answers)) as session:
                self._clocks.append(session.clock)
                session.prepare(self._section.modules)
                for number in repeat.checks:
                    result = self._runs[number].result
                    again = self._result(result.check, session)
                    if again.verdict is Verdict.PASSED and true_answers.asked:
                        following.add(number)
                        result.follows_from = tuple(name for name in repeat.broken if name in true_answers.asked)
                        result.hints = []

    def name_misconceptions(self) -> None:
        """Give each failed check the misconceptions that explain the answers that it got."""
        bank = self._suite.bank
        results = [run.result for run in self._runs]
        failed = [run for run in self._runs if run.result.verdict is not Verdict.PASSED and run.result.check.function]
        if bank is None or not failed:
            return
        functions = {function for run in failed if (function := run.result.check.function)}
        found = bank.diagnose(self._session.calls, functions)
        for run in failed:
            result, check = run.result, run.result.check
            if result.follows_from:  # the belief would be about the other function
                continue
            result.hints += [
                entry.misconception
                for entry in found
                if entry.misconception not in result.hints
                and (entry.misconception.function, entry.misconception.item) == (check.function, check.item)
                and any(call in run.calls for call in entry.calls)
            ]
            if not result.hints and result.verdict is Verdict.ERROR and _mostly_passes(check, results):
                result.hints = bank.named("valid-input-raises", check.item)
        explained = {result.check.function for result in results for hint in result.hints if hint.id not in SYMPTOMS}
        for result in results:
            result.hints = most_telling(result.hints, result.check.function in explained)

    def _limits_left(self) -> Limits:
        """Return the limits of a repeat, which shares with the attempt what that may use in all."""
        limits = self._section.limits
        return replace(
            limits,
            attempt_cpu_seconds=max(0.0, limits.attempt_cpu_seconds - sum(clock.children for clock in self._clocks)),
            attempt_sleep_seconds=max(0.0, limits.attempt_sleep_seconds - sum(clock.asleep for clock in self._clocks)),
        )

    def _asked(self, result: CheckResult) -> follow_on.Asked:
        check, bank = result.check, self._suite.bank
        item = self._section.item(check.item)
        home = (item.module or "").removesuffix(".py") if item.kind == "module" else NOTEBOOK
        truth = bank.truths.get(check.function or "") if bank else None
        is_number = truth is not None and not callable(truth)
        return follow_on.Asked(check.function or "", home, check.item, is_number, result.verdict)

    def _source(self, asked: follow_on.Asked) -> str | bytes:
        """Return the text that contains a check's function."""
        if asked.home != NOTEBOOK:
            return self._attempt.files.get(f"{asked.home}.py", b"")
        cells = [] if isinstance(self._cells, RemoteFault) else self._cells
        return {cell.label: cell.source for cell in cells}.get(asked.cell, "")

    def _is_written(self, function: str, home: str) -> bool:
        """Whether a function answers at all, or could if its module had been imported."""
        session, bank = self._session, self._suite.bank
        assert bank is not None
        if home in session.not_imported:  # it can't be called
            module = f"{home}.py"
            written, stub = self._attempt.files.get(module, b""), self._suite.stubs.get(module, b"")
            return follow_on.is_more_than(function, written, stub)
        calls = [call for call in session.calls if call.function == function]
        passed = [
            [call for call in session.calls[run.calls.start : run.calls.stop] if call.function == function]
            for run in self._runs
            if run.result.verdict is Verdict.PASSED and run.result.check.function == function
        ]
        return follow_on.is_written(calls) and (
            any(follow_on.are_answered(of_check) for of_check in passed) or bank.is_attempt(calls)
        )

    def _result(self, check: Check, session: Session) -> CheckResult:
        """Run one check in `session`, and return how it ended."""
        observed.clear(check.reveal)
        session.about = check.function
        first = len(session.calls)
        error = check.run(lambda name: self._fixture(name, check, session))
        if error is None:
            return CheckResult(check, Verdict.PASSED)
        result = self._failure(check, error, session)
        calls = [call for call in session.calls[first:] if call.function == check.function]
        if check.reveal and calls and not self._is_defined_by_a_cell(check.function):
            result.call = call_text(calls[-1].function, calls[-1].args, dict(calls[-1].kwargs))
        return result

    def _fixture(self, name: str, check: Check, session: Session) -> Any:
        """Return what a check gets for its argument `name`."""
        match name:
            case "notebook":
                return session.notebook()
            case "live":
                return session.live()
            case "once":
                return session.once
            case "rng":
                return np.random.default_rng([self._seed, zlib.crc32(check.name.encode())])
        return session.module(f"{name}.py")

    def _failure(self, check: Check, error: BaseException, session: Session) -> CheckResult:
        """Return what a check's exception says about the attempt; one that is a fault of ours is raised."""
        match error:
            case RemoteFault():
                return CheckResult(check, *self._explain(error, check, session))
            case WrongAnswer():
                bank = self._suite.bank
                hints = bank.named(error.misconception, check.item) if bank and error.misconception else []
                if error.misconception and not hints:
                    raise FaultyCheckError(f"check `{check.name}`: the bank has no `{error.misconception}`; add it")
                return CheckResult(check, Verdict.WRONG, str(error), hints=hints)
            case AssertionError() if error.args and isinstance(error.args[0], str):
                return CheckResult(check, Verdict.WRONG, error.args[0])
            case AssertionError():
                observed.forget_unless_raised_by(error)
                expected = observed.expected if check.reveal else None
                message = observed.message or "The answer is not right."
                return CheckResult(check, Verdict.WRONG, message, expected=expected, got=observed.got)
            case WorkerUnavailableError() | AsleepError() | DisturbedError() | MemoryError():
                raise error
        raise FaultyCheckError(f"check `{check.name}`: {type(error).__name__}: {error}") from error

    def _explain(self, fault: RemoteFault, check: Check, session: Session) -> tuple[Verdict, str]:
        """Return verdict and message of `fault`; a missing name is traced to the cell that failed."""
        if fault.types != ("missing",) or not self._is_defined_by_a_cell(check.function):
            return fault.verdict, fault.told(check.reveal)
        name = check.function
        culprit = session.cell_faults.get(check.item) or next(iter(session.cell_faults.values()), None)
        if culprit is None:
            return Verdict.MISSING, f"No cell of the notebook defines `{name}`."
        if culprit.unfinished:
            return Verdict.MISSING, f"`{name}` is not defined: the cell `{culprit.label}` is not written yet."
        message = f"`{name}` is not defined, because the cell `{culprit.label}` stopped. {culprit.message}"
        return culprit.verdict, message

    def _is_defined_by_a_cell(self, function: str | None) -> bool:
        return any(function in item.defines for item in self._section.items)


def _mostly_passes(check: Check, results: Sequence[CheckResult]) -> bool:
    """Whether a function passes checks that are worth half its points."""
    own = [result for result in results if (result.check.function, result.check.item) == (check.function, check.item)]
    passed = sum(result.check.points for result in own if result.verdict is Verdict.PASSED)
    return passed >= sum(result.check.points for result in own) / 2


def most_telling(hints: Sequence[Misconception], is_explained: bool) -> list[Misconception]:
    """Return reasons if there are any, else each symptom once, in its last form, which says for which input it shows.

    If a reason for a function's faults is known, its symptoms follow from it, as a wrong formula has a wrong gradient.
    Only a change of its input is a separate fault.
    """
    reasons = [hint for hint in hints if hint.id not in SYMPTOMS]
    symptoms = {hint.id: hint for hint in hints if hint.id == "input-changed" or not is_explained}
    return reasons or list(symptoms.values())
