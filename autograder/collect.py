"""Collects submissions: from folders and zips that anybody may have filled to immutable attempts.

Nothing in a submission is trusted: not its names, its sizes, its file types or what a zip says of itself.
Links are never followed, nothing is opened that could block, everything is read up to a limit, and whatever is
left out is noted in words that students and staff may read. A submission never raises an exception here; only
a `folder` that can't be listed at all does.

Sizes count what is judged: of a notebook that is not small, outputs are dropped while it is read
(:mod:`autograder.outputs`), without a note.
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
from collections.abc import Callable, Generator, Iterator, Mapping
from collections.abc import Collection as AnyOf
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import IO

from autograder.course import Course, Section
from autograder.outputs import without_outputs

MAX_FILES = 200
MAX_FILE_BYTES = 10 << 20
MAX_TOTAL_BYTES = 20 << 20
MAX_DEPTH = 8
MAX_PATH_BYTES = 240
MAX_ENTRIES = 5000
MAX_ZIP_BYTES = 50 << 20
MAX_NOTEBOOK_BYTES = 128 << 20  # of all notebooks of a submission as they were handed in: half a minute at worst
SMALL_NOTEBOOK_BYTES = 1 << 20  # up to this size a notebook is taken as it was handed in
MAX_NOTES = 20
MAX_NOTE_CHARACTERS = 300

_CHUNK = 1 << 16
_MAX_NAME_BYTES = 255  # of one component of a path, on every disk that we know
_TIMESTAMP = "timestamp.txt"
_FILED_UNDER = "submission_secret.txt"
_MARKS = {
    _TIMESTAMP: 100,
    _FILED_UNDER: 256,
}  # what nbgrader's exchange adds to a submission, and how much of it is read
_JUNK = frozenset({
    ".ds_store", ".git", ".gitignore", ".gitkeep", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".venv", ".vscode", "__macosx", "__pycache__", "desktop.ini", "thumbs.db",
})  # fmt: skip
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".7z", ".rar", ".gz")
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
    files feedback: it differs each time and is no part of the work.
    """

    student: str
    section: str
    files: Mapping[str, bytes]
    notes: tuple[str, ...]
    digest: str
    path: Path
    timestamp: str | None = None
    secret: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", MappingProxyType(dict(sorted(self.files.items()))))

    def __reduce__(self) -> tuple[type[Attempt], tuple[object, ...]]:
        # A mapping proxy can't be sent to a judge's process; its dictionary can.
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Attempt, tuple({**values, "files": dict(self.files)}.values())


@dataclass(frozen=True)
class Collection:
    """All attempts, ordered by student and section, and one line for each thing that is no attempt."""

    attempts: tuple[Attempt, ...] = ()
    problems: tuple[str, ...] = ()


def collect(
    course: Course,
    folder: Path,
    sections: AnyOf[str] | None = None,
    students: AnyOf[str] | None = None,
) -> Collection:
    """Return the attempts in `folder`, which holds ``<student>/<section>/`` or ``<student>/<section>.zip``.

    A missing or empty folder gives an empty collection. Where a section is there both as a folder with files and
    as a zip, the folder is taken.

    Parameters
    ----------
    sections, students
        Only these; None means all. A student who handed in nothing is named among the problems.

    Raises
    ------
    CourseError
        If one of `sections` is not in the course.
    CollectError
        If `folder` can't be listed or is no folder.
    """
    wanted = [course.section(name).id for name in sections] if sections is not None else [s.id for s in course.sections]
    known = {section.id: section for section in course.sections}
    attempts: list[Attempt] = []
    problems: list[str] = []
    pool: dict[bytes, bytes] = {}
    seen: set[str] = set()
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        names: list[str] = []
        root = -1
    except OSError as error:
        raise CollectError(f"{folder} can't be read as the folder of submissions: {error.strerror}") from error
    try:
        if root >= 0:
            names = _listing(root)
        for name in names:
            student = _student_name(name)
            if _is_junk(name) or (students is not None and student not in students):
                continue
            if student in seen:
                problems.append(f"`{student}`: two folders have names that look like this; rename one of them.")
                continue
            if problem := _no_student(root, name, student, known):
                problems.append(problem)
                continue
            seen.add(student)
            try:
                with _directory(root, name) as home:
                    found, complaints = _student(home, student, folder / name, known, wanted, pool)
            except OSError as error:
                problems.append(f"`{student}` can't be read: {error.strerror}; check the folder's permissions.")
                continue
            attempts += found
            problems += complaints
    finally:
        if root >= 0:
            os.close(root)
    for student in sorted(set(students or ()) - seen):
        near = difflib.get_close_matches(student, [_student_name(name) for name in names], 1)
        problems.append(
            f"`{printable(student)}` has handed in nothing" + (f"; did you mean `{near[0]}`?" if near else ".")
        )
    return Collection(tuple(attempts), tuple(problems))


