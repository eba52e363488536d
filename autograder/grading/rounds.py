"""A round: jobs, each judged once, by judges and workers that they share.

The result of a job may be a record or a reason to judge it again. Whether and in which round it is judged again is
decided by :class:`autograder.grading.batch.Batch`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from autograder.course import Course
from autograder.grading import fork_server
from autograder.grading.jobs import Job, NeedsLevel, Result
from autograder.grading.judges import Bench
from autograder.grading.workers import Pools
from autograder.judge.levels import usual_level
from autograder.records.record import Status
from autograder.remote.errors import WorkerUnavailableError
from autograder.sandbox.levels import LEVELS


class Round:
    """Jobs that are judged by new judges; each waits for a worker of the level that it needs.

    If a level of worker can't start, only the jobs that need it are not judged.

    Parameters
    ----------
    course
        The course.
    suites
        The hash of the suite of each section.
    jobs
        What is to be judged.
    pools
        The workers, which are kept for later rounds.
    judges
        How many jobs are judged at a time, at most.
    patience
        Seconds that code may sleep before its job is put off; with None, only the course's limit holds.
    stopping
        Ends the round with a `KeyboardInterrupt` once it is set.
    """

    def __init__(
        self,
        course: Course,
        suites: Mapping[str, str],
        jobs: Sequence[Job],
        pools: Pools,
        judges: int,
        patience: float | None,
        stopping: threading.Event | None = None,
    ) -> None:
        self._root = course.root
        self._pools = pools
        self._judges = min(judges, len(jobs))
        self._patience = patience
        self._stopping = stopping
        sections = sorted({job.attempt.section for job in jobs})
        self._suites = {section_id: suites[section_id] for section_id in sections}
        usual = {section_id: usual_level(course, course.section(section_id)) for section_id in sections}
        self._waiting: dict[str, deque[Job]] = {level: deque() for level in LEVELS}
        for job in jobs:
            self._waiting[usual[job.attempt.section]].append(job)
        self._starts: dict[str, Future[Path]] = {}  # the workers' folders, as soon as they are warm

    def results(self) -> Iterator[tuple[Job, Result | WorkerUnavailableError]]:
        """Judge, and yield the result of each job, or why its worker could not start.

        Raises
        ------
        CourseError
            If a suite contradicts the course.
        """
        if not self._judges:
            return
        needed = [level for level in LEVELS if self._waiting[level]]
        for level in needed:
            self._pools.start(level)
        context = fork_server.context(self._root, self._suites)
        with (
            ThreadPoolExecutor(1) as starter,
            Bench(context, self._root, self._suites, self._judges) as bench,
        ):
            # Judges read their suites while the first worker warms up, and judge while the next one warms up.
            self._start(needed, starter)
            while bench.at_work or any(self._waiting.values()):
                if self._stopping is not None and self._stopping.is_set():
                    raise KeyboardInterrupt
                if bench.is_hopeless and not bench.at_work:
                    yield from ((job, None) for jobs in self._waiting.values() for job in jobs)
                    return
                folders = yield from self._warm()
                self._give(bench, folders)
                for job, result in bench.results():
                    if isinstance(result, NeedsLevel):  # more than attempts at this section usually need
                        if result.level not in self._starts:
                            self._start([result.level], starter)
                        self._waiting[result.level].append(job)
                        continue
                    if result is None or (isinstance(result, tuple) and result[0].status is Status.NOT_JUDGED):
                        # Perhaps a worker is gone. This does nothing for workers that are still there.
                        self._start(list(self._starts), starter)
                    yield job, result

    def _start(self, levels: Sequence[str], starter: ThreadPoolExecutor) -> None:
        """Start the workers of `levels` that are not running, also those that have ended."""
        for level in levels:
            self._starts[level] = starter.submit(self._pools.folder, level)

    def _warm(self) -> Generator[tuple[Job, WorkerUnavailableError], None, dict[str, Path]]:
        """Return the folders of warm workers by level; yield the jobs whose worker could not start."""
        folders: dict[str, Path] = {}
        for level, start in self._starts.items():
            if not start.done():
                continue
            try:
                folders[level] = start.result()
            except WorkerUnavailableError as error:
                yield from ((job, error) for job in self._waiting[level])
                self._waiting[level].clear()
        return folders

    def _give(self, bench: Bench, folders: Mapping[str, Path]) -> None:
        """Give waiting jobs whose worker is warm to idle judges."""
        for level in folders:
            while self._waiting[level] and bench.is_idle and not bench.is_hopeless:
                bench.give(self._waiting[level].popleft(), folders, self._patience)
