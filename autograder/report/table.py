"""The class on stdout: students × items as text, CSV or JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course import Course, Section
from autograder.report.grades_csv import csv_text
from autograder.report.standing import (
    JUDGED,
    NEEDS_REVIEW,
    NOT_JUDGED,
    Record,
    Result,
    Standing,
    decided_points,
    in_order,
    item_standing,
    penalty_of,
    section_standing,
    sections_of,
    time_of,
)
from autograder.report.text import count, number, visible
from autograder.review import changed_since

Format = Literal["table", "csv", "json"]

LONGEST_NAME = 36
_NAMED = 5  # students in one line
_STYLES = {NOT_JUDGED: "bold red", NEEDS_REVIEW: "yellow"}


def render(course: Course, results: Iterable[Result], form: Format, seed: int | None = None) -> str:
    """Return the class as plain text in one of the formats, ending with a line break."""
    if form == "csv":
        return csv_text(course, results)
    if form == "json":
        # Escaped to ASCII: the text may end on a terminal.
        return json.dumps(class_object(course, results, seed), indent=2, allow_nan=False) + "\n"
    return table_text(course, results)


def show(course: Course, results: Iterable[Result], form: Format, file: TextIO, seed: int | None = None) -> None:
    """Write the class to `file`: a coloured table if that is a terminal and a table is wanted, else plain text."""
    if form != "table" or not file.isatty():
        file.write(render(course, results, form, seed))
        return
    console = Console(file=file, highlight=False, markup=False, emoji=False)
    ordered = in_order(course, results)
    sections = sections_of(course, ordered)
    header, rows = _grid(sections, ordered)
    if _width(header, rows) <= console.width or len(sections) < 2:
        console.print(_rich_table(header, rows))
        return
    for section in sections:
        console.print(Text(f"{section.id}  {section.title}", style="bold"))
        console.print(_rich_table(*_grid([section], ordered)))


def table_text(course: Course, results: Iterable[Result]) -> str:
    """Return students × items as text: a row per student, points right-aligned, deterministic and without colour.

    An item shows its points, ``not judged``, ``needs review`` (a person decides), or ``-`` (nothing handed in). The
    total of a student who waits for a person says how many points are open: ``13 + 2 open``. Where anybody lost points
    by being late, a column ``late`` says how many; they are off the total.
    """
    ordered = in_order(course, results)
    if not ordered:
        return "No attempts.\n"
    header, rows = _grid(sections_of(course, ordered), ordered)
    widths = [max(cell_len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    rule = ["-" * width for width in widths]
    return "".join(_line(row, widths) for row in (header, rule, *rows))


def problems(course: Course, results: Iterable[Result]) -> list[str]:
    """Return lines for staff: who is not judged, for each reason, and what waits for a person."""
    ordered = in_order(course, results)
    lines = []
    waiting = 0
    unjudged: dict[tuple[str, str], list[str]] = {}
    for student, record in ordered:
        status = section_standing(course.section(record["section"]), record).status
        if status == NOT_JUDGED:
            reason = visible(record.get("reason") or "no reason was recorded", limit=300)
            unjudged.setdefault((record["section"], reason), []).append(f"`{visible(student, limit=80)}`")
        waiting += status == NEEDS_REVIEW
    for (section, reason), students in unjudged.items():
        more = f" and {len(students) - _NAMED} more" if len(students) > _NAMED else ""
        lines.append(f"not judged: {', '.join(students[:_NAMED])}{more} {section}: {reason}")
    if unjudged:
        attempts = count(sum(map(len, unjudged.values())), "attempt")
        lines.append(f"{attempts} got no points yet; the same command judges only what is missing.")
    lines += _of_time(ordered)
    where = "by `autograder review` or in the formgrader"
    if waiting:
        lines.append(f"{count(waiting, 'attempt')} with an answer in prose: a person decides, {where}.")
    explanations, others = changed_since([record for _, record in ordered])
    if explanations:
        lines.append(f"{count(explanations, 'explanation')} changed after a person decided: look again, {where}.")
    if others:
        lines.append(
            f"{count(others, 'item')} judged anew after a person gave points, which still count: look again, "
            "in the formgrader."
        )
    return lines


def _of_time(ordered: Sequence[Result]) -> list[str]:
    """Return lines on submissions of which nobody knows whether they were late, where that would cost points."""
    lines = []
    unknown: dict[str, list[str]] = {}
    for student, record in ordered:
        time = time_of(record)
        who = f"`{visible(student, limit=80)}`"
        if time.get("problem"):
            lines.append(f"{who} {record['section']}: {visible(time['problem'], limit=600)}.")
        elif time.get("due") and time["late_seconds"] is None and time["policy"] in ("zero", "per_day"):
            unknown.setdefault(record["section"], []).append(who)
    for section, students in unknown.items():
        more = f" and {len(students) - _NAMED} more" if len(students) > _NAMED else ""
        lines.append(
            f"no time is known of {count(len(students), 'submission')} of {section}, so nothing is taken off for being "
            f"late: {', '.join(students[:_NAMED])}{more}. If one was late, write when it came, as "
            "`2026-11-30 22:59:00 UTC`, into a file timestamp.txt in its folder."
        )
    return lines


def class_object(course: Course, results: Iterable[Result], seed: int | None = None) -> dict[str, Any]:
    """Return one run over a class as the JSON object that ``grade --format json`` prints.

    ``suite`` is the section's suite; for several sections, the hash of their suites' hashes. ``walls`` are those that
    stood around every attempt. `seed` defaults to the course's.
    """
    ordered = in_order(course, results)
    suites = sorted({record["suite"] for _, record in ordered})
    walls = list(ordered[0][1]["walls"]) if ordered else []
    return {
        "course": course.id,
        "seed": course.seed if seed is None else seed,
        "suite": suites[0] if len(suites) == 1 else hashlib.sha256("\n".join(suites).encode()).hexdigest(),
        "walls": [wall for wall in walls if all(wall in record["walls"] for _, record in ordered)],
        "attempts": [{"student": student, **record} for student, record in ordered],
    }


def _grid(sections: Sequence[Section], ordered: Sequence[Result]) -> tuple[list[str], list[list[str]]]:
    of_sections = {section.id: section for section in sections}
    any_late = any(penalty_of(of_sections[r["section"]], r) for _, r in ordered if r["section"] in of_sections)
    items = (item.id for section in sections for item in section.items)
    header = ["student", *items, *["late"] * any_late, "total", "of"]
    students: dict[str, dict[str, Record]] = {}
    for student, record in ordered:
        students.setdefault(student, {})[record["section"]] = record
    rows = []
    for student, records in students.items():
        cells = []
        total, late, full, waiting, lost = 0.0, 0.0, 0.0, 0.0, False
        for section in sections:
            if section.id not in records:
                cells += ["-"] * len(section.items)
                continue
            record = records[section.id]
            standings = [item_standing(section, record, item.id) for item in section.items]
            cells += [_cell(standing) for standing in standings]
            total += decided_points(section, record) - penalty_of(section, record)
            late += penalty_of(section, record)
            full += section.points
            waiting += sum(standing.max for standing in standings if standing.status == NEEDS_REVIEW)
            lost = lost or section_standing(section, record).status == NOT_JUDGED
        if full:
            sum_up = number(total) + (f" + {number(waiting)} open" if waiting else "")
            penalty = [f"-{number(late)}" if late else ""] * any_late
            rows.append([_name(student), *cells, *penalty, "?" if lost else sum_up, number(full)])
    return header, rows


def _cell(standing: Standing) -> str:
    if standing.points is not None:
        return number(standing.points)
    return standing.status


def _name(student: str) -> str:
    name = visible(student, limit=10_000)
    return name if cell_len(name) <= LONGEST_NAME else set_cell_size(name, LONGEST_NAME - 1).rstrip() + "…"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    pads = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
    return "  ".join([row[0] + pads[0], *(pad + cell for cell, pad in zip(row[1:], pads[1:], strict=True))]) + "\n"


def _width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    return sum(max(cell_len(row[column]) for row in (header, *rows)) + 3 for column in range(len(header)))


def _rich_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(header_style="bold")
    for column, title in enumerate(header):
        table.add_column(Text(title), justify="right" if column else "left", no_wrap=True)
    styles = {**_STYLES, "?": _STYLES[NOT_JUDGED], "-": "dim", JUDGED: ""}
    for row in rows:
        table.add_row(Text(row[0]), *(Text(cell, style=styles.get(cell, "")) for cell in row[1:]))
    return table
