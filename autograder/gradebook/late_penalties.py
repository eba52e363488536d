"""What late submissions lose: by ``course.toml`` or, if it has no table ``[late]``, by nbgrader's own policy.

The due date is that of ``course.toml`` with the student's extension. If it has none, it is the one that the formgrader
or the exchange set for the assignment, with nbgrader's extension. nbgrader's policy is the plugin that
``nbgrader_config.py`` names. nbgrader calls it only when it autogrades, which it does not do in this course; so it is
called whenever points are written, and what it took off is read back from the gradebook.

The results are in a record's ``time``; none of this is part of a record's key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder import nbgrader_seam
from autograder.course import Course, Late, Section
from autograder.gradebook.rows import Rows, chunks
from autograder.records.record import Record, TimeRecord
from autograder.records.standing import decided_points
from autograder.submissions import times
from autograder.submissions.attempts import Attempt
from autograder.submissions.times import Extension

Extensions = Mapping[tuple[str, str], Extension]

_DAY = dt.timedelta(days=1)
NBGRADER = "nbgrader"
"""The policy that lets nbgrader's plugin decide."""


@dataclass(frozen=True)
class Booked:
    """What the gradebook knows: when the assignment is due for a student (UTC), and what their submission lost."""

    due: dt.datetime | None = None
    penalty: float | None = None


def lost(late: Late, by: dt.timedelta, points: float) -> float:
    """Return what a submission that came `by` after it was due loses of its `points`: from 0 to all of them."""
    over = by - late.grace_days * _DAY
    if late.policy == "none" or over <= dt.timedelta(0):
        return 0.0
    if late.policy == "zero":
        return points
    days = -(-over // _DAY)  # every day that has begun
    return round(points * min(days * late.per_day, 1 - late.floor), 6)


def timed(course: Course, attempt: Attempt, record: Record, extensions: Extensions, booked: Booked) -> Record:
    """Return `record` with what is known about its time; the record itself if nothing is."""
    section = course.section(attempt.section)
    due = due_of(section, attempt.student, extensions) or booked.due
    came = times.came(course, attempt)
    problem = times.problem(course, attempt)
    if due is None and problem is None and not booked.penalty and not attempt.late:
        return record
    by = None
    if due is not None and came is not None:
        by = max(came - due.astimezone(dt.UTC), dt.timedelta(0))
    elif attempt.late is False:
        by = dt.timedelta(0)
    if section.late is None:
        policy, penalty = NBGRADER, booked.penalty or 0.0
    else:
        policy = section.late.policy
        penalty = 0.0 if by is None else lost(section.late, by, decided_points(section, record))
    time = TimeRecord(
        due=times.shown(course, due),
        came=times.shown(course, came),
        late_seconds=None if by is None else -(-by // dt.timedelta(seconds=1)),
        late=bool(attempt.late) and came is None,
        penalty=penalty,
        policy=policy,
        problem=problem,
    )
    return replace(record, time=time)


def due_of(section: Section, student: str, extensions: Extensions) -> dt.datetime | None:
    """Return when `section` is due for `student` by ``course.toml`` and ``extensions.csv``; None if they don't say."""
    extension = extensions.get((student, section.id))
    return extension.due if extension else section.due


def write_dates(
    db: Any, section: Section, submissions: Mapping[str, str], assignment: Any, extensions: Extensions
) -> None:
    """Set due date and extensions in the gradebook to those of ``course.toml``, if it has any; does not commit.

    Parameters
    ----------
    db
        A session of the gradebook.
    submissions
        Ids of nbgrader's submissions, by student.
    """
    from autograder.nbgrader_seam import SubmittedAssignment

    if section.due is None:
        return
    due = section.due.astimezone(dt.UTC)
    if assignment.duedate != due.replace(tzinfo=None):
        assignment.duedate = due.replace(tzinfo=None)
    wanted: dict[tuple[str, ...], dict[str, dt.timedelta | None]] = {}
    for student, key in submissions.items():
        extension = extensions.get((student, section.id))
        wanted[key,] = {"extension": extension.due.astimezone(dt.UTC) - due if extension else None}
    Rows(db, SubmittedAssignment, ["id"], ["extension"], submissions.values()).put(wanted)


def assign(db: Any, root: Path, notebooks: Sequence[str]) -> None:
    """Set the penalties of submitted notebooks to what nbgrader's policy gives for their points; does not commit.

    Parameters
    ----------
    db
        A session of the gradebook; points are read from it.
    root
        The project's folder, for the policy in its ``nbgrader_config.py``. It is read only if somebody is late.
    notebooks
        Ids of submitted notebooks.
    """
    from sqlalchemy import select

    from autograder.nbgrader_seam import SubmittedNotebook

    assigner = None
    db.flush()
    db.expire_all()
    for some in chunks(notebooks):
        chosen = select(SubmittedNotebook).where(SubmittedNotebook.id.in_(some))
        for notebook in db.execute(chosen).scalars():
            submission = notebook.assignment
            penalty = None
            is_due = submission.assignment.duedate is not None  # nbgrader fails on an empty extension
            if is_due and submission.timestamp is not None and submission.total_seconds_late > 0:
                assigner = assigner or nbgrader_seam.penalty_assigner(root)
                seconds = submission.total_seconds_late
                penalty = nbgrader_seam.late_penalty(assigner, submission.student_id, notebook.score, seconds)
            if notebook.late_submission_penalty != penalty:
                notebook.late_submission_penalty = penalty
