"""The class on stdout: students × sections, or × the items of a section, as text, CSV or JSON."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograder.course import Course, Section
from autograder.records.record import Record, Status
from autograder.records.standing import (
    Result,
    decided_points,
    in_order,
    item_standing,
    penalty_of,
    section_standing,
    sections_of,
)
from autograder.report import attention
from autograder.report.attention import Entry
from autograder.report.grades_csv import csv_text
from autograder.report.technical import technical_zeros
from autograder.text import number, visible

Format = Literal["table", "csv", "json"]

WIDTH = 100
"""Width, in columns, of a table that is not for a terminal."""
NARROWEST = 80
LONGEST_NAME = 36
_READABLE_NAME = 16  # headings are shortened before more than a tenth of the names are cut to less
_SHORTEST_NAME = 8
_GAP = "  "
_LOST, _OPEN, _NO_WORK, _TECHNICAL = "?", "+", "-", "*"
_LEGEND = {
    _TECHNICAL: "has 0 points for a technical reason, not for wrong answers",
    _OPEN: "an explanation waits for a person; its points come on top",
    _LOST: "not judged, by a fault of the grader",
    _NO_WORK: "nothing handed in",
}
_SHORT: dict[str, str] = {Status.NOT_JUDGED: _LOST, Status.NEEDS_REVIEW: _OPEN}
_STYLES = {
    _TECHNICAL: "red",
    _LOST: "bold red",
    Status.NOT_JUDGED: "bold red",
    _OPEN: "yellow",
    Status.NEEDS_REVIEW: "yellow",
    _NO_WORK: "dim",
}


@dataclass(frozen=True)
class _Cell:
    """A cell of the table: its text, and the marks behind it."""

    text: str
    marks: str = ""

    @property
    def style(self) -> str:
        found = (_STYLES[key] for key in (*self.marks, self.text) if key in _STYLES)
        return next(found, "")


@dataclass(frozen=True)
class _Column:
    """A column of the table: its heading and a cell for each student."""

    heading: str
    cells: Sequence[_Cell]

    @functools.cached_property
    def marked(self) -> int:
        """How many columns the marks take."""
        return max((len(cell.marks) for cell in self.cells), default=0)

    @functools.cached_property
    def width(self) -> int:
        """How many columns it takes."""
        return max(cell_len(self.heading), *(cell_len(cell.text) + self.marked for cell in self.cells))


def render(
    course: Course,
    results: Iterable[Result],
    form: Format,
    seed: int | None = None,
    entries: Sequence[Entry] = (),
    wide: bool = False,
) -> str:
    """Return the class as plain text in one of the formats, ending with a line break."""
    results = list(results)
    if form == "csv":
        return csv_text(course, results, attention.notes(course, results, entries))
    if form == "json":
        # Escaped to ASCII: the text may end on a terminal.
        return json.dumps(class_object(course, results, seed, entries), indent=2, allow_nan=False) + "\n"
    return table_text(course, results, wide=wide)


def show(
    course: Course,
    results: Iterable[Result],
    form: Format,
    file: TextIO,
    seed: int | None = None,
    entries: Sequence[Entry] = (),
    wide: bool = False,
) -> None:
    """Write the class to `file`: a table in colours if that is a terminal and a table is wanted, else plain text.

    `entries` are what needs attention, for CSV and JSON; `wide` asks for the items of all sections, however wide.
    """
    if form != "table" or not file.isatty():
        file.write(render(course, results, form, seed, entries, wide))
        return
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    for line in _table(course, in_order(course, results), max(NARROWEST, console.width), wide):
        console.print(line, soft_wrap=True)


def table_text(course: Course, results: Iterable[Result], width: int = WIDTH, wide: bool = False) -> str:
    """Return a row per student as text: points right-aligned, deterministic and without colour.

    With several sections the points of each are shown, with one section those of its items; with `wide` those of all
    items. A cell shows points, ``not judged`` (``?``), ``needs review`` (a person decides; ``+``), or
    ``-`` (nothing handed in); ``*`` marks 0 points for a technical reason. The total of a student who waits for a
    person says how many points are open: ``13 + 2 open``. If anybody lost points for being late, a column ``late`` says
    how many; they are taken off the total and off a section, not off items. Only names are cut to fit `width`;
    headings and words that don't fit become numbers and marks, which lines below explain.
    """
    return "".join(f"{line.plain}\n" for line in _table(course, in_order(course, results), width, wide))


def class_object(
    course: Course, results: Iterable[Result], seed: int | None = None, entries: Sequence[Entry] = ()
) -> dict[str, Any]:
    """Return one run over a class as the JSON object that ``grade --format json`` prints.

    ``suite`` is the section's suite; for several sections, the hash of their suites' hashes. ``walls`` are those that
    held for every attempt. `seed` defaults to the course's. An item with 0 points for a technical reason says so
    in ``technical``; ``attention`` holds `entries`.
    """
    ordered = in_order(course, results)
    suites = sorted({record.header.suite for _, record in ordered})
    walls = ordered[0][1].header.walls if ordered else ()
    return {
        "course": course.id,
        "seed": course.seed if seed is None else seed,
        "suite": suites[0] if len(suites) == 1 else hashlib.sha256("\n".join(suites).encode()).hexdigest(),
        "walls": [wall for wall in walls if all(wall in record.header.walls for _, record in ordered)],
        "attempts": [{"student": student, **_told_apart(course, record)} for student, record in ordered],
        "attention": attention.objects(entries),
    }


def _told_apart(course: Course, record: Record) -> dict[str, Any]:
    """Return the record as JSON data, with what tells technical zeros from wrong answers."""
    data = record.to_json()
    for item_id, why in technical_zeros(course.section(record.section), record).items():
        data["items"][item_id]["technical"] = why.value
    return data


def _table(course: Course, ordered: Sequence[Result], width: int, wide: bool) -> Iterator[Text]:
    """Yield the lines of the table."""
    if not ordered:
        yield Text("No attempts.")
        return
    sections = sections_of(course, ordered)
    students: dict[str, dict[str, Record]] = {}
    for student, record in ordered:
        students.setdefault(student, {})[record.section] = record
    names = [visible(student, limit=10_000) for student in students]
    by_items = wide or len(sections) == 1
    parts = [part for section in sections for part in _parts(section, list(students.values()), by_items)]
    sums = _sums(sections, list(students.values()))
    if wide:
        width = LONGEST_NAME + sum(len(_GAP) + column.width for column in (*parts, *sums))
    below: list[str] = []
    most = sorted(map(cell_len, names))[9 * len(names) // 10]
    if _room(width, (*parts, *sums)) < min(most, _READABLE_NAME):
        short = _short([column.heading for column in parts])
        below = [f"{new} is {old.heading}" for new, old in zip(short, parts, strict=True) if new != old.heading]
        parts = [
            _Column(heading, [_Cell(_SHORT.get(cell.text, cell.text), cell.marks) for cell in column.cells])
            for heading, column in zip(short, parts, strict=True)
        ]
    blocks = _blocks((*parts, *sums), width)
    room = min(LONGEST_NAME, *(_room(width, block) for block in blocks))
    shown = _Column("student", [_Cell(name) for name in _cut(names, room)])
    for place, block in enumerate(blocks):
        if place:
            yield Text("")
        yield from _block(shown, block)
    marks = {mark for column in (*parts, *sums) for cell in column.cells for mark in (*cell.marks, cell.text)}
    legend = [f"{mark}  {words}" for mark, words in _LEGEND.items() if mark in marks]
    key = textwrap.wrap(", ".join(below), width)
    if legend or key:
        yield Text("")
    for line in (*legend, *key):
        yield Text(line)


def _parts(section: Section, students: Sequence[dict[str, Record]], by_items: bool) -> Iterator[_Column]:
    """Yield the columns of a section: one, or one for each item."""
    records = [records.get(section.id) for records in students]
    if not by_items:
        yield _Column(section.id, [_section_cell(section, record) for record in records])
        return
    for item in section.items:
        yield _Column(item.id, [_item_cell(section, record, item.id) for record in records])


def _section_cell(section: Section, record: Record | None) -> _Cell:
    if record is None:
        return _Cell(_NO_WORK)
    if section_standing(section, record).status is Status.NOT_JUDGED:
        return _Cell(_LOST)
    waits = _waiting(section, record) > 0
    marks = _OPEN * waits + _TECHNICAL * bool(technical_zeros(section, record))
    return _Cell(number(decided_points(section, record) - penalty_of(section, record)), marks)


def _item_cell(section: Section, record: Record | None, item_id: str) -> _Cell:
    if record is None:
        return _Cell(_NO_WORK)
    standing = item_standing(section, record, item_id)
    if standing.points is None:
        return _Cell(standing.status)
    return _Cell(number(standing.points), _TECHNICAL * (item_id in technical_zeros(section, record)))


def _sums(sections: Sequence[Section], students: Sequence[dict[str, Record]]) -> tuple[_Column, ...]:
    """Return the columns of sums: points lost for being late (if anybody lost any), what is left, and the maximum."""
    totals, full, late = [], [], []
    for records in students:
        own = [(section, records[section.id]) for section in sections if section.id in records]
        waiting = sum(_waiting(section, record) for section, record in own)
        lost = any(section_standing(section, record).status is Status.NOT_JUDGED for section, record in own)
        penalty = sum(penalty_of(section, record) for section, record in own)
        late.append(_Cell(f"-{number(penalty)}" if penalty else ""))
        total = number(sum(decided_points(section, record) for section, record in own) - penalty)
        totals.append(_Cell(_LOST if lost else f"{total} + {number(waiting)} open" if waiting else total))
        full.append(_Cell(number(sum(section.points for section, _ in own))))
    penalties = (_Column("late", late),) if any(cell.text for cell in late) else ()
    return *penalties, _Column("total", totals), _Column("of", full)


def _waiting(section: Section, record: Record) -> float:
    standings = (item_standing(section, record, item.id) for item in section.items)
    return sum(standing.max for standing in standings if standing.status is Status.NEEDS_REVIEW)


def _room(width: int, columns: Sequence[_Column]) -> int:
    """Return what `columns` leave for names."""
    return width - sum(len(_GAP) + column.width for column in columns)


def _blocks(columns: Sequence[_Column], width: int) -> list[list[_Column]]:
    """Return the columns in as many blocks, one below the other, as it takes to leave room for names in each."""
    blocks: list[list[_Column]] = [[]]
    for column in columns:
        if blocks[-1] and _room(width, [*blocks[-1], column]) < _SHORTEST_NAME:
            blocks.append([])
        blocks[-1].append(column)
    return blocks


def _short(headings: Sequence[str]) -> list[str]:
    """Return numbers for headings: those that they begin with, if these differ."""
    found = [re.match(r"\d+", heading) for heading in headings]
    numbers = [match[0] for match in found if match]
    return numbers if len(set(numbers)) == len(headings) else [str(place + 1) for place in range(len(headings))]


def _cut(names: Sequence[str], room: int) -> list[str]:
    """Return names that are not longer than `room`; in the middle, where the beginnings of two are the same."""
    room = max(room, _SHORTEST_NAME)
    cut = [_shortened(name, room - 1, 0) for name in names]
    if len(set(cut)) == len(set(names)):
        return cut
    return [_shortened(name, room - 1 - room // 2, room // 2) for name in names]


def _shortened(name: str, before: int, after: int) -> str:
    if cell_len(name) <= before + 1 + after:
        return name
    end = ""
    for char in reversed(name):
        if cell_len(char + end) > after:
            break
        end = char + end
    return f"{set_cell_size(name, before).rstrip()}…{end}"


def _block(names: _Column, columns: Sequence[_Column]) -> Iterator[Text]:
    """Yield heading, rule and a line for each student."""
    widths = [column.width for column in columns]
    headings = (c.heading.rjust(width) for c, width in zip(columns, widths, strict=True))
    yield Text(_GAP.join([names.heading.ljust(names.width), *headings]), "bold")
    yield Text(_GAP.join("-" * width for width in (names.width, *widths)))
    for place, name in enumerate(names.cells):
        line = Text(name.text + " " * (names.width - cell_len(name.text)))
        for column, width in zip(columns, widths, strict=True):
            cell = column.cells[place]
            text = cell.text + cell.marks.ljust(column.marked)
            line.append(_GAP + " " * (width - cell_len(text))).append(text, cell.style)
        yield line
