"""Gives a student another name everywhere: in the gradebook, in every file of the course and in every folder.

Before anything changes, a file records what is being renamed; it is removed last. Until then the roster can't be read,
so no grader sees a half-renamed class. Steps can be repeated and the gradebook's is one transaction, so the same
command finishes what was interrupted. Nothing is overwritten: what both names have is refused, reported and left. The
caller is trusted to know who is who; students' work is only moved and compared.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import atomic, sheets
from autograder.course import Course
from autograder.gradebook import database, journal, reading
from autograder.near import did_you_mean
from autograder.people import roster
from autograder.people.roster import Entry, Roster, RosterError
from autograder.submissions import history
from autograder.submissions.paths import is_junk, student_name
from autograder.submissions.sources import Owners
from autograder.submissions.times import EXTENSIONS
from autograder.text import path_component, printable, quoted


@dataclass(frozen=True)
class Places:
    """Where a course's work and results are."""

    course: Course
    submitted: Path
    output: Path
    db_url: str | None = None


@dataclass
class Holdings:
    """What exists of a student: sections handed in and graded, with their folders, and what else is known."""

    folders: list[Path] = field(default_factory=list)
    work: dict[str, list[Path]] = field(default_factory=dict)
    grades: set[str] = field(default_factory=set)
    history: set[str] = field(default_factory=set)
    is_known: bool = False

    @property
    def counts(self) -> bool:
        """Whether there is anything that could be lost."""
        return bool(self.work or self.grades or self.history)

    def __str__(self) -> str:
        parts = {"work in": self.work, "grades in": self.grades, "earlier attempts in": self.history}
        return "; ".join(f"{what} {', '.join(sorted(found))}" for what, found in parts.items() if found)


def rename(places: Places, old: str, new: str, who: str, *, merge: bool = False) -> list[str] | None:
    """Rename the student `old` to `new`; return what an instructor must know about it, None if it was already done.

    Parameters
    ----------
    old, new
        Names as `autograder` shows them, in either Unicode form.
    who
        Who does this, for the journal.
    merge
        Whether both may have work and grades, for different sections; always so after `old` was renamed to `new`.

    Raises
    ------
    CourseError
        If this is not possible, or both have something; nothing has been changed then.
    GradebookError
        If the gradebook can't be written.
    OSError
        If a file can't be written; the same command finishes the work.
    """
    old, new = roster.normal(old), roster.normal(new)
    root = places.course.root
    (root / ".autograder").mkdir(exist_ok=True)
    with atomic.alone(root / ".autograder"):
        resumed = _check_unfinished(root, old, new)
        known = roster.load(root, unfinished=True)
        _check_names(places.course, known, old, new)
        graded = reading.students(places.course, places.output, places.db_url)
        ours, theirs = _holdings(places, old, known, graded), _holdings(places, new, known, graded)
        if not resumed:
            if not (ours.counts or ours.is_known or ours.folders):
                if known.aliases.get(old) == new:
                    return None
                raise RosterError(_unknown(places, known, old))
            is_told = merge or known.aliases.get(old) == new  # that they are one person
            if not is_told and (problem := _both(ours, theirs, known, old, new)):
                raise RosterError(problem)
        with _book(places) as book:
            if problems := _conflicts(places, ours, theirs, book, old, new):
                raise RosterError(
                    f"`{old}` and `{new}` both have what only one can have, and only you can tell which counts:\n"
                    + "\n".join(f"  {problem}" for problem in problems)
                )
            atomic.write(root / roster.RENAMING, f"{old}\n{new}".encode(), durable=True)
            try:
                if book is not None:
                    _rename_grades(book, old, new, who)
                    book.db.commit()
            except BaseException:
                if not resumed:
                    (root / roster.RENAMING).unlink()
                raise
        try:
            _rename_files(places, ours, theirs, old, new)
            left = _move_folders(places, ours, theirs, old, new)
            aliases = {name: new if student == old else student for name, student in known.aliases.items()} | {old: new}
            roster.save_aliases(root, {name: student for name, student in aliases.items() if name != new})
            (root / roster.RENAMING).unlink()
        except OSError as error:
            raise OSError(
                f"`{old}` is only partly renamed: {error.filename or root}: {error.strerror}. Correct that and run "
                "the same command again"
            ) from error
    return left


