"""The two clocks that a running call is held to: what the child computes, and how long it sleeps.

The time that passes for a child is of three kinds. It computes, it sleeps, or it is ready to go on and waits for a
processor, for the disk, or for memory. The third is the machine's time: however busy that is, no verdict must depend on
it. The kernel tells them apart, see proc(5): ``schedstat`` has what a thread waited for a processor, ``stat`` what it
does now.

Trust: the kernel is believed, and nothing that the child says.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_READY = frozenset(b"RD")  # runs or waits for a processor; waits for the disk


class ChildClock:
    """The clocks of the process `pid`, a child of somebody else's; they stand still once it is gone."""

    def __init__(self, pid: int) -> None:
        self._tasks = Path(f"/proc/{pid}/task")
        self._cpu_clock = (~pid << 3) | 2  # the processor-time clock of another process, clock_getcpuclockid(3)
        self.asleep = 0.0
        self._then: float | None = None
        self._busy = 0.0

    def begin(self) -> None:
        """Begin a new count of seconds in `asleep`, at the next look: most calls are over before there is one."""
        self.asleep = 0.0
        self._then = None

    def look(self) -> None:
        """Add to `asleep` what the child slept since the last look; to be called several times a second."""
        now = time.monotonic()
        busy, ready = self._busy_seconds()
        if self._then is not None and not ready:  # what it waits for is counted by the kernel when it has got it
            self.asleep += max(0.0, now - self._then - max(0.0, busy - self._busy))
        self._then, self._busy = now, busy

    def cpu_seconds(self) -> float:
        """Return the processor time that the child has used so far; 0 once it is gone."""
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return 0.0

    def _busy_seconds(self) -> tuple[float, bool]:
        """Return how long the threads computed or waited for a processor, and whether one of them does so now."""
        waited, ready = 0.0, False
        with contextlib.suppress(OSError):
            for thread in os.scandir(self._tasks):
                with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended, or the kernel does not count
                    state = Path(thread.path, "stat").read_bytes().rpartition(b")")[2].split()[0]
                    ready = ready or state[0] in _READY
                    waited += int(Path(thread.path, "schedstat").read_bytes().split()[1]) / 1e9
        return self.cpu_seconds() + waited, ready
