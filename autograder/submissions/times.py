"""When work was due and when it came, as moments in UTC.

Trusted: ``course.toml``, ``extensions.csv``, and what `autograder collect` kept of a learning platform. Not trusted:
the text of ``timestamp.txt``, which lies beside a submission. nbgrader reads it too, but treats a zone that it doesn't
know as UTC, and ``+0100`` as 100 seconds. Here a time is either known for certain, or unknown and reported as that.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import nbgrader_seam, sheets
from autograder.course import Course, CourseError, moment
from autograder.people import roster
from autograder.submissions.attempts import Attempt
from autograder.text import printable, quoted

EXTENSIONS = "extensions.csv"
_COLUMNS = ("student", "section", "due")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(\S{0,40})", re.ASCII)
_OFFSET = re.compile(r"(?:UTC)?([+-]\d\d):?([0-5]\d)?", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+/-]*", re.ASCII)


@dataclass(frozen=True)
class Extension:
    """A later moment at which a section is due for one student, with the line of the file that says so."""

    due: dt.datetime
    line: int


def came(course: Course, attempt: Attempt) -> dt.datetime | None:
    """Return when `attempt` came (UTC), or None if that is not known for certain."""
    return read(course, attempt.timestamp) if attempt.timestamp else None


def read(course: Course, text: str) -> dt.datetime | None:
    """Return the moment (UTC) that a time stamp names, or None if that is not certain.

    The zone is an offset, UTC, or a name used at that time by the course's zone, by the zone of nbgrader's exchange, or
    by the zone of that name. A stamp without a zone is read only if the first two of these zones agree.
    """
    found = _STAMP.fullmatch(text.strip())
    if found is None:
        return None
    day, time, zone = found.groups()
    try:
        local = dt.datetime.fromisoformat(f"{day}T{time}")
        offset = _OFFSET.fullmatch(zone)
        if zone.upper() in ("UTC", "GMT", "Z"):
            return local.replace(tzinfo=dt.UTC)
        if offset:
            return dt.datetime.fromisoformat(f"{local.isoformat()}{offset[1]}:{offset[2] or '00'}").astimezone(dt.UTC)
        if not zone:
            both = {moment.astimezone(dt.UTC) for of in _zones(course) for moment in _moments(local, of)}
            return both.pop() if len(both) == 1 else None
        return next(iter(_named(course, local, zone)), None)
    except (ValueError, OverflowError):
        return None


def dated(course: Course, attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return `attempts` with times in a form that nbgrader reads correctly; uncertain times stay as they are."""
    found = []
    for attempt in attempts:
        time = came(course, attempt)
        text = attempt.timestamp if time is None else written(time)
        found.append(attempt if text == attempt.timestamp else replace(attempt, timestamp=text))
    return found


def written(time: dt.datetime) -> str:
    """Return `time` in the form that nbgrader writes and reads correctly."""
    return f"{time.astimezone(dt.UTC).replace(tzinfo=None).isoformat(' ', 'microseconds')} UTC"


def shown(course: Course, time: dt.datetime | None) -> str | None:
    """Return `time` in ISO 8601, in the zone of `course`."""
    return None if time is None else time.astimezone(course.timezone).isoformat(timespec="seconds")


def problem(course: Course, attempt: Attempt) -> str | None:
    """Return why it is not known when `attempt` came, and what to do about it; None if it is known."""
    example = "`2026-11-30 22:59:00 UTC` or `2026-11-30 23:59:00 +0100`"
    if attempt.timestamp and came(course, attempt) is None:
        return (
            f"timestamp.txt says {quoted(attempt.timestamp)}, which is not clearly one moment, so it is not known "
            f"whether this was late, and nothing is taken off. Write it there as {example}, or set `timezone` in "
            "course.toml if it is a time of the course's zone"
        )
    if attempt.late and not attempt.timestamp:
        return (
            "The learning platform says that this was late but not when it came, so nothing is taken off. Write the "
            f"time, as {example}, into a file timestamp.txt in the folder of the submission"
        )
    return None


