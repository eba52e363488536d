"""A made-up class, and readers of exports written after what the platforms themselves read with."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, replace
from typing import Any

from autograder.exports.grades import Grades, grades
from autograder.exports.people import Directory
from autograder.intake.collected import HandedIn
from autograder.people.roster import Entry, Roster
from autograder.records.record import DecisionRecord, Record, Status, TimeRecord
from autograder.records.standing import Result

from .records import COURSE, check, explanation, item, record


def entropy(points: float, **changes: Any) -> Record:
    """Return the record of an attempt at `1_entropy` that has `points` of 16."""
    lost = check("fair_coin", "wrong", reason="A fair coin has 1 bit.", points=points - 15, message="It was 0.69.")
    return record(item(lost, full=10), **changes)


def stopped() -> Record:
    """Return the record of an attempt at `1_entropy` whose module was stopped in every check."""
    return record(item(*(check(f"check_{place}", "time limit") for place in range(10)), full=10))


def explained(status: str = "needs review", points: float | None = None, comment: str = "") -> Record:
    """Return the record of an attempt at `3_explained`: 6 points, and an explanation."""
    prose = explanation(points=points, status=Status(status))
    if points is not None and status == "judged":
        prose = replace(prose, decision=DecisionRecord(points, comment, current=True))
    items = {"exercise-3": item(full=6), "exercise-3-explanation": prose}
    return record(item(full=10), section="3_explained", status=status, items=items)


def late(of: Record, penalty: float) -> Record:
    due, came = "2026-10-01T12:00:00+02:00", "2026-10-02T13:00:00+02:00"
    return replace(of, time=TimeRecord(due, came, 90000, late=False, penalty=penalty, policy="per_day"))


def given(*results: Result, partial: bool = False, sections: list[str] | None = None) -> Grades:
    return grades(COURSE, results, sections, partial=partial)


def directory(
    platform: str,
    of: Grades,
    *entries: Entry,
    collected: tuple[HandedIn, ...] = (),
    aliases: dict[str, str] | None = None,
) -> Directory:
    students = {student for of_section in of.values() for student in of_section}
    roster = Roster(tuple(entries), aliases or {})
    return Directory(platform, students, roster, [{handed_in.student: handed_in} for handed_in in collected])


def canvas_import(content: bytes) -> dict[tuple[str, str], str]:
    """Return user's number and assignment's number to grade, as Canvas's ``GradebookImporter`` reads them.

    After lib/gradebook_importer.rb: the separator that makes as many cells in each of the first three lines, the
    header's columns, rows that are no student's, totals that are left out, decimals behind the last mark.
    """
    text = content.decode("utf-8").removeprefix("\ufeff")
    first = list(io.StringIO(text))[:3]
    counts = {}
    for separator in ";,":
        sizes = {len(next(csv.reader([line], delimiter=separator))) for line in first}
        counts[separator] = sizes.pop() if len(sizes) == 1 else 0
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if counts[";"] > counts[","] else ","))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    header = rows[0]
    assert ("Student" in header[0] and "ID" in header[1]) or header[:3] == ["LastName", "FirstName", "ID"]
    number = 2 if header[0] == "LastName" else 1
    start = header.index("Section") + 1
    totals = re.compile("Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade|Override")
    assignments = {
        column: match[2]
        for column in range(start, len(header))
        if not totals.search(header[column]) and (match := re.fullmatch(r"(?s)(.*)\s\((\d+)\)", header[column]))
    }
    grades_of: dict[tuple[str, str], str] = {}
    for row in rows[1:]:
        if "Points Possible" in row[0] or all(
            re.fullmatch(r"(?i)\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row
        ):
            continue
        assert len(row) == len(header)
        for column, assignment in assignments.items():
            cell = row[column].strip()
            if re.fullmatch(r"-?[0-9.,]+%?", cell):
                *whole, last = re.split(r"[,.]", cell)
                cell = f"{''.join(whole)}.{last}" if whole else last
            grades_of[row[number], assignment] = cell
    return grades_of


def canvas_page(name: str) -> tuple[str, str] | None:
    """Return the user's number (or anonymous id) and the attachment's that Canvas reads in a name of a zip's file.

    After ``infer_comment_context_from_filename`` in app/models/abstract_assignment.rb.
    """
    filename = name.rpartition("/")[2]
    parts = [part for part in filename.split("_") if part != "LATE"]
    numbers = parts[1:3] if parts[0] == "anon" else [part for part in parts if re.fullmatch(r"\d+", part)][:2]
    if parts[-1].startswith("link") or filename.startswith("._") or len(numbers) < 2:
        return None
    return numbers[0], numbers[1]


@dataclass
class Language:
    """What Moodle's language packs call things."""

    participant: str = "Participant"
    identifier: str = "Identifier"
    name: str = "Full name"
    email: str = "Email address"
    status: str = "Status"
    grade: str = "Grade"
    maximum: str = "Maximum grade"
    changeable: str = "Grade can be changed"
    submitted: str = "Last modified (submission)"
    modified: str = "Last modified (grade)"
    comments: str = "Feedback comments"
    yes: str = "Yes"
    no: str = "No"
    decimal: str = "."
    separator: str = ","


ENGLISH = Language()
GERMAN = Language(
    "Teilnehmer/in", "ID", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung",
    "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)", "Zuletzt geändert (Bewertung)",
    "Feedback als Kommentar", "Ja", "Nein", ",", ";",
)  # fmt: skip
FRENCH = Language(
    "Participant", "Identifiant", "Nom complet", "Adresse de courriel", "Statut", "Note", "Note maximale",
    "La note peut être modifiée", "Dernière modification (travail remis)", "Dernière modification (note)",
    "Feedback par commentaires", "Oui", "Non", ",", ",",
)  # fmt: skip
POLISH = Language(  # of which the package has no titles: places must do
    "Uczestnik", "Identyfikator", "Nazwa", "Adres e-mail", "Stan", "Ocena", "Maks.", "Można zmienić",
    "Ostatnio zmodyfikowane (przesłane)", "Ostatnio zmodyfikowane (ocena)", "Komentarze", "Tak", "Nie", ",", ";",
)  # fmt: skip


def moodle_import(content: bytes, said: Language, *, most: float) -> dict[int, tuple[float, str, str]]:
    """Return participant's number to grade, last change and comment, as Moodle's importer reads them.

    After mod/assign/feedback/offline/importgradeslib.php and locallib.php: columns by the title in the language,
    the number behind the word for a participant, ``unformat_float``; a grade out of range, or none, is skipped.
    """
    text = content.decode("utf-8").removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=said.separator))
    header = rows[0]
    identifier, grade, modified = (header.index(title) for title in (said.identifier, said.grade, said.modified))
    comments = header.index(said.comments)
    found = {}
    for row in rows[1:]:
        number = int(row[identifier][len(said.participant) :])
        written = row[grade].replace(" ", "").replace(said.decimal, ".")
        if written and 0 <= float(written) <= most:
            found[number] = (float(written), row[modified], row[comments])
    return found


def moodle_page(path: str) -> tuple[int, str] | None:
    """Return participant's number and name of the file that Moodle reads in a path of a zip.

    After ``is_valid_filename_for_import`` in mod/assign/feedback/file/importziplib.php, with the five parts that
    releases before 4.1 wanted.
    """
    parts = path.split("/")
    if parts[-1][:1] in (".", "~"):
        return None
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) < 5 or not info[1].isdigit() or (info[2], info[3]) != ("assignsubmission", "file"):
            continue
        return int(info[1]), "/".join([info[4], *parts]).lstrip("/")
    return None


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
