"""What the gradebook holds: what people decided, what is known about lateness, and who is in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from autograder import nbgrader_seam
from autograder.course import Course
from autograder.gradebook import journal
from autograder.gradebook.database import explained, is_there, opened, url_of
from autograder.gradebook.late_penalties import Booked
from autograder.people.roster import Entry
from autograder.records import decisions
from autograder.records.decisions import Decision
from autograder.records.record import RequestRecord

Key = tuple[str, str]
"""A student and a section."""


def known(
    course: Course, output: Path, db_url: str | None = None
) -> tuple[dict[Key, dict[str, Decision]], dict[Key, Booked], dict[Key, list[RequestRecord]]]:
    """Return what people decided by item, what is known about lateness, and what students asked and were told.

    Decisions are those on explanations and those instead of the judge's. Nothing is written, and a missing gradebook is
    not created: nobody has decided anything then.

    Raises
    ------
    GradebookError
        If the gradebook is there and can't be read.
    """
    if not is_there(output, db_url):
        return {}, {}, {}
    url = url_of(output, db_url)
    with explained(url):
        engine = nbgrader_seam.engine(url)
        try:
            with engine.connect() as connection:
                return decided(connection, course), booked(connection), requests(connection)
        finally:
            engine.dispose()


def decided(connection: Any, course: Course) -> dict[Key, dict[str, Decision]]:
    """Return what people decided, by item, over an open `connection`."""
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook

    def joined(model: Any, *columns: Any) -> Any:
        return (
            select(SubmittedAssignment.student_id, Assignment.name, BaseCell.name, *columns)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(model, model.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == model.cell_id)
            .where(BaseCell.name.in_([item.id for section in course.sections for item in section.items]))
        )

    grades = connection.execute(
        joined(Grade, Grade.manual_score, Grade.needs_manual_grade).where(Grade.manual_score.is_not(None))
    ).all()
    comments = connection.execute(joined(Comment, Comment.manual_comment, Comment.auto_comment)).all()
    said = {(student, section, item): (manual or "", auto) for student, section, item, manual, auto in comments}
    found: dict[Key, dict[str, Decision]] = {}
    for student, section, item, points, waiting in grades:
        comment, auto = said.get((student, section, item), ("", None))
        decision = Decision(float(points), comment, decisions.referred_to(auto), not waiting)
        found.setdefault((student, section), {})[item] = decision
    return found


def requests(connection: Any) -> dict[Key, list[RequestRecord]]:
    """Return what students asked about their points, oldest first, and the last answer to each."""
    found: dict[Key, dict[tuple[str, str], RequestRecord]] = {}
    for entry in journal.entries_over(connection, journal.REQUEST, journal.REQUEST_ANSWER):
        of_student = found.setdefault((entry["student"], entry["section"]), {})
        name = (entry["item"], entry["answer"])
        if entry["field"] == journal.REQUEST:
            text = entry["after"] or ""
            of_student.setdefault(name, RequestRecord(entry["item"], text, entry["before"] or "", None))
        elif name in of_student:
            of_student[name] = replace(of_student[name], answer=entry["after"])
    return {key: list(of_student.values()) for key, of_student in found.items()}


def booked(connection: Any) -> dict[Key, Booked]:
    """Return when each submission was due, with its extension, and what it lost, over an open `connection`."""
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, SubmittedAssignment, SubmittedNotebook

    rows = connection.execute(
        select(
            SubmittedAssignment.student_id,
            Assignment.name,
            Assignment.duedate,
            SubmittedAssignment.extension,
            SubmittedNotebook.late_submission_penalty,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    ).all()
    found = {}
    for student, section, due, extension, penalty in rows:
        if due is not None:
            due = (due + (extension or timedelta(0))).replace(tzinfo=UTC)
        found[student, section] = Booked(due, penalty)
    return found


def students(course: Course, output: Path, db_url: str | None = None) -> dict[Entry, set[str]]:
    """Return who is in the gradebook, by id, and the sections that they have handed in; empty if it doesn't exist.

    Raises
    ------
    GradebookError
        If the gradebook is there and can't be read.
    """
    if not is_there(output, db_url):
        return {}
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, Student, SubmittedAssignment

    with opened(course, output, db_url) as book:
        columns = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
        rows = book.db.execute(select(*columns).order_by(Student.id)).all()
        of_sections = select(SubmittedAssignment.student_id, Assignment.name).join(
            Assignment, Assignment.id == SubmittedAssignment.assignment_id
        )
        sections: dict[str, set[str]] = {}
        for student, section in book.db.execute(of_sections).all():
            sections.setdefault(student, set()).add(section)
    return {Entry(*(value or "" for value in row)): sections.get(row.id, set()) for row in rows}
