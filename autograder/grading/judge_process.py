"""What runs in a judge's process: it reads the suites, and judges one attempt after another.

What arrives from a child is bounded, and so is the work that it causes. In case a bound is missing, the kernel ends a
judge that exceeds its own processor time or memory, and this affects only the attempt that it was judging.
"""

from __future__ import annotations

import contextlib
import math
import os
import resource
import time
from collections.abc import Mapping
from multiprocessing import connection
from pathlib import Path

from autograder import course as course_module
from autograder.course import CourseError
from autograder.grading import fork_server
from autograder.grading.jobs import Job, NeedsLevel, Over, Result, not_judged
from autograder.judge import trial
from autograder.judge.suite import Suite
from autograder.parallel import end_with_parent
from autograder.records import score
from autograder.remote.errors import AsleepError, WorkerUnavailableError
from autograder.remote.link import Link
from autograder.verdict import Verdict

_OVER = {Verdict.TIME_LIMIT: "too much of the grader's own time", Verdict.MEMORY_LIMIT: "too much of its memory"}


class _Judge:
    """The state of one process: the course, the suites collected so far, and its slots with the workers."""

    def __init__(self, root: Path) -> None:
        self.course = course_module.load(root)
        self.suites: dict[str, Suite] = {}
        self.links: dict[str, Link] = {}

    def suite(self, section_id: str, digest: str) -> Suite:
        """Return the suite of a section, collected on first use unless this process started with it."""
        if section_id not in self.suites:
            ready = fork_server.suite(self.course.root, digest)
            self.suites[section_id] = ready or Suite(self.course, self.course.section(section_id))
        return self.suites[section_id]

    def judge(self, job: Job, folders: Mapping[str, Path], patience: float | None) -> Result:
        """Return the record, or why there is none."""
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


def serve(
    pipe: connection.Connection,
    root: Path,
    suites: Mapping[str, str],
    cpu_seconds: int,
    memory_mb: int,
    core: int | None,
) -> None:
    """Read the suites, report that they are read, and judge what is given until the grader is gone."""
    end_with_parent()
    if core is not None:
        with contextlib.suppress(OSError):  # it is not this process's to use any longer
            os.sched_setaffinity(0, {core})
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
