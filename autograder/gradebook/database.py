"""The database behind nbgrader's gradebook: which one it is, how to open it, and how to be its only writer."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder import atomic
from autograder.course import Course
from autograder.gradebook.complaints import complaint


class GradebookError(Exception):
    """The gradebook can't be written; the message names it and says what to do. Stored records are not affected."""


def chosen_url() -> str | None:
    """Return the database that the environment names (``AUTOGRADER_GRADEBOOK``), for this command and for nbgrader."""
    return os.environ.get("AUTOGRADER_GRADEBOOK") or None


def file_url(output: Path) -> str:
    """Return the URL of the gradebook file in `output`."""
    return f"sqlite:///{output.resolve() / 'gradebook.db'}"


def url_of(output: Path, db_url: str | None = None) -> str:
    """Return the URL of the gradebook: `db_url`, or what the environment names, or the file in `output`."""
    return db_url or chosen_url() or file_url(output)


def name(output: Path, db_url: str | None = None) -> str:
    """Return what to call the gradebook in a message: its file, or its URL without the password."""
    from sqlalchemy.engine import make_url

    url = make_url(url_of(output, db_url))
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def is_there(output: Path, db_url: str | None = None) -> bool:
    """Whether the gradebook exists; one on a server is assumed to exist."""
    url = url_of(output, db_url)
    return not url.startswith("sqlite:///") or Path(url.partition("?")[0].removeprefix("sqlite:///")).is_file()


@contextlib.contextmanager
def exclusively(course: Course, output: Path, db_url: str | None = None) -> Iterator[Any]:
    """Open the gradebook for the length of the block as `opened` does, once no other grader is writing into it."""
    with atomic.alone(output), opened(course, output, db_url) as gradebook:
        yield gradebook


@contextlib.contextmanager
def opened(course: Course, output: Path, db_url: str | None = None) -> Iterator[Any]:
    """Open the gradebook of `course` for the length of the block, as nbgrader's ``Gradebook``.

    What is not committed when the block ends is rolled back.

    Raises
    ------
    GradebookError
        If it can't be opened, read or written.
    """
    from autograder.nbgrader_seam import open_gradebook

    url = url_of(output, db_url)
    with explained(url):
        _make_whole(url, course)
        with open_gradebook(url, course.id) as gradebook:
            yield gradebook


@contextlib.contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn errors of the database at `url` within the block into a `GradebookError` that says what to do."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    from autograder.nbgrader_seam import InvalidEntry

    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except ArgumentError as error:
        message = f"`{url}` is not a database URL; write sqlite:///path or postgresql+psycopg://…"
        raise GradebookError(message) from error
    try:
        yield
    except (SQLAlchemyError, InvalidEntry, ImportError, OSError) as error:
        raise GradebookError(f"the gradebook {shown} {complaint(error)}") from error


def _make_whole(url: str, course: Course) -> None:
    """Create the file of a missing gradebook in one step.

    nbgrader creates tables one by one: a grader that is killed meanwhile would leave only some of them.
    """
    from sqlalchemy.engine import make_url

    from autograder.nbgrader_seam import open_gradebook

    path = make_url(url).database if url.startswith("sqlite:") else None
    if path and not Path(path).exists() and Path(path).parent.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            with open_gradebook(f"sqlite:///{folder}/new.db", course.id):
                pass
            atomic.create(Path(path), (Path(folder) / "new.db").read_bytes())
