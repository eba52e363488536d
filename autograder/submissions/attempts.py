"""Attempts, which hold what a student handed in of one section, and problems: whatever is not an attempt."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Collection as AnyOf
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from autograder.course import Section
from autograder.submissions import limits
from autograder.text import printable

NO_FILES = "There are no files in this submission."


@dataclass(frozen=True)
class Attempt:
    """One submission of one section, immutable.

    ``files`` maps relative POSIX paths, printable and without ``..``, to contents; ``notes`` says what was left out or
    looks wrong. ``digest`` (SHA-256) covers section, files and notes: the same work has the same digest no matter who
    hands it in, when, or whether as a folder or a zip. ``timestamp`` is the text of nbgrader's ``timestamp.txt``,
    unchecked, or None; ``secret`` that of its ``submission_secret.txt``, under which the exchange files feedback: it
    differs each time and is not part of the work. ``late`` says whether a learning platform called it late, ``seen``
    when it was first judged (ISO 8601, UTC), where these are known. ``taken`` holds those of the notes that say what
    was taken although it has another name or lies in another place.
    """

    student: str
    section: str
    files: Mapping[str, bytes]
    notes: tuple[str, ...]
    digest: str
    path: Path
    timestamp: str | None = None
    secret: str | None = field(default=None, repr=False)
    late: bool | None = None
    seen: str = ""
    taken: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", MappingProxyType(dict(sorted(self.files.items()))))

    def __reduce__(self) -> tuple[type[Attempt], tuple[object, ...]]:
        # A mapping proxy can't be sent to a judge's process; its dictionary can.
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Attempt, tuple({**values, "files": dict(self.files)}.values())


@dataclass(frozen=True)
class Problem:
    """Something in the folder of submissions that is not an attempt.

    ``student`` and ``section`` say whose it is and of what, where that is known; ``text`` what it is, and ``next`` what
    to do about it, both in words for staff and printable.
    """

    student: str | None
    section: str | None
    text: str
    next: str

    def __str__(self) -> str:
        return f"{self.text} {self.next}"


@dataclass(frozen=True)
class Collection:
    """All attempts, ordered by student and section, and a problem for each thing that is not an attempt."""

    attempts: tuple[Attempt, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def students(self) -> frozenset[str]:
        """Everybody who has something here, even if it is not an attempt."""
        named = (problem.student for problem in self.problems)
        return frozenset({*(attempt.student for attempt in self.attempts), *(name for name in named if name)})


def make_attempt(
    section: Section, student: str, path: Path, files: Mapping[str, bytes], notes: AnyOf[str] = (),
    timestamp: str | None = None, secret: str | None = None, late: bool | None = None, taken: tuple[str, ...] = (),
) -> Attempt:  # fmt: skip
    """Return an attempt made of `files`, with its digest."""
    digest = hashlib.sha256(b"autograder attempt 1")
    for part in (section.id.encode(), *(part for name in sorted(files) for part in (name.encode(), files[name]))):
        digest.update(struct.pack(">Q", len(part)) + part)
    for note in notes:
        digest.update(struct.pack(">Q", 1 << 63 | len(note.encode())) + note.encode())
    name = digest.hexdigest()
    return Attempt(student, section.id, files, tuple(notes), name, path, timestamp, secret, late, taken=taken)


def noted(section: Section, one: Attempt, notes: Iterable[str]) -> Attempt:
    """Return the attempt with more notes, which count towards its digest like its own."""
    both = tuple(dict.fromkeys((*one.notes, *(printable(note, limits.MAX_NOTE_CHARACTERS) for note in notes))))
    digest = make_attempt(section, one.student, one.path, one.files, both).digest
    return replace(one, notes=both, digest=digest)


RELEASED, EMPTY = "as it was released", "empty"
"""What a file that is asked for can be instead of the student's work."""


def without_work(name: str, what: str) -> str:
    """Return the note on a file that is asked for but is `what`: empty, or as it was released."""
    return f"`{name}` is {what}; hand in the one with your work."


def release_of(root: Path, section: Section) -> dict[str, bytes]:
    """Return the files to hand in as students got them; nothing if the course was not built."""
    paths = {name: root / "assignments" / section.id / name for name in section.expected_files}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
