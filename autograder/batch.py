"""Judges a class in parallel: what the store does not hold yet, on as many processes as asked for.

A judge process that dies takes only what it was judging with it; that attempt is tried once more on its own and is
``not judged`` if it ends another process.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder import confine, preload, score
from autograder import course as course_module
from autograder.collect import Attempt
from autograder.course import Course, CourseError
from autograder.filing import grader_version, suite_digest
from autograder.link import LibraryMissingError, Link, WorkerUnavailableError
from autograder.parallel import end_with_parent
from autograder.pool import Pools, usual_level
from autograder.remote import AsleepError
from autograder.score import Header
from autograder.store import Store
from autograder.worker import LEVELS

if TYPE_CHECKING:
    from autograder.judge import Suite

_LOST_IN_A_ROW = 3
_LEVELS = tuple(LEVELS)

_PATIENCE_SECONDS = 1.0
"""For how long code may sleep while others are judged; what sleeps longer is judged after them, beside its like."""

_Judged = tuple[dict[str, Any], Mapping[str, float]]


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
            if tree := confine.readable_tree(secret):
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
        self, todo: Sequence[_Job], pools: Pools
    ) -> Iterator[tuple[_Job, dict[str, Any], Mapping[str, float]]]:
        """Yield a record per job.

        Those whose code sleeps are judged after all others, so that no verdict by the clock is one of a busy machine.
        Jobs that met a fault of ours are tried a second time, one by one.
        """
        doubtful: list[_Job] = []
        asleep: list[_Job] = []
        for jobs, patience in ((todo, _PATIENCE_SECONDS), (asleep, None)):
            for job, result in self._round(list(jobs), pools, self.jobs, patience):
                if isinstance(result, AsleepError):
                    asleep.append(job)
                elif isinstance(result, LibraryMissingError):
                    yield job, _not_judged(self.course, job, str(result)), {}
                elif result is None or result[0]["status"] == "not judged":
                    doubtful.append(job)
                else:
                    yield job, *result
        lost_in_a_row = 0
        for job in doubtful:
            result = None
            if lost_in_a_row < _LOST_IN_A_ROW:  # otherwise judges cannot run here at all
                ((_, result),) = self._round([job], pools, 1, None)
            assert not isinstance(result, AsleepError), "nothing is put off for ever"
            lost_in_a_row = 0 if result else lost_in_a_row + 1
            if isinstance(result, LibraryMissingError):
                result = _not_judged(self.course, job, str(result)), {}
            yield job, *(result or (self._gave_up(job), {}))

    def _round(
        self, todo: Sequence[_Job], pools: Pools, cores: int, patience: float | None
    ) -> Iterator[tuple[_Job, _Judged | AsleepError | LibraryMissingError | None]]:
        """Judge `todo` on fresh processes; None stands for a result that was lost with its process.

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
        levels = sorted(set(usual.values()), key=_LEVELS.index)
        for level in levels:
            pools.start(level)
        context = preload.context(self.course.root, usual)
        judges = min(2 * cores, len(todo))
        with ProcessPoolExecutor(judges, context, initializer=_start_judge, initargs=(self.course.root,)) as executor:
            suites = {section_id: self.suites[section_id] for section_id in usual}
            prepared = [executor.submit(_prepare, suites) for _ in range(judges)]
            folders: dict[str, Path] = {}
            futures: dict[Future[Any], _Job] = {}
            lost = []

            def submit(job: _Job) -> None:
                try:
                    futures[executor.submit(_judge, job, dict(folders), patience)] = job
                except BrokenProcessPool:
                    lost.append(job)

            # Judges read their suites while the first worker warms up, and judge while the next one does.
            for level in levels:
                with contextlib.suppress(LibraryMissingError):  # who needs it is told below
                    folders[level] = pools.folder(level)
                if prepared:
                    with contextlib.suppress(BrokenProcessPool):
                        for reading in prepared:
                            reading.result()
                    prepared.clear()
                for job in todo:
                    if usual[job.attempt.section] == level:
                        submit(job)
            while futures:
                for future in wait(futures, return_when=FIRST_COMPLETED).done:
                    job = futures.pop(future)
                    try:
                        result = future.result()
                    except BrokenProcessPool:
                        lost.append(job)
                        continue
                    if not isinstance(result, str):
                        yield job, result
                        continue
                    try:  # a level that is not there, as no attempt of the section was expected to need it
                        folders[result] = pools.folder(result)
                    except LibraryMissingError as error:
                        yield job, error
                    else:
                        submit(job)
        for job in lost:
            yield job, None

    def _gave_up(self, job: _Job) -> dict[str, Any]:
        return _not_judged(
            self.course, job, "the judge's process ended in the middle of this attempt; run `autograder doctor`"
        )


def _all_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _not_judged(course: Course, job: _Job, reason: str) -> dict[str, Any]:
    return score.not_judged(course.section(job.attempt.section), job.header, reason, job.attempt.notes)


class _Judge:
    """What one judge process holds: the course, the suites collected so far, and its slots with the workers."""

    def __init__(self, root: Path) -> None:
        self.course = course_module.load(root)
        self.suites: dict[str, Suite] = {}
        self.links: dict[str, Link] = {}

    def suite(self, section_id: str, digest: str) -> Suite:
        """Return the suite of a section, collected on first use unless this process was born with it."""
        if section_id not in self.suites:
            from autograder.judge import Suite  # the grader's own process does without it, and without pytest

            ready = preload.suite(self.course.root, digest)
            self.suites[section_id] = ready or Suite(self.course, self.course.section(section_id))
        return self.suites[section_id]

    def judge(self, job: _Job, folders: Mapping[str, Path], patience: float | None) -> _Judged | AsleepError | str:
        """Return the record; or that it takes more patience; or the level of worker, if that is not among `folders`."""
        section = self.course.section(job.attempt.section)
        level = ""
        try:
            suite = self.suite(section.id, job.header.suite)
            level = suite.level_of(job.attempt)
            if level not in folders:
                return level
            if level not in self.links:
                self.links[level] = Link(folders[level])
            judgement = suite.judge(job.attempt, self.links[level], job.header.seed, patience)
        except AsleepError as asleep:
            return asleep
        except Exception as error:  # noqa: BLE001  whatever fails here is a fault of ours and must not stop the class
            self._unlink(level)
            reason = str(error) if isinstance(error, WorkerUnavailableError) else f"{type(error).__name__}: {error}"
            return _not_judged(self.course, job, reason), {}
        if judgement.fault_of_ours is not None:
            self._unlink(level)
        record = score.record(section, judgement, job.header, job.attempt.notes)
        return record, judgement.times

    def _unlink(self, level: str) -> None:
        if level in self.links:
            self.links.pop(level).close()


_judges: list[_Judge] = []


def _start_judge(root: Path) -> None:
    end_with_parent()
    _judges[:] = [_Judge(root)]


def _prepare(suites: Mapping[str, str]) -> None:
    for section_id, digest in sorted(suites.items()):
        _judges[0].suite(section_id, digest)


def _judge(job: _Job, folders: Mapping[str, Path], patience: float | None) -> _Judged | AsleepError | str:
    return _judges[0].judge(job, folders, patience)
