"""The process that runs one attempt: requests, replies and their limits, and replacing a process that was lost.

Trust: nothing that arrives from the child is trusted. A reply that does not fit the request just sent ends the child,
and the caller gets a fault.
"""

from __future__ import annotations

import errno
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.course import Limits
from autograder.remote.errors import AsleepError, DisturbedError, LitterError
from autograder.remote.faults import RemoteFault, no_answer, of_ending, of_exception
from autograder.remote.link import Link
from autograder.remote.true_answers import TrueAnswers
from autograder.sandbox import wire
from autograder.sandbox.requests import NOTEBOOK
from autograder.verdict import Verdict

_MAX_KEPT = 2**28  # bytes that the answers of one attempt may hold in the judge's memory
_LOSING = (TimeoutError, EOFError, wire.WireError, LitterError)  # what ends the process in the middle of a request
_MAX_HANDLE = 2**32


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was sent: the token that replies must repeat, what a lost process is blamed on, and the limits."""

    token: int
    key: str
    subject: str
    home: str
    cpu_seconds: float
    limit: str = ""


@dataclass
class Clock:
    """Seconds of one attempt: processor time that the children used in all, and only in calls; and time asleep.

    `most` maps each limit of processor time, and each function with its own limit, to the most that was used of it.
    """

    calls: float = 0.0
    children: float = 0.0
    asleep: float = 0.0
    most: dict[str, float] = field(default_factory=dict)


class Child:
    """The confined process of one attempt. If it is lost, it is replaced, as often as the course allows.

    Parameters
    ----------
    link
        The slot to use.
    limits
        From the course.
    seed
        Seed of the process's own random numbers.
    true_answers
        What functions that ask are told; for repeats only.
    patience
        Seconds that code may sleep before `AsleepError` is raised; with None, only the course's limit holds.

    Attributes
    ----------
    clock
        What all processes of the attempt used.
    starts
        How many processes there were, apart from those that `renew` ended.
    ready
        The modules that this process has imported, and the notebook if its cells have run.
    called
        Whether this process has seen a call of a check.
    barred
        The keys of requests that are not run again, each with the fault that it had.
    lost_at
        Where the last process that was lost said it was; this may be any text.
    """

    def __init__(
        self,
        link: Link,
        limits: Limits,
        seed: int,
        true_answers: TrueAnswers | None = None,
        patience: float | None = None,
    ) -> None:
        self._true_answers = true_answers
        self.clock = Clock()
        self.starts = 0
        self.ready: set[str] = set()
        self.called = False
        self.barred: dict[str, RemoteFault] = {}
        self.lost_at = ""
        self._link = link
        self._limits = limits
        self._seed = seed
        self._patience = patience
        self._generation = 0
        self._kept = 0
        self._tokens = _random_numbers()
        self._cpu_start = 0.0
        self._last_call = ("", "The code")
        self._closed = False

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._link.running

    def start(self) -> None:
        """Start a process if there is none.

        Raises
        ------
        RemoteFault
            If the attempt has used up its time or its processes.
        """
        self.refuse_if_over()
        if self._link.running:
            return
        if self.starts > self._limits.replacements:
            raise RemoteFault(
                Verdict.CRASHED,
                f"Not run: the code before it had to be stopped {self.starts} times, and grading ends after that.",
            )
        self._link.start(self._limits, self._seed)
        self.starts += 1
        self._generation += 1
        self.ready.clear()
        self.called = False

    def renew(self) -> None:
        """Go on in a new process, which has not seen any hidden input."""
        _, used = self._link.end_and_sweep()
        self.clock.children += used
        self.starts -= 1
        self.start()

    def close(self) -> None:
        """End the process for good; requests from now on are not run."""
        self._closed = True
        _, used = self._link.end()
        self.clock.children += used

    def refuse_if_over(self) -> None:
        """Raise a fault if the attempt was closed, or has used up its time."""
        if self._closed:
            raise RemoteFault(Verdict.CRASHED, "Not run: grading is over.")
        used, limits = self.clock.children + self._link.cpu_seconds(), self._limits
        for seconds, limit, what in (
            (used, limits.attempt_cpu_seconds, "computed"),
            (self.clock.asleep, limits.attempt_sleep_seconds, "waited"),
        ):
            if seconds > limit:
                if what == "waited" and self._patience is not None:
                    raise AsleepError
                raise RemoteFault(
                    Verdict.TIME_LIMIT, f"Not run: the code before it {what} for more than {limit:g} seconds in all."
                )

    def refuse_if_barred(self, key: str) -> None:
        """Raise the fault of the request `key` if it is barred because of one."""
        if key in self.barred:
            raise self.barred[key]

    def root_of(self, handle: wire.Handle, origin: str) -> int:
        """Return a number, unique among all processes, for the object behind `handle`, which `origin` returned."""
        if not 0 <= handle.number < _MAX_HANDLE:
            raise no_answer(f"`{origin}`")
        return self._generation * _MAX_HANDLE + handle.number

    def number_of(self, root: int) -> int:
        """Return the process's own number for the object `root`; raise a fault if that process is gone."""
        self.refuse_if_over()
        generation, number = divmod(root, _MAX_HANDLE)
        if generation != self._generation or not self._link.running:
            raise RemoteFault(Verdict.CRASHED, "Not run: the object was lost with the process that held it.")
        return number

    def settle(self) -> None:
        """End a process that went on sending after its reply, and bar the call in question."""
        if self._link.running and self._link.pending:
            key, subject = self._last_call
            self._lost(key, RemoteFault(Verdict.REFUSED, f"{subject} sent more than one answer."))

    def ask(self, kind: str, body: dict[str, Any], key: str, subject: str, cpu_seconds: float, limit: str = "") -> Any:
        """Send a request and return the value of its reply."""
        return self.reply(self.send(kind, body, key, subject, cpu_seconds, limit))

    def send_call(
        self, kind: str, body: dict[str, Any], key: str, subject: str, cpu_seconds: float, limit: str
    ) -> Request:
        """Send a request that shows the process what a check asks."""
        self._last_call = key, subject
        self.called = True
        return self.send(kind, body, key, subject, cpu_seconds, limit)

    def send(
        self, kind: str, body: dict[str, Any], key: str, subject: str, cpu_seconds: float, limit: str = ""
    ) -> Request:
        """Send a request.

        Parameters
        ----------
        kind, body
            What the process is to do.
        key
            The key under which it is barred if the process does not survive it.
        subject
            Its name in messages.
        cpu_seconds, limit
            The processor time that each reply may take, and the name of that limit.
        """
        root = body.get("root")
        home = "the notebook" if root == NOTEBOOK else f"`{root}.py`" if isinstance(root, str) else "the object"
        request = Request(next(self._tokens), key, subject, home, cpu_seconds, limit)
        frame = wire.encode(wire.Frame(request.token, kind, body))
        self._link.clock.begin()
        self._cpu_start = self._link.clock.cpu_seconds()
        try:
            self._link.send(frame, lambda: self._hold_to_limits(request))
        except _LOSING as error:
            raise self._ended_by(error, request) from None
        return request

    def reply(self, request: Request, last: bool = True) -> Any:
        """Wait for a reply within the limits, and return its value; `last` is False if another one follows.

        Raises
        ------
        RemoteFault
            If the reply is an exception, or there is no reply that an honest process could send.
        """
        subject = request.subject
        try:
            frame = self._receive(request)
            while frame.kind == "ask" and self._true_answers is not None:
                self._link.clock.settle()
                start = time.process_time()
                truth = self._true_answers.tell(request.key, frame)
                self.clock.children += time.process_time() - start  # counted for the attempt
                self._link.clock.leave_out()
                self._hold_to_limits(request)
                told = wire.encode(wire.Frame(request.token, "truth", truth))
                self._link.send(told, lambda: self._hold_to_limits(request))
                frame = self._receive(request)
            if last:
                self._link.check_litter()
        except _LOSING as error:
            raise self._ended_by(error, request) from None
        if self._kept + frame.weight > _MAX_KEPT:
            fault = RemoteFault(Verdict.REFUSED, f"{subject} and the calls before it answered with too much data.")
            raise self._lost(request.key, fault)
        self._kept += frame.weight
        self._count(request)
        if frame.kind == "value":
            return frame.body
        if frame.kind == "error" and isinstance(frame.body, dict):
            fault = of_exception(frame.body, subject, request.home)
            number = frame.body.get("errno")  # it may be anything, even an array, so its type is checked first
            if type(number) is int and number == errno.EFBIG:  # it would print as much every time
                self.barred[request.key] = fault
            if fault.verdict is Verdict.MEMORY_LIMIT and self._link.held_bytes() > self._limits.memory_mb * 2**19:
                raise self._lost(request.key, fault)  # it keeps half of the memory, which other calls would lack
            raise fault
        raise self._lost(request.key, no_answer(subject))

    def _hold_to_limits(self, request: Request) -> None:
        """Raise an exception if the time of a request is up; to be called several times a second while it runs."""
        clock = self._link.clock
        clock.look()
        used, limits = clock.cpu_seconds(), self._limits
        if used - self._cpu_start > request.cpu_seconds:
            raise TimeoutError(f"{request.subject} was stopped after {request.cpu_seconds:g} seconds of computing.")
        if self.clock.children + used > limits.attempt_cpu_seconds:
            seconds = limits.attempt_cpu_seconds
            raise TimeoutError(f"{request.subject} was stopped: all code together may compute for {seconds:g} seconds.")
        asleep_in_all = self.clock.asleep + clock.asleep
        if self._patience is not None:
            if clock.asleep > self._patience or asleep_in_all > limits.attempt_sleep_seconds:
                raise AsleepError
        elif clock.asleep > limits.sleep_seconds:
            raise TimeoutError(f"{request.subject} was stopped after {limits.sleep_seconds:g} seconds of waiting.")
        elif asleep_in_all > limits.attempt_sleep_seconds:
            seconds = limits.attempt_sleep_seconds
            raise TimeoutError(f"{request.subject} was stopped: all code together may wait for {seconds:g} seconds.")
        self._link.check_litter()

    def _count(self, request: Request) -> None:
        """Count the time that the request just answered used, and begin to count for the next."""
        used = self._link.clock.cpu_seconds()
        spent = max(0.0, used - self._cpu_start)
        self.clock.calls += spent
        self.clock.asleep += self._link.clock.settle()
        self.clock.most[request.limit] = max(spent, self.clock.most.get(request.limit, 0.0))
        self._cpu_start = used
        self._link.clock.begin()

    def _receive(self, request: Request) -> wire.Frame:
        frame = self._link.receive(lambda: self._hold_to_limits(request))
        if frame.token != request.token:
            raise wire.WireError("the reply is to another request")
        return frame

    def _ended_by(self, error: Exception, request: Request) -> Exception:
        """End the process after an error on the wire; return the fault of the request, or of the machine."""
        match error:
            case TimeoutError():
                return self._lost(request.key, RemoteFault(Verdict.TIME_LIMIT, str(error)))
            case wire.WireError():
                return self._lost(request.key, no_answer(request.subject))
            case LitterError():
                fault = self._lost(request.key, RemoteFault(Verdict.REFUSED, f"{request.subject} left too many files."))
                if error.is_hidden and not self._link.hid_files:
                    return DisturbedError("something else fills the disk; free some space and run again")
                return fault
        return self._lost(request.key, None, request.subject)

    def _lost(self, key: str, fault: RemoteFault | None, subject: str = "") -> RemoteFault:
        """End the process after a request went wrong; bar that request for the rest of the attempt."""
        self.lost_at = self._link.where()
        self.clock.asleep += self._link.clock.asleep
        status, used = self._link.end_and_sweep()
        self.clock.children += used
        self.clock.calls += max(0.0, used - self._cpu_start)
        fault = fault or of_ending(status, subject)
        self.barred[key] = fault
        return fault


def _random_numbers() -> Iterator[int]:
    """Yield random numbers of 62 bits that can't be guessed; many at a time are read from the system."""
    while True:
        for (number,) in struct.iter_unpack(">Q", os.urandom(1024)):
            yield number >> 2
