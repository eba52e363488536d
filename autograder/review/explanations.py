"""Explanations that wait for a person: what to show of each, and what a decision writes.

Everything comes from the same places as in the formgrader: points, comments and the mark of their text from the
gradebook, the text and the judge's suggestion from the notebook in ``autograded/``. A decision is written as the
formgrader writes it, so the two can be used side by side.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course, Section
from autograder.gradebook import journal
from autograder.gradebook.formgrader import STAFF, kept_of
from autograder.records import decisions
from autograder.records.decisions import Decision
from autograder.records.record import ProseRecord
from autograder.submissions.notebook import grade_id_of


@dataclass(frozen=True)
class Explanation:
    """One answer in prose.

    ``text`` is what the student wrote, ``prose`` what the judge made of it, and ``decision`` what a person has decided
    before, if anybody has.
    """

    student: str
    section: str
    item: str
    title: str
    max: float
    text: str
    prose: ProseRecord
    decision: Decision | None

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
        for student, item, decision, answer in _rows(book.db, section, prose):
            if students is not None and student not in students:
                continue
            shown = _shown(autograded / student / section.id / section.notebook, item, student, section, decision)
            if shown is None or decisions.is_another(answer, shown.prose.answer):
                problems.append(
                    f"`{student}` {section.id}: the notebook in {autograded.name}/ is not the one that was graded; "
                    "run `autograder grade` again"
                )
            else:
                found.append(shown)
    rank = {item.id: place for place, item in enumerate(i for s in course.sections for i in s.items)}
    return sorted(found, key=lambda entry: (rank[entry.item], entry.student)), problems


def decide(book: Any, explanation: Explanation, points: float, comment: str | None, who: str) -> None:
    """Write a person's decision into the gradebook, with its entry in the journal; committed at once.

    If `comment` is None, the comment that is there stays.
    """
    if not 0 <= points <= explanation.max:
        raise ValueError(f"points must be from 0 to {explanation.max:g}; got {points:g}")
    notebook = book.find_submission(explanation.section, explanation.student).notebooks[0].name
    place = (explanation.item, notebook, explanation.section, explanation.student)
    journal.listen()
    with journal.deciding(who, "autograder review", suggested=explanation.suggested, answer=explanation.prose.answer):
        grade = book.find_grade(*place)
        grade.manual_score, grade.needs_manual_grade = float(points), False
        if comment is not None:
            book.find_comment(*place).manual_comment = comment
        book.db.commit()


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
