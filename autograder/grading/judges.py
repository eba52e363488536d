"""The processes that judge, each with its own limits, and the `Bench` that watches over them.

What arrives from a child is bounded, and so is the work that it causes. In case a bound is missing, the kernel ends a
judge that exceeds its own processor time or memory, and this affects only the attempt that it was judging.
"""

from __future__ import annotations

import contextlib
import math
import resource
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import course as course_module
from autograder.course import CourseError, Section
from autograder.grading import fork_server
from autograder.parallel import end_with_parent
from autograder.records import score
from autograder.records.record import Header, Record
from autograder.remote.child import AsleepError
from autograder.remote.link import Link, WorkerUnavailableError
from autograder.submissions.attempts import Attempt
from autograder.verdict import Verdict

if TYPE_CHECKING:
    from autograder.judge.suite import Suite

CPU_SECONDS = 30
"""Of a judge itself, for one attempt; honest attempts take less than one second, however many checks they fail."""
MEMORY_MB = 1024
"""Of a judge itself, beyond what it holds at its start."""
_HANGS_SECONDS = 1800.0  # by the clock: several times what all limits of an attempt allow, even on a busy machine
_TICK_SECONDS = 0.05
_LOST_IN_A_ROW = 3
_OVER = {Verdict.TIME_LIMIT: "too much of the grader's own time", Verdict.MEMORY_LIMIT: "too much of its memory"}

Judged = tuple[Record, Mapping[str, float]]


@dataclass(frozen=True)
class Job:
    """One attempt on its way to a judge, with the header of its record.

    `over` is the judge's own limit that it exceeds; it gets that as its verdict, and is not run again.
    """

    attempt: Attempt
    header: Header
    over: Verdict | None = None

    @property
    def key(self) -> str:
        """The name of the record in the store."""
        return self.header.key


@dataclass(frozen=True)
class Over:
    """Instead of a record: the judge exceeded a limit of its own.

    With `is_certain`, only this attempt can be the reason. Otherwise memory may have been short before, or the machine
    slept while the clock went on.
    """

    verdict: Verdict
    is_certain: bool = False


@dataclass(frozen=True)
class NeedsLevel:
    """Instead of a record: the attempt needs a level of worker whose folder the judge was not given."""

    level: str


Result = Judged | AsleepError | NeedsLevel | Over | None
"""The result of a job; None if it was lost with its judge."""


@dataclass
class _Seat:
    """One judge's process and its job; it is ready as soon as it has read its suites."""

    process: BaseProcess
    pipe: connection.Connection
    deadline: float
    ready: bool = False
    hangs: bool = False
    job: Job | None = None


class Bench:
    """Judges, each with one job at a time. A judge that ends is replaced, and only its job is lost.

    Parameters
    ----------
    context
        The multiprocessing context that makes processes.
    root
        The course's folder.
    suites
        The hash of each section's suite; every judge reads these first.
    count
        How many judges there are.
    """

    def __init__(self, context: BaseContext, root: Path, suites: Mapping[str, str], count: int) -> None:
        self._context = context
        self._root = root
        self._suites = suites
        self._lost_in_a_row = 0
        self._seats = [self._seat() for _ in range(count)]

    @property
    def at_work(self) -> bool:
        """Whether a judge has a job."""
        return any(seat.job is not None for seat in self._seats)

    @property
    def is_idle(self) -> bool:
        """Whether a judge is ready for a job."""
        return any(seat.ready and seat.job is None for seat in self._seats)

    @property
    def is_hopeless(self) -> bool:
        """Whether several judges in a row ended before they were ready, so that they can't run here at all."""
        return self._lost_in_a_row >= _LOST_IN_A_ROW

    def give(self, job: Job, folders: Mapping[str, Path], patience: float | None) -> None:
        """Give `job` to a judge that is ready; `folders` are those of the running workers, by level."""
        seat = next(seat for seat in self._seats if seat.ready and seat.job is None)
        seat.job, seat.deadline = job, time.monotonic() + _HANGS_SECONDS
        with contextlib.suppress(OSError):  # if it has ended, this is noticed when its result is read
            seat.pipe.send((job, dict(folders), patience))

    def results(self) -> Iterator[tuple[Job, Result]]:
        """Wait a moment, and yield the results that have arrived by then.

        Raises
        ------
        CourseError
            If a judge finds that a suite contradicts the course.
        """
        for seat in self._seats:
            if time.monotonic() > seat.deadline and (seat.job is not None or not seat.ready):
                seat.hangs = True
                seat.process.kill()
        said = connection.wait([seat.pipe for seat in self._seats], _TICK_SECONDS)
        for number, seat in enumerate(self._seats):
            if seat.pipe not in said:
                continue
            try:
                result = seat.pipe.recv()
                if isinstance(result, Over):  # its memory may still be full
                    self._replace(number)
            except (EOFError, OSError):
                result = self._replace(number)
            job, seat.job, seat.ready = seat.job, None, True
            if isinstance(result, CourseError):
                raise result
            if job is not None:
                yield job, result

    def _replace(self, number: int) -> Over | None:
        """Replace a judge that ended; return the limit that ended it, if that is known."""
        seat = self._seats[number]
        self._end(seat)
        self._lost_in_a_row = 0 if seat.ready else self._lost_in_a_row + 1
        self._seats[number] = self._seat()
        if seat.process.exitcode == -signal.SIGXCPU:
            return Over(Verdict.TIME_LIMIT, is_certain=True)
        return Over(Verdict.TIME_LIMIT) if seat.hangs else None

    def _seat(self) -> _Seat:
        ours, theirs = self._context.Pipe()
        process: BaseProcess = self._context.Process(  # type: ignore[attr-defined]  # every context has it
            target=_serve, args=(theirs, self._root, dict(self._suites), CPU_SECONDS, MEMORY_MB)
        )
        process.start()
        theirs.close()
        return _Seat(process, ours, time.monotonic() + _HANGS_SECONDS)

    @staticmethod
    def _end(seat: _Seat) -> None:
        seat.pipe.close()
        seat.process.kill()
        seat.process.join()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        for seat in self._seats:
            self._end(seat)


