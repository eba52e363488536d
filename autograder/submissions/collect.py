"""Collects submissions: from folders and zips that anybody may have filled to immutable attempts.

Nothing in a submission is trusted: not its names, its sizes, its file types or what a zip says of itself.
Links are never followed, nothing is opened that could block, everything is read up to a limit, and whatever is
left out is noted in words that students and staff may read. A submission never raises an exception here; only
a `folder` that can't be listed at all does.

Sizes count what is judged: of a notebook that is not small, outputs are dropped while it is read
(:mod:`autograder.submissions.outputs`), without a note.

Names that are almost right are taken, with a note, by the one rule of :mod:`autograder.submissions.near_names`.
Archives inside of a submission (:mod:`autograder.submissions.archives`) are opened only where a file that is asked for
is not found otherwise.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from collections.abc import Collection as AnyOf
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import IO

from autograder.course import Course, Section
from autograder.people import roster
from autograder.submissions import archives
from autograder.submissions.archives import Allowance, ArchiveError
from autograder.submissions.near_names import (
    ARCHIVES,
    CLOSED,
    Choice,
    Names,
    archive_stem,
    choose,
    common_folder,
    meaning,
)
from autograder.submissions.outputs import without_outputs

MAX_FILES = 200
MAX_FILE_BYTES = 10 << 20
MAX_TOTAL_BYTES = 20 << 20
MAX_DEPTH = 8
MAX_PATH_BYTES = 240
MAX_ENTRIES = 5000
MAX_LISTED = 100_000  # names that are listed to find at most MAX_ENTRIES that are no junk
MAX_ZIP_BYTES = 50 << 20  # of an archive that is held in memory
MAX_ARCHIVES = 8  # inside of a submission
MAX_ARCHIVE_LEVELS = 2
MAX_CANDIDATES = 8  # for one file
MAX_NOTEBOOK_BYTES = 128 << 20  # of all notebooks of a submission as they were handed in: half a minute at worst
SMALL_NOTEBOOK_BYTES = 1 << 20  # up to this size a notebook is taken as it was handed in
MAX_NOTES = 20
MAX_NOTE_CHARACTERS = 300

NO_FILES = "There are no files in this submission."

_CHUNK = 1 << 16
_MAX_NAME_BYTES = 255  # of one component of a path, on every disk that we know
_TIMESTAMP = "timestamp.txt"
_FILED_UNDER = "submission_secret.txt"
MARKS = {
    _TIMESTAMP: 100,
    _FILED_UNDER: 256,
}  # what nbgrader's exchange adds to a submission, and how much of it is read
_JUNK = frozenset({
    ".ds_store", ".git", ".gitignore", ".gitkeep", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".venv", ".vscode", "__macosx", "__pycache__", "desktop.ini", "node_modules", "site-packages",
    "thumbs.db", "venv",
})  # fmt: skip
_UNPRINTABLE = "has characters that can't be printed"
_CLEAR = "clear all outputs of the notebook in Jupyter and hand it in again"
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

Chunks = Generator[bytes, None, None]
"""A file, a little at a time; to be closed where it is not read to its end."""


class CollectError(Exception):
    """The folder of submissions itself can't be read; the message names it and the remedy."""


class TooLargeError(Exception):
    """A file holds more than is taken of one; the message says so after its name."""


@dataclass(frozen=True)
class Attempt:
    """One submission of one section, immutable.

    ``files`` maps relative POSIX paths, printable and without ``..``, to contents; ``notes`` says what was left
    out or looks wrong. ``digest`` (SHA-256) covers section, files and notes: the same work has the same digest
    whoever hands it in, whenever, as folder or as zip. ``timestamp`` is the text of nbgrader's
    ``timestamp.txt``, unchecked, or None; ``secret`` that of its ``submission_secret.txt``, under which the exchange
    files feedback: it differs each time and is no part of the work. ``late`` says whether a learning
    platform called it late, ``seen`` when it was first judged (ISO 8601, UTC), where these are known. ``taken`` holds
    those of the notes that say what was taken although it has another name or lies in another place.
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
        """Everybody of whom there is something, also if it is not an attempt."""
        named = (problem.student for problem in self.problems)
        return frozenset({*(attempt.student for attempt in self.attempts), *(name for name in named if name)})


def collect(
    course: Course,
    folder: Path,
    sections: AnyOf[str] | None = None,
    students: AnyOf[str] | None = None,
) -> Collection:
    """Return the attempts in `folder`, which holds ``<student>/<section>/`` or ``<student>/<section>.zip``.

    A folder with another name that a student is known by (:mod:`autograder.people.roster`) is that student's.

    A missing or empty folder gives an empty collection. Where a section is there both as a folder with files and
    as a zip, the folder is taken.

    Parameters
    ----------
    sections, students
        Only these; None means all. A student who handed in nothing is named among the problems.

    Raises
    ------
    CourseError
        If one of `sections` is not in the course, or the roster can't be read.
    CollectError
        If `folder` can't be listed or is not a folder.
    """
    wanted = [course.section(name).id for name in sections] if sections is not None else [s.id for s in course.sections]
    known = {section.id: section for section in course.sections}
    attempts: list[Attempt] = []
    problems: list[Problem] = []
    pool: dict[bytes, bytes] = {}
    seen: set[str] = set()
    releases: dict[str, Mapping[str, bytes]] = {}
    known_names = roster.load(course.root)

    def student_of(name: str) -> str:
        return known_names.student_of(student_name(name))

    students = {student_of(name) for name in students} if students is not None else None
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        names: list[str] = []
        root = -1
    except OSError as error:
        raise CollectError(f"{folder} can't be read as the folder of submissions: {error.strerror}") from error
    try:
        if root >= 0:
            names = [name for name in _listing(root) if not is_junk(name)]
        folders: dict[str, list[str]] = {}
        for name in names:
            folders.setdefault(student_of(name), []).append(name)
        for student in sorted(folders, key=os.fsencode):
            if students is not None and student not in students:
                continue
            works: dict[str, list[list[Attempt]]] = {}
            forms: set[str] = set()
            # The folder of the id itself comes first, then those that look like it, then those of other names.
            for name in sorted(folders[student], key=lambda name: (name != student, student_name(name) != student)):
                shown = student_name(name)
                if shown in works and roster.normal(name) not in forms:
                    what = f"Another folder has a name that looks like `{shown}`, and was not read."
                    problems.append(Problem(student, None, what, "Rename it."))
                    continue
                if problem := _no_student(root, name, shown, known):
                    problems.append(problem)
                    continue
                seen.add(student)
                try:
                    with _directory(root, name) as home:
                        found, complaints = _student(
                            home, shown, folder / name, known, wanted, pool, course.root, releases
                        )
                except OSError as error:
                    what = f"`{shown}` can't be read: {error.strerror}."
                    problems.append(Problem(student, None, what, "Check the folder's permissions."))
                    continue
                forms.add(roster.normal(name))
                works.setdefault(shown, []).append(found)
                problems += [replace(complaint, student=student) for complaint in complaints]
            joined, complaints = _joined(student, works, list(known))
            attempts += joined
            problems += complaints
    finally:
        if root >= 0:
            os.close(root)
    for student in sorted(set(students or ()) - seen):
        near = difflib.get_close_matches(student, [student_of(name) for name in names], 1)
        nearest = f"Did you mean `{near[0]}`?" if near else f"The folders in {folder} show who did."
        problems.append(Problem(student, None, f"`{printable(student)}` has handed in nothing.", nearest))
    return Collection(tuple(attempts), tuple(problems))


def attempt(
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
    """Return the attempt with more notes; these are part of what it is, like its own."""
    both = tuple(dict.fromkeys((*one.notes, *(printable(note, MAX_NOTE_CHARACTERS) for note in notes))))
    digest = attempt(section, one.student, one.path, one.files, both).digest
    return replace(one, notes=both, digest=digest)


def unpack(file: IO[bytes], name: str, section: Section) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the files of an open zip, as they are taken from a submission, and notes on what was left out.

    `name` is what notes call the zip. One that can't be read gives no files.
    """
    found = _Found(section)
    with found.resources:
        _open_archive(file, name, found)
        _strip_section(found, 0)
        for entry in found.entries:
            if entry.complaint:
                found.notes.add(f"{_quoted(entry.path)} in the zip was left out: its name {entry.complaint}.")
        # Near misses keep their names here: who collects them from a folder takes them, with a note for the student.
        entries = [entry for entry in found.entries if not entry.complaint]
        files, _ = _read_all(found, _without_collisions(entries, section, found.notes))
    return files, found.notes.all()


