"""Canvas's gradebook: the CSV that *Export* writes, filled in so that *Import* takes it.

After Canvas's ``lib/gradebook_exporter.rb`` and ``lib/gradebook_importer.rb``: titles ``Name (id)`` after the columns
about the student, a row *Points Possible*, perhaps one that says *Manual Posting*, totals that are read only. An
assignment whose title holds the name of a total is left out by the importer, so it is refused here. ``EX`` (excused)
and ``N/A`` (not assigned) belong to Canvas and stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.course import Section
from autograder.exports import ExportError
from autograder.exports.cells import CsvFile, Line
from autograder.exports.filling import Filled, Target, decimals, fill, number, points_text, same, scaled
from autograder.exports.grades import Grade, Grades
from autograder.exports.people import ACCOUNT, NUMBER, Directory, Person
from autograder.people.roster import folded
from autograder.text import listed

_WITH_ID = re.compile(r"(?s)(.*)\s\((\d+)\)")
_ACCOUNTS = ("SIS User ID", "SIS Login ID", "Integration ID")
_TOTALS = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
_POSTING = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE | re.DOTALL)
_OWN = {"EX": "is excused in Canvas (EX)", "N/A": "is not assigned to them in Canvas (N/A)"}


class Gradebook:
    """The file that Canvas exported.

    Raises
    ------
    ExportError
        If `path` is not such a file.
    """

    def __init__(self, path: Path) -> None:
        self.table = CsvFile(path)
        header = self.table.header
        names = 2 if [title.strip() for title in header[:2]] == ["LastName", "FirstName"] else 1
        students = header[0] if header else ""
        if "Section" not in header or len(header) <= names or not (names == 2 or "Student" in students):
            raise ExportError(
                f"{path} is not a gradebook that Canvas exported: its first line needs Student, ID, SIS Login ID and "
                "Section; in Canvas choose Grades, Export, Export Entire Gradebook"
            )
        self._about_students = header.index("Section") + 1
        self._numbers = header.index("ID") if "ID" in header[: self._about_students] else None
        self._accounts = [header.index(title) for title in _ACCOUNTS if title in header[: self._about_students]]
        self._points = next((line for line in self.table.rows if "Points Possible" in self.table.text(line, 0)), None)
        if self._points is None:
            raise ExportError(
                f"{path} has no row `Points Possible`, so the maximum of a column is not known; export it again"
            )
        self._lines: dict[Person, Line] = {}
        for place, line in enumerate(self.table.rows):
            cells = [self.table.text(line, column) for column in range(len(header))]
            if line is self._points or all(_POSTING.fullmatch(cell) for cell in cells):
                continue
            name = ", ".join(cells[:names])
            if name in ("Student, Test", "Test Student"):
                continue  # Canvas's own, for looking at the course as a student
            keys = [(ACCOUNT, cells[column]) for column in self._accounts]
            if self._numbers is not None:
                keys.append((NUMBER, cells[self._numbers]))
            self._lines[Person(place, name, tuple(keys))] = line

    def targets(self, sections: Sequence[Section], named: Mapping[str, str], *, scale: bool) -> dict[str, Target]:
        """Return the column of each section: the one that `named` gives it, or the one with its name.

        Raises
        ------
        ExportError
            If a section has no column or more than one, or its maximum differs and `scale` is False.
        """
        columns = {
            column: title
            for column, title in enumerate(self.table.header)
            if column >= self._about_students and title.strip() and not _TOTALS.search(title)
        }
        found: dict[str, Target] = {}
        for section in sections:
            wanted = named.get(section.id)
            fitting = [column for column, title in columns.items() if _called(title, section, wanted)]
            if len(fitting) != 1:
                asked = f"`{wanted}`, which --assignment names for {section.id}" if wanted else f"section {section.id}"
                raise ExportError(
                    f"{self.table.path} has {'no column' if not fitting else 'more than one column'} for {asked}; pass "
                    f'--assignment {section.id}="NAME" with the title or the number of one of: '
                    f"{listed([columns[column] for column in fitting or columns], most=20) or 'none'} "
                    "(or --section, to export other sections only)"
                )
            (column,) = fitting
            if other := next((other for other, target in found.items() if target.column == column), None):
                raise ExportError(
                    f"{other} and {section.id} can't both go to `{columns[column]}`; pass --assignment for one of them"
                )
            assert self._points is not None
            possible = self.table.text(self._points, column)
            if re.search(r"read\s+only", possible):
                raise ExportError(f"`{columns[column]}` is read only in Canvas; name another column with --assignment")
            factor = scaled("Canvas", section.id, section.points, number(possible), scale, columns[column])
            found[section.id] = Target(column, factor)
        return found

    def fill(self, grades: Grades, targets: Mapping[str, Target], directory: Directory) -> Filled:
        """Return the file with the points of `grades` in the columns of `targets`."""
        separators = [
            decimals(self.table.text(line, t.column))[0] for t in targets.values() for line in self.table.rows
        ]
        separator = "," if "," in separators else "."

        def write(line: Line, target: Target, _: Grade, points: float) -> bool:
            if same(self.table.text(line, target.column), points):
                return False
            self.table.put(line, target.column, points_text(points, separator))
            return True

        def locked(line: Line, target: Target) -> str | None:
            return _OWN.get(self.table.text(line, target.column).strip().upper())

        return fill("Canvas", self.table, self._lines, directory, targets, grades, locked=locked, write=write)


def _called(title: str, section: Section, wanted: str | None) -> bool:
    with_id = _WITH_ID.fullmatch(title)
    name, number_of = (with_id[1], with_id[2]) if with_id else (title, "")
    if wanted is not None:
        return wanted.strip() in (title.strip(), name.strip(), number_of)
    return folded(name) in (folded(section.id), folded(section.title))
