"""The file of decisions that a tutor's page downloads, and that `autograder review --import` takes in.

A tutor sends it by mail, so nothing in it is trusted: it is read up to a limit, has to have exactly the form that the
page writes, and each row is compared with what the gradebook has now before any of them counts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.course import CourseError
from autograder.review.explanations import MAX_COMMENT, Explanation
from autograder.review.sharing import MOST, Share
from autograder.text import number, printable, quoted, visible

FORMAT = "autograder review 1"
MAX_BYTES = 20 << 20
_LONGEST_NAME = 100
_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "format": str, "course": str, "by": str, "tutor": int, "of": int, "twice": (int, float), "decisions": list,
}  # fmt: skip
_ROW: Mapping[str, type | tuple[type, ...]] = {"id": str, "answer": str, "points": (int, float), "comment": str}


class DecisionsFileError(CourseError):
    """A file of decisions can't be taken in; the message names it and says what to do."""


@dataclass(frozen=True)
class Row:
    """What a tutor gave one student's text: the explanation's id, what names the text, points and comment."""

    id: str
    answer: str
    points: float
    comment: str


@dataclass(frozen=True)
class DecisionsFile:
    """What one tutor decided, and which share they had."""

    path: Path
    by: str
    share: Share
    rows: tuple[Row, ...]


def write(course: str, by: str, share: Share, rows: Iterable[Row]) -> str:
    """Return the file's content, as the page writes it too."""
    decisions = [dict(vars(row)) for row in rows]
    return json.dumps({**head(course, by, share), "decisions": decisions}, ensure_ascii=False, indent=1) + "\n"


def head(course: str, by: str, share: Share) -> dict[str, Any]:
    """Return what the file says before the decisions."""
    return {
        "format": FORMAT, "course": course, "by": by, "tutor": share.place, "of": share.of, "twice": share.twice
    }  # fmt: skip


def read(path: Path, course: str) -> DecisionsFile:
    """Return what the file at `path` holds.

    Raises
    ------
    DecisionsFileError
        If it can't be read, is not of this form, or belongs to another course.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DecisionsFileError(f"{path} can't be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise DecisionsFileError(f"{path} is larger than {MAX_BYTES >> 20} MB; that is not a file of decisions")

    def refuse(what: str) -> NoReturn:
        raise DecisionsFileError(f"{path} is not a file of decisions ({what}); download it from the page again")

    try:
        data = json.loads(content, parse_constant=lambda name: refuse(f"it has the number {name}"))
    except (ValueError, RecursionError):
        refuse("it is not JSON")
    values = data if _has_form(data, _FIELDS) else refuse("it has other fields than the page writes")
    if values["format"] != FORMAT:
        refuse(f"its format is {quoted(values['format'])}, and this version reads `{FORMAT}`")
    if values["course"] != course:
        raise DecisionsFileError(
            f"{path} is for the course {quoted(values['course'])}, and this is `{course}`; pass --course"
        )
    place, of, twice = values["tutor"], values["of"], values["twice"]
    if not 1 <= place <= of <= MOST or not 0 <= twice <= 1:
        refuse(f"tutor {place} of {of}, {twice} twice, is not possible")
    if not values["by"].strip() or len(values["by"]) > _LONGEST_NAME:
        refuse(f"the tutor's name must have 1 to {_LONGEST_NAME} characters")
    rows = []
    for place_in_file, row in enumerate(values["decisions"], 1):
        if not _has_form(row, _ROW):
            refuse(f"decision {place_in_file} has other fields than the page writes")
        rows.append(Row(row["id"], row["answer"], row["points"], row["comment"]))
    return DecisionsFile(path, printable(values["by"].strip(), _LONGEST_NAME), Share(place, of, twice), tuple(rows))


def checked(
    file: DecisionsFile, explanations: Iterable[Explanation]
) -> tuple[list[tuple[Explanation, float, str]], list[str]]:
    """Return the rows that can be taken in, each with its explanation, and a line for each of the others."""
    there = {entry.id: entry for entry in explanations}
    seen: dict[str, int] = {}
    taken, problems = [], []
    for place, row in enumerate(file.rows, 1):
        problem = _problem(row, there.get(row.id))
        if (first := seen.setdefault(row.id, place)) != place:
            problem = f"the same text was already in decision {first}"
        if problem:
            problems.append(f"{file.path}, decision {place}: {problem}")
        else:
            taken.append((there[row.id], float(row.points), row.comment))
    return taken, problems


def _problem(row: Row, entry: Explanation | None) -> str | None:
    if entry is None:
        return f"there is no text {quoted(row.id)}; was it made for another class, section or gradebook?"
    where = f"{entry.item} (text `{entry.id}`)"
    if entry.prose.answer != row.answer:
        return f"{where} has changed since the page was made; decide on the new text"
    if not math.isfinite(row.points) or not 0 <= row.points <= entry.max:
        return f"{where}: points must be from 0 to {number(entry.max)}; got {visible(str(row.points), limit=40)}"
    if len(row.comment) > MAX_COMMENT:
        return f"{where}: the comment has {len(row.comment)} characters; at most {MAX_COMMENT} are possible"
    return None


def _has_form(data: object, fields: Mapping[str, type | tuple[type, ...]]) -> bool:
    """Whether `data` is an object with just these fields, each of its kind; True and False are not numbers."""
    return (
        isinstance(data, dict)
        and data.keys() == fields.keys()
        and all(isinstance(data[name], kind) and not isinstance(data[name], bool) for name, kind in fields.items())
    )


def rows_of(decided: Sequence[tuple[Explanation, float, str]]) -> list[Row]:
    """Return the rows for what a tutor gave."""
    return [Row(entry.id, entry.prose.answer, points, comment) for entry, points, comment in decided]