def read(name: str, size: int, chunks: Callable[[int], Chunks]) -> bytes:
    """Return the content of a file that anybody may have filled; of a notebook that is not small, without outputs.

    Parameters
    ----------
    name, size
        What the file is called and the size that it claims to have.
    chunks
        Reads at most so many bytes of it, from its beginning each time that it is called.

    Raises
    ------
    TooLargeError
        If that is more than a file may hold. What `chunks` raises passes through.
    """
    if _is_large_notebook(name, size) and size <= MAX_NOTEBOOK_BYTES:
        with closing(chunks(MAX_NOTEBOOK_BYTES)) as stream:
            content = without_outputs(stream, MAX_FILE_BYTES)
        if content is not None:
            return content
    if size <= MAX_FILE_BYTES:
        with closing(chunks(MAX_FILE_BYTES + 1)) as stream:
            content = b"".join(stream)
        if len(content) <= MAX_FILE_BYTES:
            return content
    remedy = f"; {_CLEAR}" if _is_notebook(name) else ""
    raise TooLargeError(f"is larger than {_megabytes(MAX_FILE_BYTES)}{remedy}")


def without_work(name: str, what: str) -> str:
    """Return the note that says so of a file that is asked for and is `what`: empty, or as it was released."""
    return f"`{name}` is {what}; hand in the one with your work."


def chunks_of(file: IO[bytes], size: int) -> Chunks:
    """Yield at most `size` bytes of an open file, a little at a time."""
    while size > 0 and (chunk := file.read(min(_CHUNK, size))):
        size -= len(chunk)
        yield chunk


def printable(text: str, limit: int = 80) -> str:
    r"""Return `text` with everything that could act on a terminal or a page's reading order escaped.

    Control characters, bytes that are no UTF-8 and marks that turn the direction of writing become ``\x1b``,
    ``\udcff``, ``\u202e``; what is longer than `limit` is cut in the middle.
    """
    if len(text) > limit:
        text = f"{text[: limit * 2 // 3]}…{text[len(text) - limit // 3 + 1 :]}"
    return "".join(c if c.isprintable() else _escaped(ord(c)) for c in text)


def student_name(name: str) -> str:
    """Return the name of a student's folder as it is shown and stored: printable, and short enough for a file's name.

    Macs take accents apart, other systems don't; one form makes one student of both. Escaping makes a name longer. One
    that no disk would take is cut, and its hash keeps it apart from others.
    """
    shown = printable(unicodedata.normalize("NFC", name), limit=_MAX_NAME_BYTES)
    if len(shown.encode()) <= _MAX_NAME_BYTES:
        return shown
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return f"{shown.encode()[:200].decode(errors='ignore')}…{digest}"


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _joined(
    student: str, works: Mapping[str, list[list[Attempt]]], sections: list[str]
) -> tuple[list[Attempt], list[Problem]]:
    """Return what counts of the folders of one student, by their names, and what there is to say of it.

    A section is taken from the folder that has it. Where several have it and differ: of one name in two Unicode forms
    the first counts, because nobody can tell which was meant; of several names, the one that was changed last.
    """
    problems: list[Problem] = []
    by_name: dict[str, dict[str, Attempt]] = {}
    for shown, folders in works.items():
        if len(folders) > 1:
            what = (
                f"Two folders have names that look like `{shown}`, in two Unicode forms, as Macs and other systems "
                "write them; work was taken from both."
            )
            problems.append(Problem(student, None, what, "Move all work into one of them."))
        for one in (one for found in folders for one in found):
            if by_name.setdefault(shown, {}).setdefault(one.section, one).files != one.files:
                what = (
                    f"`{shown}/{one.section}` is different in the two folders of that name; the one whose name has "
                    "composed letters (NFC) was judged."
                )
                problems.append(Problem(student, one.section, what, "Keep the one that counts."))
    joined = []
    for section in sections:
        offers = {shown: found[section] for shown, found in by_name.items() if section in found}
        if not offers:
            continue
        chosen = next(iter(offers))
        if any(one.files != offers[chosen].files for one in offers.values()):
            chosen = max(offers, key=lambda shown: _changed(offers[shown].path))
            listed = " and ".join(f"`{shown}/{section}`" for shown in offers)
            what = (
                f"{listed} are different and all of `{student}`; `{chosen}/{section}`, which was changed last, was "
                "judged."
            )
            problems.append(Problem(student, section, what, "Keep the one that counts."))
        joined.append(offers[chosen] if chosen == student else replace(offers[chosen], student=student))
    return joined, problems


