"""Writes records into nbgrader's gradebook, so that its exports, its formgrader and manual grading go on working.

nbgrader's own database classes are used, in bulk: the class is compared with what the gradebook holds in a few queries
and only differences are written, in one transaction. Writing twice changes nothing. What a person decided (a manual
score, a manual comment, extra credit) is never touched; if the judge's points change after that, or an explanation in
prose does, the grade is marked for a look.

An item that was not judged has no points in the gradebook and is marked as needing a person: never a silent zero.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder import atomic, nbgrader_seam, parallel
from autograder.course import Course, CourseError, Section
from autograder.gradebook import formgrader, late_penalties
from autograder.gradebook.late_penalties import Booked, Extensions
from autograder.people import roster
from autograder.people.roster import Entry
from autograder.records import decisions
from autograder.records.decisions import Decision
from autograder.records.standing import penalty_of
from autograder.submissions import times
from autograder.submissions.collect import Attempt

Key = tuple[str, str]
"""A student and a section."""

_log = logging.getLogger(__name__)
_LONGEST_NAME = 128  # characters that nbgrader's columns hold
_CHUNK = 500  # SQLite takes a limited number of values in one query


class GradebookError(Exception):
    """The gradebook can't be written; the message names it and the remedy. Records in the store are not affected."""


def write(
    course: Course,
    judged: Sequence[tuple[Attempt, Mapping[str, Any]]],
    output: Path,
    db_url: str | None = None,
    *,
    processes: int = 1,
) -> None:
    """Write the records of a class into the gradebook, and the notebooks that the formgrader shows.

    Parameters
    ----------
    course : Course
        The course; the notebooks in its ``assignments/`` say which cells are graded.
    judged : sequence of (Attempt, record)
        Every attempt with its record.
    output : Path
        Folder of ``gradebook.db`` and ``autograded/``; the project's folder is where nbgrader looks for them.
    db_url : str, optional
        Another database, in SQLAlchemy's notation (``postgresql+psycopg://…``); otherwise that of `chosen_url`, or
        the file in `output`.
    processes : int, optional
        How many processes write the notebooks.

    Raises
    ------
    GradebookError
        If the database is locked, damaged, of another version or can't be written, or if the graded cells of a
        notebook are no longer those that points were given for. Nothing is written then.
    """
    url = _url(output, db_url)
    sections = [section for section in course.sections if any(a.section == section.id for a, _ in judged)]
    released = {section.id: _released(course, section) for section in sections}
    extensions = times.extensions(course)
    # nbgrader looks for what is there and adds what is not in two steps: two graders that enter a section at the same
    # time would both add its cells.
    with atomic.alone(output), _gradebook(url, course.id) as gradebook:
        for section in sections:
            _register(gradebook, url, section, released[section.id])
        for section in sections:
            of_section = [(attempt, record) for attempt, record in judged if attempt.section == section.id]
            _write_section(gradebook, course, section, of_section, extensions)
        _write_names(_Bulk(gradebook.db), roster.load(course.root).students)
        gradebook.db.commit()

    def write_notebook(entry: tuple[Attempt, Mapping[str, Any]]) -> None:
        attempt, record = entry
        _write_notebook(output / "autograded", course, released[attempt.section], attempt, record)

    parallel.spread(write_notebook, judged, processes)


def known(
    course: Course, output: Path, db_url: str | None = None
) -> tuple[dict[Key, dict[str, Decision]], dict[Key, Booked]]:
    """Return what persons decided, on explanations and instead of the judge, by item, and what is known of lateness.

    Nothing is written, and a gradebook that is not there is not made: nobody has decided anything then.

    Raises
    ------
    GradebookError
        If the gradebook is there and can't be read.
    """
    url = _url(output, db_url)
    if not is_there(output, db_url):
        return {}, {}
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _decisions(connection, course), _booked(connection)
    except SQLAlchemyError as error:
        name = make_url(url).render_as_string(hide_password=True)
        raise GradebookError(f"the gradebook {name} {_complaint(error)}") from error
    finally:
        engine.dispose()


