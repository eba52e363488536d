"""What a record decides: points where a judgement was made, nothing where none was.

Fails closed: an item that the record does not hold, that has no points, or one of whose checks could not be judged,
is not judged, whatever else the record says of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.course import Course, Section
from autograder.records.record import Record, Status
from autograder.verdict import Verdict

Result = tuple[str, Record]
"""A student and their record."""


@dataclass(frozen=True)
class Standing:
    """Points of an item or a section; `points` is None as long as any of them is undecided.

    For a section, `raw` are the points before the `penalty` for being late, and `points` what is left after it.
    """

    points: float | None
    max: float
    status: Status
    raw: float | None = None
    penalty: float = 0.0


def item_standing(section: Section, record: Record, item_id: str) -> Standing:
    """Return what `record` decides about one item of `section`."""
    full = section.item(item_id).points
    item = record.items.get(item_id)
    if item is None:
        return Standing(None, full, Status.NOT_JUDGED)
    if item.status is Status.NEEDS_REVIEW:
        return Standing(None, full, Status.NEEDS_REVIEW)
    is_lost = Verdict.NOT_JUDGED in [check.verdict for check in item.checks]
    if item.status is not Status.JUDGED or item.points is None or is_lost:
        return Standing(None, full, Status.NOT_JUDGED)
    return Standing(float(item.points), full, Status.JUDGED)


def section_standing(section: Section, record: Record) -> Standing:
    """Return what `record` decides about the whole section."""
    statuses = {record.status, *(item_standing(section, record, item.id).status for item in section.items)}
    status = next(status for status in Status if status in statuses)
    raw = decided_points(section, record)
    penalty = penalty_of(section, record)
    if status is not Status.JUDGED:
        return Standing(None, section.points, status, None, penalty)
    return Standing(raw - penalty, section.points, status, raw, penalty)


def decided_points(section: Section, record: Record) -> float:
    """Return the points that are decided so far, before the penalty for being late."""
    points = (item_standing(section, record, item.id).points for item in section.items)
    return sum(each for each in points if each is not None)


def penalty_of(section: Section, record: Record) -> float:
    """Return what the section lost by being late, which is never more than it has."""
    return min(float(record.time.penalty) if record.time else 0.0, decided_points(section, record))


def in_order(course: Course, results: Iterable[Result]) -> list[Result]:
    """Return `results` by student, and for a student by the order of the course's sections."""
    rank = {section.id: place for place, section in enumerate(course.sections)}
    return sorted(results, key=lambda result: (result[0], rank[result[1].section]))


def sections_of(course: Course, results: Sequence[Result]) -> list[Section]:
    """Return the sections that occur in `results`, in the order of the course."""
    present = {record.section for _, record in results}
    return [section for section in course.sections if section.id in present]