def _changed(path: Path) -> float:
    """Return when a file, or the newest of those in a folder, was last changed; links are not followed."""
    try:
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode):
            return status.st_mtime
        files = islice((Path(base, name) for base, _, names in os.walk(path) for name in names), MAX_LISTED)
        return max((os.lstat(file).st_mtime for file in files), default=0.0)
    except OSError:
        return 0.0


class _Notes:
    """What was left out or looks wrong, in order, without repetition, and not more than anybody reads."""

    def __init__(self) -> None:
        self._notes: dict[str, bool] = {}
        self._dropped = 0

    def add(self, note: str, taken: bool = False) -> None:
        """Add a note; `taken` says that it tells what was taken although its name or place is another."""
        note = printable(note, MAX_NOTE_CHARACTERS)
        if note in self._notes or len(self._notes) < MAX_NOTES:
            self._notes[note] = taken
        else:
            self._dropped += 1

    def all(self) -> tuple[str, ...]:
        more = (f"{self._dropped} more things were left out or looked wrong.",) if self._dropped else ()
        return (*self._notes, *more)

    def taken(self) -> tuple[str, ...]:
        return tuple(note for note, taken in self._notes.items() if taken)


@dataclass(frozen=True)
class _Entry:
    """A regular file that could be read: its path, the size it claims, and how to read at most n bytes of it.

    `level` says how many archives inside of the submission it lies in, `opened` opens it where it lies on the disk,
    `meant` is the expected name that it has or was meant to have, `complaint` why it can't keep its own, and `source`
    where it was found, where that differs from `path`.
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
class _Found:
    """What a folder or a zip holds before anything of it is judged."""

    section: Section
    notes: _Notes = field(default_factory=_Notes)
    entries: list[_Entry] = field(default_factory=list)
    seen: int = 0
    listed: int = 0
    # Bytes that may still be read of notebooks that are not small, and unpacked of the rest, broken entries included.
    notebooks: int = field(default_factory=lambda: MAX_NOTEBOOK_BYTES)
    budget: float = math.inf
    # Bytes that may still be held of archives, and of what is asked for in them; archives that may still be opened.
    held: int = field(default_factory=lambda: MAX_ZIP_BYTES)
    reserve: int = field(default_factory=lambda: MAX_TOTAL_BYTES)
    archives: int = field(default_factory=lambda: MAX_ARCHIVES)
    allowance: Allowance = field(default_factory=Allowance)
    # What adds folders and archives that also may hold the section; those of them of which something was taken.
    others: list[partial[None]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    contents: dict[str, bytes] = field(default_factory=dict)
    resources: ExitStack = field(default_factory=ExitStack)
    wanted: Names = field(init=False)

    def __post_init__(self) -> None:
        self.wanted = Names(self.section.expected_files, self.section.released_names)

    def meant(self, path: str) -> str | None:
        return self.wanted.meant(_name(path))


class _UnreadableError(Exception):
    """A file can't be taken; the message completes a sentence that begins with its name."""


def _no_student(root: int, name: str, student: str, known: Mapping[str, Section]) -> Problem | None:
    """Return why the entry `name` of the submissions' folder is not a student's folder, or None."""
    try:
        mode = os.stat(name, dir_fd=root, follow_symlinks=False).st_mode
    except OSError as error:
        return Problem(student, None, f"`{student}` can't be read: {error.strerror}.", "Check its permissions.")
    if stat.S_ISLNK(mode):
        what = f"`{student}` is a symbolic link and was not followed."
        return Problem(student, None, what, "Put the student's folder itself there.")
    if not stat.S_ISDIR(mode):
        what = f"`{student}` is not a folder, so nothing of it was judged."
        return Problem(None, None, what, "If it is somebody's work, move it to `<student>/<section>/`.")
    if name in known:
        what = f"`{student}` is the name of a section, not of a student."
        return Problem(None, name, what, "Move what is in it to `<student>/<section>/`.")
    return None