def extensions(course: Course) -> dict[tuple[str, str], Extension]:
    """Return which students have more time for which sections, from ``extensions.csv`` in the course's folder.

    Raises
    ------
    CourseError
        If a line is wrong; the message names the line and says what to do.
    """
    path = course.root / EXTENSIONS
    if not path.is_file():
        return {}
    names = roster.load(course.root)
    found: dict[tuple[str, str], Extension] = {}
    sheet = sheets.read(path)
    if sorted(sheet.header) != sorted(_COLUMNS):
        raise CourseError(
            f"{path}: the first line must name the columns `student,section,due`; got {quoted(','.join(sheet.header))}"
        )
    sheet.refuse_wide_rows()
    for line, row in sheet.records():
        (student, section), due = _extension(course, f"{path}, line {line}", row)
        key = names.student_of(student), section
        if key in found:
            raise CourseError(
                f"{path}, line {line}: {quoted(key[0])} has an extension of `{key[1]}` in line {found[key].line} "
                "already; keep one of the two lines"
            )
        found[key] = Extension(due, line)
    return found


def _extension(course: Course, where: str, row: Mapping[str, str]) -> tuple[tuple[str, str], dt.datetime]:
    student = roster.normal(row.get("student", ""))
    if not student:
        raise CourseError(f"{where}: the student is missing; write the name of their folder in submitted/")
    try:
        section = course.section(row.get("section", ""))
    except CourseError as error:
        raise CourseError(f"{where}: {printable(str(error), 500)}") from error
    if section.due is None:
        raise CourseError(
            f"{where}: section `{section.id}` has no due date that could be extended; give it `due` in course.toml"
        )
    text = row.get("due", "")
    try:
        if len(text) < len("2026-12-07T23:59"):
            raise ValueError("a day and a time are needed")
        due = moment(dt.datetime.fromisoformat(text), course.timezone)
    except (ValueError, OverflowError) as error:
        raise CourseError(
            f"{where}: `due` must be written as 2026-12-07T23:59, which is a time of the course's zone, or with an "
            f"offset as 2026-12-07T23:59+01:00; got {quoted(text)} ({printable(str(error))})"
        ) from error
    if due < section.due:
        raise CourseError(
            f"{where}: {shown(course, due)} is before the section itself is due ({shown(course, section.due)}); an "
            "extension is later"
        )
    return (student, section.id), due


def _zones(course: Course) -> Iterator[dt.tzinfo]:
    yield course.timezone
    yield _exchange_zone(course.root)


def _named(course: Course, local: dt.datetime, name: str) -> Iterator[dt.datetime]:
    """Yield the moments at which clocks show `local` in a zone that has this `name` then, the most certain first."""
    for zone in _zones(course):
        yield from (time.astimezone(dt.UTC) for time in _moments(local, zone) if time.tzname() == name)
    of_name = _zone(name)
    if of_name is not None:
        times = _moments(local, of_name)
        sure = [time for time in times if time.tzname() == name or ("/" in name and len(times) == 1)]
        yield from (time.astimezone(dt.UTC) for time in sure)


def _moments(local: dt.datetime, zone: dt.tzinfo) -> list[dt.datetime]:
    """Return the moments at which clocks of `zone` show `local`: one, two where they are set back, or none."""
    both = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    there = [time for time in both if time.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) == local]
    return there[:1] if len({time.utcoffset() for time in there}) == 1 else there


def _zone(name: str) -> dt.tzinfo | None:
    try:
        return zoneinfo.ZoneInfo(name) if _ZONE.fullmatch(name) else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


@functools.cache
def _exchange_zone(root: Path) -> dt.tzinfo:
    """Return the zone in which nbgrader's exchange stamps submissions, as ``nbgrader_config.py`` sets it."""
    return _zone(nbgrader_seam.exchange_zone(root)) or dt.UTC
