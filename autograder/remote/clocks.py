"""The two clocks that a running call is held to: what the child computes, and how long it sleeps.

The time that passes for a child is of three kinds. It computes, it sleeps, or it is ready to go on and waits for a
processor, for the disk, or for memory. The third is the machine's time: however busy that is, no verdict must depend on
it. The kernel tells them apart, see proc(5): ``schedstat`` has what a thread waited for a processor, ``stat`` what it
does now. What waits for a disk for very long is sleep after all: there are system calls that do so for nothing.

Trust: the kernel is believed, and nothing that the child says.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_READY, _BLOCKED = b"RD"  # runs or waits for a processor; waits for a disk, as a rule
_LONGEST_WAIT_SECONDS = 5.0  # for a processor, of one thread, on however busy a machine
_BLOCKED_SECONDS = 10.0  # of one process; system calls that wait long for little work are no reason to wait longer


class ChildClock:
    """The clocks of the process `pid`, a child of somebody else's; they stand still once it is gone."""

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
        """Begin a new count of seconds in `asleep`, at the next look: most calls are over before there is one."""
        self.asleep = 0.0
        self._then = None

    def settle(self) -> float:
        """Return what the child slept in this count, once it has answered; most counts are over before a look."""
        if self._then is not None:
            self.look(last=True)
        return self.asleep

    def leave_out(self) -> None:
        """Leave out of the count what passes from the last look to the next: the child waits for an answer of ours."""
        self._then = None

    def look(self, last: bool = False) -> None:
        """Add to `asleep` what the child slept since the last look; to be called several times a second."""
        now, cpu = time.monotonic(), self.cpu_seconds()
        waits, states = self._threads()
        own_wait = _waited(Path("/proc/thread-self"))
        if self._then is not None:
            if _READY in states and now - self._then < _LONGEST_WAIT_SECONDS and not last:
                return  # the kernel counts its wait when that is over: the next look is about all of it
            # Of the waits only the longest counts: a crowd that wakes at once waits for itself.
            waited = max([0.0, *(waits[thread] - self._waits.get(thread, 0.0) for thread in waits)])
            if last:  # it has answered, and slept until this process, on a busy machine, came to read that
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
        """Return how long each thread has waited for a processor so far, and the states in which they are now."""
        waits, states = dict[str, float](), set[int]()
        with contextlib.suppress(OSError):
            for thread in os.scandir(self._tasks):
                with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended, or the kernel does not count
                    states.add(Path(thread.path, "stat").read_bytes().rpartition(b")")[2].split()[0][0])
                    waits[thread.name] = _waited(Path(thread.path))
        return waits, states


def _waited(thread: Path) -> float:
    """Return for how long a thread has waited for a processor so far; 0 where the kernel does not count it."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((thread / "schedstat").read_bytes().split()[1]) / 1e9
    return 0.0
