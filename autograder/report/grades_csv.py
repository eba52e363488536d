"""The class as CSV: one row per student and section, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from autograder import text
from autograder.course import Course
from autograder.records.record import TimeRecord
from autograder.records.standing import (
    Result,
    Standing,
    in_order,
    item_standing,
    section_standing,
    sections_of,
)


def csv_text(course: Course, results: Iterable[Result], notes: Mapping[tuple[str, str], str] | None = None) -> str:
    """Return the points of a class as CSV text.

    Columns: ``student``, ``section``, one per item of the sections that occur, ``total``, ``max``, ``status``; where
    anything is due or late, ``raw``, ``penalty``, ``due`` and ``came`` as well, and ``total`` is ``raw`` less
    ``penalty``; ``notes``. What is not decided is an empty cell, never 0, and so is the total that depends on it. Text
    that a spreadsheet would take for a formula starts with an apostrophe. `notes` says by student and section what
    needs attention.
    """
    ordered = in_order(course, results)
    items = [item.id for section in sections_of(course, ordered) for item in section.items]
    timed = any(record.time and (record.time.due or record.time.penalty) for _, record in ordered)
    late = ["raw", "penalty", "due", "came"] if timed else []
    rows: list[Sequence[str | float | None]] = [
        ["student", "section", *items, "total", "max", "status", *late, "notes"]
    ]
    for student, record in ordered:
        section = course.section(record.section)
        points = {item.id: item_standing(section, record, item.id).points for item in section.items}
        total = section_standing(section, record)
        of_time = _of_time(total, record.time) if timed else ()
        note = (notes or {}).get((student, section.id))
        points_of_items = (points.get(item_id) for item_id in items)
        rows.append([student, section.id, *points_of_items, total.points, total.max, total.status, *of_time, note])
    return text.csv_text(rows)


def _of_time(total: Standing, time: TimeRecord | None) -> tuple[str | float | None, ...]:
    # As long as the points are not known, the penalty is not known either.
    penalty = None if total.points is None else total.penalty
    return total.raw, penalty, *((time.due, time.came) if time else (None, None))
