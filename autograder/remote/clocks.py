"""The two clocks that limit a running call: how long the child computes, and how long it sleeps.

The time that passes for a child is of three kinds. It computes, it sleeps, or it is ready to go on and waits for a
processor, for the disk, or for memory. The third kind depends on how busy the machine is, and no verdict must depend on
that. The kernel tells them apart, see proc(5): ``schedstat`` says how long a thread waited for a processor, ``stat``
what it does now. A very long wait for a disk counts as sleep, because some system calls wait like that without working.

Trust: these numbers come from the kernel; nothing that the child says is used.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_READY, _BLOCKED = b"RD"  # runs or waits for a processor; waits for a disk, as a rule
_LONGEST_WAIT_SECONDS = 5.0  # of one thread for a processor, even on a very busy machine
_BLOCKED_SECONDS = 10.0  # of one process; some system calls wait long for little work, so the rest counts as sleep


class ChildClock:
    """The clocks of the process `pid`, which is a child of another process; they stop once it is gone."""

    def __init__(self, pid: int) -> None:
        self._tasks = Path(f"/proc/{pid}/task")
        self._cpu_clock = (~pid << 3) | 2  # the processor-time clock of another process, clock_getcpuclockid(3)
        self.asleep = 0.0
        self._blocked = 0.0
        self._then: float | None = None
        self._cpu = 0.0
        self._waits: dict[str, float] = {}
        self._own_wait = 0.0

    def begin(self) -> None:
        """Begin a new count of seconds in `asleep` at the next look; most calls are over before there is one."""
        self.asleep = 0.0
        self._then = None

    def settle(self) -> float:
        """Return how long the child slept in this count; to be called once it has answered."""
        if self._then is not None:
            self.look(last=True)
        return self.asleep

    def leave_out(self) -> None:
        """Leave the time between the last look and the next out of the count: the child waits for our answer."""
        self._then = None

    def look(self, last: bool = False) -> None:
        """Add to `asleep` how long the child slept since the last look; to be called several times a second."""
        now, cpu = time.monotonic(), self.cpu_seconds()
        waits, states = self._threads()
        own_wait = _waited(Path("/proc/thread-self"))
        if self._then is not None:
            if _READY in states and now - self._then < _LONGEST_WAIT_SECONDS and not last:
                return  # the kernel counts a wait only when it is over, so the next look will cover all of it
            # Only the longest wait counts: many threads that wake at the same time wait for each other.
            waited = max([0.0, *(waits[thread] - self._waits.get(thread, 0.0) for thread in waits)])
            if last:  # after answering it slept until this process, on a busy machine, came to read the answer
                waited += own_wait - self._own_wait
            idle = max(0.0, now - self._then - (cpu - self._cpu) - waited)
            if _BLOCKED in states and self._blocked < _BLOCKED_SECONDS:
                self._blocked += idle
            else:
                self.asleep += idle
        self._then, self._cpu, self._waits, self._own_wait = now, cpu, waits, own_wait

    def cpu_seconds(self) -> float:
        """Return the processor time that the child has used so far; 0 once it is gone."""
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return 0.0

    def _threads(self) -> tuple[dict[str, float], set[int]]:
        """Return how long each thread has waited for a processor so far, and the states that the threads are in."""
        waits, states = dict[str, float](), set[int]()
        with contextlib.suppress(OSError):
            for thread in os.scandir(self._tasks):
                with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended, or the kernel does not count
                    states.add(Path(thread.path, "stat").read_bytes().rpartition(b")")[2].split()[0][0])
                    waits[thread.name] = _waited(Path(thread.path))
        return waits, states


def _waited(thread: Path) -> float:
    """Return how long a thread has waited for a processor so far; 0 if the kernel does not count it."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((thread / "schedstat").read_bytes().split()[1]) / 1e9
    return 0.0
