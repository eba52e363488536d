"""The processes that judge, each with its own limits, and the `Bench` that watches over them.

What arrives from a child is bounded, and so is the work that it causes. In case a bound is missing, the kernel ends a
judge that exceeds its own processor time or memory, and this affects only the attempt that it was judging.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.grading.jobs import Job, Over, Result
from autograder.verdict import Verdict

CPU_SECONDS = 30
"""Of a judge itself, for one attempt; honest attempts take less than one second, however many checks they fail."""
MEMORY_MB = 1024
"""Of a judge itself, beyond what it holds at its start."""
_HANGS_SECONDS = 1800.0  # by the clock: several times what all limits of an attempt allow, even on a busy machine
_TICK_SECONDS = 0.05
_LOST_IN_A_ROW = 3


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
        # A judge and its child take turns, so they share a core: to wake a process on another one takes longer than
        # most answers. With fewer judges than cores, the system is left to keep away from cores that others use.
        cores = sorted(os.sched_getaffinity(0))
        self._cores = cores if count >= len(cores) else []
        self._seats = [self._seat(number) for number in range(count)]

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

    def results(self, bell: Sequence[socket.socket] = ()) -> Iterator[tuple[Job, Result]]:
        """Wait a moment, and yield the results that have arrived by then; do not wait any longer if `bell` is rung.

        Raises
        ------
        CourseError
            If a judge finds that a suite contradicts the course.
        """
        for seat in self._seats:
            if time.monotonic() > seat.deadline and (seat.job is not None or not seat.ready):
                seat.hangs = True
                seat.process.kill()
        said = connection.wait([*(seat.pipe for seat in self._seats), *bell], _TICK_SECONDS)
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
        self._seats[number] = self._seat(number)
        if seat.process.exitcode == -signal.SIGXCPU:
            return Over(Verdict.TIME_LIMIT, is_certain=True)
        return Over(Verdict.TIME_LIMIT) if seat.hangs else None

    def _seat(self, number: int) -> _Seat:
        core = self._cores[number % len(self._cores)] if self._cores else None
        ours, theirs = self._context.Pipe()
        process: BaseProcess = self._context.Process(  # type: ignore[attr-defined]  # every context has it
            target=_serve, args=(theirs, self._root, dict(self._suites), CPU_SECONDS, MEMORY_MB, core)
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


def _serve(*given: Any) -> None:
    """Be a judge; a function of this module, so that the grader's own process needs nothing of what judges import."""
    from autograder.grading import judge_process

    judge_process.serve(*given)
