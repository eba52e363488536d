"""A worker of a Dask cluster: it judges attempts that arrive as bytes, with the suites of its own copy of the course.

    dask worker tls://head:8786 --no-nanny --nthreads 8 --memory-limit 0 --preload autograder.grading.node

The course is in the folder that ``AUTOGRADER_COURSE`` names, else at or above the one where the worker was started.
Nothing of a suite ever comes or goes by the network, except what a record says about failed checks.

What arrives is trusted: whoever can reach the scheduler can run any code here. What student code says is not, as on one
machine: only judges read it, and only through the wire. A worker that differs from the grader in anything that decides
a record refuses: :func:`fingerprint` says so before a run, and :func:`judge` for each attempt.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing import connection
from pathlib import Path
from typing import Any

from autograder import course as course_module
from autograder.course import Course, CourseError
from autograder.grading import fork_server
from autograder.grading.batch import refuse_readable
from autograder.grading.jobs import Job, NeedsLevel, Over, Result
from autograder.grading.judges import Bench
from autograder.grading.workers import Pools
from autograder.judge.levels import missing_libraries, usual_level
from autograder.records.keys import grader_parts, suite_digest, version_of
from autograder.records.record import Header
from autograder.records.store import encode
from autograder.remote.errors import AsleepError, WorkerUnavailableError
from autograder.sandbox.walls import WALLS, ConfinementError, check_user, missing_walls

COURSE = "AUTOGRADER_COURSE"


@dataclass(frozen=True)
class Refused:
    """Instead of a result: this worker does not judge the job; `reason` reads like "it has …"."""

    reason: str


Answer = tuple[bytes, Mapping[str, float]] | AsleepError | Over | WorkerUnavailableError | Refused | None
"""What a worker sends: a record as the store keeps it, with processor seconds by what used them; or why there is none.

None says that the job was lost with its judge.
"""


@dataclass(frozen=True)
class Fingerprint:
    """What decides a record, but for attempt and seed: suites by section, versions and code of the grader, walls."""

    suites: Mapping[str, str]
    parts: Mapping[str, str]
    walls: tuple[str, ...]

    @classmethod
    def of(cls, course: Course, walls: tuple[str, ...]) -> Fingerprint:
        """Return the fingerprint of this machine, read anew."""
        return cls({section.id: suite_digest(course, section) for section in course.sections}, grader_parts(), walls)

    @property
    def grader(self) -> str:
        """The grader's version, as in headers of records."""
        return version_of(self.parts)

    def unlike(self, asked: Fingerprint) -> str:
        """Return how this differs from what is `asked` for, such as "it has numpy 2.4.1, not 2.4.6"; or nothing."""
        found = [
            f"{name} {self.parts.get(name, 'none')}, not {version}"
            for name, version in asked.parts.items()
            if self.parts.get(name) != version
        ]
        other = [section for section, suite in asked.suites.items() if self.suites.get(section) != suite]
        if other:
            found.append(f"another suite, release or table of {', '.join(other)}")
        if self.walls != asked.walls:
            found.append(f"the walls {', '.join(self.walls) or 'none'}, not {', '.join(asked.walls) or 'none'}")
        return f"it has {'; '.join(found)}" if found else ""

    def fits(self, header: Header) -> bool:
        """Whether records of such a header can be made here."""
        mine = (self.suites.get(header.section), self.grader, self.walls)
        return mine == (header.suite, header.grader, header.walls)


class Node:
    """The judges of one machine, for jobs that come one at a time from any number of threads.

    Parameters
    ----------
    course
        The course with its suites.
    walls
        Walls that stand here.
    judges
        How many jobs are judged at a time.

    Raises
    ------
    CourseError
        If the course is among the libraries, which student code can read.
    """

    def __init__(self, course: Course, walls: tuple[str, ...], judges: int) -> None:
        refuse_readable(course)
        self._root, self._judges = course.root, judges
        self._lock = threading.Lock()
        self._pools = Pools(walls)
        self._mine = Fingerprint.of(course, walls)
        self._usual = {section.id: usual_level(course, section) for section in course.sections}
        self._bench: _Supervised | None = None

    def fingerprint(self) -> Fingerprint | str:
        """Return what this worker is now, or why it can't judge.

        Suites that were changed on the disk are read again.
        """
        with self._lock:
            now = Fingerprint.of(course_module.load(self._root), self._mine.walls)
            if now.parts != self._mine.parts:
                return "its packages were changed after it had started; start it again"
            if self._bench and (now != self._mine or self._bench.failed.is_set()):
                self._bench.close()
                self._bench = None
            self._mine = now
            return now

    def judge(self, job: Job, patience: float | None) -> Answer:
        """Judge one attempt and wait for the result."""
        level = self._usual.get(job.header.section, "")
        while True:
            try:
                with self._lock:
                    if not self._mine.fits(job.header):
                        return Refused("it has other suites, versions or walls than this attempt asks for")
                    if self._bench is None:
                        self._bench = _Supervised(self._root, self._ready_suites(), self._judges)
                    bench, folders = self._bench, {level: self._pools.folder(level)}
                result = bench.judge(job, folders, patience)
            except _BenchError as error:
                return Refused(str(error))
            except WorkerUnavailableError as error:
                return error
            if isinstance(result, NeedsLevel):
                level = result.level
            elif isinstance(result, tuple):
                return encode(result[0]), dict(result[1])
            else:
                return result

    def close(self) -> None:
        """End judges and warm workers."""
        with self._lock:
            if self._bench is not None:
                self._bench.close()
            self._pools.close()

    def _ready_suites(self) -> dict[str, str]:
        """Return the hashes of those suites whose libraries are installed here, which judges read first."""
        return {
            section: self._mine.suites[section]
            for section, level in self._usual.items()
            if not missing_libraries(level)
        }