# Conditions that are checked before anything changes


def _check_unfinished(root: Path, old: str, new: str) -> bool:
    """Return whether this same renaming was begun before."""
    names = roster.renaming(root)
    if names not in (None, (old, new)):
        roster.load(root)  # says which one is to be finished first
    return names is not None


def _check_names(course: Course, known: Roster, old: str, new: str) -> None:
    if old == new:
        raise RosterError(f"{quoted(old)} and {quoted(new)} are the same name")
    if problem := roster.complaint(new):
        raise RosterError(f"{quoted(new)} {problem}; choose another name")
    if new in {section.id for section in course.sections}:
        raise RosterError(f"`{new}` is a section; choose another name")
    if known.aliases.get(new, old) != old:
        raise RosterError(f"`{new}` is another name of `{known.aliases[new]}`; rename to that, or choose another name")
    if known.aliases.get(old, new) != new:
        raise RosterError(
            f"`{old}` is another name of `{known.aliases[old]}`; rename that, or correct {course.root / roster.ALIASES}"
        )


def _both(ours: Holdings, theirs: Holdings, known: Roster, old: str, new: str) -> str | None:
    """Return why `old` and `new` may be two persons, or None."""
    listed = {entry.student for entry in known.students}
    if ours.counts and theirs.counts:
        return (
            f"`{old}` and `{new}` both have work or grades. `{old}`: {ours}. `{new}`: {theirs}. If they are one "
            "person, pass --merge"
        )
    if {old, new} <= listed:
        return f"`{old}` and `{new}` are both on the roster. If they are one person, pass --merge"
    return None


def _unknown(places: Places, known: Roster, old: str) -> str:
    names = {student_name(name) for name in _listed(places.submitted)} | {entry.student for entry in known.students}
    near = did_you_mean(old, names, "")
    return (
        f"there is no student {quoted(old)}: no folder in {places.submitted}, nothing in the gradebook, no line "
        f"on the roster{near and f'; {near}'}"
    )


def _holdings(places: Places, student: str, known: Roster, graded: Mapping[Entry, set[str]]) -> Holdings:
    folders = [places.submitted / name for name in _listed(places.submitted) if student_name(name) == student]
    folders = [path for path in folders if path.is_dir() and not path.is_symlink()]
    # The folder of the id itself first.
    found = Holdings(sorted(folders, key=lambda path: path.name != student))
    for folder in found.folders:
        for section, paths in _sections(places.course, folder).items():
            found.work.setdefault(section, []).extend(paths)
    earlier = _history(places.output, student)
    found.history = {name for name in _listed(earlier) if (earlier / name).is_dir()}
    for entry, sections in graded.items():
        if entry.student == student:
            found.grades, found.is_known = sections, True
    found.is_known |= any(entry.student == student for entry in known.students)
    return found


def _sections(course: Course, folder: Path) -> dict[str, list[Path]]:
    """Return what is in a student's folder, by section, with the rule of collecting; the rest is left out."""
    owners = Owners(course.sections)
    found: dict[str, list[Path]] = {}
    for name in _listed(folder):
        if section := owners.packed(name) or owners.loose(name):
            found.setdefault(section, []).append(folder / name)
    return found


def _conflicts(places: Places, ours: Holdings, theirs: Holdings, book: Any, old: str, new: str) -> list[str]:
    """Return a line for each thing that both have and that differs."""
    problems = []
    for section in sorted(ours.work):
        paths = [*theirs.work.get(section, ()), *ours.work[section]]
        homes = {path.parent for path in paths}
        by_home = [[path for path in paths if path.parent == home] for home in sorted(homes)]
        if any(not _are_same(by_home[0], other) for other in by_home[1:]):
            listed = " and ".join(printable(str(path), 200) for path in paths)
            problems.append(f"{section}: {listed} are different work. Move away what does not count.")
    if book is not None:
        for section in sorted(ours.grades & theirs.grades):
            if _kept(book, section, old, new) is None:
                problems.append(
                    f"{section}: the gradebook has a grade for each. Give both the same points and comments in the "
                    f"formgrader, or forget all grades of one with `nbgrader db student remove ID --force`."
                )
    for path in _collected(places.course):
        sheets.read(path)  # what can't be read must be known before anything changes
    dues = _extensions(places.course.root / EXTENSIONS)
    for section, due in sorted(dues.get(old, {}).items()):
        other = dues.get(new, {}).get(section, due)
        if other != due:
            problems.append(f"{section}: {EXTENSIONS} says {due} for one and {other} for the other. Remove one line.")
    return problems


