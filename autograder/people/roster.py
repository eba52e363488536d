"""Who is in the class (``roster.csv``), and other names that their work came under (``aliases.csv``).

Both files are in the course's folder, are written by ``autograder roster`` and may be edited by hand; either may be
missing. Nothing in them is trusted: a name that can't be a student's is refused, and the message names its line.
"""

from __future__ import annotations

import dataclasses
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from autograder import sheets
from autograder.course import CourseError
from autograder.sheets import Sheet
from autograder.text import MAX_NAME_BYTES, UNPRINTABLE, listed, quoted

ROSTER = "roster.csv"
ALIASES = "aliases.csv"
RENAMING = ".autograder/renaming.txt"


class RosterError(CourseError):
    """The roster or its aliases can't be used; the message names the file, the line and the remedy."""


@dataclass(frozen=True)
class Entry:
    """A student: the id used for folders and grades, and what platforms call them; unknown fields are empty."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    login: str = ""

    @property
    def full_name(self) -> str:
        """First and last name, or what is known of them."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def names(self) -> set[str]:
        """The full name in both orders, in the form in which names are compared."""
        return {folded(self.first_name + self.last_name), folded(self.last_name + self.first_name)} - {""}


COLUMNS = tuple(column.name for column in dataclasses.fields(Entry))


@dataclass(frozen=True)
class Roster:
    """The class in the order of its file, and for each alias the student who has it."""

    students: tuple[Entry, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def student_of(self, name: str) -> str:
        """Return the student that `name`, of a folder or of work, stands for: `name` itself unless it is an alias."""
        composed = normal(name)
        return self.aliases.get(composed, composed)


def load(root: Path, *, unfinished: bool = False) -> Roster:
    """Return the roster of the course in `root`; it is empty if its files are missing.

    Parameters
    ----------
    unfinished
        Whether reading is allowed while a student is being renamed; only the renaming itself should do that.

    Raises
    ------
    CourseError
        If one of the files can't be read, lacks a column, or has a name that appears twice or can't be a student's; if
        a renaming is not finished.
    """
    if not unfinished and (names := renaming(root)):
        raise RosterError(
            f"`{names[0]}` is being renamed to `{names[1]}`. If that is no longer running, finish it: "
            f"{rename_command(*names)}"
        )
    students = [Entry(*(values.get(name, "") for name in COLUMNS)) for _, values in table(root / ROSTER, "student")]
    links = {values["alias"]: values["student"] for _, values in table(root / ALIASES, "alias", "student", strip=False)}
    return Roster(tuple(students), MappingProxyType({name: _end(name, links, root) for name in links}))


def renaming(root: Path) -> tuple[str, str] | None:
    """Return the old and the new name of the student who is being renamed, or None."""
    try:
        old, new = (root / RENAMING).read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RosterError(f"{root / RENAMING} can't be read; remove it and rename the student again") from error
    return old, new


def save(root: Path, students: Sequence[Entry]) -> None:
    """Make `students` the roster; the instructor's own columns and the file's separator are kept.

    Raises
    ------
    CourseError
        If the present roster can't be read.
    OSError
        If it can't be written; what was there is still there.
    """
    path = root / ROSTER
    before = {values["student"]: values for _, values in table(path, "student")}
    sheet = _sheet(path)
    titles = list(sheet.rows[0].cells) if sheet.rows else []
    names = [*sheet.header, *(name for name in COLUMNS if name not in sheet.header)]
    titles += names[len(titles) :]
    rows = [{**before.get(entry.student, {}), **dataclasses.asdict(entry)} for entry in students]
    cells = [[row.get(name, "") for name in names] for row in rows]
    sheets.write(path, [titles, *cells], sheet.separator, bom=sheet.bom)


def save_aliases(root: Path, aliases: Mapping[str, str]) -> None:
    """Make `aliases` the other names that students' work came under.

    Raises
    ------
    OSError
        If they can't be written; what was there is still there.
    """
    sheets.write(root / ALIASES, [("alias", "student"), *sorted(aliases.items())])


def rename_command(old: str, new: str) -> str:
    """Return the command that renames a student, quoted for a shell."""
    options = ["--"] if old.startswith("-") else []
    return f"autograder roster rename {shlex.join([*options, old, new])}"


def normal(name: str) -> str:
    """Return `name` in the Unicode form in which names are compared and kept; Macs use another one."""
    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """Return the letters and digits of a name, without case or accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())


def complaint(student: str) -> str | None:
    """Return why `student` can't be a student's id, which is also the name of a folder; completes "… ."."""
    if not student or student.strip() != student:
        return "is empty or has blanks around it"
    if "/" in student or student.startswith("."):
        return "can't be the name of a folder, because it has a slash or begins with a dot"
    if not student.isprintable():
        return UNPRINTABLE
    if len(student.encode()) > MAX_NAME_BYTES:
        return f"is longer than {MAX_NAME_BYTES} bytes"
    return None


def table(path: Path, *needed: str, strip: bool = True) -> list[tuple[int, dict[str, str]]]:
    """Return line and values of each row of the CSV file at `path`, by the names in its first row.

    A missing file has no rows. Each of the columns `needed` must hold a name in every row; the student's must be a
    possible id, and the first column must not repeat a name. A folder's name may have blanks around it, so those of an
    alias are kept unless `strip` is set.
    """
    sheet = _sheet(path, strip)
    if not sheet.rows:
        return []
    for column in needed:
        if sheet.header.count(column) != 1:
            raise RosterError(
                f"{path} needs one column `{column}` in its first line; it has: {listed(sheet.header, most=8)}"
            )
    sheet.refuse_wide_rows()
    found: list[tuple[int, dict[str, str]]] = []
    lines: dict[str, int] = {}
    for line, values in sheet.records():
        for column in needed:
            values[column] = normal(values.get(column, ""))
            if problem := complaint(values[column]) if column == "student" else _no_name(values[column]):
                raise RosterError(f"{path}, line {line}: the {column} {quoted(values[column])} {problem}; correct it")
        if (first := lines.setdefault(values[needed[0]], line)) != line:
            raise RosterError(
                f"{path}, line {line}: `{values[needed[0]]}` is already in line {first}; remove one of them"
            )
        found.append((line, values))
    return found


def _no_name(text: str) -> str | None:
    return None if text and text.isprintable() else f"is empty or {UNPRINTABLE}"


def _sheet(path: Path, strip: bool = True) -> Sheet:
    return sheets.read(path, strip=strip) if path.is_symlink() or path.exists() else Sheet(path, ())


def _end(name: str, links: Mapping[str, str], root: Path) -> str:
    """Return the student who has the alias `name`, following aliases of aliases."""
    seen = {name}
    student = links[name]
    while student in links:
        if student in seen:
            raise RosterError(f"{root / ALIASES}: `{name}` leads back to itself; remove one of these lines")
        seen.add(student)
        student = links[student]
    return student
