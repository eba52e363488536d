"""Explanations that wait for a person: what to show of each, and what a decision writes.

Everything comes from the same places as in the formgrader: points, comments and the mark of their text from the
gradebook, the text and the judge's suggestion from the notebook in ``autograded/``. A decision is written as the
formgrader writes it, so the two can be used side by side. What each of several tutors gave for a text is in the
journal; it becomes the decision once all who were asked have given the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from autograder.course import Course, Section
from autograder.gradebook import journal
from autograder.gradebook.formgrader import STAFF, kept_of
from autograder.records import decisions
from autograder.records.decisions import Decision
from autograder.records.record import ProseRecord
from autograder.submissions.notebook import grade_id_of
from autograder.text import whole

MAX_COMMENT = 4000
"""Characters of a comment that are kept; the feedback page shows no more."""


@dataclass(frozen=True)
class Reading:
    """What one of several tutors gave for a text."""

    points: float
    comment: str = ""


@dataclass(frozen=True)
class Explanation:
    """One answer in prose.

    ``text`` is what the student wrote, ``prose`` what the judge made of it, and ``decision`` what a person has decided
    before, if anybody has; ``by_readings`` if that came about because all tutors who were asked agreed. ``readings``
    are what tutors gave for this very text, by their names.
    """

    student: str
    section: str
    item: str
    title: str
    max: float
    text: str
    prose: ProseRecord
    decision: Decision | None
    readings: Mapping[str, Reading] = field(default_factory=dict)
    by_readings: bool = False

    @property
    def id(self) -> str:
        """What stands for student and item where names are hidden."""
        return hashlib.sha256("\0".join((self.section, self.item, self.student)).encode()).hexdigest()[:16]

    @property
    def suggested(self) -> float | None:
        """The points that the judge suggests, or None."""
        return float(self.prose.suggestion.points) if self.prose.suggestion else None

    def suggested_with(self, confidence: float) -> float | None:
        """Return the points that can be accepted without a look: more than 0, and with at least this confidence."""
        if self.prose.suggestion is None or self.prose.suggestion.confidence < confidence:
            return None
        return self.suggested or None

    @property
    def waits(self) -> bool:
        """Whether nobody has given points yet, or only for another text."""
        return self.decision is None or not self.decision.holds_for(self.prose.answer)

    @property
    def is_settled(self) -> bool:
        """Whether somebody decided who does not only count as one of several tutors, as in the formgrader."""
        return not self.waits and not self.by_readings

    @property
    def in_conflict(self) -> bool:
        """Whether tutors gave different points and nobody has settled that."""
        return self.waits and len({reading.points for reading in self.readings.values()}) > 1


def explanations(
    book: Any,
    course: Course,
    autograded: Path,
    sections: Collection[str] | None = None,
    students: Collection[str] | None = None,
) -> tuple[list[Explanation], list[str]]:
    """Return the explanations of a class, by section, item and student, and a line for each that can't be shown.

    Parameters
    ----------
    book
        nbgrader's gradebook, open.
    autograded
        The folder of the notebooks that the formgrader shows.
    sections, students
        Only these; None means all.
    """
    found, problems = [], []
    for section in course.sections:
        prose = [item.id for item in section.items if item.kind == "prose"]
        if not prose or (sections is not None and section.id not in sections):
            continue
        readings, by_readings = _readings(book.db, section.id)
        for student, item, decision, answer in _rows(book.db, section, prose):
            if students is not None and student not in students:
                continue
            shown = _shown(autograded / student / section.id / section.notebook, item, student, section, decision)
            if shown is not None:
                of_text = readings.get((student, item, shown.prose.answer), {})
                given = {reading.points for reading in of_text.values()}
                theirs = (student, item) in by_readings and decision is not None and decision.points in given
                shown = replace(shown, readings=of_text, by_readings=theirs)
            if shown is None or decisions.is_another(answer, shown.prose.answer):
                problems.append(
                    f"`{student}` {section.id}: the notebook in {autograded.name}/ is not the one that was graded; "
                    "run `autograder grade` again"
                )
            else:
                found.append(shown)
    rank = {item.id: place for place, item in enumerate(i for s in course.sections for i in s.items)}
    return sorted(found, key=lambda entry: (rank[entry.item], entry.student)), problems


def decide(
    book: Any, explanation: Explanation, points: float, comment: str | None, who: str, by: str = journal.REVIEW
) -> None:
    """Write a person's decision into the gradebook, with its entries in the journal; commits nothing.

    If `comment` is None, the comment that is there stays.
    """
    _require_possible(explanation, points)
    place = place_in(book, explanation.student, explanation.section, explanation.item)
    journal.listen()
    with journal.deciding(who, by, suggested=explanation.suggested, answer=explanation.prose.answer):
        grade = book.find_grade(*place)
        if explanation.waits and explanation.decision is not None:
            whose = (explanation.student, explanation.section, explanation.item)
            journal.enter(book.db, *whose, journal.LOOK_AGAIN, "yes", "no")
        grade.manual_score, grade.needs_manual_grade = float(points), False
        if comment is not None:
            book.find_comment(*place).manual_comment = storable(comment)
        book.db.flush()


class Given(StrEnum):
    """What became of the points that one of several tutors gave for a text."""

    DECIDED = "decided"
    UNCHANGED = "as before"
    SECOND = "wait for the other tutor"
    CONFLICT = "in conflict with another tutor"
    KEPT = "decided otherwise by somebody else, which stays"


def give(book: Any, explanation: Explanation, points: float, comment: str | None, who: str, needed: int) -> Given:
    """Note what a tutor gives for a text; it becomes the decision if `needed` tutors agree. Commits nothing.

    A decision of somebody else, as in the formgrader, stays. If tutors differ, nothing is decided until one person
    settles it with `decide`.
    """
    _require_possible(explanation, points)
    before = explanation.readings.get(who)
    points = float(f"{points:g}")  # as the journal keeps it
    reading = Reading(points, storable(comment) if comment is not None else before.comment if before else "")
    readings = {**explanation.readings, who: reading}
    whose = (explanation.student, explanation.section, explanation.item)
    journal.listen()
    with journal.deciding(
        who, journal.REVIEW_OF_TUTORS, suggested=explanation.suggested, answer=explanation.prose.answer
    ):
        if reading == before:
            return Given.UNCHANGED
        journal.enter(book.db, *whose, journal.READING, before and before.points, reading.points)
        if reading.comment != (before.comment if before else ""):
            journal.enter(book.db, *whose, journal.READING_COMMENT, before and before.comment, reading.comment)
        if explanation.is_settled and explanation.decision is not None:
            return Given.DECIDED if explanation.decision.points == points else Given.KEPT
        if len({each.points for each in readings.values()}) > 1:
            if explanation.decision is not None:
                grade = book.find_grade(*place_in(book, *whose))
                grade.manual_score, grade.needs_manual_grade = None, True
                book.db.flush()
            return Given.CONFLICT
        if len(readings) < needed:
            return Given.SECOND
        said = "\n".join(dict.fromkeys(each.comment for each in readings.values() if each.comment))
        decide(book, explanation, points, said or None, who, journal.REVIEW_OF_TUTORS)
        return Given.DECIDED


def place_in(book: Any, student: str, section: str, item: str) -> tuple[str, str, str, str]:
    """Return the arguments with which nbgrader finds the grade and the comment of an item."""
    return item, book.find_submission(section, student).notebooks[0].name, section, student


def storable(text: str) -> str:
    """Return a person's text as every database can store it, and not longer than is shown."""
    return whole(text).replace("\0", "\N{REPLACEMENT CHARACTER}")[:MAX_COMMENT]