def _are_same(some: Sequence[Path], others: Sequence[Path]) -> bool:
    return [path.name for path in some] == [path.name for path in others] and all(
        _is_same(one, other) for one, other in zip(some, others, strict=True)
    )


def _is_same(one: Path, other: Path) -> bool:
    """Whether two files or folders have the same content; anything else is never the same."""
    if one.is_symlink() or other.is_symlink():
        return False
    if one.is_dir() and other.is_dir():
        names = _listed(one)
        return names == _listed(other) and all(_is_same(one / name, other / name) for name in names)
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _extensions(path: Path) -> dict[str, dict[str, str]]:
    """Return the dates of each student, by section, as they are written."""
    found: dict[str, dict[str, str]] = {}
    if path.is_file():
        for _, row in sheets.read(path).records():
            found.setdefault(roster.normal(row.get("student", "")), {})[row.get("section", "")] = row.get("due", "")
    return found


# The gradebook


@contextlib.contextmanager
def _book(places: Places) -> Iterator[Any]:
    if not database.is_there(places.output, places.db_url):
        yield None
        return
    with database.exclusively(places.course, places.output, places.db_url) as book:
        yield book


def _rename_grades(book: Any, old: str, new: str, who: str) -> None:
    """Make the grades of `old` those of `new`, with decisions and journal; commits nothing."""
    from sqlalchemy import delete, insert, select, update

    from autograder.nbgrader_seam import Student, SubmittedAssignment

    db = book.db
    columns = ("first_name", "last_name", "email", "lms_user_id")
    there = {row.id: row for row in db.execute(select(Student.id, *(getattr(Student, c) for c in columns)))}
    if old not in there:
        return
    names = {column: getattr(there[old], column) for column in columns}
    if new in there:
        names = {column: getattr(there[new], column) or value for column, value in names.items()}
        db.execute(update(Student).where(Student.id == new).values(**names))
    else:
        db.execute(insert(Student).values(id=new, **names))
    submissions = _submissions(book, old), _submissions(book, new)
    for section in submissions[0].keys() & submissions[1].keys():
        _forget(db, submissions[0 if _kept(book, section, old, new) == new else 1][section])
    db.execute(update(SubmittedAssignment).where(SubmittedAssignment.student_id == old).values(student_id=new))
    db.execute(delete(Student).where(Student.id == old))
    journal.rename(db.connection(), old, new, who)


def _kept(book: Any, section: str, old: str, new: str) -> str | None:
    """Return whose grade of a section contains all that both say, or None if each says something different."""
    said = [_grades(book, _submissions(book, student)[section]) for student in (old, new)]
    (ours, our_decisions), (theirs, their_decisions) = said
    if ours != theirs:
        return None
    if not our_decisions or our_decisions == their_decisions:
        return new
    return None if their_decisions else old


def _submissions(book: Any, student: str) -> dict[str, str]:
    """Return the id of each submission of a student, by section."""
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, SubmittedAssignment

    query = select(Assignment.name, SubmittedAssignment.id).join(
        SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id
    )
    rows = book.db.execute(query.where(SubmittedAssignment.student_id == student)).all()
    return {row.name: row.id for row in rows}


def _grades(book: Any, submission: str) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    """Return the judge's points in a submission, by cell, and what people decided."""
    from sqlalchemy import select

    from autograder.nbgrader_seam import Comment, Grade, SubmittedAssignment, SubmittedNotebook

    def rows(model: Any, *columns: Any) -> Any:
        query = select(model.cell_id, *columns).join(SubmittedNotebook, SubmittedNotebook.id == model.notebook_id)
        return book.db.execute(query.where(SubmittedNotebook.assignment_id == submission)).all()

    judged: dict[str, Any] = {}
    decided: dict[tuple[str, str], Any] = {}
    for cell, auto, manual, extra in rows(Grade, Grade.auto_score, Grade.manual_score, Grade.extra_credit):
        judged[cell] = auto
        decided |= {(cell, "points"): manual} if manual is not None else {}
        decided |= {(cell, "extra credit"): extra} if extra else {}
    for cell, comment in rows(Comment, Comment.manual_comment):
        decided |= {(cell, "comment"): comment} if comment else {}
    extension = select(SubmittedAssignment.extension).where(SubmittedAssignment.id == submission)
    if (more := book.db.execute(extension).scalar()) is not None:
        decided["", "extension"] = more
    return judged, decided


