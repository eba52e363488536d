"""Every attempt that was judged, so that grades can be explained after work is replaced or folders are renamed.

Each attempt is one zip below ``.autograder/history/<student>/<section>/`` in the folder of results: what was handed in,
as it was judged, with notes and times. It is written whole or not at all and never changed, so graders that work at the
same time, or are killed, leave no partial files. Its name is derived from its content; a file ``student.txt`` beside
the sections holds the student's name.

Trusted: anyone who can write there can change grades, as in the gradebook. What students handed in is only copied.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder import atomic, parallel
from autograder.course import Course, Section
from autograder.submissions.attempts import Attempt, make_attempt
from autograder.text import path_component, quoted

_FORMAT = 1
_ABOUT = "attempt.json"
_FILES = "files/"
NAME = "student.txt"
_UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, zipfile.BadZipFile, zlib.error
)  # fmt: skip


class HistoryError(Exception):
    """The history can't be read or written; the message names the place and the remedy."""


def folder(output: Path) -> Path:
    """Return the folder of the history that belongs to the results in `output`."""
    return output / ".autograder" / "history"


def keep(attempts: Iterable[Attempt], output: Path, *, processes: int = 1) -> None:
    """Add to the history those `attempts` that it does not hold yet, with this many processes.

    Raises
    ------
    HistoryError
        If the disk refuses.
    """
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    fresh = [attempt for attempt in attempts if not _path(output, attempt).is_file()]

    def write(attempt: Attempt) -> None:
        path = _path(output, attempt)
        try:
            name = path.parent.parent / NAME
            if not name.is_file():
                atomic.write(name, attempt.student.encode())
            path.parent.mkdir(exist_ok=True)
            atomic.create(path, _packed(attempt, now))
        except OSError as error:
            raise HistoryError(
                f"{path} can't be written ({error.strerror}); free some space or correct the permissions, then run "
                "again"
            ) from error

    parallel.spread(write, fresh, processes)


def _path(output: Path, attempt: Attempt) -> Path:
    return folder(output) / path_component(attempt.student) / attempt.section / f"{key(attempt)}.zip"


def load(
    course: Course,
    output: Path,
    wanted: Callable[[str, str], bool],
    problem: Callable[[str, str], None],
    student_of: Callable[[str], str] = str,
) -> dict[tuple[str, str], list[Attempt]]:
    """Return what the history holds, by student and section, in the order in which it was first judged.

    Parameters
    ----------
    wanted
        Says whether a student's attempts at a section are wanted.
    problem
        Called with a message for anything that can't be read, which also says what to do.
    student_of
        Returns the student who has a name now.

    Raises
    ------
    HistoryError
        If the folder itself can't be listed.
    """
    found: dict[tuple[str, str], list[Attempt]] = {}
    for name, home in students(output):
        student = student_of(name)
        for section in course.sections:
            if not wanted(student, section.id) or not (home / section.id).is_dir():
                continue
            kept = [
                entry
                for path in sorted((home / section.id).glob("*.zip"))
                if not path.name.startswith(".") and (entry := _read(path, student, section, problem)) is not None
            ]
            if kept:
                found.setdefault((student, section.id), []).extend(kept)
    return {key: sorted(kept, key=lambda entry: (entry.seen, entry.digest)) for key, kept in found.items()}


@dataclass(frozen=True)
class Kept:
    """What the history says of an attempt without its files: its hash, its time stamp, and when it was first judged."""

    digest: str
    timestamp: str | None
    seen: str


def others(output: Path, attempt: Attempt) -> list[Kept]:
    """Return the student's other attempts at the section, in no order; what can't be read is left out.

    Their files are not read. Work that was handed in again unchanged is not another attempt here.
    """
    own = _path(output, attempt)
    found = []
    for path in own.parent.glob("[!.]*.zip"):
        if path.name.startswith(attempt.digest[:32]):
            continue
        try:
            with zipfile.ZipFile(path) as archive:
                about = json.loads(archive.read(_ABOUT))
            seen = datetime.fromisoformat(about["seen"]).astimezone(UTC).isoformat()
            kept = Kept(str(about["digest"]), about["timestamp"], seen)
        except _UNREADABLE:
            continue  # `load` names it, wherever it decides a grade
        if path.name.startswith(kept.digest[:32]) and (kept.timestamp is None or isinstance(kept.timestamp, str)):
            found.append(kept)
    return found


def students(output: Path) -> Iterator[tuple[str, Path]]:
    """Yield every student of the history with their folder, by name.

    Raises
    ------
    HistoryError
        If the folder can't be listed, or a student's name can't be read.
    """
    place = folder(output)
    if not place.is_dir():
        return
    try:
        names = {(home / NAME).read_bytes().decode(): home for home in place.iterdir() if (home / NAME).is_file()}
    except (OSError, UnicodeDecodeError) as error:
        raise HistoryError(
            f"{place} can't be read ({error}); correct its permissions, or put a backup there"
        ) from error
    yield from sorted(names.items())


def key(attempt: Attempt) -> str:
    """Return a key that tells a student's attempts apart: the same work at another time is another attempt."""
    when = f"{attempt.timestamp or ''}\0{attempt.late}"
    return f"{attempt.digest[:32]}-{hashlib.sha256(when.encode()).hexdigest()[:8]}"


def _packed(attempt: Attempt, seen: str) -> bytes:
    about = {
        "format": _FORMAT,
        "section": attempt.section,
        "digest": attempt.digest,
        "seen": seen,
        "timestamp": attempt.timestamp,
        "late": attempt.late,
        "notes": list(attempt.notes),
        "taken": list(attempt.taken),
    }
    contents = {_ABOUT: json.dumps(about, ensure_ascii=False).encode()}
    contents |= {f"{_FILES}{name}": data for name, data in attempt.files.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:  # not compressed, which would be slow for a class
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # dated 1980: equal attempts, equal bytes (but `seen`)
    return packed.getvalue()


def _read(path: Path, student: str, section: Section, problem: Callable[[str, str], None]) -> Attempt | None:
    try:
        with zipfile.ZipFile(path) as archive:
            contents = {name: archive.read(name) for name in archive.namelist()}
        about: dict[str, Any] = json.loads(contents.pop(_ABOUT))
        files = {name.removeprefix(_FILES): data for name, data in contents.items()}
        notes = about["notes"]
        taken = tuple(note for note in notes if note in about.get("taken", ()))  # older versions did not store it
        made = make_attempt(section, student, path, files, notes, about["timestamp"], None, about["late"], taken)
        if about["format"] != _FORMAT or about["digest"] != made.digest:
            raise ValueError("it does not hold what its name says")
        return replace(made, seen=datetime.fromisoformat(about["seen"]).astimezone(UTC).isoformat())
    except _UNREADABLE as error:
        who = f"{quoted(student)} {section.id}"
        problem(f"{who}: {path} can't be read ({error})", "put a backup there, or remove it")
        return None