# The judge's process


class _Judge:
    """The state of one process: the course, the suites collected so far, and its slots with the workers."""

    def __init__(self, root: Path) -> None:
        self.course = course_module.load(root)
        self.suites: dict[str, Suite] = {}
        self.links: dict[str, Link] = {}

    def suite(self, section_id: str, digest: str) -> Suite:
        """Return the suite of a section, collected on first use unless this process started with it."""
        if section_id not in self.suites:
            from autograder.judge.suite import Suite  # the grader's own process needs neither it nor pytest

            ready = fork_server.suite(self.course.root, digest)
            self.suites[section_id] = ready or Suite(self.course, self.course.section(section_id))
        return self.suites[section_id]

    def judge(self, job: Job, folders: Mapping[str, Path], patience: float | None) -> Result:
        """Return the record, or why there is none."""
        from autograder.judge import trial

        section = self.course.section(job.attempt.section)
        level = ""
        try:
            suite = self.suite(section.id, job.header.suite)
            if job.over is not None:
                reason = f"Not judged any further: looking at the answers of this work takes {_OVER[job.over]}."
                judgement = trial.given_up(suite, job.over, reason)
                return score.record(section, judgement, job.header, job.attempt.notes), {}
            level = suite.level_of(job.attempt)
            if level not in folders:
                return NeedsLevel(level)
            if level not in self.links:
                self.links[level] = Link(folders[level])
            judgement = trial.judge(suite, job.attempt, self.links[level], job.header.seed, patience)
        except AsleepError as asleep:
            return asleep
        except MemoryError:
            return Over(Verdict.MEMORY_LIMIT)
        except Exception as error:  # noqa: BLE001  whatever fails here is a fault of ours and must not stop the class
            self._unlink(level)
            reason = str(error) if isinstance(error, WorkerUnavailableError) else f"{type(error).__name__}: {error}"
            return not_judged(section, job, reason), {}
        if judgement.fault_of_ours is not None:
            self._unlink(level)
        return score.record(section, judgement, job.header, job.attempt.notes), judgement.times

    def _unlink(self, level: str) -> None:
        if level in self.links:
            self.links.pop(level).close()


def not_judged(section: Section, job: Job, reason: str) -> Record:
    """Return the record of a job that the grader failed on."""
    return score.not_judged(section, job.header, reason, job.attempt.notes)


def _serve(
    pipe: connection.Connection, root: Path, suites: Mapping[str, str], cpu_seconds: int, memory_mb: int
) -> None:
    """Read the suites, report that they are read, and judge what is given until the grader is gone."""
    end_with_parent()
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        judge = _Judge(root)
        try:
            for section_id, digest in sorted(suites.items()):
                judge.suite(section_id, digest)
            pipe.send(None)
        except CourseError as error:
            pipe.send(error)
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, mapped + memory_mb * 2**20)
        _limit(resource.RLIMIT_CORE, 0)
        while True:
            given = pipe.recv()
            # The kernel ends this process by a signal of its own, SIGXCPU, if it computes for longer.
            _limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + cpu_seconds)
            pipe.send(judge.judge(*given))


def _limit(what: int, limit: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
