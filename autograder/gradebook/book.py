"""Writes records into nbgrader's gradebook, so that its exports, its formgrader and manual grading keep working.

nbgrader's own database classes are used, in bulk: a few queries compare all students with the gradebook, and only
differences are written, in one transaction. Writing twice changes nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder import atomic, parallel
from autograder.course import Course, CourseError
from autograder.gradebook import database, formgrader, registration, writing
from autograder.gradebook.database import GradebookError, url_of
from autograder.gradebook.writing import Judged
from autograder.people import roster
from autograder.records.record import Record
from autograder.submissions import times
from autograder.submissions.attempts import Attempt


def write(
    course: Course,
    judged: Judged,
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
        Folder of ``gradebook.db`` and ``autograded/``; nbgrader looks for them in the project's folder.
    db_url : str, optional
        Another database, in SQLAlchemy's notation (``postgresql+psycopg://…``); otherwise the one that the environment
        names (`database.chosen_url`), or the file in `output`.
    processes : int, optional
        How many processes write the notebooks.

    Raises
    ------
    GradebookError
        If the database is locked, damaged, of another version or can't be written, or if the graded cells of a notebook
        are no longer the ones that the gradebook has points for. Nothing is written then.
    """
    sections = [section for section in course.sections if any(a.section == section.id for a, _ in judged)]
    released = {section.id: registration.released(course, section) for section in sections}
    extensions = times.extensions(course)
    # nbgrader looks for cells in one step and adds missing ones in another: two graders that enter a section at the
    # same time would both add its cells.
    with database.exclusively(course, output, db_url) as gradebook:
        for section in sections:
            registration.register(gradebook, url_of(output, db_url), section, released[section.id])
        for section in sections:
            of_section = [(attempt, record) for attempt, record in judged if attempt.section == section.id]
            writing.write_section(gradebook, course, section, of_section, extensions)
        writing.write_names(gradebook.db, roster.load(course.root).students)
        gradebook.db.commit()

    def write_notebook(entry: tuple[Attempt, Record]) -> None:
        attempt, record = entry
        _write_notebook(output / "autograded", course, released[attempt.section], attempt, record)

    parallel.spread(write_notebook, judged, processes)


def write_names(course: Course, output: Path, db_url: str | None = None) -> None:
    """Give the students in the gradebook, if it exists, the names that they have on the roster.

    Raises
    ------
    CourseError
        If the roster can't be read.
    GradebookError
        If the gradebook exists and can't be written.
    """
    if database.is_there(output, db_url):
        with database.exclusively(course, output, db_url) as gradebook:
            writing.write_names(gradebook.db, roster.load(course.root).students)
            gradebook.db.commit()


@contextlib.contextmanager
def prepared(course: Course, sections: Iterable[str], output: Path, db_url: str | None = None) -> Iterator[None]:
    """Prepare the gradebook for `sections` in the background, which takes seconds, while the body judges.

    Errors are ignored here: they happen again, and are reported, when the gradebook is written.
    """

    def prepare() -> None:
        with (
            contextlib.suppress(GradebookError, CourseError),
            database.exclusively(course, output, db_url) as gradebook,
        ):
            for section in map(course.section, sections):
                released = registration.released(course, section)
                registration.register(gradebook, url_of(output, db_url), section, released)

    output.mkdir(parents=True, exist_ok=True)
    thread = threading.Thread(target=prepare, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _write_notebook(autograded: Path, course: Course, released: bytes, attempt: Attempt, record: Record) -> None:
    section = course.section(attempt.section)
    folder = autograded / attempt.student / section.id
    submitted = attempt.files.get(section.notebook)
    files = {section.notebook: formgrader.graded_notebook(course, section, released, submitted, record)}
    # Only the student's modules, as they were handed in: a kernel started here must not find other files.
    files |= {module: attempt.files[module] for module in section.modules if module in attempt.files}
    if (time := times.came(course, attempt)) is not None:
        files["timestamp.txt"] = times.written(time).encode()
        if attempt.secret is not None:
            files["submission_secret.txt"] = attempt.secret.encode()  # `nbgrader generate_feedback` passes it on
    try:
        for name, data in files.items():
            atomic.write(folder / name, data)
        for name in {*section.modules, "timestamp.txt", "submission_secret.txt"} - files.keys():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise GradebookError(
            f"{error.filename or folder} can't be written ({error.strerror}), but the gradebook itself is complete; "
            "make the folder writable and run the same command again"
        ) from error
