"""Regrade requests: what students ask about their points, as a queue, and what staff answer.

No platform has a common form for them, so a file is a CSV with columns for student, section, item and text, found by
their headings, or a text file with ``student/section/item: words``. Nothing in it is trusted. Requests and answers are
kept in the journal of the gradebook, so they follow a student who is renamed; an answer may change the points of one
item, by nbgrader's manual score, which grading again leaves as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import sheets
from autograder.course import Course, CourseError, Section
from autograder.gradebook import journal, reading
from autograder.people.roster import Roster, folded, normal
from autograder.records.record import Record, RequestRecord
from autograder.records.standing import Result, item_standing
from autograder.review.explanations import MAX_COMMENT, place_in, storable
from autograder.submissions.notebook import grade_id_of
from autograder.text import listed, quoted

MAX_TEXT = MAX_COMMENT
"""Characters of a request; the feedback page shows no more."""
MOST = 20
"""Requests of one student about one section: all of them are on the student's page, and staff have to read them."""
_HEADINGS = {
    "student": ("student", "student_id", "email", "e-mail", "login", "username"),
    "section": ("section", "assignment"),
    "item": ("item", "exercise", "question", "task"),
    "text": ("text", "request", "message", "comment", "reason"),
    "asked": ("asked", "date", "time", "timestamp", "when"),
}
_START = re.compile(r"(?P<student>[^\s/:]{1,255})/(?P<section>[^\s/:]{1,100})(?:/(?P<item>[^\s/:]{1,100}))?:(?:\s|$)")


class RequestsError(CourseError):
    """A file of requests can't be read; the message names it and says what to do."""


@dataclass(frozen=True)
class Asked:
    """One request as a file has it, with the line that it begins on."""

    line: int
    student: str
    section: str
    item: str
    text: str
    asked: str = ""