def _forget(db: Any, submission: str) -> None:
    """Remove a submission that adds nothing to another one."""
    from sqlalchemy import delete, select

    from autograder.nbgrader_seam import Comment, Grade, SubmittedAssignment, SubmittedNotebook

    notebooks = select(SubmittedNotebook.id).where(SubmittedNotebook.assignment_id == submission)
    for model in (Grade, Comment):
        db.execute(delete(model).where(model.notebook_id.in_(notebooks)), execution_options=_UNSYNCHRONISED)
    for model, column in ((SubmittedNotebook, "assignment_id"), (SubmittedAssignment, "id")):
        where = getattr(model, column) == submission
        db.execute(delete(model).where(where), execution_options=_UNSYNCHRONISED)


_UNSYNCHRONISED = {"synchronize_session": False}  # nothing of it is loaded


# Files and folders


def _rename_files(places: Places, ours: Holdings, theirs: Holdings, old: str, new: str) -> None:
    root = places.course.root
    sheets.rename_rows(root / roster.ROSTER, "student", old, new)
    sheets.rename_rows(root / EXTENSIONS, "student", old, new, ("section",))
    for path in _collected(places.course):
        moves = path.stem in ours.work and path.stem not in theirs.work
        sheets.rename_rows(path, "student", old, new, prefer_old=moves)


def _collected(course: Course) -> list[Path]:
    """Return the files of what platforms said about each hand-in, one for each section."""
    return sorted((course.root / ".autograder" / "collected").glob("*.csv"))


def _move_folders(places: Places, ours: Holdings, theirs: Holdings, old: str, new: str) -> list[str]:
    """Move everything that `new` does not have; return a line for each thing that was not moved."""
    output = places.output
    earlier = _history(output, new)
    _move(_history(output, old), earlier)  # attempts of one name are the same attempt
    if earlier.is_dir():
        atomic.write(earlier / history.NAME, new.encode())
    _move(output / "feedback" / path_component(old), output / "feedback" / path_component(new))
    _move(output / "autograded" / old, output / "autograded" / new)
    target = theirs.folders[0] if theirs.folders else places.submitted / new
    present = set(theirs.work)
    left = []
    for folder in ours.folders:
        sections = _sections(places.course, folder)
        if not os.path.lexists(target):
            folder.rename(target)
            present |= sections.keys()
            continue
        section_of = {path: section for section, paths in sections.items() for path in paths}
        for path in [folder / name for name in _listed(folder) if not is_junk(name)]:
            if section_of.get(path) in present or os.path.lexists(target / path.name):
                left.append(
                    f"{printable(str(path), 200)} stayed where it is, because `{new}` also has one. Remove it if "
                    "you don't need it."
                )
            else:
                path.rename(target / path.name)
        present |= sections.keys()
        with contextlib.suppress(OSError):  # it still holds what was not moved
            folder.rmdir()
    return left


def _move(old: Path, new: Path) -> None:
    """Move a folder of results, or what is not yet in the new one; the rest exists there or will be rewritten."""
    if old == new or not old.is_dir() or old.is_symlink():
        return
    if not os.path.lexists(new):
        old.rename(new)
        return
    for name in _listed(old):
        one, other = old / name, new / name
        if one.is_dir() and not one.is_symlink() and other.is_dir():
            _move(one, other)
        elif not os.path.lexists(other):
            one.rename(other)
    shutil.rmtree(old)


def _history(output: Path, student: str) -> Path:
    return history.folder(output) / path_component(student)


def _listed(folder: Path) -> list[str]:
    try:
        return sorted((path.name for path in folder.iterdir()), key=os.fsencode)
    except (FileNotFoundError, NotADirectoryError):
        return []
