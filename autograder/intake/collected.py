"""What platforms said about each hand-in: ``.autograder/collected/<section>.csv``, one row for each student.

It is written by ``autograder collect`` and needed when something goes back to a platform: pages go to the folder that
the work came in, grades to the number. Nothing in it is trusted, and names are as the platform wrote them. Students
whose work could not be collected are in ``<section>.left.csv`` beside it until it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder import digests, sheets
from autograder.people import roster
from autograder.submissions.paths import EXCHANGE_FILES


@dataclass(frozen=True)
class HandedIn:
    """A row: what is not known is empty.

    `platform` is moodle, canvas or other, `number` the platform's for this person (Moodle's participant, Canvas's user
    or anonymous id), `late` yes or no, `came` ISO 8601, `file` the name or folder under which it came in the download,
    `digest` that of the work, which shows whether other work came since, and `notes` what was left out, one per line.
    """

    student: str
    platform: str = ""
    number: str = ""
    name: str = ""
    late: str = ""
    came: str = ""
    file: str = ""
    digest: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Left:
    """Why somebody's work was not collected, and what to do; this is empty if the only thing to do is to try again."""

    why: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return both as one line."""
        return f"{self.why}; {self.remedy}" if self.remedy else self.why


COLUMNS = tuple(column.name for column in dataclasses.fields(HandedIn))


def path(root: Path, section_id: str) -> Path:
    """Return the file with the rows of a section in the course at `root`."""
    return root / ".autograder" / "collected" / f"{section_id}.csv"


def load(root: Path, section_id: str) -> dict[str, HandedIn]:
    """Return what was collected of a section, by student; students who were renamed since have the new name.

    Raises
    ------
    CourseError
        If the file can't be read.
    """
    if not path(root, section_id).is_file():
        return {}
    the_roster = roster.load(root)
    found = {}
    for _, values in sheets.read(path(root, section_id)).records():
        one = HandedIn(*(values.get(column, "") for column in COLUMNS))
        student = the_roster.student_of(one.student)
        if student and (student == one.student or student not in found):
            found[student] = dataclasses.replace(one, student=student)
    return found


def notes_of(row: HandedIn, place: Path) -> list[str]:
    """Return what was left out of the work in the folder `place`; nothing if that work has changed since."""
    if not row.notes or place.is_symlink():
        return []
    there = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    files = {path.relative_to(place).as_posix(): path for path in there}
    try:
        contents = {name: path.read_bytes() for name, path in files.items() if name not in EXCHANGE_FILES}
        same = digests.of_files(contents) == row.digest
    except OSError:
        same = False
    return row.notes.splitlines() if same else []


def save(root: Path, section_id: str, found: Mapping[str, HandedIn]) -> None:
    """Write what was collected of a section, whole or not at all."""
    rows = [dataclasses.astuple(found[student]) for student in sorted(found)]
    sheets.write(path(root, section_id), [COLUMNS, *rows])


def load_left(root: Path, section_id: str) -> dict[str, Left]:
    """Return why students were not collected although their work was in a download, by student.

    Raises
    ------
    CourseError
        If the file can't be read.
    """
    if not (file := _left_path(root, section_id)).is_file():
        return {}
    the_roster = roster.load(root)
    rows = [tuple(map(sheets.plain, row.cells)) for row in sheets.read(file).rows[1:]]
    return {the_roster.student_of(student): Left(*why) for student, *why in rows if 1 <= len(why) <= 2}


def save_left(root: Path, section_id: str, left: Mapping[str, Left]) -> None:
    """Write who was not collected and why, whole or not at all."""
    rows = [(student, left[student].why, left[student].remedy) for student in sorted(left)]
    sheets.write(_left_path(root, section_id), [("student", "why", "remedy"), *rows])


def _left_path(root: Path, section_id: str) -> Path:
    return path(root, section_id).with_suffix(".left.csv")