def attempt(
    section: Section, student: str, path: Path, files: Mapping[str, bytes], notes: AnyOf[str] = (),
    timestamp: str | None = None, secret: str | None = None,
) -> Attempt:  # fmt: skip
    """Return an attempt made of `files`, with its digest."""
    digest = hashlib.sha256(b"autograder attempt 1")
    for part in (section.id.encode(), *(part for name in sorted(files) for part in (name.encode(), files[name]))):
        digest.update(struct.pack(">Q", len(part)) + part)
    for note in notes:
        digest.update(struct.pack(">Q", 1 << 63 | len(note.encode())) + note.encode())
    return Attempt(student, section.id, files, tuple(notes), digest.hexdigest(), path, timestamp, secret)


def unpack(data: bytes, name: str, section: Section) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the files of a zip, as they are taken from a submission, and notes on what was left out.

    `name` is what notes call the zip. One that can't be read gives no files.
    """
    found = _Found()
    _unzip(data, name, section, found)
    files, _ = _take(found, section)
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


def _student_name(name: str) -> str:
    """Return the name of a student's folder as it is shown and stored: printable, and short enough for a file's name.

    Escaping makes a name longer. One that no disk would take is cut, and its hash keeps it apart from others.
    """
    shown = printable(name, limit=_MAX_NAME_BYTES)
    if len(shown.encode()) <= _MAX_NAME_BYTES:
        return shown
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return f"{shown.encode()[:200].decode(errors='ignore')}…{digest}"


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _Notes:
    """What was left out or looks wrong, in order, without repetition, and not more than anybody reads."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}
        self._dropped = 0

    def add(self, note: str) -> None:
        note = printable(note, MAX_NOTE_CHARACTERS)
        if note in self._notes or len(self._notes) < MAX_NOTES:
            self._notes[note] = None
        else:
            self._dropped += 1

    def all(self) -> tuple[str, ...]:
        more = (f"{self._dropped} more things were left out or looked wrong.",) if self._dropped else ()
        return (*self._notes, *more)


@dataclass(frozen=True)
class _Entry:
    """A regular file that could be read: its path, the size it claims, and how to read at most n bytes of it."""

    path: str
    size: int
    chunks: Callable[[int], Chunks]


@dataclass
class _Found:
    """What a folder or a zip holds before anything of it is read."""

    notes: _Notes = field(default_factory=_Notes)
    entries: list[_Entry] = field(default_factory=list)
    seen: int = 0
    # Bytes that may still be read of notebooks that are not small, and unpacked of the rest, broken entries included.
    notebooks: int = field(default_factory=lambda: MAX_NOTEBOOK_BYTES)
    budget: float = math.inf


class _UnreadableError(Exception):
    """A file can't be taken; the message completes a sentence that begins with its name."""


def _no_student(root: int, name: str, student: str, known: Mapping[str, Section]) -> str | None:
    """Return why the entry `name` of the submissions' folder is no student's folder, or None."""
    try:
        mode = os.stat(name, dir_fd=root, follow_symlinks=False).st_mode
    except OSError as error:
        return f"`{student}` can't be read: {error.strerror}."
    if stat.S_ISLNK(mode):
        return f"`{student}` is a symbolic link and was not followed; put the student's folder itself here."
    if not stat.S_ISDIR(mode):
        return f"`{student}` is no folder; submissions lie in `<student>/<section>/` or `<student>/<section>.zip`."
    if name in known:
        return f"`{student}` is a section, not a student; submissions lie in `<student>/<section>/`, not the reverse."
    return None


