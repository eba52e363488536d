"""Judges a class in parallel: all attempts without a stored record, on as many processes as asked for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol

from autograder.course import Course, CourseError
from autograder.grading.jobs import Job, Over, Result, not_judged
from autograder.grading.rounds import Round
from autograder.grading.workers import Pools
from autograder.records.keys import grader_version, suite_digest
from autograder.records.record import Header, Record, Status
from autograder.records.store import Store
from autograder.remote.errors import AsleepError, LibraryMissingError, WorkerUnavailableError
from autograder.sandbox.walls import readable_tree
from autograder.submissions.attempts import Attempt

_LOST = "the judge's process ended in the middle of this attempt; run `autograder doctor`"
_PATIENCE_SECONDS = 1.0
"""How long code may sleep while others are judged; attempts that sleep longer are judged together after them."""


@dataclass(frozen=True)
class Outcome:
    """The record of one attempt; `times` (processor seconds) is set only if it was judged in this run."""

    attempt: Attempt
    record: Record
    times: Mapping[str, float] | None = None


class Judging(Protocol):
    """Those who judge: the processes of this machine, or a cluster."""

    def round(
        self, jobs: Sequence[Job], one_by_one: bool, patience: float | None
    ) -> Iterator[tuple[Job, Result | WorkerUnavailableError]]:
        """Judge each of `jobs` once; yield its result, or why no worker could run it."""


class Batch:
    """A class run.

    Parameters
    ----------
    course
        The course.
    store
        Where records are kept.
    seed
        Cohort seed.
    jobs
        How many cores to use; None for all. Twice as many attempts are judged at a time, because code that sleeps and
        judges that wait for code don't use a core.
    walls
        Walls that must be raised around student code.
    pools
        Workers to use, which are kept after a run; without, each run has its own.
    stopping
        Ends a run with a `KeyboardInterrupt` once it is set, for runs in threads, which get no signals.
    judging
        Makes those who judge, once something is to be judged; without it this machine's processes do.

    Raises
    ------
    CourseError
        If the course is among the libraries, which student code can read.
    """

    def __init__(
        self,
        course: Course,
        store: Store,
        *,
        seed: int,
        jobs: int | None,
        walls: tuple[str, ...],
        pools: Pools | None = None,
        stopping: threading.Event | None = None,
        judging: Callable[[], AbstractContextManager[Judging]] | None = None,
    ) -> None:
        refuse_readable(course)
        self.course = course
        self.store = store
        self.seed = seed
        self.jobs = jobs or _all_cores()
        self.walls = walls
        self.grader = grader_version()
        self.suites = {section.id: suite_digest(course, section) for section in course.sections}
        self._judging = judging or (lambda: _Here(self, pools, stopping))

    def missing(self, attempts: Iterable[Attempt]) -> int:
        """Return how many different records the store lacks for `attempts`."""
        keys = {job.key for job in map(self._job, attempts)}
        return sum(self.store.get(key) is None for key in keys)

    def stored(self, attempts: Iterable[Attempt]) -> list[Outcome]:
        """Return the outcomes of those of `attempts` that the store holds; nothing is judged."""
        found = ((attempt, self.store.get(self._job(attempt).key)) for attempt in attempts)
        return [Outcome(attempt, record) for attempt, record in found if record is not None]

    def run(self, attempts: Sequence[Attempt], advance: Callable[[], None] = lambda: None) -> list[Outcome]:
        """Return the outcomes of `attempts`, in their order; `advance` is called whenever a record is made."""
        jobs = {job.key: job for job in map(self._job, attempts)}
        known = {key: record for key in jobs if (record := self.store.get(key)) is not None}
        times: dict[str, Mapping[str, float]] = {}
        todo = [job for key, job in jobs.items() if key not in known]
        if todo:
            with self._judging() as judging:
                for job, record, used in self._judge_all(todo, judging):
                    if record.status is not Status.NOT_JUDGED:
                        self.store.put(job.key, record)
                    known[job.key], times[job.key] = record, used
                    advance()
        keys = [self._job(attempt).key for attempt in attempts]
        return [Outcome(attempt, known[key], times.get(key)) for attempt, key in zip(attempts, keys, strict=True)]

    def _job(self, attempt: Attempt) -> Job:
        section = attempt.section
        return Job(attempt, Header(section, attempt.digest, self.suites[section], self.seed, self.grader, self.walls))

    def _judge_all(self, todo: Sequence[Job], judging: Judging) -> Iterator[tuple[Job, Record, Mapping[str, float]]]:
        """Yield a record for each job, after as many rounds as necessary.

        Jobs whose code sleeps are judged after all others, so that no verdict by the clock is due to a busy machine.
        Jobs that met a fault of ours are tried again in parallel, and after a second fault one by one. An attempt that
        makes a judge exceed its own limits gets that as its verdict: at once for processor time, which no other attempt
        uses, and otherwise only if it happens again in a new judge.
        """
        asleep: list[Job] = []
        failed_once: list[Job] = []
        failed_twice: list[Job] = []
        over: list[Job] = []
        # Each list is complete when its round begins. Jobs that meet a fault of ours go to `failed`; if that is None,
        # they get a record.
        for jobs, patience, failed in (
            (todo, _PATIENCE_SECONDS, failed_once),
            (asleep, None, failed_once),
            (failed_once, None, failed_twice),
            (failed_twice, None, None),
            (over, None, None),
        ):
            is_first_try = failed is failed_once
            for job, result in judging.round(list(jobs), jobs is failed_twice, patience):
                match result:
                    case AsleepError():
                        asleep.append(job)
                    case LibraryMissingError():
                        yield job, self._gave_up(job, str(result)), {}
                    case Over(verdict, is_certain) if job.over is None and (is_certain or not is_first_try):
                        over.append(replace(job, over=verdict))
                    case (record, times) if record.status is not Status.NOT_JUDGED or failed is None:
                        yield job, record, times
                    case _ if failed is not None:
                        failed.append(job)
                    case WorkerUnavailableError():
                        yield job, self._gave_up(job, str(result)), {}
                    case _:
                        yield job, self._gave_up(job), {}

    def _gave_up(self, job: Job, reason: str = _LOST) -> Record:
        return not_judged(self.course.section(job.attempt.section), job, reason)


class _Here:
    """The judges of this machine: one for each core, or one where jobs are judged one by one."""

    def __init__(self, batch: Batch, pools: Pools | None, stopping: threading.Event | None) -> None:
        self._batch, self._stopping = batch, stopping
        self._are_ours = pools is None
        self._pools = pools or Pools(batch.walls)

    def round(
        self, jobs: Sequence[Job], one_by_one: bool, patience: float | None
    ) -> Iterator[tuple[Job, Result | WorkerUnavailableError]]:
        batch, judges = self._batch, 1 if one_by_one else self._batch.jobs
        return Round(batch.course, batch.suites, jobs, self._pools, judges, patience, self._stopping).results()

    def __enter__(self) -> _Here:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._are_ours:
            self._pools.close()


def refuse_readable(course: Course) -> None:
    """Raise `CourseError` if the course or its suites are among the libraries, which student code can read."""
    for secret in (course.root, course.suites):
        if tree := readable_tree(secret):
            raise CourseError(f"{secret} lies in {tree}, where student code can read; move it to another place")


def _all_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
