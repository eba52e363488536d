"""CSV files beside a download: a list that says whose each file is, and Moodle's grading worksheet.

**The list** is for platforms that name files in their own way. It has the columns ``file`` and ``student``, and where
known ``name``, ``number``, ``late`` (``yes`` or ``no``) and ``came`` (ISO 8601). ``file`` is a file or folder beside
the list; a student may have several rows, and a team's folder one row for each member.

**The worksheet** (``mod/assign/gradingtable.php``) begins with the number that a download names, after a word.
*Full name*, *Email address* and *Username* are understood in the languages that :mod:`autograder.people.enrolment`
knows; *Status*, *Group* and *Last modified (submission)* in English, as ``userdate`` writes times, which have no zone.

Both are read within the bounds of :mod:`autograder.sheets`; nothing in them is trusted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder import sheets
from autograder.people import enrolment, roster
from autograder.sheets import Sheet
from autograder.text import quoted

_LATE = {"yes": "yes", "no": "no", "": "", "true": "yes", "false": "no", "1": "yes", "0": "no"}
_IDENTIFIER = re.compile(r"\D{0,60}([0-9]{1,19})")
# How Moodle writes a time in English (`strftimedaydatetime`), after the day of the week.
_TIMES = ("%d %B %Y, %I:%M %p", "%d %B %Y, %H:%M", "%B %d, %Y, %I:%M %p")


@dataclass(frozen=True)
class Line:
    """A row of the list: a file or folder that was handed in by `student`."""

    at: int
    file: str
    student: str
    name: str = ""
    number: str = ""
    late: str = ""
    came: str = ""


@dataclass(frozen=True)
class Row:
    """What Moodle's worksheet says about a participant; `handed_in` is False only if it says so."""

    number: str
    name: str = ""
    email: str = ""
    login: str = ""
    group: str = ""
    late: str = ""
    came: str = ""
    handed_in: bool = False


Read = tuple[list[Line], list[Row], list[str], dict[str, list[str]]]


def read(sheet: Sheet, zone: dt.tzinfo) -> Read:
    """Return the lines of a list, or the rows of a worksheet, and what is wrong with them; all empty for neither.

    Problems with rows that name a student come last, by student. Times without a zone are read in `zone`.
    """
    if not sheet.rows:
        return [], [], [], {}
    if {"file", "student"} <= set(sheet.header):
        return _lines(sheet, zone)
    numbered = [_IDENTIFIER.fullmatch(row.cells[0]) for row in sheet.rows[1:]]
    if len(sheet.header) >= 4 and numbered and all(numbered):
        return _rows(sheet, zone)
    return [], [], [], {}


def _lines(sheet: Sheet, zone: dt.tzinfo) -> Read:
    found: list[Line] = []
    problems: list[str] = []
    of_student: dict[str, list[str]] = {}
    for line, values in sheet.records():
        where = f"{sheet.path.name}, line {line}"
        file = str(PurePosixPath(values.get("file", "").replace("\\", "/")))
        student = roster.normal(values.get("student", ""))
        late, came = _LATE.get(values.get("late", "").lower()), _iso(values.get("came", ""), zone)
        if complaint := roster.complaint(student):
            problems.append(f"{where}: the student {quoted(student)} {complaint}")
        elif file == "." or ".." in file.split("/") or file.startswith("/"):
            of_student.setdefault(student, []).append(f"{where}: `file` must name a file or folder beside the list")
        elif late is None or came is None:
            why = "`late` is yes or no, and `came` is a time such as 2026-11-30T23:59:00+01:00"
            of_student.setdefault(student, []).append(f"{where}: {why}")
        else:
            found.append(Line(line, file, student, values.get("name", ""), values.get("number", ""), late, came))
    return found, [], problems, of_student


def _rows(sheet: Sheet, zone: dt.tzinfo) -> Read:
    found, unread = [], 0
    told = {enrolment.meaning(cell): place for place, cell in reversed(list(enumerate(sheet.rows[0].cells))) if place}

    def said(row: sheets.Row, field: str) -> str:
        place = told.get(field, len(row.cells))
        return sheets.plain(row.cells[place]) if place < len(row.cells) else ""

    for row, (_, values) in zip(sheet.rows[1:], sheet.records(), strict=True):
        number = _IDENTIFIER.fullmatch(row.cells[0])
        assert number is not None  # `read` looked
        status = values.get("status", "").lower()
        handed_in = status.startswith("submitted")
        written = values.get("last_modified_(submission)", "-")
        came = "" if written in ("", "-") else _moodle_time(written, zone)
        unread += came is None
        late = ("yes" if re.search(r"\blate\b", status) else "no") if handed_in else ""
        name, mail, login = (said(row, field) for field in ("full_name", "email", "login"))
        found.append(Row(number[1], name, mail, login, values.get("group", ""), late, came or "", handed_in))
    problems = []
    if "last_modified_(submission)" not in sheet.header:
        problems.append(
            f"{sheet.path.name} has no column `Last modified (submission)`, so it is not known when work came; if "
            "Moodle is not in English for you, set it to English and download the worksheet again"
        )
    elif unread:
        problems.append(
            f"{sheet.path.name}: {unread} of its times can't be read, so it is not known when these came; if Moodle "
            "is not in English for you, set it to English and download the worksheet again"
        )
    return [], found, problems, {}


def _moodle_time(text: str, zone: dt.tzinfo) -> str | None:
    without_day = re.sub(r"^[A-Za-z]{3,9}, (?=\d|[A-Z])", "", text)
    for form in _TIMES:
        try:
            return dt.datetime.strptime(without_day, form).replace(tzinfo=zone).isoformat()
        except ValueError:
            continue
    return _iso(text, zone)


def _iso(text: str, zone: dt.tzinfo) -> str | None:
    """Return a time in full, an empty text for an empty one, or None for anything else."""
    if not text:
        return ""
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=zone)).isoformat()


def parsed(content: bytes, name: str, zone: dt.tzinfo) -> Read:
    """Return the same for a file's content; one that is not a CSV file gives nothing."""
    try:
        return read(sheets.parse(content, Path(name)), zone)
    except sheets.SheetError as error:
        return [], [], [str(error)], {}


def by_number(rows: Iterable[Row]) -> dict[str, Row]:
    """Return what worksheets say, by number; if several do, the last one counts."""
    return {row.number: row for row in rows}
