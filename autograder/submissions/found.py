"""What a submission holds before anything is chosen from it: its files, how to read them, and how much may be read."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO

from autograder.course import Section
from autograder.submissions import limits
from autograder.submissions.archives import Allowance
from autograder.submissions.files import CLEAR, Chunks, TooLargeError, is_large_notebook, megabytes, read
from autograder.submissions.near_names import Names, names
from autograder.submissions.paths import base_name
from autograder.text import printable


class UnreadableError(Exception):
    """A file can't be taken; the message completes a sentence that begins with its name."""


class Notes:
    """What was left out or looks wrong: in order, without repetition, and short enough to be read."""

    def __init__(self) -> None:
        self._notes: dict[str, bool] = {}
        self._dropped = 0

    def add(self, note: str, taken: bool = False) -> None:
        """Add a note; `taken` marks one on a file that was taken in spite of its name or place."""
        note = printable(note, limits.MAX_NOTE_CHARACTERS)
        if note in self._notes or len(self._notes) < limits.MAX_NOTES:
            self._notes[note] = taken
        else:
            self._dropped += 1

    def all(self) -> tuple[str, ...]:
        """Return the notes, and a line on how many more there would be."""
        more = (f"{self._dropped} more things were left out or looked wrong.",) if self._dropped else ()
        return (*self._notes, *more)

    def taken(self) -> tuple[str, ...]:
        """Return the notes on files that were taken in spite of their name or place."""
        return tuple(note for note, taken in self._notes.items() if taken)


@dataclass(frozen=True)
class Entry:
    """A regular file that could be read: its path, the size it claims, and how to read at most n bytes of it.

    `level` is the number of archives inside the submission that it is nested in, `opened` opens it if it is on the
    disk, `meant` is the expected name that it has or was meant to have, `complaint` says why it can't keep its own
    name, and `source` is where it was found, if that differs from `path`.
    """

    path: str
    size: int
    chunks: Callable[[int], Chunks]
    level: int = 0
    opened: Callable[[], IO[bytes]] | None = None
    meant: str | None = None
    complaint: str | None = None
    source: str = ""


@dataclass
class Found:
    """What a folder or a zip holds before any of it is judged."""

    section: Section
    notes: Notes = field(default_factory=Notes)
    entries: list[Entry] = field(default_factory=list)
    seen: int = 0
    listed: int = 0
    # How many bytes may still be read of larger notebooks, and unpacked of other files, including broken entries.
    notebooks: int = field(default_factory=lambda: limits.MAX_NOTEBOOK_BYTES)
    budget: float = math.inf
    # How many bytes of archives and of files asked for in them may still be held, and how many archives may be opened.
    memory: int = field(default_factory=lambda: limits.MAX_ZIP_BYTES)
    reserve: int = field(default_factory=lambda: limits.MAX_TOTAL_BYTES)
    archives: int = field(default_factory=lambda: limits.MAX_ARCHIVES)
    allowance: Allowance = field(default_factory=Allowance)
    # Functions that add folders and archives that may also hold the section, and those from which something was taken.
    others: dict[str, Callable[[], None]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    contents: dict[str, bytes] = field(default_factory=dict)
    resources: ExitStack = field(default_factory=ExitStack)
    wanted: Names = field(init=False)

    def __post_init__(self) -> None:
        self.wanted = names(self.section.expected_files, self.section.released_names)

    def meant(self, path: str) -> str | None:
        """Return the file asked for that `path` is, or was meant to be."""
        return self.wanted.meant(base_name(path))

    def content(self, entry: Entry) -> bytes:
        """Read a file, within the limits on all notebooks together and on what is unpacked from one zip.

        Raises
        ------
        TooLargeError, UnreadableError, OSError
            If it can't be taken.
        """
        source = entry.source or entry.path
        if source not in self.contents:
            self.contents[source] = self._read(entry)
        return self.contents[source]

    def _read(self, entry: Entry) -> bytes:
        if is_large_notebook(entry.path, entry.size):
            if entry.size > self.notebooks:
                what = "is" if entry.size > limits.MAX_NOTEBOOK_BYTES else "makes the notebooks together"
                raise TooLargeError(f"{what} larger than {megabytes(limits.MAX_NOTEBOOK_BYTES)}; {CLEAR}")
            self.notebooks -= entry.size
            content = read(entry.path, entry.size, entry.chunks)
            self.budget -= len(content)
            return content
        if entry.size <= limits.MAX_FILE_BYTES:
            self.budget -= entry.size
            if self.budget < 0:
                raise UnreadableError("comes after more than may be unpacked")
        return read(entry.path, entry.size, entry.chunks)