def _student(
    home: int,
    student: str,
    path: Path,
    known: Mapping[str, Section],
    wanted: AnyOf[str],
    pool: dict[bytes, bytes],
) -> tuple[list[Attempt], list[str]]:
    names = _listing(home, MAX_ENTRIES + 1)
    problems = []
    if len(names) > MAX_ENTRIES:  # which were listed is up to the file system: the sections are asked for by name
        problems = [f"`{student}` holds more than {MAX_ENTRIES} files and folders; only its sections were looked for."]
        names = [name for section in known for name in (section, f"{section}.zip") if _is_there(home, name)]
    present = {name for name in names if name in known or name.removesuffix(".zip") in known}
    strays = [name for name in names if name not in present and not _is_junk(name)]
    problems += [_stray(student, name, known) for name in strays[:MAX_NOTES]]
    if len(strays) > MAX_NOTES:
        problems.append(f"`{student}` holds {len(strays) - MAX_NOTES} more that are no section of the course.")
    attempts = []
    for section_id, section in known.items():
        folder, packed = section_id in present, f"{section_id}.zip" in present
        if section_id not in wanted or not (folder or packed):
            continue
        found = _folder(home, section_id) if folder else _Found()
        unpack = packed and not found.entries
        if folder and unpack:
            found.notes.add(f"The folder `{section_id}` holds no files; `{section_id}.zip` was judged.")
        elif folder and packed:
            found.notes.add(f"There are both `{section_id}` and `{section_id}.zip`; the folder was judged.")
        if unpack:
            _zip(home, f"{section_id}.zip", section, found)
        files, marks = _take(found, section)
        for name, content in files.items():
            files[name] = pool.setdefault(hashlib.sha256(content).digest(), content)
        where = path / (f"{section_id}.zip" if unpack else section_id)
        if unpack:  # the exchange packs nothing: these marks are the student's own
            marks = {}
        timestamp, secret = marks.get(_TIMESTAMP), marks.get(_FILED_UNDER)
        attempts.append(attempt(section, student, where, files, found.notes.all(), timestamp, secret))
    return attempts, problems


def _stray(student: str, name: str, known: Mapping[str, Section]) -> str:
    shown = printable(name)
    stem = name
    for suffix in _ARCHIVES:
        if name.lower().endswith(suffix):
            stem = name[: -len(suffix)]
    near = difflib.get_close_matches(re.sub(r"[ _-]*\(\d+\)$", "", stem).lower(), known, 1, cutoff=0.5)
    meant = f"; did you mean `{near[0]}{'.zip' if stem != name else ''}`?" if near else "."
    return f"`{student}/{shown}` is no section of the course and was not judged{meant}"


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


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _folder(home: int, name: str) -> _Found:
    found = _Found()
    mode = os.stat(name, dir_fd=home, follow_symlinks=False).st_mode
    if not stat.S_ISDIR(mode):
        found.notes.add(f"`{name}` is {_kind(mode)}, not a folder; nothing of it was read.")
        return found
    try:
        with _directory(home, name) as descriptor:
            _walk(descriptor, PurePosixPath(), found, partial(_chunks_below, home, name))
    except OSError as error:
        found.notes.add(f"`{name}` could not be read: {error.strerror}.")
    return found


def _walk(descriptor: int, below: PurePosixPath, found: _Found, chunks: Callable[[str, int], Chunks]) -> None:
    """List the regular files in the open folder; names at its own level first, each level sorted."""
    # Once there are too many, nothing more is listed: each of thousands of folders may hold thousands.
    names = _listing(descriptor, MAX_ENTRIES + 1) if found.seen <= MAX_ENTRIES else []
    found.seen += len(names)
    if found.seen > MAX_ENTRIES:
        # Which of them came first is up to the file system, so none is taken: the answer must not depend on it.
        found.notes.add(f"{_quoted(below)} was left out: there are more than {MAX_ENTRIES} files and folders.")
        return
    folders = []
    for name in names:
        path = below / name
        if _is_junk(name):
            continue
        status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        if complaint := _bad_path(name) or ("contains a backslash" if "\\" in name else None):
            found.notes.add(f"{_quoted(path)} was left out: its name {complaint}.")
        elif stat.S_ISDIR(status.st_mode):
            folders.append(name)
        elif stat.S_ISREG(status.st_mode):
            found.entries.append(_Entry(str(path), status.st_size, partial(chunks, str(path))))
        else:
            found.notes.add(f"{_quoted(path)} is {_kind(status.st_mode)} and was left out.")
    for name in folders:
        if len(below.parts) + 1 >= MAX_DEPTH:
            found.notes.add(f"{_quoted(below / name)} was left out: folders are nested more than {MAX_DEPTH} deep.")
            continue
        try:
            with _directory(descriptor, name) as inner:
                _walk(inner, below / name, found, chunks)
        except OSError as error:
            found.notes.add(f"{_quoted(below / name)} could not be read: {error.strerror}.")


