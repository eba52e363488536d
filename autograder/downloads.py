"""Downloads of a learning platform (Moodle, Canvas): whose each file is, and what he handed in.

Moodle's *Download all submissions* names a folder, or each file, ``<full name>_<number>_assignsubmission_file_``; the
number belongs to the participant in this one assignment. Canvas's *Download Submissions* names each file
``<last and first name>_<user id>_<attachment id>_<file>``, with ``LATE_`` in between where it was late, and appends
``-1`` to a file that was handed in again. Neither names an account, so a student is found in the gradebook by the
platform's user id or by name, and otherwise called after his name.

What students packed is unpacked by :mod:`autograder.collect`, with its limits, and files are read as there; nothing
here trusts a name or a size.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from typing import IO

from autograder.collect import MAX_ZIP_BYTES, Chunks, TooLargeError, chunks_of, printable, read, unpack
from autograder.course import Section

_MOODLE = re.compile(r"(?P<name>[^/]+?)_(?P<number>\d+)_assignsubmission_file(?:_(?P<flat>[^/]+)|_?/(?P<path>.+))")
_CANVAS = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<number>\d+)_(?P<attachment>\d+)_(?P<flat>[^/]+)")
_OURS = re.compile(r"(?P<platform>moodle|canvas) (?P<number>\d+) (?P<name>[^/]+)/(?P<path>.+)")
_AGAIN = re.compile(r"-\d+(?=\.\w+$)")
_MAX_ENTRIES = 100_000
_MAX_NAME = 4096  # characters; no disk takes a longer path


class DownloadError(Exception):
    """A download can't be read at all; the message names it and the remedy."""


@dataclass(frozen=True, order=True)
class Participant:
    """Somebody who handed in: the platform, its number for him, and his name as the platform writes it."""

    platform: str
    number: str
    name: str

    @property
    def folder(self) -> str:
        """The folder that his files are extracted to."""
        return f"{self.platform} {self.number} {self.name}"


@dataclass(frozen=True)
class Known:
    """A student of the gradebook."""

    student: str
    first_name: str = ""
    last_name: str = ""
    platform_id: str = ""


def parsed(path: str, section: Section) -> tuple[Participant, str, int] | None:
    """Return whose file `path` (within a download) is, what he called it, and its attachment's number; or None."""
    if len(path) > _MAX_NAME:
        return None
    if match := _MOODLE.fullmatch(path):
        return Participant("moodle", match["number"], match["name"]), match["flat"] or match["path"], 0
    if match := _CANVAS.fullmatch(path):
        file = _AGAIN.sub("", match["flat"])
        if file not in (*section.expected_files, *section.files, f"{section.id}.zip"):
            file = match["flat"]
        return Participant("canvas", match["number"], match["name"]), file, int(match["attachment"])
    return None


def extracted_as(path: str) -> tuple[Participant, str] | None:
    """Return whose file `path` (relative to where `extract` wrote) is, and its path within his work; or None."""
    match = _OURS.fullmatch(path)
    return (Participant(match["platform"], match["number"], match["name"]), match["path"]) if match else None


def extract(archive: Path, section: Section) -> Iterator[tuple[str, bytes | str]]:
    """Yield (path, content) for each file that was handed in below `archive`, or (path, why it was left out).

    `archive` holds downloads as they came, or unpacked. Of files with one name from one person the last one counts;
    his zips are unpacked, and where one can't be, it stands in for its contents, so that he has handed something in.

    Raises
    ------
    DownloadError
        If a download is no zip that can be read.
    """
    works: dict[Participant, dict[str, tuple[int, bytes]]] = {}
    for path, content in _downloaded(archive, section):
        found = parsed(path, section)
        if found is None:
            yield path, "is not named as Moodle or Canvas name what was handed in"
        elif isinstance(content, str):
            yield path, content
        else:
            participant, file, attachment = found
            work = works.setdefault(participant, {})
            if file not in work or work[file][0] <= attachment:
                work[file] = attachment, content
    for participant, work in sorted(works.items()):
        for file, (_, content) in sorted(work.items(), key=lambda entry: not entry[0].lower().endswith(".zip")):
            if file.lower().endswith(".zip"):
                files, notes = unpack(content, file, section)
                yield from ((f"{participant.folder}/{file}", note) for note in notes)
                if files:
                    # A file that was handed in beside the zip is the one that counts.
                    yield from ((f"{participant.folder}/{name}", data) for name, data in files.items())
                    continue
            yield f"{participant.folder}/{file}", content


