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
_BLOCKED_SECONDS = 10.0  # of one process; system calls that wait long for little work are no reason to wait longer


class ChildClock:
    """The clocks of the process `pid`, a child of somebody else's; they stand still once it is gone."""

    def __init__(self, pid: int) -> None:
        self._tasks = Path(f"/proc/{pid}/task")
        self._cpu_clock = (~pid << 3) | 2  # the processor-time clock of another process, clock_getcpuclockid(3)
        self.asleep = 0.0
        self._blocked = 0.0
        self._then: float | None = None
        self._busy = 0.0

    def begin(self) -> None:
        """Begin a new count of seconds in `asleep`, at the next look: most calls are over before there is one."""
        self.asleep = 0.0
        self._then = None

    def look(self) -> None:
        """Add to `asleep` what the child slept since the last look; to be called several times a second."""
        now = time.monotonic()
        busy, states = self._busy_seconds()
        if self._then is not None and _READY not in states:  # its wait is counted by the kernel when it is over
            idle = max(0.0, now - self._then - max(0.0, busy - self._busy))
            if _BLOCKED in states and self._blocked < _BLOCKED_SECONDS:
                self._blocked += idle
            else:
                self.asleep += idle
        self._then, self._busy = now, busy

    def cpu_seconds(self) -> float:
        """Return the processor time that the child has used so far; 0 once it is gone."""
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return 0.0

    def _busy_seconds(self) -> tuple[float, set[int]]:
        """Return how long the threads computed or waited for a processor, and the states in which they are now."""
        waited, states = 0.0, set[int]()
        with contextlib.suppress(OSError):
            for thread in os.scandir(self._tasks):
                with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended, or the kernel does not count
                    states.add(Path(thread.path, "stat").read_bytes().rpartition(b")")[2].split()[0][0])
                    waited += int(Path(thread.path, "schedstat").read_bytes().split()[1]) / 1e9
        return self.cpu_seconds() + waited, states
