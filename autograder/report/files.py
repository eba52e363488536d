"""Where reports go: paths that no student's name can lead astray, and writes that are whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder import atomic, parallel
from autograder.collect import Attempt
from autograder.course import Course
from autograder.report.feedback import feedback_object, page
from autograder.report.grades_csv import csv_text
from autograder.report.standing import Result, in_order

_LONGEST = 128
_MAX_BYTES = 255  # of one component of a path, on every disk that we know


class ReportError(Exception):
    """A report could not be written; the message names the file and the remedy."""


def path_component(student: str) -> str:
    """Return the name of `student`'s folder: one path component, different for different students.

    Ordinary names (letters and digits of any script in their composed form, ``._@+-``, at most 128 characters, the
    first a letter or digit) stand for themselves. Any other becomes
    ``_<what is left of it>-<first 32 hex digits of its SHA-256>``; the leading
    underscore keeps it apart from every ordinary name.
    """
    if _is_ordinary(student):
        return student
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    rest = re.sub(r"[^A-Za-z0-9]+", "-", student)[:40].strip("-")
    return f"_{rest}-{digest}" if rest else f"_{digest}"


def _is_ordinary(student: str) -> bool:
    """Whether a name is safe as a folder's on every disk, in a shell and in a link, and the same wherever it is copied.

    Letters are composed, as other systems write them (NFKC also refuses look-alikes of slashes and dots); marks are
    those that have no composed form, as in Hindi.
    """
    return (
        0 < len(student) <= _LONGEST
        and len(student.encode("utf-8", "surrogatepass")) <= _MAX_BYTES
        and unicodedata.normalize("NFKC", student) == student
        and student[0].isalnum()
        and all(c.isalnum() or c in "._@+-" or unicodedata.category(c) in ("Mn", "Mc") for c in student)
    )


def feedback_path(course: Course, student: str, section_id: str, output_dir: Path) -> Path:
    """Return where the page goes: nbgrader's own ``<student>/<section>/<notebook>.html``."""
    section = course.section(section_id)
    return output_dir / path_component(student) / section.id / f"{Path(section.notebook).stem}.html"


def write_feedback(course: Course, results: Iterable[Result], output_dir: Path, *, processes: int = 1) -> list[Path]:
    """Write page and JSON of every result below `output_dir`; return the pages' paths, by student and section.

    Raises
    ------
    ReportError
        If a file cannot be written.
    """
    ordered = in_order(course, results)

    def write(result: Result) -> None:
        student, record = result
        path = feedback_path(course, student, record["section"], output_dir)
        write_if_changed(path, page(course, student, record))
        feedback = feedback_object(course, student, record)
        write_if_changed(path.with_suffix(".json"), json.dumps(feedback, ensure_ascii=False, allow_nan=False))

    parallel.spread(write, ordered, processes)
    return [feedback_path(course, student, record["section"], output_dir) for student, record in ordered]


def mark_for_exchange(course: Course, attempt: Attempt, output_dir: Path) -> None:
    """Put beside the page of `attempt` what nbgrader's exchange files it under, where it was submitted through that.

    Raises
    ------
    ReportError
        If a file cannot be written.
    """
    folder = feedback_path(course, attempt.student, attempt.section, output_dir).parent
    marks = {"timestamp.txt": attempt.timestamp, "submission_secret.txt": attempt.secret}
    for name, text in marks.items():
        if all(marks.values()):
            write_if_changed(folder / name, text or "")
        else:
            (folder / name).unlink(missing_ok=True)


def write_csv(
    course: Course, results: Iterable[Result], path: Path, notes: Mapping[tuple[str, str], str] | None = None
) -> Path:
    """Write the class as CSV to `path`."""
    write_if_changed(path, csv_text(course, results, notes))
    return path


def write_if_changed(path: Path, text: str) -> None:
    """Put `text` at `path` in one step, as UTF-8; a file that already holds it is left alone.

    Raises
    ------
    ReportError
        If the folder or the file cannot be written.
    """
    # Lone surrogates, from names of files that are not UTF-8, become `\\udc..`, which JSON reads back as they were.
    content = text.encode("utf-8", "backslashreplace")
    try:
        atomic.write(path, content)
    except OSError as error:
        raise ReportError(
            f"{path} cannot be written ({error.strerror}); free the place or choose another with --output"
        ) from error