def _student(
    home: int,
    student: str,
    path: Path,
    known: Mapping[str, Section],
    wanted: AnyOf[str],
    pool: dict[bytes, bytes],
    root: Path,
    releases: dict[str, Mapping[str, bytes]],
) -> tuple[list[Attempt], list[Problem]]:
    meant = Names(known)
    owners = {name: Names(section.expected_files, section.released_names) for name, section in known.items()}
    present: set[str] = set()
    near: dict[str, list[str]] = {}
    loose: dict[str, list[str]] = {}
    strays = []
    problems: list[Problem] = []
    names = _listing(home, MAX_ENTRIES + 1)
    if len(names) > MAX_ENTRIES:  # which were listed is up to the file system: the sections are asked for by name
        what = f"`{student}` holds more than {MAX_ENTRIES} files and folders; only its sections were looked for."
        problems.append(Problem(student, None, what, "Remove from the folder what does not belong there."))
        names = [name for section in known for name in (section, f"{section}.zip") if _is_there(home, name)]
    names = [name for name in names if not is_junk(name)]
    if not names:
        what = f"The folder of `{student}` is empty."
        problems.append(Problem(student, None, what, "Ask for the work, or remove the folder."))
    for name in names:
        if name in known or name.removesuffix(".zip") in known:
            present.add(name)
        elif section_id := meant.meant(archive_stem(name)[0]):
            near.setdefault(section_id, []).append(name)
        elif len(whose := [owner for owner, files in owners.items() if files.meant(name)]) == 1:
            loose.setdefault(whose[0], []).append(name)
        else:
            strays.append(name)
    problems += [_stray(student, name, known) for name in strays[:MAX_NOTES]]
    if len(strays) > MAX_NOTES:
        what = f"`{student}` holds {len(strays) - MAX_NOTES} more that are not sections of the course."
        problems.append(Problem(student, None, what, "Look into the folder."))
    attempts = []
    for section_id, section in known.items():
        exact = [name for name in (section_id, f"{section_id}.zip") if name in present]
        others = [*near.get(section_id, ()), *loose.get(section_id, ())]
        if section_id not in wanted or not (exact or others):
            continue
        if section_id not in releases:
            releases[section_id] = release_of(root, section)
        found = _Found(section)
        with found.resources:
            taken = _sources(home, exact, near.get(section_id, []), loose.get(section_id, []), found)
            files, marks = _take(found, releases[section_id])
            problems += [
                Problem(
                    student,
                    section_id,
                    f"`{student}/{printable(name)}` was not judged, because there is `{printable(taken[0])}`.",
                    "Remove one of them.",
                )
                for name in others[:MAX_NOTES]
                if name not in taken and f"{printable(name, _MAX_NAME_BYTES)}/" not in found.used
            ]
        for name, content in files.items():
            files[name] = pool.setdefault(hashlib.sha256(content).digest(), content)
        if taken != [section_id]:  # the exchange packs nothing and knows the name: these marks are the student's own
            marks = {}
        timestamp, secret = marks.get(_TIMESTAMP), marks.get(_FILED_UNDER)
        notes = found.notes
        attempts.append(
            attempt(section, student, path / taken[0], files, notes.all(), timestamp, secret, taken=notes.taken())
        )
    return attempts, problems


def _sources(home: int, exact: list[str], near: list[str], loose: list[str], found: _Found) -> list[str]:
    """Add the files of what holds the section: its folder, else its zip, else what was meant to be one of them.

    Where there is none of them, files that are asked for may lie beside the folder's place. Returns what was taken.
    """
    section_id = found.section.id
    folder, packed = section_id in exact, f"{section_id}.zip" in exact
    near = near[:MAX_ARCHIVES]
    if folder:
        _folder(home, section_id, "", found)
    if found.entries or not (packed or near or loose):
        # The others are looked into only where this one holds no work.
        found.others = [partial(_add_source, home, name, found) for name in (*exact[1:], *near)]
        return [section_id]
    if packed:
        if folder:
            found.notes.add(f"The folder `{section_id}` holds no files; `{section_id}.zip` was judged.", taken=True)
        _archive(home, f"{section_id}.zip", "", found)
        if found.entries or not (near or loose):
            return [f"{section_id}.zip"]
    for name in near:
        if len(near) > 1:  # each is a folder: which is taken is decided file by file
            _add_source(home, name, found)
            continue
        (_folder if _is_folder(home, name) else _archive)(home, name, "", found)
        if found.entries:
            found.notes.add(
                f"{_quoted(name)} was taken for `{section_id}`; hand in a folder or zip of that name.", taken=True
            )
    if found.entries or not loose:
        return near
    for name in loose:
        _add_file(home, name, PurePosixPath(), found, partial(_opened, home))
    found.notes.add(
        f"The files did not lie in a folder `{section_id}`; hand in that folder, or a zip of it.", taken=True
    )
    return loose


def _add_source(home: int, name: str, found: _Found) -> None:
    """Add the files of a folder or archive, as those of a folder that is called like it."""
    (_folder if _is_folder(home, name) else _archive)(home, name, f"{printable(name, _MAX_NAME_BYTES)}/", found)


def _is_folder(home: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=home, follow_symlinks=False).st_mode)


def _stray(student: str, name: str, known: Mapping[str, Section]) -> Problem:
    stem, kind = archive_stem(name)
    near = difflib.get_close_matches(re.sub(r"[ _-]*\(\d+\)$", "", stem).lower(), known, 1, cutoff=0.5)
    meant = f"{near[0]}{'.zip' if kind else ''}" if near else ""
    remedy = (
        f"Call it `{meant}` if it was meant as that." if meant else "If it is work, move it to the section's folder."
    )
    what = f"`{student}/{printable(name)}` is not a section of the course and was not judged."
    return Problem(student, near[0] if near else None, what, remedy)


def release_of(root: Path, section: Section) -> dict[str, bytes]:
    """Return what students got of the files that they hand in; of a course that was not built, nothing."""
    paths = {name: root / "assignments" / section.id / name for name in section.expected_files}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


# Folders


@contextmanager
def _directory(parent: int, name: str) -> Iterator[int]:
    """Open the folder `name` in `parent` for the length of the block; a link is refused by the kernel."""
    descriptor = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _listing(descriptor: int, limit: int | None = None) -> list[str]:
    with os.scandir(descriptor) as listing:
        return sorted((entry.name for entry in islice(listing, limit)), key=os.fsencode)


def _folder(home: int, name: str, below: str, found: _Found) -> None:
    """Add the files of the folder `name`, all of their paths with `below` in front."""
    mode = os.stat(name, dir_fd=home, follow_symlinks=False).st_mode
    if not stat.S_ISDIR(mode):
        found.notes.add(f"`{printable(name)}` is {_kind(mode)}, not a folder; nothing of it was read.")
        return
    before = len(found.entries)
    try:
        with _directory(home, name) as descriptor:
            _walk(descriptor, PurePosixPath(), found, partial(_opened_below, home, name))
    except OSError as error:
        found.notes.add(f"`{printable(name)}` could not be read: {error.strerror}.")
    found.entries[before:] = [replace(entry, path=below + entry.path) for entry in found.entries[before:]]


