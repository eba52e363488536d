"""Moodle's grading worksheet, filled in: from *Download grading worksheet* to *Upload grading worksheet*.

After Moodle's ``mod/assign/gradingtable.php`` and ``mod/assign/feedback/offline``. Titles are in the language of
the user, and the importer needs exactly these; the order is the same in every language: identifier, name and
whatever the site shows of a person, status, (team, marker), grade, maximum grade, (workflow), whether it can be
changed, (submission), last modified, feedback. So columns are found by their place, and by the titles of Moodle's
language packs if places are not enough.

*Last modified (grade)* stays as it is: by it Moodle sees that somebody graded in the meantime. A comment is HTML there.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Section
from autograder.exports import ExportError
from autograder.exports.cells import CsvFile, Line
from autograder.exports.filling import (
    Filled,
    Remarks,
    Target,
    decimals,
    fill,
    number,
    points_text,
    same,
    scaled,
)
from autograder.exports.grades import Grade, Grades
from autograder.exports.people import ACCOUNT, NUMBER, Directory, Person
from autograder.report.technical import technical_zeros
from autograder.text import listed, quoted, visible

# From the language packs: en, ar, ca, de, el, es, eu, fr, gl, it, ja, ko, lt, nl, pt, ro, ru, sv, tr, uk, zh_cn.
_MAXIMUM = {
    "maximum grade", "أعلى تقدير", "qualificació màxima", "bestwertung", "μέγιστος βαθμός", "calificación máxima",
    "gehieneko kalifikazioa", "note maximale", "cualificación máxima", "valutazione massima", "最大評点", "최대 성적",
    "didžiausias įvertinimas", "maximaal cijfer", "nota máxima", "notă maximă", "максимальная оценка", "maxbetyg",
    "enyüksek not", "максимальна оцінка", "最高分",
}  # fmt: skip
_COMMENTS = {
    "feedback comments", "تعليقات الإفادة", "comentaris de retroacció.", "feedback als kommentar",
    "σχόλια ανατροφοδότησης", "comentarios de retroalimentación", "feedback-iruzkinak", "feedback par commentaires",
    "comentarios", "commenti", "フィードバックコメント", "피드백 코멘트", "grįžtamojo ryšio komentarai",
    "feedback tekstvak", "comentários de feedback", "comentarii de feedback", "отзыв в виде комментария",
    "återkopplingskommentarer", "geri bildirim yorumları", "відгук - коментарем", "反馈意见",
}  # fmt: skip
_NO = {
    "no", "لا", "nein", "όχι", "ez", "non", "아니오", "ne", "nee", "não", "nu", "нет", "nej", "hayır", "ні", "否",
    "nie", "nem", "ei", "nei",
}  # fmt: skip
_IDENTIFIER = re.compile(r"\D*(\d+)\s*")
_OURS = "Points by item: "


class Worksheet:
    """The worksheet at `path`, for one assignment.

    Parameters
    ----------
    grade_title, comments_title
        The titles of the columns for points and comments, if they can't be found.

    Raises
    ------
    ExportError
        If `path` is not such a worksheet, or its columns can't be found.
    """

    def __init__(self, path: Path, grade_title: str | None = None, comments_title: str | None = None) -> None:
        self.table = CsvFile(path)
        self._identifiers = [_IDENTIFIER.fullmatch(self.table.text(line, 0)) for line in self.table.rows]
        if not self._identifiers or None in self._identifiers:
            raise ExportError(
                f"{path} is not a grading worksheet: in each row the first cell has to be the identifier that Moodle "
                "gives (`Participant 4711`); in Moodle open the assignment and choose Submissions, Actions, Download "
                "grading worksheet"
            )
        if grade_title is None:
            self._maximum = self._find_maximum()
            self._grade = self._maximum - 1
        else:
            self._grade = self._titled(grade_title, "--grade-column")
            self._maximum = min(self._grade + 1, len(self.table.header) - 1)
        self._comments = (
            self._find_comments() if comments_title is None else self._titled(comments_title, "--comments-column")
        )
        self.people = dict(zip(self._persons(), self.table.rows, strict=True))

    def target(self, section: Section, *, scale: bool) -> Target:
        """Return where points go, after a check of the maximum.

        Raises
        ------
        ExportError
            If that differs from the points of `section` and `scale` is False.
        """
        title = self.table.header[self._grade]
        most = {number(cell) for cell in self._cells(self._maximum)}
        if len(most) != 1:
            raise ExportError(
                f"{self.table.path} has no single maximum after `{title}`; give the "
                "assignment a maximum grade in Moodle and download the worksheet again"
            )
        return Target(self._grade, scaled("Moodle", section.id, section.points, most.pop(), scale, title))

    def fill(self, section: Section, grades: Grades, target: Target, directory: Directory) -> Filled:
        """Return the worksheet with points and comments of the grades of `section`."""
        separators = [decimals(cell) for column in (self._maximum, self._grade) for cell in self._cells(column)]
        separator = "," if any(separator == "," for separator, _ in separators) else "."
        places = separators[0][1]
        kept = Remarks()

        def write(line: Line, target: Target, grade: Grade, points: float) -> bool:
            changed = not same(self.table.text(line, target.column), points)
            if changed:
                self.table.put(line, target.column, points_text(points, separator, places))
            return self._comment(line, grade, kept) or changed

        def locked(line: Line, target: Target) -> str | None:
            # Between the maximum and this column is at most one, the state of the workflow.
            columns = range(self._maximum + 1, min(self._maximum + 3, len(self.table.header)))
            closed = any(self.table.text(line, column).strip().casefold() in _NO for column in columns)
            return "can't be changed in Moodle" if closed else None

        filled = fill(
            "Moodle", self.table, self.people, directory, {section.id: target}, grades, locked=locked, write=write
        )
        remarks = filled.remarks + kept.lines()
        if self._comments is None:
            titles = listed(self.table.header[self._grade + 2 :], most=20)
            remarks.append(
                f"{self.table.path.name} has no column known to hold comments, so only points are filled in; "
                f"pass --comments-column with its title if there is one: {titles}"
            )
        return Filled(self.table.content(), filled.changed, remarks)

    def _comment(self, line: Line, grade: Grade, kept: Remarks) -> bool:
        if self._comments is None:
            return False
        there, text = self.table.text(line, self._comments), comment(grade)
        if there.strip() and not there.startswith(_OURS):
            kept.add("has a comment already, which stays", f"{quoted(grade.student)} (line {line.number})")
            return False
        if there != text:
            self.table.put(line, self._comments, text)
        return there != text

    def _cells(self, column: int) -> list[str]:
        return [self.table.text(line, column).strip() for line in self.table.rows]

    def _persons(self) -> Iterator[Person]:
        """Yield who each row is; under blind marking only a number says so."""
        name = 1 if self._grade > 2 else None
        # What a site shows of a person (email address, ID number, …) differs from row to row, and a status doesn't.
        accounts = []
        for column in range(2, self._grade):
            cells = [cell for cell in self._cells(column) if cell]
            if len(set(cells)) == len(cells) and not any(" " in cell for cell in cells):
                accounts.append(column)
        for place, (line, identifier) in enumerate(zip(self.table.rows, self._identifiers, strict=True)):
            assert identifier is not None, "a worksheet without was refused"
            full_name = self.table.text(line, name) if name else ""
            keys = [(ACCOUNT, self.table.text(line, column)) for column in accounts]
            yield Person(place, f"{identifier[0]} {full_name}".strip(), ((NUMBER, identifier[1]), *keys), full_name)

    def _find_maximum(self) -> int:
        """Return the column of the maximum, behind that of the grade."""
        titles = [title.strip().casefold() for title in self.table.header]
        known = [column for column, title in enumerate(titles) if title in _MAXIMUM]
        found = known or [column for column in range(2, len(titles)) if self._is_maximum(column)]
        if len(found) != 1 or found[0] < 1:
            raise ExportError(
                f"{self.table.path}: the column for grades can't be found; pass --grade-column with its title, one of "
                f"{listed(self.table.header, most=20)}"
            )
        return found[0]

    def _is_maximum(self, column: int) -> bool:
        most = {number(cell) for cell in self._cells(column)}
        limit = most.pop()
        before = [number(cell) if cell else 0.0 for cell in self._cells(column - 1)]
        return not most and bool(limit) and all(grade is not None and grade <= (limit or 0.0) for grade in before)

    def _find_comments(self) -> int | None:
        """Return the column of comments, behind that of the last change, whose title ends in brackets."""
        titles = [title.strip().casefold() for title in self.table.header]
        known = [column for column in range(self._maximum + 1, len(titles)) if titles[column] in _COMMENTS]
        if known:
            return known[-1]
        changes = [column for column in range(self._maximum + 1, len(titles)) if titles[column].endswith((")", "）"))]
        return changes[-1] + 1 if changes and changes[-1] == len(titles) - 2 else None

    def _titled(self, wanted: str, option: str) -> int:
        found = [column for column, title in enumerate(self.table.header) if title.strip() == wanted.strip()]
        if len(found) != 1:
            raise ExportError(
                f"{self.table.path} has {'more than one column' if found else 'no column'} `{wanted}`; pass {option} "
                f"with one of {listed(self.table.header, most=20)}"
            )
        return found[0]


def comment(grade: Grade) -> str:
    """Return what a student reads with the points, as HTML: the points of each item, and what people said about it."""
    lines = []
    zeros = technical_zeros(grade.section, grade.record)
    for item in grade.section.items:
        standing = grade.items[item.id]
        if standing.points is None:
            says = "not decided yet"
        else:
            says = f"{points_text(standing.points)} of {points_text(standing.max)}"
            decision = grade.record.items[item.id].decision
            says += f" ({_shown(decision.comment)})" if decision and decision.comment else ""
            says += f" (no answer was wrong: {_shown(zeros[item.id].explanation)})" if item.id in zeros else ""
        lines.append(f"{_shown(item.title)}: {says}")
    if grade.penalty:
        lines.append(f"late: &minus;{points_text(grade.penalty)}")
    for request in grade.record.requests:
        if request.answer is not None:
            lines.append(f"your request: {_shown(request.text)} &mdash; answer: {_shown(request.answer)}")
    if grade.points is not None:
        lines.append(f"in all: {points_text(grade.points)} of {points_text(grade.section.points)}")
    return _OURS + "<br>".join(["", *lines]).removeprefix("<br>")


def _shown(text: object) -> str:
    return html.escape(visible(" ".join(str(text).split()), limit=500))