class _BenchError(Exception):
    """The judges of this machine can't judge anything."""


@dataclass
class _Supervised:
    """A `Bench` in a thread of its own, which alone talks to its processes."""

    root: Path
    suites: Mapping[str, str]
    count: int
    failed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._todo: queue.SimpleQueue[tuple[Job, Mapping[str, Path], float | None, Future[Result]]] = (
            queue.SimpleQueue()
        )
        self._ours, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        self._closing = False
        self._reason = "its judges were stopped"
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    def judge(self, job: Job, folders: Mapping[str, Path], patience: float | None) -> Result:
        """Return the result of a job once it is there."""
        answer: Future[Result] = Future()
        self._todo.put((job, folders, patience, answer))
        self._ring()
        if self.failed.is_set():  # perhaps nobody looks any more
            self._give_up({})
        return answer.result()

    def close(self) -> None:
        """End the judges; jobs that they have are lost."""
        self._closing = True
        self._ring()
        self._thread.join()
        self._ours.close()
        self._bell.close()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it is full, so it rings
            self._ours.send(b"\0", socket.MSG_DONTWAIT)

    def _supervise(self) -> None:
        at_work: dict[int, Future[Result]] = {}
        try:
            context = fork_server.context(self.root, self.suites)
            with Bench(context, self.root, self.suites, self.count) as bench:
                while not self._closing:
                    if bench.is_hopeless:
                        self._reason = "its judges end before they are ready; run `autograder doctor` there"
                        break
                    for job, folders, patience, answer in self._next(bench):
                        at_work[id(job)] = answer
                        bench.give(job, folders, patience)
                    for job, result in bench.results([self._bell]):
                        at_work.pop(id(job)).set_result(result)
                    with contextlib.suppress(BlockingIOError):
                        self._bell.recv(4096)
                    if not bench.at_work and self._todo.empty():
                        connection.wait([self._bell])
        except (CourseError, OSError) as error:
            self._reason = f"it says: {error}"
        finally:
            self.failed.set()
            self._give_up(at_work)

    def _next(self, bench: Bench) -> Iterator[tuple[Job, Mapping[str, Path], float | None, Future[Result]]]:
        while bench.is_idle and not self._todo.empty():
            yield self._todo.get()

    def _give_up(self, at_work: Mapping[int, Future[Result]]) -> None:
        for answer in at_work.values():
            answer.set_exception(_BenchError(self._reason))
        with contextlib.suppress(queue.Empty):
            while True:
                self._todo.get_nowait()[-1].set_exception(_BenchError(self._reason))


_here: Node | str = "it was started without `--preload autograder.grading.node`"
"""This process's node, or why there is none."""


def dask_setup(worker: Any) -> None:
    """Get ready to judge; Dask calls this when the worker has started. What is wrong is told to those who ask."""
    global _here
    try:
        if multiprocessing.current_process().daemon:
            raise ConfinementError("under Dask's nanny it can't start judges; start it with `--no-nanny`")
        check_user()
        missing = missing_walls()
        root = os.environ.get(COURSE)
        course = course_module.load(Path(root).resolve() if root else course_module.find_root())
        _here = Node(course, tuple(wall for wall in WALLS if wall not in missing), worker.state.nthreads)
    except (ConfinementError, CourseError, OSError) as error:
        _here = f"it says: {error}"


def dask_teardown(worker: Any) -> None:
    """End what was started."""
    if isinstance(_here, Node):
        _here.close()


def fingerprint() -> Fingerprint | str:
    """Return the fingerprint of this process's node, or why it can't judge."""
    try:
        return _here.fingerprint() if isinstance(_here, Node) else _here
    except (CourseError, OSError) as error:
        return f"it says: {error}"


def judge(job: Job, patience: float | None) -> tuple[str, Answer]:
    """Judge one attempt on this process's node: the task that a grader submits. Return this worker's address too."""
    from distributed import get_worker

    address = get_worker().address
    if not isinstance(_here, Node):
        return address, Refused(_here)
    try:
        return address, _here.judge(job, patience)
    except Exception as error:  # noqa: BLE001  such as a full disk: the grader has to know on which machine
        return address, WorkerUnavailableError(f"{type(error).__name__}: {error}")
