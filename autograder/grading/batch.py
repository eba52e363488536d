"""Judges a class in parallel: what the store does not hold yet, on as many processes as asked for."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.grading import fork_server
from autograder.grading.judges import Bench, Job, NeedsLevel, Over, Result, not_judged
from autograder.grading.workers import Pools
from autograder.judge.levels import usual_level
from autograder.records.keys import grader_version, suite_digest
from autograder.records.record import Header, Record, Status
from autograder.records.store import Store
from autograder.remote.link import LibraryMissingError, WorkerUnavailableError
from autograder.remote.session import AsleepError
from autograder.sandbox.walls import readable_tree
from autograder.sandbox.worker import LEVELS
from autograder.submissions.collect import Attempt

_LOST = "the judge's process ended in the middle of this attempt; run `autograder doctor`"
_PATIENCE_SECONDS = 1.0
"""For how long code may sleep while others are judged; what sleeps longer is judged after them, beside its like."""


@dataclass(frozen=True)
class Outcome:
    """The record of one attempt; `times` (processor seconds) is there only if it was judged in this run."""

    attempt: Attempt
    record: Record
    times: Mapping[str, float] | None = None


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
        How many cores to use; None for all. Twice as many attempts are judged at a time, since code that sleeps, and
        a judge that waits for code, leave a core to others.
    walls
        Walls that must stand around student code.

    Raises
    ------
    CourseError
        If the course lies among the libraries, where student code can read.
    """

    def __init__(self, course: Course, store: Store, *, seed: int, jobs: int | None, walls: tuple[str, ...]) -> None:
        for secret in (course.root, course.suites):
            if tree := readable_tree(secret):
                raise CourseError(f"{secret} lies in {tree}, where student code can read; move it to another place")
        self.course = course
        self.store = store
        self.seed = seed
        self.jobs = jobs or _all_cores()
        self.walls = walls
        self.grader = grader_version()
        self.suites = {section.id: suite_digest(course, section) for section in course.sections}

    def missing(self, attempts: Iterable[Attempt]) -> int:
        """Return how many different records the store lacks for `attempts`."""
        keys = {job.key for job in map(self._job, attempts)}
        return sum(self.store.get(key) is None for key in keys)

    def stored(self, attempts: Iterable[Attempt]) -> list[Outcome]:
        """Return the outcomes of those of `attempts` that the store holds; nothing is judged."""
        found = ((attempt, self.store.get(self._job(attempt).key)) for attempt in attempts)
        return [Outcome(attempt, record) for attempt, record in found if record is not None]

    def run(self, attempts: Sequence[Attempt], advance: Callable[[], None] = lambda: None) -> list[Outcome]:
        """Return the outcomes of `attempts`, in their order; `advance` is called for each record as it is made."""
        jobs = {job.key: job for job in map(self._job, attempts)}
        known = {key: record for key in jobs if (record := self.store.get(key)) is not None}
        times: dict[str, Mapping[str, float]] = {}
        todo = [job for key, job in jobs.items() if key not in known]
        if todo:
            with Pools(self.walls) as pools:
                for job, record, used in self._judge_all(todo, pools):
                    if record.status is not Status.NOT_JUDGED:
                        self.store.put(job.key, record)
                    known[job.key], times[job.key] = record, used
                    advance()
        keys = [self._job(attempt).key for attempt in attempts]
        return [Outcome(attempt, known[key], times.get(key)) for attempt, key in zip(attempts, keys, strict=True)]

    def _job(self, attempt: Attempt) -> Job:
        section = attempt.section
        return Job(attempt, Header(section, attempt.digest, self.suites[section], self.seed, self.grader, self.walls))

    def _judge_all(self, todo: Sequence[Job], pools: Pools) -> Iterator[tuple[Job, Record, Mapping[str, float]]]:
        """Yield a record per job.

        Those whose code sleeps are judged after all others, so that no verdict by the clock is one of a busy machine.
        Jobs that met a fault of ours are tried again, beside each other; those that do so twice, one by one. Who makes
        a judge exceed its own limits gets that for a verdict: at once for processor time, which is counted for him
        alone, and otherwise if it happens again in a judge that is new.
        """
        asleep: list[Job] = []
        again: list[Job] = []
        alone: list[Job] = []
        over: list[Job] = []
        many = 2 * self.jobs
        for jobs, judges, patience, failed in (
            (todo, many, _PATIENCE_SECONDS, again),
            (asleep, many, None, again),
            (again, many, None, alone),
            (alone, 1, None, None),
            (over, many, None, None),
        ):
            for job, result in self._round(list(jobs), pools, judges, patience):
                match result:
                    case AsleepError():
                        asleep.append(job)
                    case LibraryMissingError():
                        yield job, self._gave_up(job, str(result)), {}
                    case Over(verdict, certain) if job.over is None and (certain or failed is not again):
                        over.append(replace(job, over=verdict))
                    case (record, times) if record.status is not Status.NOT_JUDGED or failed is None:
                        yield job, record, times
                    case _ if failed is not None:
                        failed.append(job)
                    case WorkerUnavailableError():
                        yield job, self._gave_up(job, str(result)), {}
                    case _:
                        yield job, self._gave_up(job), {}

    def _round(
        self, todo: Sequence[Job], pools: Pools, judges: int, patience: float | None
    ) -> Iterator[tuple[Job, Result | WorkerUnavailableError]]:
        """Judge `todo` on fresh processes.

        Where a level of worker can't start, attempts that need it are left, and no others.

        Raises
        ------
        CourseError
            If a suite contradicts the course.
        """
        if not todo:
            return
        sections = sorted({job.attempt.section for job in todo})
        usual = {section_id: usual_level(self.course, self.course.section(section_id)) for section_id in sections}
        waiting: dict[str, deque[Job]] = {level: deque() for level in LEVELS}
        for job in todo:
            waiting[usual[job.attempt.section]].append(job)
        for level in LEVELS:
            if waiting[level]:
                pools.start(level)
        context = fork_server.context(self.course.root, usual)
        suites = {section_id: self.suites[section_id] for section_id in usual}
        with (
            ThreadPoolExecutor(1) as starter,
            Bench(context, self.course.root, suites, min(judges, len(todo))) as bench,
        ):
            # Judges read their suites while the first worker warms up, and judge while the next one does.
            starts = {level: starter.submit(pools.folder, level) for level in LEVELS if waiting[level]}
            while bench.at_work or any(waiting.values()):
                if bench.is_hopeless and not bench.at_work:
                    yield from ((job, None) for jobs in waiting.values() for job in jobs)
                    return
                folders: dict[str, Path] = {}
                for level, start in starts.items():
                    if not start.done():
                        continue
                    try:
                        folders[level] = start.result()
                    except WorkerUnavailableError as error:
                        yield from ((job, error) for job in waiting[level])
                        waiting[level].clear()
                for level in folders:
                    while waiting[level] and bench.is_idle and not bench.is_hopeless:
                        bench.give(waiting[level].popleft(), folders, patience)
                for job, result in bench.results():
                    if isinstance(result, NeedsLevel):  # as no attempt of the section was expected to
                        if result.level not in starts:
                            starts[result.level] = starter.submit(pools.folder, result.level)
                        waiting[result.level].append(job)
                        continue
                    if result is None or (isinstance(result, tuple) and result[0].status is Status.NOT_JUDGED):
                        # Perhaps a worker is gone; one that still stands only says so.
                        starts = {level: starter.submit(pools.folder, level) for level in starts}
                    yield job, result

    def _gave_up(self, job: Job, reason: str = _LOST) -> Record:
        return not_judged(self.course.section(job.attempt.section), job, reason)


def _all_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
