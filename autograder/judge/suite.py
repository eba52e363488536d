"""The judge: runs a section's hidden suite with pytest against the student's code behind the wire.

A `Suite` is collected once and run once per attempt. The checks and everything they expect live in this process;
the student's code lives in another one, and only plain values come back from it.
"""

from __future__ import annotations

import os
import sys
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
import pytest
from _pytest.runner import runtestprotocol

from autograder.checks.answers import WrongAnswer, call_text, observed
from autograder.checks.beliefs import load_bank
from autograder.checks.misconceptions import Misconception
from autograder.checks.symptoms import SYMPTOMS
from autograder.course import Course, CourseError, Limits, Section
from autograder.judge import follow_on
from autograder.judge.levels import level_of
from autograder.prose.explanations import Explanations
from autograder.prose.suggestion import Reading
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link, WorkerUnavailableError
from autograder.remote.session import AsleepError, Call, Clock, DisturbedError, RemotePath, Session
from autograder.remote.true_answers import Oracle
from autograder.sandbox.requests import NOTEBOOK
from autograder.submissions import notebook
from autograder.submissions.attempts import Attempt
from autograder.submissions.notebook import PlannedCell
from autograder.verdict import Verdict

_SLACK = (1, 1, 64)  # of the disk, `Link.slack`: at each try of an attempt that others disturbed
_NO_COMMANDS = (
    "Commands for the system's shell (`!…`, `%%bash`, `%pip`) are not available while your work is graded; "
    "each gave an empty answer."
)
_PYTEST_OPTIONS = (
    "--import-mode=importlib",
    "--assert=plain",  # messages for students are ours, never a rewritten assertion with the check's source
    "--disable-plugin-autoload",
    "--capture=no",
    "-p", "no:cacheprovider",
    "-p", "no:terminal",
    "-p", "no:warnings",
    "-p", "no:faulthandler",
    "-p", "no:logging",
    "-p", "no:unraisableexception",
    "-p", "no:threadexception",
    "-p", "no:junitxml",
    "-p", "no:doctest",
    "-p", "no:stepwise",
    "-p", "no:pastebin",
    "-c", os.devnull,
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One hidden check, as the suite declares it."""

    name: str
    item: str
    points: float
    function: str | None
    reveal: bool
    reason: str


@dataclass
class CheckResult:
    """How one check ended for one attempt.

    `follows_from` names the broken functions without which a failed check would have passed.
    """

    check: Check
    verdict: Verdict
    message: str = ""
    call: str | None = None
    expected: str | None = None
    got: str | None = None
    hints: list[Misconception] = field(default_factory=list)
    follows_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """All that is known of one attempt after its suite was run.

    `most` maps each limit of processor time, and each function with one of its own, to the most that was used of it.
    """

    results: tuple[CheckResult, ...]
    cells: tuple[tuple[str, Verdict, str], ...]
    notes: tuple[str, ...]
    fault_of_ours: str | None
    times: Mapping[str, float]
    most: Mapping[str, float] = field(default_factory=dict)
    explanations: Mapping[str, Reading] = field(default_factory=dict)


class Suite:
    """The hidden checks of one section, collected once.

    Raises
    ------
    CourseError
        If a check lacks a mark or a reason, an item has no check, or the points contradict ``course.toml``.
    """

    def __init__(self, course: Course, section: Section) -> None:
        self.course = course
        self.section = section
        folder = course.suites / section.id
        if not folder.is_dir():
            raise CourseError(f"section `{section.id}` has no hidden suite; add {folder}")
        self._plugin = _Plugin(section)
        self._bank = load_bank(folder)
        self._session = _collect(folder, self._plugin)
        self._items = list(self._session.items)
        self._next = dict(zip(self._items, [*self._items[1:], *self._items[:1]], strict=True))
        self.checks = tuple(_check(item) for item in self._items)
        self._validate()
        released = course.root / "assignments" / section.id
        try:
            self._released = notebook.notebook_cells((released / section.notebook).read_bytes())
            self._explanations = Explanations(section, folder, self._released)
            # Released helpers are ours: a student who lost or changed one is judged with the original.
            self._helpers = {name: (released / name).read_bytes() for name in section.files}
            self._stubs = {path.name: path.read_bytes() for path in released.iterdir() if path.name in section.modules}
        except OSError as error:
            raise CourseError(f"{error.filename} is missing; run `autograder build`") from error

    def level_of(self, attempt: Attempt) -> str:
        """Return the level of worker that `attempt` asks for."""
        cells, _ = self._cells(attempt)
        sources = [] if isinstance(cells, RemoteFault) else notebook.written(cells)
        modules = [attempt.files[name] for name in self.section.modules if name in attempt.files]
        return level_of([*modules, *sources], {**attempt.files, **self._helpers})

    def judge(self, attempt: Attempt, link: Link, seed: int, patience: float | None = None) -> Judgement:
        """Run every check against `attempt`.

        A fault of ours ends the run; `Judgement.fault_of_ours` then says which, and no result stands.

        Raises
        ------
        AsleepError
            If the student's code sleeps for more than `patience` seconds; without it the course's limit holds, and
            what goes over that is judged.
        """
        why = ""
        for link.slack in _SLACK:
            try:
                return self._judge(attempt, link, seed, patience)
            except DisturbedError as error:
                why = str(error)
        return Judgement(results=(), cells=(), notes=(), fault_of_ours=why, times={})

    def _judge(self, attempt: Attempt, link: Link, seed: int, patience: float | None) -> Judgement:
        cpu_start = time.process_time()
        cells, notes = self._cells(attempt)
        session = Session(link, {**attempt.files, **self._helpers}, cells, self.section.limits, seed, patience=patience)
        results: list[CheckResult] = []
        spans: list[tuple[int, int]] = []
        checks_start = time.process_time()
        fault: str | None = None
        try:
            session.prepare(self.section.modules)
            for check, item in zip(self.checks, self._items, strict=True):
                first = len(session.calls)
                results.append(self._run(check, item, session, seed))
                spans.append((first, len(session.calls)))
                if results[-1].verdict is Verdict.NOT_JUDGED:
                    raise WorkerUnavailableError(f"check `{check.name}`: {results[-1].message}")
        except (AsleepError, DisturbedError):
            session.close()
            raise
        except WorkerUnavailableError as error:
            fault = str(error)
        checks_cpu = time.process_time() - checks_start
        try:
            session.close()
        except WorkerUnavailableError as error:
            fault = fault or str(error)
        clocks = [session.clock]
        if fault is None:
            try:
                clocks += self._mark_what_follows(attempt, cells, results, spans, session)
            except WorkerUnavailableError as error:
                fault = str(error)
        self._name_misconceptions(session.calls, results, spans)
        explanations = self._explanations.read(attempt.files.get(self.section.notebook))
        return Judgement(
            results=tuple(results),
            cells=tuple(
                (cell.label, cell.verdict, cell.message) for cell in session.cell_faults.values() if not cell.unfinished
            ),
            notes=(*notes, _NO_COMMANDS) if session.wanted_commands else notes,
            fault_of_ours=fault,
            times={
                "student": sum(clock.calls for clock in clocks),
                "checks": checks_cpu,
                "other": time.process_time() - cpu_start - checks_cpu + sum(c.children - c.calls for c in clocks),
            },
            most={**session.clock.most, "attempt_cpu_seconds": sum(clock.children for clock in clocks)},
            explanations=explanations,
        )

    def given_up(self, verdict: Verdict, reason: str) -> Judgement:
        """Return what is said of an attempt that can't be judged for what it does to the judge: no check passes."""
        return Judgement(
            results=tuple(CheckResult(check, verdict, reason) for check in self.checks),
            cells=(),
            notes=(),
            fault_of_ours=None,
            times={},
            explanations=self._explanations.unread(reason),
        )

    def _mark_what_follows(
        self,
        attempt: Attempt,
        cells: list[PlannedCell] | RemoteFault,
        results: list[CheckResult],
        spans: Sequence[tuple[int, int]],
        failed: Session,
    ) -> list[Clock]:
        """Mark failed checks that pass as soon as broken functions that they call are answered for.

        `failed` is the session in which they failed, `spans` where in its calls those of each check are; the time of
        the attempt is that of the repeats too. Nothing else is taken from a repeat. Return what the repeats used.
        """
        bank = self._bank
        if (
            bank is None
            or self.section.follow_on == "off"
            or all(result.verdict is Verdict.PASSED for result in results)
        ):
            return []
        sources = {} if isinstance(cells, RemoteFault) else {cell.label: cell.source for cell in cells}

        def source(asked: follow_on.Asked) -> str | bytes:
            at_home = attempt.files.get(f"{asked.home}.py", b"")
            return sources.get(asked.cell, "") if asked.home == NOTEBOOK else at_home

        asked = [self._asked(result.check, result.verdict) for result in results]
        homes = {entry.function: entry.home for entry in asked}

        def is_written(function: str) -> bool:
            home = homes[function]
            if home in failed.not_imported:  # nobody can call it
                stub = self._stubs.get(f"{home}.py", b"")
                return follow_on.is_more_than(function, attempt.files.get(f"{home}.py", b""), stub)
            calls = [call for call in failed.calls if call.function == function]
            passed = [
                [call for call in failed.calls[first:last] if call.function == function]
                for result, (first, last) in zip(results, spans, strict=True)
                if result.verdict is Verdict.PASSED and result.check.function == function
            ]
            return follow_on.is_written(calls) and (
                any(follow_on.are_answered(of_check) for of_check in passed) or bank.is_attempt(calls)
            )

        following: set[int] = set()
        clocks: list[Clock] = []
        for repeat in follow_on.repeats(bank.builds_on, asked, following, source, is_written, failed.not_imported):
            limits = _what_is_left(self.section.limits, [failed.clock, *clocks])
            truths: dict[str, Any] = {name: bank.truths[name] for name in repeat.broken}
            oracle = Oracle(truths, homes, repeat.window, bank.slopes)
            session = failed.again(limits, oracle)
            session.prepare(self.section.modules)
            for number in repeat.checks:
                again = self._run(self.checks[number], self._items[number], session, failed.seed)
                if again.verdict is Verdict.NOT_JUDGED:
                    raise WorkerUnavailableError(f"check `{again.check.name}`, repeated: {again.message}")
                if again.verdict is Verdict.PASSED and oracle.asked:
                    following.add(number)
                    results[number].follows_from = tuple(name for name in repeat.broken if name in oracle.asked)
                    results[number].hints = []
            session.close()
            clocks.append(session.clock)
        return clocks

    def _asked(self, check: Check, verdict: Verdict) -> follow_on.Asked:
        item = self.section.item(check.item)
        home = (item.module or "").removesuffix(".py") if item.kind == "module" else NOTEBOOK
        truth = self._bank.truths.get(check.function or "") if self._bank else None
        is_number = truth is not None and not callable(truth)
        return follow_on.Asked(check.function or "", home, check.item, is_number, verdict)

    def _cells(self, attempt: Attempt) -> tuple[list[PlannedCell] | RemoteFault, tuple[str, ...]]:
        """Return the notebook's cells in the order in which they run, or why there are none, and notes about them."""
        name = self.section.notebook
        if name not in attempt.files:
            return RemoteFault(Verdict.MISSING, f"The notebook `{name}` is not in the submission."), ()
        try:
            submitted = notebook.notebook_cells(attempt.files[name])
        except notebook.NotebookError as error:
            return RemoteFault(Verdict.ERROR, f"The notebook `{name}` cannot be read: {error}"), ()
        plan = notebook.execution_plan(self._released, submitted)
        return list(plan.cells), plan.notes

    def _run(self, check: Check, item: pytest.Item, session: Session, seed: int) -> CheckResult:
        plugin = self._plugin
        plugin.begin(session, check, seed)
        observed.clear(check.reveal)
        session.about = check.function
        first = len(session.calls)
        error = plugin.call(item) if plugin.knows(item) else self._by_pytest(item)
        if error is None:
            return CheckResult(check, Verdict.PASSED)
        result = self._classify(check, error, session)
        calls = [call for call in session.calls[first:] if call.function == check.function]
        if check.reveal and calls and check.function not in _defined(self.section):
            result.call = call_text(calls[-1].function, calls[-1].args, dict(calls[-1].kwargs))
        return result

    def _by_pytest(self, item: pytest.Item) -> BaseException | None:
        """Run a check by pytest's own protocol; return what it raised."""
        # There always is a next item, so what pytest set up for the module and the session stands for the whole class.
        runtestprotocol(item, log=False, nextitem=self._next[item])
        return self._plugin.error

    def _classify(self, check: Check, error: BaseException, session: Session) -> CheckResult:
        match error:
            case RemoteFault():
                return CheckResult(check, *self._explain(error, check, session))
            case WrongAnswer():
                hints = self._bank.named(error.misconception, check.item) if self._bank and error.misconception else []
                if error.misconception and not hints:
                    return CheckResult(check, Verdict.NOT_JUDGED, f"the bank lacks `{error.misconception}`")
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
        return CheckResult(check, Verdict.NOT_JUDGED, f"{type(error).__name__}: {error}")

    def _explain(self, fault: RemoteFault, check: Check, session: Session) -> tuple[Verdict, str]:
        """Return verdict and message of `fault`; a name that is not there is traced to the cell that failed."""
        if fault.types != ("missing",) or check.function not in _defined(self.section):
            return fault.verdict, fault.told(check.reveal)
        name = check.function
        culprit = session.cell_faults.get(check.item) or next(iter(session.cell_faults.values()), None)
        if culprit is None:
            return Verdict.MISSING, f"No cell of the notebook defines `{name}`."
        if culprit.unfinished:
            return Verdict.MISSING, f"`{name}` is not defined: the cell `{culprit.label}` is not written yet."
        message = f"`{name}` is not defined, because the cell `{culprit.label}` stopped. {culprit.message}"
        return culprit.verdict, message

    def _name_misconceptions(
        self, calls: Sequence[Call], results: Sequence[CheckResult], spans: Sequence[tuple[int, int]]
    ) -> None:
        failed = {
            result.check.function
            for result in results
            if result.verdict not in (Verdict.PASSED, Verdict.NOT_JUDGED) and result.check.function is not None
        }
        if self._bank is None or not failed:
            return
        found = self._bank.diagnose(calls, failed)
        for result, (first, last) in zip(results, spans, strict=False):
            if result.verdict in (Verdict.PASSED, Verdict.NOT_JUDGED) or result.check.function is None:
                continue
            if result.follows_from:  # the belief is one about the other function
                continue
            result.hints += [
                entry.misconception
                for entry in found
                if entry.misconception not in result.hints
                and (entry.misconception.function, entry.misconception.item)
                == (result.check.function, result.check.item)
                and any(first <= call < last for call in entry.calls)
            ]
            if not result.hints and result.verdict is Verdict.ERROR and self._mostly_passes(result.check, results):
                result.hints = self._bank.named("valid-input-raises", result.check.item)
        explained = {r.check.function for r in results for hint in r.hints if hint.id not in SYMPTOMS}
        for result in results:
            result.hints = most_telling(result.hints, result.check.function in explained)

    def _mostly_passes(self, check: Check, results: Sequence[CheckResult]) -> bool:
        """Whether a function passes checks of half its points."""
        own = [
            result for result in results if (result.check.function, result.check.item) == (check.function, check.item)
        ]
        passed = sum(result.check.points for result in own if result.verdict is Verdict.PASSED)
        return passed >= sum(result.check.points for result in own) / 2

    def _validate(self) -> None:
        known = {item.id for item in self.section.items}
        where = f"the hidden suite of section `{self.section.id}`"
        bank = self._bank
        if bank is not None:
            functions = {check.function for check in self.checks}
            for name in follow_on.in_order(bank.builds_on):
                for other in (name, *bank.builds_on[name]):
                    if other not in functions or (other != name and not callable(bank.truths.get(other))):
                        raise CourseError(f"{where}: BUILDS_ON names `{other}`, which has no check or no truth")
        for check in self.checks:
            if check.item not in known:
                raise CourseError(f"{where}: check `{check.name}` belongs to `{check.item}`, which course.toml lacks")
        for item in self.section.items:
            if item.kind == "prose":
                continue
            values = [check.points for check in self.checks if check.item == item.id]
            if not values:
                raise CourseError(f"{where} has no check for the item `{item.id}`; add one or remove the item")
            if round(sum(values), 9) != item.points:
                raise CourseError(
                    f"{where}: the checks of `{item.id}` are worth {sum(values):g} points, course.toml says "
                    f"{item.points:g}; make them equal"
                )


class _Plugin:
    """What pytest needs of us: fixtures, marks, and the way a check ended."""

    def __init__(self, section: Section) -> None:
        self._session: Session | None = None
        self._check: Check | None = None
        self._seed = 0
        self.error: BaseException | None = None
        self.collection_errors: list[str] = []
        makers: dict[str, Callable[[], Any]] = {
            Path(filename).stem: self._module(filename) for filename in section.modules
        }
        makers |= {
            "notebook": lambda: self.session.notebook(),
            "live": lambda: self.session.live(),
            "rng": self._rng,
            "once": lambda: self.session.once,
        }
        self._makers = makers
        self.fixtures = ModuleType("autograder_fixtures")
        for name, make in makers.items():
            setattr(self.fixtures, f"provide_{name}", _fixture(name, make))

    @property
    def session(self) -> Session:
        assert self._session is not None, "a check runs only inside `Suite.judge`"
        return self._session

    def begin(self, session: Session, check: Check, seed: int) -> None:
        self._session, self._check, self._seed, self.error = session, check, seed, None

    def knows(self, item: pytest.Item) -> bool:
        """Whether a check is a plain function of fixtures of ours."""
        return (
            type(item) is pytest.Function
            and item.cls is None
            and not hasattr(item, "callspec")
            and set(item.fixturenames) <= self._makers.keys()
        )

    def call(self, item: pytest.Item) -> BaseException | None:
        """Call a check that `knows` knows; return what it raised.

        Most checks are such functions, and pytest's protocol would cost more than what they do.
        """
        assert isinstance(item, pytest.Function)
        try:
            item.function(**{name: self._makers[name]() for name in item.fixturenames})
        except Exception as error:  # noqa: BLE001  what a check raises is its result
            return error
        return None

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "item(id): the item that a suite's module checks")
        config.addinivalue_line("markers", "points(value, function, reveal): what a check is worth")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collection_errors.append(str(report.longrepr))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep the exception, and spare pytest's own report: formatting a traceback costs more than the check."""
        if call.excinfo is not None and self.error is None:
            self.error = call.excinfo.value
        when = call.when if call.when != "collect" else "setup"
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, item.keywords, outcome, None, when)

    def _module(self, filename: str) -> Callable[[], RemotePath]:
        return lambda: self.session.module(filename)

    def _rng(self) -> np.random.Generator:
        assert self._check is not None
        return np.random.default_rng([self._seed, zlib.crc32(self._check.name.encode())])