def _require_possible(explanation: Explanation, points: float) -> None:
    if not 0 <= points <= explanation.max:
        raise ValueError(f"points must be from 0 to {explanation.max:g}; got {points:g}")


def _readings(db: Any, section: str) -> tuple[dict[tuple[str, str, str], dict[str, Reading]], set[tuple[str, str]]]:
    """Return what tutors gave in `section`, by student, item and text, and whose last points are those of tutors."""
    found: dict[tuple[str, str, str], dict[str, Reading]] = {}
    by_readings: set[tuple[str, str]] = set()
    points = journal.FIELDS["Grade"]["manual_score"]
    for entry in journal.entries(db, journal.READING, journal.READING_COMMENT, points):
        if entry["section"] != section:
            continue
        student, item, answer, who, after = (entry[name] for name in ("student", "item", "answer", "who", "after"))
        of_text = found.setdefault((student, item, answer or ""), {})
        if entry["field"] == points:
            by_readings.discard((student, item))
            if entry["by"] == journal.REVIEW_OF_TUTORS:
                by_readings.add((student, item))
        elif entry["field"] == journal.READING:
            if after is None:
                of_text.pop(who, None)
            else:
                of_text[who] = Reading(float(after), of_text[who].comment if who in of_text else "")
        elif who in of_text:
            of_text[who] = replace(of_text[who], comment=after or "")
    return found, by_readings


def _rows(db: Any, section: Section, items: Iterable[str]) -> list[tuple[str, str, Decision | None, str | None]]:
    """Return student, item, decision, and what names the text that was graded, of each explanation of `section`."""
    from sqlalchemy import and_, select

    from autograder.nbgrader_seam import Assignment, BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook

    columns = (
        SubmittedAssignment.student_id, BaseCell.name, Grade.manual_score, Grade.needs_manual_grade,
    )  # fmt: skip
    graded = (
        select(*columns, SubmittedNotebook.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(and_(Assignment.name == section.id, BaseCell.name.in_(list(items))))
    )
    rows = db.execute(graded).all()
    commented = (
        select(Comment.notebook_id, BaseCell.name, Comment.auto_comment, Comment.manual_comment)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Comment.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(and_(Assignment.name == section.id, BaseCell.name.in_(list(items))))
    )
    said = {(notebook, item): (auto, manual) for notebook, item, auto, manual in db.execute(commented).all()}
    found = []
    for student, item, points, needs_person, notebook in rows:
        auto, manual = said.get((notebook, item), (None, None))
        answer = decisions.referred_to(auto)
        decision = None if points is None else Decision(float(points), manual or "", answer, not needs_person)
        found.append((student, item, decision, answer))
    return found


def _shown(path: Path, item: str, student: str, section: Section, decision: Decision | None) -> Explanation | None:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        cell = next(cell for cell in cells if STAFF in cell["metadata"] and grade_id_of(cell) == item)
        title, most, prose = kept_of(cell["metadata"])
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
    return Explanation(
        student=student,
        section=section.id,
        item=item,
        title=title,
        max=float(most),
        text="".join(cell["source"]),
        prose=prose,
        decision=decision,
    )
