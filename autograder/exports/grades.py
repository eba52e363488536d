"""Final points of a class, by section and student, or the reason why there are none.

Fails closed: as long as anything in a section waits for a person, or could not be judged, the section has no final
points. With `partial` what is decided so far counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.course import Course, Section
from autograder.records.record import Record, Status
from autograder.records.standing import (
    Result,
    Standing,
    decided_points,
    item_standing,
    penalty_of,
    section_standing,
)
from autograder.report import told


@dataclass(frozen=True)
class Grade:
    """What one student gets for one section.

    ``raw`` are the points of what is decided, ``penalty`` what being late costs; ``points`` is what to export, None
    if that is not final, or ``kept_back`` from the student until the section is due.
    """

    student: str
    section: Section
    record: Record
    items: Mapping[str, Standing]
    raw: float
    penalty: float
    points: float | None
    kept_back: bool = False

    @property
    def waiting(self) -> list[str]:
        """Items that a person has to decide on."""
        return [item for item, standing in self.items.items() if standing.status is Status.NEEDS_REVIEW]

    @property
    def failed(self) -> list[str]:
        """Items that could not be judged."""
        return [item for item, standing in self.items.items() if standing.status is Status.NOT_JUDGED]


Grades = Mapping[str, Mapping[str, Grade]]
"""By section and student."""


def grades(
    course: Course, results: Iterable[Result], sections: Sequence[str] | None = None, *, partial: bool = False,
    for_students: bool = False,
) -> Grades:  # fmt: skip
    """Return the grades in `results`, those of `sections` if it is given, in the order of the course.

    With `for_students` there are no points of what the course keeps back from them before it is due, also if `partial`.
    """
    found: dict[str, dict[str, Grade]] = {
        section.id: {} for section in course.sections if sections is None or section.id in sections
    }
    for student, record in sorted(results, key=lambda result: result[0]):
        if record.section in found:
            found[record.section][student] = _grade(course, student, record, partial, for_students)
    return {section: of_section for section, of_section in found.items() if of_section}


def _grade(course: Course, student: str, record: Record, partial: bool, for_students: bool) -> Grade:
    section = course.section(record.section)
    items = {item.id: item_standing(section, record, item.id) for item in section.items}
    raw, penalty = decided_points(section, record), penalty_of(section, record)
    decided = any(standing.points is not None for standing in items.values())
    final = section_standing(section, record).status is Status.JUDGED
    kept_back = for_students and told.kept_back_until(course, record) is not None
    is_told = (final or (partial and decided)) and not kept_back
    return Grade(student, section, record, items, raw, penalty, raw - penalty if is_told else None, kept_back)
