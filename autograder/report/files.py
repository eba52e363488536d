"""Where reports go: paths that are safe for any student's name, and files that are written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder import atomic, parallel
from autograder.course import Course
from autograder.records.standing import Result, in_order
from autograder.report import feedback, told
from autograder.report.grades_csv import csv_text
from autograder.submissions.attempts import Attempt
from autograder.text import path_component


class ReportError(Exception):
    """A report could not be written; the message names the file and the remedy."""


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
    feedback.environment()  # so that processes forked for this don't each read the templates

    def write(result: Result) -> None:
        student, record = result
        path = feedback_path(course, student, record.section, output_dir)
        write_if_changed(path, told.page(course, student, record))
        said = told.feedback_object(course, student, record)
        write_if_changed(path.with_suffix(".json"), json.dumps(said, ensure_ascii=False, allow_nan=False))

    parallel.spread(write, ordered, processes)
    return [feedback_path(course, student, record.section, output_dir) for student, record in ordered]


def mark_for_exchange(course: Course, attempt: Attempt, output_dir: Path) -> None:
    """Put next to the page of `attempt` what nbgrader's exchange needs, if it was submitted through the exchange.

    Raises
    ------
    ReportError
        If a file cannot be written.
    """
    folder = feedback_path(course, attempt.student, attempt.section, output_dir).parent
    kept = {"timestamp.txt": attempt.timestamp, "submission_secret.txt": attempt.secret}
    for name, text in kept.items():
        if all(kept.values()):
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
