"""Updates grades, comments and submissions of one section to what the records say.

A person's decisions (a manual score, a manual comment, extra credit) are never changed. If the judge's points or an
explanation in prose change after that, the grade is marked for review. An item that was not judged has no points and
is marked as needing a person, so it is never a silent zero. Nothing here commits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Course, Section
from autograder.gradebook import formgrader, late_penalties, reading
from autograder.gradebook.late_penalties import Booked, Extensions
from autograder.gradebook.rows import Rows
from autograder.people.roster import Entry
from autograder.records import decisions
from autograder.records.record import ItemRecord, Record, Status
from autograder.records.standing import penalty_of
from autograder.submissions import times
from autograder.submissions.attempts import Attempt
from autograder.verdict import Verdict

Judged = Sequence[tuple[Attempt, Record]]
"""Attempts with their records."""

_Items = Mapping[str, Mapping[str, ItemRecord]]
"""What the records say about items: by the id of the submitted notebook, then by item."""

_LONGEST_NAME = 128  # characters that nbgrader's columns hold


def write_section(gradebook: Any, course: Course, section: Section, judged: Judged, extensions: Extensions) -> None:
    """Update students, submissions, grades, comments and penalties of one section to what the records say."""
    from autograder.nbgrader_seam import Comment, SubmittedNotebook

    db = gradebook.db
    notebook = gradebook.find_notebook(Path(section.notebook).stem, section.id)
    submissions, notebooks = _submit(db, notebook, {attempt.student: _time(course, attempt) for attempt, _ in judged})
    items = {notebooks[attempt.student]: record.items for attempt, record in judged}
    comments = Rows(db, Comment, ["notebook_id", "cell_id"], ["auto_comment"], items)
    _write_grades(db, notebook, items, _rewritten(comments, notebook, items))
    _write_comments(comments, notebook, items)
    late_penalties.write_dates(db, section, submissions, notebook.assignment, extensions)
    if section.late is None:
        late_penalties.assign(db, course.root, list(notebooks.values()))
        return
    db.flush()
    decided, booked = reading.decided(db.connection(), course), reading.booked(db.connection())
    penalties = {}
    for attempt, record in judged:
        key = (attempt.student, section.id)
        final = decisions.decided(record, decided.get(key, {}))
        timed = late_penalties.timed(course, attempt, final, extensions, booked.get(key, Booked()))
        penalties[notebooks[attempt.student],] = {"late_submission_penalty": penalty_of(section, timed) or None}
    Rows(db, SubmittedNotebook, ["id"], ["late_submission_penalty"], notebooks.values()).put(penalties)


def write_names(db: Any, entries: Iterable[Entry]) -> None:
    """Write what the roster knows about students in the gradebook; fields that it doesn't know stay as they are."""
    from autograder.nbgrader_seam import Student

    on_roster = {entry.student: entry for entry in entries}
    columns = ("first_name", "last_name", "email", "lms_user_id")
    students = Rows(db, Student, ["id"], columns, on_roster)
    wanted = {}
    for key, row in students.there.items():
        entry = on_roster[row.id]
        said = (entry.first_name, entry.last_name, entry.email, entry.canvas_id)
        wanted[key] = {
            column: value[:_LONGEST_NAME] or getattr(row, column) for column, value in zip(columns, said, strict=True)
        }
    students.put(wanted)


def _submit(db: Any, notebook: Any, when: Mapping[str, datetime | None]) -> tuple[dict[str, str], dict[str, str]]:
    """Make sure that every student has handed in `notebook` at their time.

    Returns the ids of submissions and of submitted notebooks, by student.
    """
    from autograder.nbgrader_seam import Student, SubmittedAssignment, SubmittedNotebook

    Rows(db, Student, ["id"], [], when).put({(student,): {} for student in when})

    assignment = notebook.assignment_id
    key = ("student_id", "assignment_id")
    handed_in = Rows(db, SubmittedAssignment, key, ["timestamp"], when, assignment_id=assignment)
    ids = handed_in.put({(student, assignment): {"timestamp": time} for student, time in when.items()})
    submissions = {student: submission for (student, _), submission in ids.items()}

    key = ("assignment_id", "notebook_id")
    notebooks = Rows(db, SubmittedNotebook, key, [], submissions.values(), notebook_id=notebook.id)
    ids = notebooks.put({(submission, notebook.id): {} for submission in submissions.values()})
    return submissions, {student: ids[submission, notebook.id] for student, submission in submissions.items()}


def _write_grades(db: Any, notebook: Any, items: _Items, rewritten: set[tuple[str, str]]) -> None:
    from autograder.nbgrader_seam import Grade

    columns = ("auto_score", "manual_score", "needs_manual_grade")
    grades = Rows(db, Grade, ["notebook_id", "cell_id"], columns, items)
    wanted = {}
    for submitted, of_student in items.items():
        for cell in notebook.grade_cells:
            points = _points(of_student.get(cell.name))
            needs_person = points is None
            grade = grades.there.get((submitted, cell.id))
            if grade is not None and grade.manual_score is not None:
                changed_by_judge = grade.auto_score != points or (submitted, cell.name) in rewritten
                needs_person = grade.needs_manual_grade or changed_by_judge
            wanted[submitted, cell.id] = {"auto_score": points, "needs_manual_grade": needs_person}
    grades.put(wanted)


def _write_comments(comments: Rows, notebook: Any, items: _Items) -> None:
    wanted = {}
    for submitted, of_student in items.items():
        for cell in notebook.solution_cells:
            item = of_student.get(cell.name)
            comment = comments.there.get((submitted, cell.id))
            if comment and decisions.referred_to(comment.auto_comment) and not (item and item.answer):
                continue  # not judged this time: the comment still names the answer that was there before
            wanted[submitted, cell.id] = {"auto_comment": None if item is None else formgrader.comment(item)}
    comments.put(wanted)


def _rewritten(comments: Rows, notebook: Any, items: _Items) -> set[tuple[str, str]]:
    """Return (notebook, item) of explanations that differ from those that the gradebook's comments name."""
    names = {cell.id: cell.name for cell in notebook.solution_cells}
    found = set()
    for (submitted, cell), comment in comments.there.items():
        name = names.get(cell, "")
        item = items[submitted].get(name)
        if item and decisions.is_another(decisions.referred_to(comment.auto_comment), item.answer):
            found.add((submitted, name))
    return found


def _points(item: ItemRecord | None) -> float | None:
    """Return the points of an item, or None if a person must look at it: only a sound verdict gives a number."""
    if item is None or item.status is not Status.JUDGED or item.points is None:
        return None
    if any(check.verdict is Verdict.NOT_JUDGED for check in item.checks):
        return None
    return float(item.points) if math.isfinite(item.points) and 0 <= item.points <= item.max else None


def _time(course: Course, attempt: Attempt) -> datetime | None:
    """Return when an attempt was handed in (in UTC but without a zone, as nbgrader stores it), or None."""
    time = times.came(course, attempt)
    return None if time is None else time.replace(tzinfo=None)
