"""Judges a class in parallel: what the store does not hold yet, on as many processes as asked for.

A judge process that dies takes only what it was judging with it; that attempt is tried once more on its own and is
``not judged`` if it ends another process.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import course as course_module
from autograder import score
from autograder.collect import Attempt
from autograder.course import Course
from autograder.judge import Suite, grader_version, suite_digest
from autograder.pool import Pool
from autograder.remote import Link, WorkerUnavailableError
from autograder.score import Header
from autograder.store import Store

_LOST_IN_A_ROW = 3


@dataclass(frozen=True)
class Outcome:
    """The record of one attempt; `times` (processor seconds) is there only if it was judged in this run."""

    attempt: Attempt
    record: dict[str, Any]
    times: Mapping[str, float] | None = None


@dataclass(frozen=True)
class _Job:
    """One attempt on its way to a judge, with what its record will be filed under."""

    attempt: Attempt
    header: Header

    @property
    def key(self) -> str:
        return self.header.key


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
        Judge processes.
    walls
        Walls that must stand around student code.
    """

    def __init__(self, course: Course, store: Store, *, seed: int, jobs: int, walls: tuple[str, ...]) -> None:
        self.course = course
        self.store = store
        self.seed = seed
        self.jobs = jobs
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
            with Pool(self.walls) as pool:
                for job, record, used in self._judge_all(todo, pool):
                    if record["status"] != "not judged":
                        self.store.put(job.key, record)
                    known[job.key], times[job.key] = record, used
                    advance()
        keys = [self._job(attempt).key for attempt in attempts]
        return [Outcome(attempt, known[key], times.get(key)) for attempt, key in zip(attempts, keys, strict=True)]

    def _job(self, attempt: Attempt) -> _Job:
        section = attempt.section
        return _Job(attempt, Header(section, attempt.digest, self.suites[section], self.seed, self.grader, self.walls))

    def _judge_all(
        self, todo: Sequence[_Job], pool: Pool
    ) -> Iterator[tuple[_Job, dict[str, Any], Mapping[str, float]]]:
        """Yield a record per job. Jobs that met a fault of ours are tried a second time, one by one."""
        doubtful: list[_Job] = []
        for job, result in self._round(todo, pool, min(self.jobs, len(todo))):
            if result is None or result[0]["status"] == "not judged":
                doubtful.append(job)
            else:
                yield job, *result
        lost_in_a_row = 0
        for job in doubtful:
            result = None
            if lost_in_a_row < _LOST_IN_A_ROW:  # otherwise judges cannot run here at all
                ((_, result),) = self._round([job], pool, 1)
            lost_in_a_row = 0 if result else lost_in_a_row + 1
            yield job, *(result or (self._gave_up(job), {}))

    def _round(
        self, todo: Sequence[_Job], pool: Pool, processes: int
    ) -> Iterator[tuple[_Job, tuple[dict[str, Any], Mapping[str, float]] | None]]:
        """Judge `todo` on fresh processes; None stands for a result that was lost with its process.

        Raises
        ------
        CourseError
            If a suite contradicts the course.
        """
        os.environ["PYTHONHASHSEED"] = "0"  # of the judges: sets that a message shows have one order
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["autograder.judge"])
        arguments = (self.course.root, pool.folder)
        with ProcessPoolExecutor(processes, context, initializer=_start_judge, initargs=arguments) as executor:
            sections = {job.attempt.section for job in todo}
            prepared = [executor.submit(_prepare, sections) for _ in range(processes)]
            pool.ensure()  # judges read their suites while the worker warms up
            with contextlib.suppress(BrokenProcessPool):
                for reading in prepared:
                    reading.result()
            futures: dict[Future[Any], _Job] = {}
            lost = []
            for job in todo:
                try:
                    futures[executor.submit(_judge, job)] = job
                except BrokenProcessPool:
                    lost.append(job)
            for future in as_completed(futures):
                try:
                    yield futures[future], future.result()
                except BrokenProcessPool:
                    lost.append(futures[future])
        for job in lost:
            yield job, None

    def _gave_up(self, job: _Job) -> dict[str, Any]:
        return _not_judged(
            self.course, job, "the judge's process ended in the middle of this attempt; run `autograder doctor`"
        )


def _not_judged(course: Course, job: _Job, reason: str) -> dict[str, Any]:
    return score.not_judged(course.section(job.attempt.section), job.header, reason, job.attempt.notes)


class _Judge:
    """What one judge process holds: the course, the suites collected so far, and its slot with the worker."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.course = course_module.load(root)
        self.folder = folder
        self.suites: dict[str, Suite] = {}
        self.link: Link | None = None

    def suite(self, section_id: str) -> Suite:
        """Return the suite of a section, collected on first use."""
        if section_id not in self.suites:
            self.suites[section_id] = Suite(self.course, self.course.section(section_id))
        return self.suites[section_id]

    def judge(self, job: _Job) -> tuple[dict[str, Any], Mapping[str, float]]:
        section = self.course.section(job.attempt.section)
        try:
            if self.link is None:
                self.link = Link(self.folder)
            judgement = self.suite(section.id).judge(job.attempt, self.link, job.header.seed)
        except Exception as error:  # noqa: BLE001  whatever fails here is a fault of ours and must not stop the class
            self._unlink()
            reason = str(error) if isinstance(error, WorkerUnavailableError) else f"{type(error).__name__}: {error}"
            return _not_judged(self.course, job, reason), {}
        if judgement.fault_of_ours is not None:
            self._unlink()
        record = score.record(section, judgement, job.header, job.attempt.notes)
        return record, judgement.times

    def _unlink(self) -> None:
        if self.link is not None:
            self.link.close()
            self.link = None


_judges: list[_Judge] = []


def _start_judge(root: Path, folder: Path) -> None:
    _judges[:] = [_Judge(root, folder)]


def _prepare(sections: set[str]) -> None:
    for section_id in sections:
        _judges[0].suite(section_id)


def _judge(job: _Job) -> tuple[dict[str, Any], Mapping[str, float]]:
    return _judges[0].judge(job)