@dataclass(frozen=True)
class Request:
    """One request in the queue, with the record of the attempt that counts."""

    student: str
    record: Record
    asked: RequestRecord

    @property
    def id(self) -> str:
        """What stands for it where names are hidden."""
        parts = (self.student, self.record.section, self.asked.item, self.asked.text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclass
class Taken:
    """How many requests of a file were new, how many were there already, and a line for each that was refused."""

    new: int
    known: int
    problems: list[str]


def read(path: Path) -> list[Asked]:
    """Return the requests in the file at `path`.

    Raises
    ------
    CourseError
        If it can't be read, is too large, or lacks a column.
    """
    return _of_table(path) if path.suffix.lower() in (".csv", ".tsv") else _of_text(path)


def take(book: Any, course: Course, roster: Roster, path: Path, asked: Iterable[Asked], who: str) -> Taken:
    """Put the requests of a file into the queue, those that are there already excepted; commits nothing."""
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, Student, SubmittedAssignment

    students = {*book.db.execute(select(Student.id)).scalars(), *(entry.student for entry in roster.students)}
    handed_in = set(
        book.db.execute(
            select(SubmittedAssignment.student_id, Assignment.name).join(
                Assignment, Assignment.id == SubmittedAssignment.assignment_id
            )
        )
        .tuples()
        .all()
    )
    emails = {folded(entry.email): entry.student for entry in roster.students if entry.email}
    there = {
        (entry["student"], entry["section"], entry["item"], entry["answer"])
        for entry in journal.entries(book.db, journal.REQUEST)
    }
    of_student = Counter(key[:2] for key in there)
    taken = Taken(0, 0, [])
    lines: dict[tuple[str, str, str, str], int] = {}
    for one in asked:
        student = roster.student_of(normal(one.student))
        student = student if student in students else emails.get(folded(one.student), student)
        section, item = _known(course.sections, one.section), ""
        problem = None
        if student not in students:
            problem = f"nobody is called {quoted(one.student)}; correct the name, or import the roster"
        elif section is None:
            problem = f"there is no section {quoted(one.section)}; it is one of {listed(s.id for s in course.sections)}"
        elif (student, section.id) not in handed_in:
            problem = f"{quoted(student)} has not handed in {section.id}, so there is nothing to look at"
        elif one.item and (found := _known(section.items, one.item)) is None:
            problem = (
                f"there is no item {quoted(one.item)} in {section.id}; it has {listed(i.id for i in section.items)}"
            )
        elif not one.text.strip():
            problem = "it has no text"
        elif len(one.text) > MAX_TEXT:
            problem = f"it has {len(one.text)} characters; at most {MAX_TEXT} can be kept, so shorten it"
        if problem or section is None:
            taken.problems.append(f"{path}, line {one.line}: {problem}")
            continue
        item = found.id if one.item and found else ""
        key = (student, section.id, item, digest(one.text))
        if (first := lines.setdefault(key, one.line)) != one.line:
            taken.problems.append(f"{path}, line {one.line}: it is the same request as in line {first}; it counts once")
        elif key in there:
            taken.known += 1
        elif of_student[key[:2]] >= MOST:
            taken.problems.append(
                f"{path}, line {one.line}: {quoted(student)} has {MOST} requests about {section.id} already, which is "
                "the most; put them together"
            )
        else:
            of_student[key[:2]] += 1
            with journal.deciding(who, journal.REQUESTS, answer=key[-1]):
                journal.enter(book.db, *key[:3], journal.REQUEST, storable(one.asked)[:60] or None, storable(one.text))
            taken.new += 1
    return taken


def digest(text: str) -> str:
    """Return what names the text of a request, whatever its blanks."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()[:12]


def in_gradebook(book: Any) -> int:
    """Return how many requests the gradebook knows, answered ones too."""
    return sum(map(len, reading.requests(book.db.connection()).values()))


def queue(results: Iterable[Result]) -> list[Request]:
    """Return the requests of a class, answered ones too, in an order that does not follow names."""
    found = [Request(student, record, asked) for student, record in results for asked in record.requests]
    return sorted(found, key=lambda request: (request.record.section, request.asked.item, request.id))


def answer(book: Any, course: Course, request: Request, text: str, points: Mapping[str, float], who: str) -> None:
    """Write the answer to a request, and the points that some items get now; commits nothing.

    Raises
    ------
    ValueError
        If there is no text, or an item can't get these points; the message says why.
    """
    section = course.section(request.record.section)
    if not text.strip():
        raise ValueError("an answer needs a text, which the student reads")
    for item, given in points.items():
        if problem := why_not(section, request.record, item, given):
            raise ValueError(problem)
    whose = (request.student, section.id)
    journal.listen()
    with journal.deciding(who, journal.REQUESTS, answer=digest(request.asked.text)):
        journal.enter(book.db, *whose, request.asked.item, journal.REQUEST_ANSWER, request.asked.answer, storable(text))
        for item, given in points.items():
            prose = request.record.items[item].prose
            with journal.deciding(who, journal.REQUESTS, answer=prose.answer if prose else None):
                grade = book.find_grade(*place_in(book, *whose, item))
                if grade.needs_manual_grade and grade.manual_score is not None:
                    journal.enter(book.db, *whose, item, journal.LOOK_AGAIN, "yes", "no")
                grade.manual_score, grade.needs_manual_grade = float(given), False
                book.db.flush()


def why_not(section: Section, record: Record, item: str, points: float) -> str | None:
    """Return why an item can't get these points from a person, or None."""
    if item not in {entry.id for entry in section.items}:
        return f"there is no item {quoted(item)} in {section.id}; it has {listed(entry.id for entry in section.items)}"
    most = section.item(item).points
    if not 0 <= points <= most:
        return f"points of {item} are from 0 to {most:g}; got {points:g}"
    if record.items.get(item) is None or item_standing(section, record, item).status == "not judged":
        return f"{item} is not judged yet; answer without points, or run `autograder grade` first"
    return None


def answer_of(section: Section, record: Record, item: str, folder: Path) -> str:
    """Return what the student handed in for an item: the functions that its checks test, or the notebook's cell.

    Parameters
    ----------
    folder
        The student's folder of the section in ``autograded/``.
    """
    of = section.item(item)
    try:
        if of.module:
            source = (folder / of.module).read_text(encoding="utf-8", errors="replace")
            functions = {check.function.rpartition(".")[2] for check in record.items[item].checks if check.function}
            return _functions(source, functions) or source
        cells = json.loads((folder / section.notebook).read_text(encoding="utf-8"))["cells"]
        return next("".join(cell["source"]) for cell in cells if grade_id_of(cell) == item)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return "(not found among what was graded)"


def _functions(source: str, names: Collection[str]) -> str:
    """Return the lines of the functions with these names: by indentation, because the file may not be Python."""
    found: list[str] = []
    inside: int | None = None
    for line in source.splitlines():
        indent = len(line) - len(line.lstrip())
        if inside is not None and line.strip() and indent <= inside and not line.lstrip().startswith(")"):
            inside = None
        if inside is None and (match := re.match(r"\s*(?:async )?def (\w+)", line)) and match[1] in names:
            inside = indent
        if inside is not None:
            found.append(line)
    return "\n".join(found).rstrip()


def _known(entries: Sequence[Any], name: str) -> Any:
    """Return the section or item with this id, or with this title."""
    wanted = name.strip().casefold()
    return next((entry for entry in entries if wanted in (entry.id.casefold(), entry.title.casefold())), None)


def _of_table(path: Path) -> list[Asked]:
    sheet = sheets.read(path)
    columns = {
        field: next((name for name in names if name in sheet.header), None) for field, names in _HEADINGS.items()
    }
    if missing := [field for field in ("student", "section", "text") if columns[field] is None]:
        raise RequestsError(
            f"{path} needs columns student, section and text in its first line (item and date too, if you have them); "
            f"it lacks {listed(missing)} and has {listed(sheet.header, most=8)}"
        )
    sheet.refuse_wide_rows()
    return [
        Asked(line, **{field: values.get(name or "", "") for field, name in columns.items()})
        for line, values in sheet.records()
    ]


def _of_text(path: Path) -> list[Asked]:
    try:
        with path.open("rb") as file:
            content = file.read(sheets.MAX_BYTES + 1)
    except OSError as error:
        raise RequestsError(f"{path} can't be read: {error.strerror}") from error
    if len(content) > sheets.MAX_BYTES:
        raise RequestsError(f"{path} is larger than {sheets.MAX_BYTES >> 20} MB; split it")
    found: list[tuple[int, re.Match[str], list[str]]] = []
    for number, line in enumerate(content.decode("utf-8-sig", "replace").splitlines(), 1):
        if match := _START.match(line):
            found.append((number, match, [line[match.end() :]]))
        elif found:
            found[-1][2].append(line)
        elif line.strip():
            raise RequestsError(f"{path}, line {number} begins no request; write `student/section/item: words`")
    return [
        Asked(number, match["student"], match["section"], match["item"] or "", "\n".join(lines).strip())
        for number, match, lines in found
    ]