def _chunks_below(home: int, top: str, path: str, size: int) -> Chunks:
    """Yield at most `size` bytes of the regular file `path`, every step of it opened without following links."""
    *folders, name = path.split("/")
    opened: list[int] = []
    try:
        at = home
        for folder in (top, *folders):
            at = os.open(folder, _OPEN | os.O_DIRECTORY, dir_fd=at)
            opened.append(at)
        yield from _chunks(at, name, size)
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _chunks(parent: int, name: str, size: int) -> Chunks:
    descriptor = os.open(name, _OPEN, dir_fd=parent)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _UnreadableError("is not a regular file any more")
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


# Zips


def _zip(home: int, name: str, section: Section, found: _Found) -> None:
    """Add the files of the zip `name`; a zip that can't be read leaves a note and no files."""
    try:
        status = os.stat(name, dir_fd=home, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            found.notes.add(f"`{name}` is {_kind(status.st_mode)}, not a zip file; nothing of it was read.")
            return
        data = b"".join(_chunks(home, name, MAX_ZIP_BYTES + 1))
    except (OSError, _UnreadableError) as error:
        found.notes.add(f"`{name}` could not be read: {getattr(error, 'strerror', None) or error}.")
        return
    _unzip(data, name, section, found)


def _unzip(data: bytes, name: str, section: Section, found: _Found) -> None:
    if len(data) > MAX_ZIP_BYTES:
        found.notes.add(f"`{name}` is larger than {_megabytes(MAX_ZIP_BYTES)} and was not read; {_CLEAR}.")
        return
    # Each entry of the directory begins so: counted here, before a parser makes an object of each.
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:
        found.notes.add(f"`{name}` holds more than {MAX_ENTRIES} entries; nothing of it was read.")
        return
    archive = _open_zip(data)
    if archive is None:
        found.notes.add(f"`{name}` {_why_no_zip(data)}; hand in the folder, or zip it again.")
        return
    if sum(info.compress_size for info in archive.infolist()) > len(data):  # each entry is the same bytes, once more
        found.notes.add(f"`{name}` is damaged: its entries overlap; hand in the folder, or zip it again.")
        return
    found.budget = 2 * MAX_TOTAL_BYTES
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        # Some Windows tools write backslashes; taken as separators, `..\\` is refused like `../`.
        path = info.orig_filename.replace("\\", "/")
        if path.endswith("/") or any(_is_junk(part) for part in path.split("/")):
            continue
        if complaint := _bad_entry(info, path):
            found.notes.add(f"{_quoted(path)} in the zip was left out: {complaint}.")
            continue
        path = str(PurePosixPath(path))
        if path in entries:
            found.notes.add(f"{_quoted(path)} stands in the zip more than once; the last one was taken.")
        entries[path] = info
    prefix = f"{section.id}/"
    inside = all(path.startswith(prefix) for path in entries)
    for path, info in entries.items():
        where = path.removeprefix(prefix) if inside else path
        found.entries.append(_Entry(where, info.file_size, partial(_unpacked, archive, info)))


def _open_zip(data: bytes) -> zipfile.ZipFile | None:
    """Return the zip, or None where its directory can't be read."""
    try:
        try:
            return zipfile.ZipFile(BytesIO(data))
        except UnicodeDecodeError:
            return zipfile.ZipFile(BytesIO(_without_false_utf8(data)))
    except Exception:  # noqa: BLE001  a parser of hostile bytes: struct.error, OverflowError, NotImplementedError, …
        return None


def _without_false_utf8(data: bytes) -> bytes:
    """Take back the claim of names in the zip's directory to be UTF-8 where they are not.

    `zipfile` gives up on the whole archive for one such name; so only its own file is lost.
    """
    fixed = bytearray(data)
    for match in re.finditer(rb"PK\x01\x02", data):
        at = match.start()
        if at + 46 > len(data):
            break
        flags, length = struct.unpack_from("<8xH18xH", data, at)
        try:
            data[at + 46 : at + 46 + length].decode("utf-8")
        except UnicodeDecodeError:
            struct.pack_into("<H", fixed, at + 8, flags & ~0x800)
    return bytes(fixed)


def _why_no_zip(data: bytes) -> str:
    if not data:
        return "is empty"
    if data.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")) or data[257:262] == b"ustar":
        return "is an archive of another kind, only named like a zip"
    if data.startswith(b"PK"):
        return "is damaged or was cut off on the way"
    return "is no zip file"


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


def _take(found: _Found, section: Section) -> tuple[dict[str, bytes], dict[str, str]]:
    """Read what may be read, the files that are asked for first, and note the rest; then the exchange's own marks."""
    notes = found.notes
    entries = _without_collisions(_at_the_right_level(found.entries, section, notes), section, notes)
    if not found.entries and not notes.all():
        notes.add("There are no files in this submission.")
    files: dict[str, bytes] = {}
    marks: dict[str, str] = {}
    total = 0
    first = {*_MARKS, *section.expected_files}
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
        if entry.path in _MARKS:
            if text := printable(
                content[: 2 * _MARKS[entry.path]].decode("utf-8", "replace").strip(), _MARKS[entry.path]
            ):
                marks[entry.path] = text
        elif total + len(content) > MAX_TOTAL_BYTES:
            notes.add(f"{shown} was left out: all files together are larger than {_megabytes(MAX_TOTAL_BYTES)}.")
        else:
            files[entry.path] = content
            total += len(content)
    _note_near_misses(files, section, notes)
    return files, marks


def _content(entry: _Entry, found: _Found) -> bytes:
    """Read a file, within what may be read of all notebooks together and unpacked of one zip."""
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


def _at_the_right_level(entries: list[_Entry], section: Section, notes: _Notes) -> list[_Entry]:
    """Take the files from the one folder that holds what is asked for, where that is not the top."""
    folders = {entry.path.rpartition("/")[0] for entry in entries if _name(entry.path) in section.expected_files}
    if "" in folders or not folders:
        return entries
    if len(folders) > 1:
        listed = ", ".join(_quoted(folder) for folder in sorted(folders)[:3])
        notes.add(f"The files lie in more than one folder ({listed}); they belong directly in `{section.id}`.")
        return entries
    prefix = f"{folders.pop()}/"
    notes.add(f"The files were found in {_quoted(prefix)}; they belong directly in `{section.id}`.")
    for entry in entries:
        if not entry.path.startswith(prefix) and entry.path not in _MARKS:
            notes.add(f"{_quoted(entry.path)} lies outside that folder and was left out.")
    top = [entry for entry in entries if entry.path in _MARKS]
    names = {prefix + entry.path for entry in top}
    inside = [
        _Entry(entry.path.removeprefix(prefix), entry.size, entry.chunks)
        for entry in entries
        if entry.path.startswith(prefix) and entry.path not in names
    ]
    return inside + top


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


def _note_near_misses(files: Mapping[str, bytes], section: Section, notes: _Notes) -> None:
    """Say what a file that is not there may have been called; none is taken in its place."""
    for expected in section.expected_files:
        if expected in files:
            continue
        if elsewhere := [path for path in files if _name(path) == expected]:
            if len(elsewhere) == 1:
                notes.add(f"Found {_quoted(elsewhere[0])}; it belongs directly in `{section.id}`.")
            continue
        what = "notebook" if expected == section.notebook else "module"
        if near := [path for path in sorted(files, key=_by_depth) if _is_near(path, expected, section)]:
            listed = ", ".join(_quoted(path) for path in near[:3])
            notes.add(f"Found {listed}; the {what} must be called `{expected}`.")


def _is_near(path: str, expected: str, section: Section) -> bool:
    stem, dot, suffix = expected.lower().rpartition(".")
    name = _name(path).lower().removesuffix(".txt")
    if _name(path) in (*section.expected_files, *section.files) or not name.endswith(dot + suffix):
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
        return "has characters that can't be printed"
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"is longer than {MAX_PATH_BYTES} bytes"
    if PurePosixPath(path) == PurePosixPath():
        return "is empty"
    return None


def _is_junk(name: str) -> bool:
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
