"""The class as a table of one row per student, for people: as CSV, and as a workbook for spreadsheet programs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from autograder.course import Course
from autograder.exports.grades import Grade, Grades
from autograder.people.roster import Entry, Roster
from autograder.text import count, csv_text, visible

Value = str | float | None
_WIDEST = 40  # characters of a column


def class_table(
    course: Course, grades: Grades, roster: Roster, said: Mapping[tuple[str, str], str] | None = None
) -> tuple[list[str], list[list[Value]]]:
    """Return titles and rows: names, for each section points before and after the penalty, the total, and notes.

    What is not final, or was not handed in, is None, never 0; a total is there as soon as everything that was handed in
    is final. The notes say what is missing, and what else is `said` of a student and section.
    """
    sections = [course.section(section) for section in grades]
    titles = ["student", "last name", "first name", "email"]
    for section in sections:
        titles += [f"{section.id} raw", f"{section.id} penalty", section.id]
    titles += ["total", "of", "notes"]
    entries = {entry.student: entry for entry in roster.students}
    rows = []
    for student in sorted({*entries, *(student for of_section in grades.values() for student in of_section)}):
        entry = entries.get(student, Entry(student))
        row: list[Value] = [student, entry.last_name, entry.first_name, entry.email]
        notes = [] if student in entries or not entries else ["not on the roster"]
        handed_in: list[Grade] = []
        for section in sections:
            grade = grades[section.id].get(student)
            if grade is None:
                notes.append(f"{section.id}: no grade")
                row += [None, None, None]
                continue
            handed_in.append(grade)
            final = grade.points is not None
            row += [grade.raw if final else None, grade.penalty if final else None, grade.points]
            notes += open_notes(grade)
            if note := (said or {}).get((student, section.id)):
                notes.append(f"{section.id}: {note}")
        points = [grade.points for grade in handed_in]
        known = [grade for grade in points if grade is not None]
        row += [sum(known) if known and len(known) == len(points) else None]
        row += [sum(grade.section.points for grade in handed_in) or None, "; ".join(notes)]
        rows.append(row)
    return titles, rows


def item_table(grades: Grades) -> tuple[list[str], list[list[Value]]]:
    """Return titles and rows of every item of every student."""
    rows: list[list[Value]] = []
    for section, of_section in grades.items():
        for student, grade in of_section.items():
            for item in grade.section.items:
                standing = grade.items[item.id]
                rows.append([student, section, item.id, item.title, standing.points, standing.max, standing.status])
    return ["student", "section", "item", "title", "points", "of", "status"], rows


def open_notes(grade: Grade) -> list[str]:
    """Return what is not final about a grade."""
    section, notes = grade.section.id, []
    if grade.waiting:
        notes.append(f"{section}: {count(len(grade.waiting), 'explanation')} to be read")
    if grade.failed or (grade.points is None and not grade.waiting):
        notes.append(f"{section}: not judged in full")
    return notes


def csv_bytes(titles: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    """Return a table as CSV; text that a spreadsheet would take for a formula starts with an apostrophe."""
    return csv_text((titles, *rows)).encode("utf-8", "backslashreplace")


def xlsx_bytes(tables: Mapping[str, tuple[Sequence[str], Sequence[Sequence[Value]]]]) -> bytes:
    """Return a workbook with a sheet for each of `tables`: numbers are numbers, text is text and never a formula."""
    import xlsxwriter  # takes a tenth of a second, and only this needs it

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})  # same grades, same bytes
    bold = book.add_format({"bold": True})
    for name, (titles, rows) in tables.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        widths = [len(title) for title in titles]
        for number, row in enumerate((titles, *rows)):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    text = visible(value)
                    sheet.write_string(number, column, text, bold if number == 0 else None)
                    widths[column] = max(widths[column], min(len(text), _WIDEST))
                elif value is not None:
                    sheet.write_number(number, column, round(value, 10))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width + 1)
        sheet.autofilter(0, 0, len(rows), len(titles) - 1)
    book.close()
    return file.getvalue()