def _walk(descriptor: int, below: PurePosixPath, found: _Found, opened: Callable[[str], IO[bytes]]) -> None:
    """List the regular files in the open folder; names at its own level first, each level sorted."""
    names = _listing(descriptor, MAX_LISTED - found.listed + 1)
    found.listed += len(names)
    if found.listed > MAX_LISTED:
        # Which of them came first is up to the file system, and the answer must not depend on it.
        names = [name for name in found.section.expected_files if _is_there(descriptor, name)]
        found.seen = MAX_ENTRIES + 1
    names = [name for name in names if not is_junk(name)]
    found.seen += len(names)
    if found.seen > MAX_ENTRIES:
        names = [name for name in names if found.meant(name)][:MAX_ENTRIES]
        but = ", but for the files that are asked for" if names else ""
        where = below if below.parts else found.section.id
        found.notes.add(f"{_quoted(where)} was left out{but}: there are more than {MAX_ENTRIES} files and folders.")
    folders = [name for name in names if _add_file(descriptor, name, below, found, opened)]
    for name in folders:
        if len(below.parts) + 1 >= MAX_DEPTH:
            found.notes.add(f"{_quoted(below / name)} was left out: folders are nested more than {MAX_DEPTH} deep.")
            continue
        try:
            with _directory(descriptor, name) as inner:
                _walk(inner, below / name, found, opened)
        except OSError as error:
            found.notes.add(f"{_quoted(below / name)} could not be read: {error.strerror}.")


def _add_file(
    descriptor: int, name: str, below: PurePosixPath, found: _Found, opened: Callable[[str], IO[bytes]]
) -> bool:
    """Add a regular file of the open folder, or a note; return whether it is a folder instead."""
    path = below / name
    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    complaint = _bad_path(name) or ("contains a backslash" if "\\" in name else None)
    meant = found.meant(name) if stat.S_ISREG(status.st_mode) else None
    if complaint and not (meant and complaint == _UNPRINTABLE):
        found.notes.add(f"{_quoted(path)} was left out: its name {complaint}.")
    elif stat.S_ISDIR(status.st_mode):
        return True
    elif stat.S_ISREG(status.st_mode):
        opens, shown = partial(opened, str(path)), str(below / printable(name, _MAX_NAME_BYTES))
        chunks = partial(_chunks_of, opens)
        found.entries.append(_Entry(shown, status.st_size, chunks, 0, opens, meant, complaint))
    else:
        found.notes.add(f"{_quoted(path)} is {_kind(status.st_mode)} and was left out.")
    return False


