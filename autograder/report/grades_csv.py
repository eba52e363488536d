"""The class as CSV: one row per student and section, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.course import Course
from autograder.report.standing import (
    Result,
    Standing,
    in_order,
    item_standing,
    section_standing,
    sections_of,
    time_of,
)
from autograder.report.text import cell


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
    timed = any(time_of(record).get("due") or time_of(record).get("penalty") for _, record in ordered)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    late = ["raw", "penalty", "due", "came"] if timed else []
    writer.writerow(["student", "section", *map(cell, items), "total", "max", "status", *late, "notes"])
    for student, record in ordered:
        section = course.section(record["section"])
        points = {item.id: item_standing(section, record, item.id).points for item in section.items}
        total = section_standing(section, record)
        writer.writerow(
            [
                cell(student),
                cell(section.id),
                *(_number(points.get(item_id)) for item_id in items),
                _number(total.points),
                _number(total.max),
                total.status,
                *(_of_time(total, time_of(record)) if timed else ()),
                cell((notes or {}).get((student, section.id), "")),
            ]
        )
    return lines.getvalue()


def _of_time(total: Standing, time: Mapping[str, Any]) -> tuple[str, ...]:
    # Whether anything is lost is not known yet either where the points are not.
    penalty = None if total.points is None else total.penalty
    return _number(total.raw), _number(penalty), time.get("due") or "", time.get("came") or ""


def _number(value: float | None) -> str:
    # Ten digits hide the last bits of sums such as 0.1 + 0.2.
    return "" if value is None else f"{value:.10g}"