def student_ids(
    participants: Iterable[Participant], known: Sequence[Known]
) -> tuple[dict[Participant, str], list[str]]:
    """Return the student that each participant is, and a line for each that had to be told apart by a number.

    A student of the gradebook is recognised by the platform's user id (Canvas) or by a name that no other has; anybody
    else gets an id made of his name. Two persons never share one: where names don't tell them apart, numbers do.
    """
    everybody = sorted(set(participants))
    by_number = {entry.platform_id: entry.student for entry in known if entry.platform_id}
    by_name: dict[str, set[str]] = {}
    for entry in known:
        for name in {_folded(entry.first_name + entry.last_name), _folded(entry.last_name + entry.first_name)}:
            if name:
                by_name.setdefault(name, set()).add(entry.student)
    found: dict[Participant, str] = {}
    sure = set()
    for participant in everybody:
        named = by_name.get(_folded(participant.name), set())
        if participant.platform == "canvas" and participant.number in by_number:
            found[participant] = by_number[participant.number]
            sure.add(participant)
        else:
            found[participant] = next(iter(named)) if len(named) == 1 else _made(participant)
    shared = Counter(found.values())
    complaints = []
    for participant, student in list(found.items()):
        ambiguous = len(by_name.get(_folded(participant.name), ())) > 1
        if participant not in sure and (shared[student] > 1 or ambiguous):
            found[participant] = f"{_made(participant)}_{participant.number}"
            complaints.append(
                f"`{printable(participant.name)}` can be more than one person: handed in as `{found[participant]}`; "
                "rename that folder in submitted/ to the student's id"
            )
    return found, complaints


def _made(participant: Participant) -> str:
    return re.sub(r"\W+", "_", unicodedata.normalize("NFC", participant.name).casefold()).strip("_") or "student"


def _folded(name: str) -> str:
    """Return the letters and digits of a name, without case or accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())


def _downloaded(archive: Path, section: Section) -> Iterator[tuple[str, bytes | str]]:
    """Yield each file of the downloads in `archive` with its content, or with what is wrong with it."""
    for path in sorted(archive.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        name = path.relative_to(archive).as_posix()
        if path.suffix.lower() == ".zip" and parsed(name, section) is None:
            yield from _in_zip(path)
        elif (size := path.stat().st_size) <= MAX_ZIP_BYTES:
            yield _below_folders(name, section), path.read_bytes()
        elif path.suffix.lower() == ".ipynb":
            yield _below_folders(name, section), _content(name, size, partial(FileIO, path))
        else:
            yield name, f"is larger than {MAX_ZIP_BYTES >> 20} MB"


def _below_folders(name: str, section: Section) -> str:
    """Return `name` from the first folder on at which it is a platform's; a download may have been unpacked."""
    parts = name.split("/")
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if parsed(tail, section)), name)


def _in_zip(path: Path) -> Iterator[tuple[str, bytes | str]]:
    try:
        with zipfile.ZipFile(path) as download:
            entries = [entry for entry in download.infolist() if not entry.is_dir()]
            if len(entries) > _MAX_ENTRIES:
                raise DownloadError(f"{path} holds more than {_MAX_ENTRIES} files; download the submissions in parts")
            for entry in entries:
                if not entry.filename.lower().endswith(".zip"):
                    yield entry.filename, _content(entry.filename, entry.file_size, partial(download.open, entry))
                elif entry.file_size > MAX_ZIP_BYTES:
                    yield entry.filename, f"is larger than {MAX_ZIP_BYTES >> 20} MB"
                else:
                    with download.open(entry) as file:
                        yield entry.filename, file.read(MAX_ZIP_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise DownloadError(f"{path} can't be read as a zip ({error}); download it again") from error


def _content(name: str, size: int, opened: Callable[[], IO[bytes]]) -> bytes | str:
    """Return what is taken of a file, or why nothing is."""

    def chunks(limit: int) -> Chunks:
        with opened() as file:
            yield from chunks_of(file, limit)

    try:
        return read(name, size, chunks)
    except TooLargeError as error:
        return str(error)


def known_students(rows: Iterable[Mapping[str, str | None]]) -> list[Known]:
    """Return the students of a gradebook, from rows with nbgrader's names of columns."""
    columns = ("id", "first_name", "last_name", "lms_user_id")
    return [Known(*(row[column] or "" for column in columns)) for row in rows]