def _is_there(descriptor: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except OSError:
        return False
    return True


def _opened_below(home: int, top: str, path: str) -> IO[bytes]:
    """Open the regular file `path`, every step of it without following links."""
    *folders, name = path.split("/")
    with ExitStack() as opened:
        at = home
        for folder in (top, *folders):
            at = os.open(folder, _OPEN | os.O_DIRECTORY, dir_fd=at)
            opened.callback(os.close, at)
        return _opened(at, name)


def _opened(parent: int, name: str) -> IO[bytes]:
    file = os.fdopen(os.open(name, _OPEN, dir_fd=parent), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise _UnreadableError("is not a regular file any more")
    return file


def _chunks_of(opened: Callable[[], IO[bytes]], size: int) -> Chunks:
    """Yield at most `size` bytes of a file that is open as long."""
    with opened() as file:
        yield from chunks_of(file, size)


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFBLK: "a device",
        stat.S_IFCHR: "a device",
        stat.S_IFREG: "a file",
        stat.S_IFDIR: "a folder",
    }
    return kinds.get(stat.S_IFMT(mode), "a special file")


# Archives


def _archive(home: int, name: str, below: str, found: _Found) -> None:
    """Add the files of the archive `name`, or a note and no files, all of their paths with `below` in front."""
    before = len(found.entries)
    try:
        status = os.stat(name, dir_fd=home, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            kind = "a zip file" if name.endswith(".zip") else "an archive"
            found.notes.add(f"{_quoted(name)} is {_kind(status.st_mode)}, not {kind}; nothing of it was read.")
            return
        _open_archive(found.resources.enter_context(_opened(home, name)), name, found)
    except (OSError, _UnreadableError) as error:
        found.notes.add(f"{_quoted(name)} could not be read: {getattr(error, 'strerror', None) or error}.")
    _strip_section(found, before)
    found.entries[before:] = [replace(entry, path=below + entry.path) for entry in found.entries[before:]]


def _strip_section(found: _Found, before: int) -> None:
    """Take an archive of the section's folder for one of what is in it."""
    prefix = f"{found.section.id}/"
    if all(entry.path.startswith(prefix) for entry in found.entries[before:]):
        found.entries[before:] = [
            replace(entry, path=entry.path.removeprefix(prefix)) for entry in found.entries[before:]
        ]


def _open_archive(file: IO[bytes], name: str, found: _Found, below: str = "", level: int = 0) -> None:
    """Add the files of an open archive."""
    kind = _archive_kind(name)
    if kind in CLOSED:
        found.notes.add(f"{_quoted(name)} can't be opened here; hand in the folder, or a zip of it.")
        return
    if kind not in ARCHIVES:
        found.notes.add(f"{_quoted(name)} is a file, not a folder; nothing of it was read.")
        return
    before = len(found.entries)
    try:
        (_unzip if kind == ".zip" else _untar)(file, found, below, level)
    except ArchiveError as error:
        found.notes.add(f"{_quoted(name)} {error}; hand in the folder, or zip it again.")
    if len(found.entries) - before > MAX_ENTRIES:
        found.entries[before:] = [entry for entry in found.entries[before:] if entry.meant][:MAX_ENTRIES]
        found.notes.add(
            f"{_quoted(name)} holds more than {MAX_ENTRIES} files; only those that are asked for were read."
        )


def _unzip(file: IO[bytes], found: _Found, below: str, level: int) -> None:
    archive = archives.open_zip(file, found.allowance)
    found.budget = min(found.budget, 2 * MAX_TOTAL_BYTES)
    entries: dict[str, _Entry] = {}
    for info in archive.infolist():
        # Some Windows tools write backslashes; taken as separators, `..\\` is refused like `../`.
        path = info.orig_filename.replace("\\", "/")
        if path.endswith("/") or any(is_junk(part) for part in path.split("/")):
            continue
        meant, complaint = found.meant(path), _bad_entry(info, path)
        if complaint and not (meant and complaint == f"its name {_UNPRINTABLE}"):
            found.notes.add(f"{_quoted(path)} in the zip was left out: {complaint}.")
            continue
        if len(entries) > MAX_ENTRIES * (1 + bool(meant)):  # there are too many, of which only these will be read
            continue
        path = str(PurePosixPath(printable(path, MAX_PATH_BYTES)))
        if path in entries:
            found.notes.add(f"{_quoted(path)} stands in the zip more than once; the last one was taken.")
        chunks = partial(_unpacked, archive, info)
        complaint = _UNPRINTABLE if complaint else None
        entries[path] = _Entry(below + path, info.file_size, chunks, level, None, meant, complaint)
    found.entries += entries.values()


def _untar(file: IO[bytes], found: _Found, below: str, level: int) -> None:
    """Add the files of a tar, with their contents: it is read once, from its beginning."""
    entries: dict[str, _Entry] = {}
    try:
        for member, chunks in archives.members(chunks_of(file, archives.MAX_STREAM_BYTES + 1), found.allowance):
            path = member.path
            if member.kind == "folder" or any(is_junk(part) for part in path.split("/")):
                continue
            meant, complaint = found.meant(path), _bad_path(path)
            if complaint and not (meant and complaint == _UNPRINTABLE):
                found.notes.add(f"{_quoted(path)} in the archive was left out: its name {complaint}.")
                continue
            if member.kind != "file":
                what = {"link": "a link", "device": "a device"}.get(member.kind, "no plain file")
                found.notes.add(f"{_quoted(path)} in the archive was left out: it is {what}.")
                continue
            path = str(PurePosixPath(printable(path, MAX_PATH_BYTES)))
            if len(entries) > MAX_ENTRIES * (1 + bool(meant)):
                continue
            entries[path] = _held(_Entry(below + path, member.size, chunks, level, None, meant, complaint), found)
    finally:
        found.entries += entries.values()


def _held(entry: _Entry, found: _Found) -> _Entry:
    """Return an entry of a tar with its content, so that it can be read again, or with what is wrong with it."""
    if MAX_FILE_BYTES < entry.size <= found.notebooks and _is_notebook(entry.path):
        found.notebooks -= entry.size
        try:
            content = read(entry.path, entry.size, entry.chunks)
        except TooLargeError as error:
            return replace(entry, chunks=partial(_refused, error))
        return replace(entry, size=len(content), chunks=partial(_again, content))
    if entry.size > MAX_FILE_BYTES:  # whoever reads it compares its size first
        return replace(entry, chunks=partial(_refused, _UnreadableError("is too large")))
    if entry.meant and entry.size <= found.reserve:  # there is room for it whatever stands before it
        found.reserve -= entry.size
    elif entry.size <= found.held:
        found.held -= entry.size
    else:
        return replace(entry, chunks=partial(_refused, _UnreadableError("comes after more than may be unpacked")))
    content = b"".join(entry.chunks(entry.size))
    if len(content) < entry.size:
        return replace(entry, chunks=partial(_refused, _UnreadableError("is damaged in the archive")))
    return replace(entry, chunks=partial(_again, content))


def _again(content: bytes, size: int) -> Chunks:
    yield content[:size]


def _refused(error: Exception, size: int) -> Chunks:
    raise error


def _bad_entry(info: zipfile.ZipInfo, path: str) -> str | None:
    """Return why an entry of a zip is not read, or None."""
    mode = info.external_attr >> 16
    if complaint := _bad_path(path):
        return f"its name {complaint}"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return f"it is {_kind(mode)}"
    if info.flag_bits & 0x1:
        return "it is encrypted; zip the folder without a password"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed by an unusual method; zip the folder again with your system's own tool"
    return None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> Chunks:
    """Yield at most `size` bytes of an entry of a zip."""
    try:
        with archive.open(info) as file:
            # Reading to the end checks the sum over the whole entry, so that one that lies is found.
            yield from chunks_of(file, size)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _UnreadableError("is damaged in the zip") from error
    except Exception as error:
        raise _UnreadableError("can't be unpacked") from error


# Both


def _take(found: _Found, released: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Find what is asked for and read it, and what may be read besides; the exchange's own marks come apart."""
    choices = _look_further(found, released)
    placed = _without_collisions(_at_their_places(found, choices), found.section, found.notes)
    zipped = f"{found.section.id}.zip"
    if any(add.args[1] == zipped for add in found.others) and f"{zipped}/" not in found.used:
        found.notes.add(f"There are both `{found.section.id}` and `{zipped}`; the folder was judged.")
    files, marks = _read_all(found, placed)
    _note_near_misses(files, choices, found.section, found.notes)
    for name, choice in choices.items():
        if name in files and not choice.is_work:
            is_empty = meaning(name, files[name]) == meaning(name, b"")
            found.notes.add(without_work(name, "empty" if is_empty else "as it was released"))
    return files, marks


def _look_further(found: _Found, released: Mapping[str, bytes]) -> dict[str, Choice]:
    """Choose among what lies there; where a file is lacking, among what archives in it hold too."""
    choices = _choices(found, released)
    for level in range(MAX_ARCHIVE_LEVELS):
        if _is_complete(choices):
            break
        packed = [entry for entry in found.entries if entry.level == level and _archive_kind(entry.path)]
        for entry in sorted(packed, key=lambda entry: _by_depth(entry.path)):
            if found.archives == 0:
                found.notes.add(f"{_quoted(entry.path)} and other archives were not opened: there are too many.")
                break
            found.archives -= 1
            _open_inner(entry, found)
        if packed:
            choices = _choices(found, released)
    if found.others and not _is_complete(choices):
        before = len(found.entries)
        for add in found.others:
            add()
        # Like what an archive holds, it is none of the folder's unless it is taken.
        found.entries[before:] = [replace(entry, level=MAX_ARCHIVE_LEVELS) for entry in found.entries[before:]]
        choices = _choices(found, released)
    return choices


def _is_complete(choices: Mapping[str, Choice]) -> bool:
    return all(choice.is_work and (choice.path or choice.others) for choice in choices.values())


def _open_inner(entry: _Entry, found: _Found) -> None:
    """Add the files of an archive inside of the submission; each is called as if the archive were a folder."""
    try:
        if _archive_kind(entry.path) in CLOSED:
            file: IO[bytes] = BytesIO()
        elif entry.opened is not None:
            file = found.resources.enter_context(entry.opened())
        elif entry.size > found.held:
            found.notes.add(f"{_quoted(entry.path)} was not opened: it is larger than {_megabytes(found.held)}.")
            return
        else:
            found.held -= entry.size
            with closing(entry.chunks(entry.size)) as chunks:
                file = BytesIO(b"".join(chunks))
        _open_archive(file, entry.path, found, f"{entry.path}/", entry.level + 1)
    except (OSError, _UnreadableError) as error:
        found.notes.add(f"{_quoted(entry.path)} was not opened: it {getattr(error, 'strerror', None) or error}.")


def _choices(found: _Found, released: Mapping[str, bytes]) -> dict[str, Choice]:
    """Return which file is taken for each that is asked for."""
    candidates: dict[str, list[str]] = {name: [] for name in found.section.expected_files}
    by_path = {entry.path: entry for entry in found.entries}
    for entry in found.entries:
        if entry.meant:
            candidates[entry.meant].append(entry.path)
    top = common_folder([path for path in by_path if path not in MARKS and not _archive_kind(path)])
    section = Names([found.section.id])
    choices = {}
    for expected, paths in candidates.items():
        left = MAX_CANDIDATES

        def held(path: str, expected: str = expected) -> object:
            nonlocal left
            left -= 1
            try:
                return meaning(expected, _content(by_path[path], found)) if left >= 0 else path
            except (TooLargeError, _UnreadableError, OSError):
                return path  # whatever it is, it is like no other

        no_work = {meaning(expected, b""), meaning(expected, released.get(expected, b""))}
        choices[expected] = choose(paths, expected, top, section, held, no_work)
    return choices


def _at_their_places(found: _Found, choices: Mapping[str, Choice]) -> list[_Entry]:
    """Put what was chosen at the top under the right name, and what lies beside it where it lies beside it."""
    notes, section_id = found.notes, found.section.id
    chosen = {choice.path: expected for expected, choice in choices.items() if choice.path is not None}
    roots = list(dict.fromkeys(path.rpartition("/")[0] for path in chosen)) or [""]
    if roots != [""] and len(roots) == 1:
        notes.add(
            f"The files were found in {_quoted(f'{roots[0]}/')}; they belong directly in `{section_id}`.", taken=True
        )
    for name, choice in choices.items():
        _note_choice(name, choice, section_id, roots, notes)
    placed: dict[str, _Entry] = {}
    kept = set()
    by_path = {entry.path: entry for entry in found.entries}
    for path, expected in chosen.items():
        placed[expected] = replace(by_path[path], path=expected, source=path)
        kept.add(path)
    # The top first: what lies there keeps its place, whatever else comes to lie there.
    for root in sorted(roots):
        prefix = f"{root}/" if root else ""
        for entry in found.entries:
            if not entry.path.startswith(prefix) or (not root and entry.level):
                continue
            target = entry.path.removeprefix(prefix)
            if root and target in MARKS:  # only the exchange writes them, and only at the top
                kept.add(entry.path)
                continue
            if entry.complaint or (root and target in choices):
                continue
            if target in placed and target in choices:
                continue
            if entry.path in chosen and entry.path.rpartition("/")[0] == root:
                continue
            kept.add(entry.path)
            if target not in placed:
                placed[target] = replace(entry, path=target, source=entry.path)
            elif target not in found.section.files:
                notes.add(f"{_quoted(entry.path)} was left out: another file has its place.")
    released = {*found.section.files, *found.section.released_names}
    for entry in found.entries if roots != [""] else ():
        if entry.path in MARKS:
            placed[entry.path] = entry
        elif entry.path in released:  # nobody misses it
            placed.setdefault(entry.path, entry)
            kept.add(entry.path)
    found.used = {f"{root.partition('/')[0]}/" for root in roots}
    mentioned = {path for choice in choices.values() for path in (*choice.others, choice.instead_of)}
    opened = {root[:at] for root in roots for at in range(len(root) + 1)}
    silent = {*kept, *mentioned, *opened, *MARKS}
    for entry in found.entries:
        if entry.complaint and entry.path not in chosen:
            notes.add(f"{_quoted(entry.path)} was left out: its name {entry.complaint}.")
        elif not (entry.level or entry.meant or entry.path in silent):
            where = "that folder" if len(roots) == 1 else "those folders"
            notes.add(f"{_quoted(entry.path)} lies outside {where} and was left out.")
    return list(placed.values())


def _note_choice(expected: str, choice: Choice, section_id: str, roots: list[str], notes: _Notes) -> None:
    """Say what was taken for a file that is asked for, unless it is simply there."""
    if choice.path is None:
        if choice.others:
            listed = " and ".join(_quoted(path) for path in choice.others[:3])
            notes.add(
                f"{listed} differ, and each could be meant as `{expected}`; none was taken. Hand in one of them, "
                f"as `{expected}`, directly in `{section_id}`."
            )
        return
    folder, _, name = choice.path.rpartition("/")
    if name != expected:
        notes.add(f"{_quoted(choice.path)} was taken for `{expected}`; hand it in under that name.", taken=True)
    elif folder and len(roots) > 1:
        notes.add(f"Found {_quoted(choice.path)}; it belongs directly in `{section_id}`.", taken=True)
    if choice.instead_of:
        notes.add(
            f"{_quoted(choice.instead_of)} is empty or as it was released, so {_quoted(choice.path)} was judged.",
            taken=True,
        )
    # One that differs in case only, and so could not lie beside it on every disk, gets a note of its own.
    differing = [path for path in choice.others if _folded(path) != _folded(choice.path)][:3]
    if differing:
        listed = ", ".join(_quoted(path) for path in differing)
        notes.add(
            f"{_quoted(choice.path)} was judged; {listed} {'is' if len(differing) == 1 else 'are'} different.",
            taken=True,
        )


def _read_all(found: _Found, entries: list[_Entry]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Read what may be read, the files that are asked for first, and note the rest; then the exchange's own marks."""
    notes, section = found.notes, found.section
    if not found.entries and not notes.all():
        notes.add(NO_FILES)
    files: dict[str, bytes] = {}
    marks: dict[str, str] = {}
    total = 0
    first = {*MARKS, *section.expected_files}
    for entry in sorted(entries, key=lambda e: (e.path not in first, _by_depth(e.path))):
        shown = _quoted(entry.path)
        if len(files) >= MAX_FILES:
            notes.add(f"Only the first {MAX_FILES} files were read; {shown} and others were left out.")
            break
        if entry.path.count("/") >= MAX_DEPTH:
            notes.add(f"{shown} was left out: folders are nested more than {MAX_DEPTH} deep.")
            continue
        try:
            content = _content(entry, found)
        except TooLargeError as error:
            notes.add(f"{shown} was left out: it {error}.")
            continue
        except _UnreadableError as error:
            notes.add(f"{shown} {error} and was left out.")
            continue
        except OSError as error:
            notes.add(f"{shown} was left out: it could not be read ({error.strerror}).")
            continue
        if entry.path in MARKS:
            if text := printable(
                content[: 2 * MARKS[entry.path]].decode("utf-8", "replace").strip(), MARKS[entry.path]
            ):
                marks[entry.path] = text
        elif total + len(content) > MAX_TOTAL_BYTES:
            notes.add(f"{shown} was left out: all files together are larger than {_megabytes(MAX_TOTAL_BYTES)}.")
        else:
            files[entry.path] = content
            total += len(content)
    return files, marks


def _content(entry: _Entry, found: _Found) -> bytes:
    """Read a file, within what may be read of all notebooks together and unpacked of one zip."""
    source = entry.source or entry.path
    if source not in found.contents:
        found.contents[source] = _content_of(entry, found)
    return found.contents[source]


def _content_of(entry: _Entry, found: _Found) -> bytes:
    if _is_large_notebook(entry.path, entry.size):
        if entry.size > found.notebooks:
            what = "is" if entry.size > MAX_NOTEBOOK_BYTES else "makes the notebooks together"
            raise TooLargeError(f"{what} larger than {_megabytes(MAX_NOTEBOOK_BYTES)}; {_CLEAR}")
        found.notebooks -= entry.size
        content = read(entry.path, entry.size, entry.chunks)
        found.budget -= len(content)
        return content
    if entry.size <= MAX_FILE_BYTES:
        found.budget -= entry.size
        if found.budget < 0:
            raise _UnreadableError("comes after more than may be unpacked")
    return read(entry.path, entry.size, entry.chunks)


def _without_collisions(entries: list[_Entry], section: Section, notes: _Notes) -> list[_Entry]:
    """Leave out what could not lie beside the rest on every disk: names that differ in case only, files as folders."""
    kept: dict[str, _Entry] = {}
    for entry in sorted(entries, key=lambda e: (e.path not in section.expected_files, e.path)):
        key = _folded(entry.path)
        if key in kept:
            notes.add(
                f"{_quoted(entry.path)} was left out: `{printable(kept[key].path)}` has the same name but for case."
            )
        else:
            kept[key] = entry
    for key, entry in sorted(kept.items()):
        parents = PurePosixPath(key).parents
        if any(str(parent) in kept for parent in parents):
            notes.add(f"{_quoted(entry.path)} was left out: it lies in what is also a file.")
            del kept[key]
    return list(kept.values())


def _note_near_misses(
    files: Mapping[str, bytes], choices: Mapping[str, Choice], section: Section, notes: _Notes
) -> None:
    """Say what a file that is not there may have been called, where no rule takes it."""
    for expected in section.expected_files:
        if expected in files or choices[expected].path or choices[expected].others:
            continue
        what = "notebook" if expected == section.notebook else "module"
        if near := [path for path in sorted(files, key=_by_depth) if _is_near(path, expected, section)]:
            listed = ", ".join(_quoted(path) for path in near[:3])
            notes.add(f"Found {listed}; the {what} must be called `{expected}`.")


def _is_near(path: str, expected: str, section: Section) -> bool:
    stem, dot, suffix = expected.lower().rpartition(".")
    name = _name(path).lower().removesuffix(".txt")
    if _name(path) in {*section.expected_files, *section.released_names} or not name.endswith(dot + suffix):
        return False
    name = name.removesuffix(dot + suffix)
    alike = difflib.SequenceMatcher(None, name, stem).ratio() >= 0.75
    return alike or name.startswith(stem) or expected == section.notebook


def _by_depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _bad_path(path: str) -> str | None:
    """Return what is wrong with a relative path, or None; completes "its name …"."""
    parts = path.split("/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "is an absolute path"
    if ".." in parts:
        return "leads out of the folder"
    if not path.isprintable():
        return _UNPRINTABLE
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"is longer than {MAX_PATH_BYTES} bytes"
    if PurePosixPath(path) == PurePosixPath():
        return "is empty"
    return None


def _archive_kind(path: str) -> str:
    return archive_stem(_name(path))[1]


def is_junk(name: str) -> bool:
    """Whether programs leave such files and folders behind, which are never counted."""
    return name.lower() in _JUNK or name.startswith("._") or name.endswith((".pyc", ".pyo"))


def _is_notebook(path: str) -> bool:
    return path.lower().endswith(".ipynb")


def _is_large_notebook(path: str, size: int) -> bool:
    return size > SMALL_NOTEBOOK_BYTES and _is_notebook(path)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _quoted(path: str | PurePosixPath) -> str:
    return f"`{printable(str(path))}`"


def _megabytes(size: int) -> str:
    return f"{size >> 20} MB"
