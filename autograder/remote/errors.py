"""Why an attempt has no verdict yet: faults of the grader, and attempts that must be judged again.

A module of its own, because the grader's own process catches these and needs nothing else of a link or a child.
"""

from __future__ import annotations


class WorkerUnavailableError(Exception):
    """The warm worker is gone or can't confine a child: a fault of ours, never the student's."""


class LibraryMissingError(WorkerUnavailableError):
    """A worker can't import what it has to import, now or later in this run."""


class LitterError(Exception):
    """An attempt wrote too much, or too many files, to the disk.

    With `is_hidden` the files can't be counted, because they have no name and only a process holds them open. Whether
    they belong to the child is seen when it is ended, see `Link.end_and_sweep`.
    """

    def __init__(self, is_hidden: bool = False) -> None:
        super().__init__()
        self.is_hidden = is_hidden


class AsleepError(Exception):
    """The student's code sleeps for longer than it may at first; it has to be judged again, with more patience."""


class DisturbedError(Exception):
    """The attempt has to be judged again from its start, because other processes disturbed it."""
