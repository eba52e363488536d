"""What a student is told: everything or, before the section is due, only what `before_due` in ``course.toml`` allows.

A student who may hand in again and again could ask the hidden checks as many questions. With "counts" the page says how
many checks of each item pass, and with "functions" also which functions have checks that fail. Nothing else on it
depends on a hidden check: points, messages, answers and verdicts are left out, also because code that was called with a
hidden input may write it into them. Both the page and its JSON are made here, for every caller.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from autograder.course import Course, Item, Section
from autograder.records.record import Record, Status
from autograder.records.standing import item_standing
from autograder.report import feedback, when
from autograder.report.technical import Technical, file_of, file_states, technical_zero
from autograder.verdict import Verdict


def kept_back_until(course: Course, record: Record, now: dt.datetime | None = None) -> dt.datetime | None:
    """Return when the student may see everything; None if they may now.

    That is when the section is due for this student, with an extension if they have one.
    """
    section = course.section(record.section)
    if section.before_due == "all":
        return None
    known = record.time.due if record.time else None
    due = dt.datetime.fromisoformat(known) if known else section.due
    assert due is not None, "the course was refused otherwise"
    return due if (now or dt.datetime.now(dt.UTC)) < due else None


def page(course: Course, student: str, record: Record, now: dt.datetime | None = None) -> str:
    """Return the page of one attempt, as the student may see it at the moment `now`."""
    until = kept_back_until(course, record, now)
    if until is None:
        return feedback.page(course, student, record)
    section = course.section(record.section)
    said = counts(section, record)
    return (
        feedback.environment()
        .get_template("before_due.html")
        .render(
            course=course,
            section=section,
            student=student,
            items=[(section.item(item_id), of_item) for item_id, of_item in said.items()],
            n_passed=sum(of_item.get("passed", 0) for of_item in said.values()),
            n_checks=sum(of_item.get("checks", 0) for of_item in said.values()),
            notes=record.notes,
            until=when.moment(course, until.isoformat()),
            came=when.moment(course, record.time.came) if record.time and record.time.came else None,
            waiting=when.waiting(course, section, record),
            allowance=when.allowance(section.watch) if section.watch else None,
            attempt=record.header.attempt,
        )
    )


def feedback_object(course: Course, student: str, record: Record, now: dt.datetime | None = None) -> dict[str, Any]:
    """Return what the page says as data."""
    until = kept_back_until(course, record, now)
    if until is None:
        return feedback.feedback_object(course, student, record)
    section = course.section(record.section)
    return {
        "student": student,
        "section": section.id,
        "kept_back_until": until.astimezone(course.timezone).isoformat(timespec="seconds"),
        "came": record.time.came if record.time else None,
        **({"waiting": dict(vars(record.waiting))} if record.waiting else {}),
        "attempt": record.header.attempt,
        "notes": list(record.notes),
        "items": counts(section, record),
    }


def counts(section: Section, record: Record) -> dict[str, dict[str, Any]]:
    """Return what may be told about each item: numbers of checks, and functions if the course allows that.

    An item that a person reads, or that could not be judged, has a status and no numbers.
    """
    return {item.id: _of_item(section, item, record) for item in section.items}


def _of_item(section: Section, item: Item, record: Record) -> dict[str, Any]:
    said: dict[str, Any] = {"title": item.title, "max": item.points}
    if item.kind == "prose":
        return {**said, "status": Status.NEEDS_REVIEW.value}
    if item_standing(section, record, item.id).status is not Status.JUDGED:
        return {**said, "status": Status.NOT_JUDGED.value}
    checks = record.items[item.id].checks
    failing = [check for check in checks if check.verdict is not Verdict.PASSED]
    technical = _before_any_call(section, item, record)
    said |= {"status": Status.JUDGED.value, "checks": len(checks), "passed": len(checks) - len(failing)}
    said |= {"technical": technical.explanation} if technical else {}
    if section.before_due == "functions":
        said["failing"] = sorted({check.function for check in failing if check.function})
    return said


def _before_any_call(section: Section, item: Item, record: Record) -> Technical | None:
    """Return a technical reason for 0 points that was there before the code was called, so that no input decides it."""
    technical = technical_zero(section, record, item.id)
    if technical is Technical.NOTHING and file_of(section, item.id) not in file_states(section, record):
        return None  # a function that says that it is not written may say so for some inputs only
    return None if technical in (Technical.REFUSED, Technical.LIMIT) else technical
