"""Fills a platform's table of grades: which cell gets which points, and who is left out and why.

A cell is written only if its row is one student's and that student has final points. Any other cell stays as the
platform wrote it, and the students it belongs to are named.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autograder.exports import ExportError
from autograder.exports.cells import CsvFile, Line
from autograder.exports.grades import Grade, Grades
from autograder.exports.people import Directory, Person
from autograder.text import quoted, visible

_NUMBER = re.compile(r"-?[0-9][0-9.,]*")
_DECIMALS = 5  # as many as Moodle keeps; Canvas shows two and compares two


@dataclass(frozen=True)
class Target:
    """The column that the points of a section go to, and what they are multiplied by."""

    column: int
    factor: float = 1.0


@dataclass(frozen=True)
class Filled:
    """The filled file, how many cells changed, and what an instructor has to be told, a line each."""

    content: bytes
    changed: int
    remarks: list[str]


class Remarks:
    """What an instructor has to be told: one line for each reason, with all the names."""

    def __init__(self) -> None:
        self._about: dict[tuple[str, str], list[str]] = {}

    def add(self, what: str, name: str, then: str = "") -> None:
        """Note that `what` holds for `name`, and what to do `then`."""
        self._about.setdefault((what, then), []).append(name)

    def lines(self) -> list[str]:
        """Return a line for each reason."""
        return [f"{what}: {', '.join(names)}{then}" for (what, then), names in self._about.items()]


def number(text: str) -> float | None:
    """Return the number in a cell, whichever separator its decimals have, or None.

    As Canvas reads it: what follows the last separator is the decimals.
    """
    if not _NUMBER.fullmatch(text.strip()):
        return None
    whole, separator, decimals = re.fullmatch(r"(.*?)(?:([.,])(\d*))?", text.strip()).groups(default="")  # type: ignore[union-attr]
    return float(re.sub(r"[.,]", "", whole) + "." + decimals if separator else whole)


def decimals(text: str) -> tuple[str, int]:
    """Return the decimal separator and the number of decimals that a cell has; without one they are ``.`` and 0."""
    found = re.search(r"([.,])(\d+)\s*$", text)
    return (found[1], len(found[2])) if found else (".", 0)


def points_text(points: float, separator: str = ".", places: int = 0) -> str:
    """Return points for a cell, with at least `places` decimals and no more than matter."""
    text = f"{points:.{_DECIMALS}f}".rstrip("0")
    whole, _, behind = text.partition(".")
    behind = behind.ljust(places, "0")
    return f"{whole}{separator}{behind}" if behind else whole


def fill(
    platform: str,
    table: CsvFile,
    lines: Mapping[Person, Line],
    directory: Directory,
    targets: Mapping[str, Target],
    grades: Grades,
    *,
    locked: Callable[[Line, Target], str | None],
    write: Callable[[Line, Target, Grade, float], bool],
) -> Filled:
    """Give every row of `lines` its points, by `write`, which says whether it changed anything.

    Parameters
    ----------
    locked
        Returns why the platform takes no grade in this row, or None.
    """
    told, unclear, in_file = directory.find(list(lines))
    remarks, changed = Remarks(), 0
    for person, line in lines.items():
        who = f"{quoted(person.name)} (line {line.number})"
        student = told.get(person.place)
        if student is None:
            if person.place in unclear:
                remarks.add(
                    "not filled in, because it is not clear who it is", f"{who} {unclear[person.place]}", _TELL_APART
                )
            else:
                remarks.add(f"in {table.path.name} and not known here, so the cells stay as they are", who, _NAME_THEM)
            continue
        for section, target in targets.items():
            grade = grades.get(section, {}).get(student)
            if grade is None:
                remarks.add(f"{section}: no grade here, so the cell stays as it is", who)
            elif grade.points is None:
                keeps = table.text(line, target.column).strip()
                not_final(remarks, grade, f"{who} (keeps {visible(keeps, limit=20)})" if keeps else who)
            elif reason := locked(line, target):
                remarks.add(f"{section}: {reason}, so the cell stays as it is", who)
            else:
                changed += write(line, target, grade, round(grade.points * target.factor, _DECIMALS))
    for section in targets:
        for student in sorted(grades.get(section, {}).keys() - in_file):
            remarks.add(
                f"{section}: has a grade here and is not in {table.path.name}", quoted(student),
                f"; name them in roster.csv and run this again, or enter the grade in {platform} by hand",
            )  # fmt: skip
    return Filled(table.content(), changed, remarks.lines())


_TELL_APART = "; if two of these are one student, `autograder roster rename OLD NEW`; else correct roster.csv"
_NAME_THEM = "; name them in roster.csv (`autograder roster import`) if they are your students"


def not_final(remarks: Remarks, grade: Grade, who: str) -> None:
    """Note why there are no points of `grade`."""
    section = grade.section.id
    if grade.kept_back:
        remarks.add(
            f"{section}: is not due yet, and `before_due` in course.toml keeps points back from students until then",
            who,
            "; export it again when it is due",
        )
    elif grade.failed or not grade.waiting:
        remarks.add(f"{section}: could not be judged in full, so no points", who, "; run `autograder grade` again")
    else:
        remarks.add(
            f"{section}: waits for a person, so no points",
            who,
            "; run `autograder review`, or pass --partial to export what is decided so far",
        )


def same(text: str, points: float) -> bool:
    """Whether a cell has these points already."""
    there = number(text)
    return there is not None and math.isclose(there, points, abs_tol=0.5 * 10**-_DECIMALS)


def scaled(platform: str, section: str, here: float, there: float | None, scale: bool, called: str) -> float:
    """Return what points of a section are multiplied by for a column of `there` points.

    Raises
    ------
    ExportError
        If the two differ and `scale` is False.
    """
    shown = quoted(called)
    if there is None or there <= 0:
        raise ExportError(
            f"{platform} gives no points for {shown}, and {section} has {points_text(here)}; set them in {platform} "
            "and download the file again"
        )
    if math.isclose(here, there):
        return 1.0
    if not scale:
        raise ExportError(
            f"{shown} has {points_text(there)} points in {platform}, and {section} has {points_text(here)} here; "
            f"correct them in {platform} and download the file again, or pass --scale to export "
            f"{points_text(here)} points as {points_text(there)}"
        )
    return there / here