def _decisions(connection: Any, course: Course) -> dict[Key, dict[str, Decision]]:
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook

    def joined(model: Any, *columns: Any) -> Any:
        return (
            select(SubmittedAssignment.student_id, Assignment.name, BaseCell.name, *columns)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(model, model.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == model.cell_id)
            .where(BaseCell.name.in_([item.id for section in course.sections for item in section.items]))
        )

    grades = connection.execute(
        joined(Grade, Grade.manual_score, Grade.needs_manual_grade).where(Grade.manual_score.is_not(None))
    ).all()
    comments = connection.execute(joined(Comment, Comment.manual_comment, Comment.auto_comment)).all()
    said = {(student, section, item): (manual or "", auto) for student, section, item, manual, auto in comments}
    found: dict[Key, dict[str, Decision]] = {}
    for student, section, item, points, waiting in grades:
        comment, auto = said.get((student, section, item), ("", None))
        decision = Decision(float(points), comment, decisions.marked(auto), not waiting)
        found.setdefault((student, section), {})[item] = decision
    return found


def _booked(connection: Any) -> dict[Key, Booked]:
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, SubmittedAssignment, SubmittedNotebook

    rows = connection.execute(
        select(
            SubmittedAssignment.student_id,
            Assignment.name,
            Assignment.duedate,
            SubmittedAssignment.extension,
            SubmittedNotebook.late_submission_penalty,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    ).all()
    found = {}
    for student, section, due, extension, penalty in rows:
        if due is not None:
            due = (due + (extension or timedelta(0))).replace(tzinfo=UTC)
        found[student, section] = Booked(due, penalty)
    return found


def is_there(output: Path, db_url: str | None = None) -> bool:
    """Whether there is a gradebook, as far as that can be said without asking a server."""
    url = _url(output, db_url)
    return not url.startswith("sqlite:///") or Path(url.partition("?")[0].removeprefix("sqlite:///")).is_file()


def students(course: Course, output: Path, db_url: str | None = None) -> dict[Entry, set[str]]:
    """Return who is in the gradebook, by id, and the sections that they have handed in; nobody if there is none.

    Raises
    ------
    GradebookError
        If the gradebook is there and can't be read.
    """
    if not is_there(output, db_url):
        return {}
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, Student, SubmittedAssignment

    with opened(course, output, db_url) as book:
        columns = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
        rows = book.db.execute(select(*columns).order_by(Student.id)).all()
        of_sections = select(SubmittedAssignment.student_id, Assignment.name).join(
            Assignment, Assignment.id == SubmittedAssignment.assignment_id
        )
        sections: dict[str, set[str]] = {}
        for student, section in book.db.execute(of_sections).all():
            sections.setdefault(student, set()).add(section)
    return {Entry(*(value or "" for value in row)): sections.get(row.id, set()) for row in rows}


def write_names(course: Course, output: Path, db_url: str | None = None) -> None:
    """Give the students of the gradebook, if there is one, the names that they have on the roster.

    Raises
    ------
    CourseError
        If the roster can't be read.
    GradebookError
        If the gradebook is there and can't be written.
    """
    if is_there(output, db_url):
        with exclusively(course, output, db_url) as book:
            _write_names(_Bulk(book.db), roster.load(course.root).students)
            book.db.commit()


@contextlib.contextmanager
def exclusively(course: Course, output: Path, db_url: str | None = None) -> Iterator[Any]:
    """Open the gradebook as `opened` does, once no other grader writes into it, for the length of the block."""
    with atomic.alone(output), opened(course, output, db_url) as book:
        yield book


@contextlib.contextmanager
def opened(course: Course, output: Path, db_url: str | None = None) -> Iterator[Any]:
    """Open the gradebook of `course` for the length of the block, as nbgrader's ``Gradebook``.

    Raises
    ------
    GradebookError
        If it can't be opened, read or written.
    """
    with _gradebook(_url(output, db_url), course.id) as gradebook:
        yield gradebook


@contextlib.contextmanager
def prepared(course: Course, sections: Iterable[str], output: Path, db_url: str | None = None) -> Iterator[None]:
    """Ready the gradebook for `sections` in the background, seconds of work, while the body judges.

    What goes wrong here goes wrong again, and is reported, when the gradebook is written.
    """
    url = _url(output, db_url)

    def prepare() -> None:
        with (
            contextlib.suppress(GradebookError, CourseError),
            atomic.alone(output),
            _gradebook(url, course.id) as gradebook,
        ):
            _ = nbgrader_seam.AssignLatePenalties
            for section in map(course.section, sections):
                _register(gradebook, url, section, _released(course, section))

    output.mkdir(parents=True, exist_ok=True)
    thread = threading.Thread(target=prepare, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def chosen_url() -> str | None:
    """Return the database that the environment names (``AUTOGRADER_GRADEBOOK``), for this command and for nbgrader."""
    return os.environ.get("AUTOGRADER_GRADEBOOK") or None


def file_url(output: Path) -> str:
    """Return the URL of the gradebook that is a file in `output`."""
    return f"sqlite:///{output.resolve() / 'gradebook.db'}"


def name(output: Path, db_url: str | None = None) -> str:
    """Return what to call the gradebook in a message: its file, or its URL without the password."""
    from sqlalchemy.engine import make_url

    url = make_url(_url(output, db_url))
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _released(course: Course, section: Section) -> bytes:
    """Return the notebook that students got.

    Raises
    ------
    CourseError
        If it has not been built.
    """
    path = course.root / "assignments" / section.id / section.notebook
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} can't be read ({error.strerror}); run `autograder build`") from error


def _url(output: Path, db_url: str | None) -> str:
    return db_url or chosen_url() or file_url(output)


@contextlib.contextmanager
def _gradebook(url: str, course_id: str) -> Iterator[Any]:
    """Open nbgrader's gradebook; roll back and explain whatever the database complains of."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    from autograder.nbgrader_seam import InvalidEntry, open_gradebook

    try:
        name = make_url(url).render_as_string(hide_password=True)
    except ArgumentError as error:
        raise GradebookError(f"`{url}` is no database URL; write sqlite:///path or postgresql+psycopg://…") from error
    try:
        path = make_url(url).database if url.startswith("sqlite:") else None
        if path and not Path(path).exists() and Path(path).parent.is_dir():
            # nbgrader makes tables one by one: a grader that was killed meanwhile would leave some of them.
            with tempfile.TemporaryDirectory() as folder:
                with open_gradebook(f"sqlite:///{folder}/new.db", course_id):
                    pass
                atomic.create(Path(path), (Path(folder) / "new.db").read_bytes())
        with open_gradebook(url, course_id) as gradebook:
            yield gradebook
    except (SQLAlchemyError, InvalidEntry, ImportError, OSError) as error:
        raise GradebookError(f"the gradebook {name} {_complaint(error)}") from error


_DAMAGED = (
    "is damaged; put a backup in its place, or move it away to have it written anew (manual grades are in the old one "
    "only)"
)
_OTHER_VERSION = "was made by another version of nbgrader; back it up, then run `nbgrader db upgrade`"
_AGAIN = "run the same command again, nothing was lost"
_FULL = f"can't be written, the disk is full; free some space and {_AGAIN}"
_NO_LEAVE = "lets this user read or write too little; grant the role all rights on the database and its schema"
_SILENT = "does not answer; start the server, or correct the URL"
_NO_USER = "knows no such user; make the role on the server, or correct the URL"
_WRONG_LOGIN = "refuses the password; correct the URL"

# What PostgreSQL says in the language of its server has a code besides, https://www.postgresql.org/docs/current/
# errcodes-appendix.html; the longest beginning that is listed here counts.
_BY_SQLSTATE = {
    "25006": "is read-only, as a standby is; use the server that can be written",
    "28": "does not let this user in; correct the URL, or the server's pg_hba.conf",
    "3D000": "is not there; make the database, or correct the URL",
    "3F000": _OTHER_VERSION,
    "40": f"is being written by another program; {_AGAIN}",
    "42501": _NO_LEAVE,
    "42703": _OTHER_VERSION,
    "42P01": _OTHER_VERSION,
    "53100": _FULL,
    "53300": f"has no connection left; close other programs that use it and {_AGAIN}",
    "55P03": f"is locked by another program; close that and {_AGAIN}",
    "57": f"was stopped by its server; {_AGAIN}",
}
# A connection that does not come about has no code, and SQLite has none that helps. What says more stands first.
_BY_TEXT = {
    "is locked": f"is locked by another program; close that (the formgrader, another `autograder grade`) and {_AGAIN}",
    "not a database": _DAMAGED,
    "malformed": _DAMAGED,
    "disk is full": _FULL,
    "disk I/O error": f"can't be read or written; free some space or look after the disk, then {_AGAIN}",
    "readonly": "can't be written; make it and its folder writable",
    "unable to open": "can't be opened; make its folder, and let it be writable",
    "no such column": _OTHER_VERSION,
    "no such table": _OTHER_VERSION,
    "No module named": "needs a driver that is not installed; for PostgreSQL, pip install 'psycopg[binary]'",
    "no pg_hba.conf entry": "does not let this user in from here; add a line to the server's pg_hba.conf, or correct "
    "the URL",
    "password authentication failed": _WRONG_LOGIN,
    "no password supplied": "asks for a password; write it into the URL, or into ~/.pgpass",
    'role "': _NO_USER,
    'database "': "is not there; make the database, or correct the URL",
    "starting up": f"is not ready yet; wait a moment, then {_AGAIN}",
    "connection slots": f"has no connection left; close other programs that use it and {_AGAIN}",
    "too many clients": f"has no connection left; close other programs that use it and {_AGAIN}",
    "failed to resolve host": "lies on a machine that is not known here; correct the URL",
    "onnection refused": _SILENT,
    "Is the server running": _SILENT,
    "timeout": _SILENT,
    "onnection failed": "can't be reached; correct the URL, or ask who looks after the server",
}


def _complaint(error: Exception) -> str:
    """Return what is wrong with a gradebook and what to do; completes "the gradebook … "."""
    seen: BaseException | None = error  # nbgrader wraps what the driver raised
    while seen is not None and getattr(seen, "orig", None) is None:
        seen = seen.__cause__ or seen.__context__
    cause = getattr(seen, "orig", error)
    text = " ".join(str(cause).split())
    state = getattr(cause, "sqlstate", None) or ""
    by_state = max((code for code in _BY_SQLSTATE if state.startswith(code)), key=len, default=None)
    if by_state is not None:
        return f"{_BY_SQLSTATE[by_state]} ({text})"
    remedy = next((remedy for sign, remedy in _BY_TEXT.items() if sign in text and not state), None)
    return f"{remedy} ({text})" if remedy else f"refused the grades: {text or type(error).__name__}"


def _register(gradebook: Any, url: str, section: Section, released: bytes) -> None:
    """Enter the section and the cells of its notebook, unless the gradebook has just these."""
    import nbformat

    from autograder.nbgrader_seam import MissingEntry, SaveCells

    notebook = nbformat.reads(released.decode(), as_version=4)
    wanted = _cells_in_notebook(notebook)
    name = Path(section.notebook).stem
    try:
        known = gradebook.find_notebook(name, section.id)
    except MissingEntry:
        gradebook.update_or_create_assignment(section.id)
    else:
        there = _cells_in_gradebook(known)
        if wanted == there:
            return
        if known.submissions:
            if _graded(wanted) != _graded(there):
                raise GradebookError(
                    f"the graded cells of {section.notebook} are not those that the gradebook has points for; give "
                    "them their old ids back, or back up the gradebook and run `nbgrader db assignment remove "
                    f"{section.id} --force`, which forgets the manual grades of this section"
                )
            _keep_source_cells_in_step(gradebook, section, known, wanted)
    gradebook.db.commit()
    # With its own logger it would tell the formgrader of every cell, above what the button was pressed for.
    SaveCells(log=_log).preprocess(notebook, {"nbgrader": {"notebook": name, "assignment": section.id, "db_url": url}})
    gradebook.db.expire_all()


def _cells_in_notebook(notebook: Any) -> set[tuple[Any, ...]]:
    from autograder.nbgrader_seam import is_grade, is_locked, is_solution

    found: set[tuple[Any, ...]] = set()
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if is_grade(cell):
            found.add(("grade", marks["grade_id"], float(marks["points"]), cell.cell_type))
        if is_solution(cell):
            found.add(("solution", marks["grade_id"]))
        if marks.get("grade_id") and (is_grade(cell) or is_solution(cell) or is_locked(cell)):
            found.add(("source", marks["grade_id"], cell.source, is_locked(cell), marks.get("checksum")))
    return found


def _cells_in_gradebook(notebook: Any) -> set[tuple[Any, ...]]:
    return {
        *(("grade", cell.name, cell.max_score, cell.cell_type) for cell in notebook.grade_cells),
        *(("solution", cell.name) for cell in notebook.solution_cells),
        *(("source", cell.name, cell.source, cell.locked, cell.checksum) for cell in notebook.source_cells),
    }


def _graded(cells: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {cell[:2] for cell in cells if cell[0] != "source"}


def _keep_source_cells_in_step(gradebook: Any, section: Section, known: Any, wanted: set[tuple[Any, ...]]) -> None:
    """Add and remove locked cells that carry no points; nbgrader itself refuses that once there are submissions."""
    sources = {entry[1]: entry for entry in wanted if entry[0] == "source"}
    there = {cell.name: cell for cell in known.source_cells}
    for grade_id in there.keys() - sources.keys():
        gradebook.db.delete(there[grade_id])
    for grade_id in sources.keys() - there.keys():
        _, _, source, locked, checksum = sources[grade_id]
        gradebook.update_or_create_source_cell(
            grade_id, known.name, section.id, source=source, locked=locked, checksum=checksum, cell_type="code"
        )


class _Bulk:
    """Reads and writes many rows of nbgrader's tables at once, within one transaction."""

    def __init__(self, db: Any) -> None:
        self._db = db

    def rows(self, model: Any, columns: Sequence[str], column: str, values: Sequence[str], **equal: str) -> list[Any]:
        """Return `columns` of the rows whose `column` is one of `values` and whose others equal those of `equal`."""
        from sqlalchemy import select

        found: list[Any] = []
        chosen = [getattr(model, name) for name in columns]
        conditions = [getattr(model, name) == value for name, value in equal.items()]
        for start in range(0, len(values), _CHUNK):
            among = getattr(model, column).in_(values[start : start + _CHUNK])
            found += self._db.execute(select(*chosen).where(among, *conditions)).all()
        return found

    def add(self, model: Any, entries: list[dict[str, Any]]) -> None:
        from sqlalchemy import insert

        if entries:
            self._db.execute(insert(model), entries)

    def change(self, model: Any, entries: list[dict[str, Any]]) -> None:
        """Write `entries`, each with the ``id`` of its row."""
        from sqlalchemy import update

        if entries:
            self._db.execute(update(model), entries)

    def set(self, model: Any, column: str, wanted: Mapping[str, Any]) -> None:
        """Write into `column` what is `wanted` of rows, by their ids, where something else is there."""
        rows = self.rows(model, ["id", column], "id", list(wanted))
        changed = [row.id for row in rows if getattr(row, column) != wanted[row.id]]
        self.change(model, [{"id": key, column: wanted[key]} for key in changed])


def _write_section(
    gradebook: Any,
    course: Course,
    section: Section,
    judged: Sequence[tuple[Attempt, Mapping[str, Any]]],
    extensions: Extensions,
) -> None:
    """Bring students, submissions, grades and comments of one section to what the records say; commits nothing."""
    from autograder.nbgrader_seam import SubmittedNotebook

    db = gradebook.db
    bulk = _Bulk(db)
    notebook = gradebook.find_notebook(Path(section.notebook).stem, section.id)
    submissions, notebooks = _submit(bulk, notebook, {attempt.student: _time(course, attempt) for attempt, _ in judged})
    items = {notebooks[attempt.student]: record["items"] for attempt, record in judged}
    solutions = {cell.name: cell.id for cell in notebook.solution_cells}
    rewritten = _rewritten(bulk, solutions, items)
    _write_grades(bulk, {cell.name: cell.id for cell in notebook.grade_cells}, items, rewritten)
    _write_comments(bulk, solutions, items)
    late_penalties.write_dates(bulk, section, submissions, notebook.assignment, extensions)
    if section.late is None:
        late_penalties.assign(db, course.root, list(notebooks.values()))
        return
    db.flush()
    decided, booked = _decisions(db.connection(), course), _booked(db.connection())
    penalties = {}
    for attempt, record in judged:
        key = (attempt.student, section.id)
        final = decisions.decided(record, decided.get(key, {}))
        timed = late_penalties.timed(course, attempt, final, extensions, booked.get(key, Booked()))
        penalties[notebooks[attempt.student]] = penalty_of(section, timed) or None
    bulk.set(SubmittedNotebook, "late_submission_penalty", penalties)


def _submit(bulk: _Bulk, notebook: Any, when: Mapping[str, datetime | None]) -> tuple[dict[str, str], dict[str, str]]:
    """Make sure that every student has handed in `notebook` at their time.

    Returns the ids of submissions and of submitted notebooks, by student.
    """
    from autograder.nbgrader_seam import Student, SubmittedAssignment, SubmittedNotebook, new_uuid

    students = list(when)
    known = {row.id for row in bulk.rows(Student, ["id"], "id", students)}
    bulk.add(Student, [{"id": student} for student in students if student not in known])

    columns = ["id", "student_id", "timestamp"]
    assignment = notebook.assignment_id
    there = bulk.rows(SubmittedAssignment, columns, "student_id", students, assignment_id=assignment)
    late = [row for row in there if row.timestamp != when[row.student_id]]
    bulk.change(SubmittedAssignment, [{"id": row.id, "timestamp": when[row.student_id]} for row in late])
    submissions = {row.student_id: row.id for row in there}
    fresh = {student: new_uuid() for student in students if student not in submissions}
    bulk.add(
        SubmittedAssignment,
        [
            {"id": key, "student_id": student, "assignment_id": assignment, "timestamp": when[student]}
            for student, key in fresh.items()
        ],
    )
    submissions |= fresh

    keys = list(submissions.values())
    found = bulk.rows(SubmittedNotebook, ["id", "assignment_id"], "assignment_id", keys, notebook_id=notebook.id)
    notebooks_of = {row.assignment_id: row.id for row in found}
    missing = {key: new_uuid() for key in keys if key not in notebooks_of}
    bulk.add(
        SubmittedNotebook,
        [{"id": new, "assignment_id": key, "notebook_id": notebook.id} for key, new in missing.items()],
    )
    notebooks_of |= missing
    return submissions, {student: notebooks_of[key] for student, key in submissions.items()}


def _write_names(bulk: _Bulk, entries: Iterable[Entry]) -> None:
    """Write what the roster knows of students who are in the gradebook; what it does not know stays as it is."""
    from autograder.nbgrader_seam import Student

    on_roster = {entry.student: entry for entry in entries}
    columns = ("first_name", "last_name", "email", "lms_user_id")
    changed = []
    for row in bulk.rows(Student, ["id", *columns], "id", list(on_roster)):
        entry = on_roster[row.id]
        said = (entry.first_name, entry.last_name, entry.email, entry.canvas_id)
        names = {column: value[:_LONGEST_NAME] for column, value in zip(columns, said, strict=True) if value}
        if any(getattr(row, column) != value for column, value in names.items()):
            changed.append({column: getattr(row, column) for column in columns} | {"id": row.id} | names)
    bulk.change(Student, changed)


def _rewritten(bulk: _Bulk, cells: Mapping[str, str], items: Mapping[str, Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Return (notebook, item) of the explanations that are not the ones that the gradebook's comments name."""
    from autograder.nbgrader_seam import Comment

    names = {cell: name for name, cell in cells.items()}
    found = set()
    for row in bulk.rows(Comment, ["notebook_id", "cell_id", "auto_comment"], "notebook_id", list(items)):
        name = names.get(row.cell_id, "")
        before, now = decisions.marked(row.auto_comment), items[row.notebook_id].get(name, {}).get("answer")
        if before is not None and now is not None and before != now:
            found.add((row.notebook_id, name))
    return found


def _write_grades(
    bulk: _Bulk,
    cells: Mapping[str, str],
    items: Mapping[str, Mapping[str, Any]],
    rewritten: set[tuple[str, str]],
) -> None:
    from autograder.nbgrader_seam import Grade, new_uuid

    columns = ["id", "notebook_id", "cell_id", "auto_score", "manual_score", "needs_manual_grade"]
    there = {(row.notebook_id, row.cell_id): row for row in bulk.rows(Grade, columns, "notebook_id", list(items))}
    fresh, changed = [], []
    for notebook, of_student in items.items():
        for name, cell in cells.items():
            points = _points(of_student.get(name))
            needs_person = points is None
            grade = there.get((notebook, cell))
            values = {"notebook_id": notebook, "cell_id": cell, "auto_score": points}
            if grade is None:
                fresh.append({"id": new_uuid(), **values, "needs_manual_grade": needs_person})
                continue
            if grade.manual_score is not None:
                changed_by_judge = grade.auto_score != points or (notebook, name) in rewritten
                needs_person = grade.needs_manual_grade or changed_by_judge
            if (grade.auto_score, grade.needs_manual_grade) != (points, needs_person):
                changed.append({"id": grade.id, **values, "needs_manual_grade": needs_person})
    bulk.add(Grade, fresh)
    bulk.change(Grade, changed)


def _write_comments(bulk: _Bulk, cells: Mapping[str, str], items: Mapping[str, Mapping[str, Any]]) -> None:
    from autograder.nbgrader_seam import Comment, new_uuid

    columns = ["id", "notebook_id", "cell_id", "auto_comment"]
    there = {(row.notebook_id, row.cell_id): row for row in bulk.rows(Comment, columns, "notebook_id", list(items))}
    fresh, changed = [], []
    for notebook, of_student in items.items():
        for name, cell in cells.items():
            text = formgrader.comment(of_student[name]) if name in of_student else None
            comment = there.get((notebook, cell))
            values = {"notebook_id": notebook, "cell_id": cell, "auto_comment": text}
            if comment is None:
                fresh.append({"id": new_uuid(), **values})
            elif decisions.marked(comment.auto_comment) and not of_student.get(name, {}).get("answer"):
                continue  # not judged this time: the comment still names the answer that was there before
            elif comment.auto_comment != text:
                changed.append({"id": comment.id, **values})
    bulk.add(Comment, fresh)
    bulk.change(Comment, changed)


def _points(item: Mapping[str, Any] | None) -> float | None:
    """Return the points of an item, or None where a person must look: nothing but a sound verdict gives a number."""
    if item is None or item["status"] != "judged" or any(c["verdict"] == "not judged" for c in item["checks"]):
        return None
    points = item["points"]
    if not isinstance(points, int | float) or not math.isfinite(points) or not 0 <= points <= item["max"]:
        return None
    return float(points)


def _time(course: Course, attempt: Attempt) -> datetime | None:
    """Return when an attempt was handed in (UTC, without saying so, as nbgrader keeps it), or None."""
    time = times.came(course, attempt)
    return None if time is None else time.replace(tzinfo=None)


def _write_notebook(folder: Path, course: Course, released: bytes, attempt: Attempt, record: Mapping[str, Any]) -> None:
    section = course.section(attempt.section)
    place = folder / attempt.student / section.id
    files = {section.notebook: formgrader.graded_notebook(released, attempt.files.get(section.notebook), record)}
    # The student's modules as they were handed in. Nothing else: a kernel started here must not meet a strange file.
    files |= {module: attempt.files[module] for module in section.modules if module in attempt.files}
    if (time := times.came(course, attempt)) is not None:
        files["timestamp.txt"] = times.written(time).encode()
        if attempt.secret is not None:
            files["submission_secret.txt"] = attempt.secret.encode()  # `nbgrader generate_feedback` passes it on
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            atomic.write(place / name, data)
        for name in {*section.modules, "timestamp.txt", "submission_secret.txt"} - files.keys():
            (place / name).unlink(missing_ok=True)
    except OSError as error:
        raise GradebookError(
            f"{error.filename or place} can't be written ({error.strerror}); the gradebook itself is complete, "
            "make the folder writable and run the same command again"
        ) from error