def _what_is_left(limits: Limits, clocks: Sequence[Clock]) -> Limits:
    """Return the limits of a repeat: an attempt and its repeats share what the attempt may use in all."""
    return replace(
        limits,
        attempt_cpu_seconds=max(0.0, limits.attempt_cpu_seconds - sum(clock.children for clock in clocks)),
        attempt_sleep_seconds=max(0.0, limits.attempt_sleep_seconds - sum(clock.asleep for clock in clocks)),
    )


def _fixture(name: str, make: Callable[[], Any]) -> Any:
    """Return a pytest fixture; pytest finds fixtures in modules and classes only, hence the module of them."""

    def provide() -> Any:
        return make()

    return pytest.fixture(name=name)(provide)


def _collect(folder: Path, plugin: _Plugin) -> pytest.Session:
    """Collect the suite in `folder` without running it."""
    from _pytest.config import _prepareconfig

    for name in [name for name in sys.modules if name.startswith(f"{folder.name}.")]:
        del sys.modules[name]  # pytest would take checks that it read from another folder under the same name
    config = _prepareconfig([*_PYTEST_OPTIONS, f"--rootdir={folder.parent}", str(folder)], [plugin, plugin.fixtures])
    config._do_configure()
    session = pytest.Session.from_config(config)
    config.hook.pytest_sessionstart(session=session)
    session.perform_collect()
    if plugin.collection_errors:
        raise CourseError(f"the hidden suite in {folder} does not load:\n{plugin.collection_errors[0]}")
    return session


def _check(item: pytest.Item) -> Check:
    marks = {name: item.get_closest_marker(name) for name in ("item", "points")}
    reason = (getattr(getattr(item, "function", None), "__doc__", None) or "").strip()
    name = item.name.removeprefix("test_")
    if marks["item"] is None or marks["points"] is None or not reason:
        raise CourseError(
            f"{item.path}: check `{name}` needs an item, points, and a docstring as the reason for students"
        )
    worth, function, reveal = marks["points"].args
    return Check(name, marks["item"].args[0], float(worth), function, bool(reveal), " ".join(reason.split()))


def most_telling(hints: Sequence[Misconception], is_explained: bool) -> list[Misconception]:
    """Return reasons rather than symptoms, and each symptom once, as it was told last: by then with its place.

    Where a reason for a function's faults is known, its symptoms follow from it: the gradient of a wrong formula is
    another one. That it changes its input is a fault of its own.
    """
    reasons = [hint for hint in hints if hint.id not in SYMPTOMS]
    symptoms = {hint.id: hint for hint in hints if hint.id == "input-changed" or not is_explained}
    return reasons or list(symptoms.values())


def _defined(section: Section) -> set[str]:
    return {name for item in section.items for name in item.defines}
