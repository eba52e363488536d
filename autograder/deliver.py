"""Hands out what was judged: feedback for students, a CSV for staff, points in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder import gradebook
from autograder.batch import Outcome
from autograder.course import Course
from autograder.report import files


def deliver(
    course: Course,
    outcomes: Sequence[Outcome],
    everyone: Sequence[Outcome],
    output: Path,
    *,
    with_gradebook: bool = True,
) -> dict[str, Path]:
    """Write the results below `output`; return what was written, by name.

    Feedback and gradebook get `outcomes`; the CSV, which is written anew each time, gets `everyone`. The gradebook
    comes first: if it is locked or damaged, no student has been told anything yet.
    """
    output.mkdir(parents=True, exist_ok=True)
    results = [(outcome.attempt.student, outcome.record) for outcome in outcomes]
    paths: dict[str, Path] = {}
    if with_gradebook:
        gradebook.write(course, [(outcome.attempt, outcome.record) for outcome in outcomes], output)
        paths["gradebook"] = output / "gradebook.db"
    files.write_feedback(course, results, output / "feedback")
    paths["feedback"] = output / "feedback"
    everybody = [(outcome.attempt.student, outcome.record) for outcome in everyone]
    paths["CSV"] = files.write_csv(course, everybody, output / "grades.csv")
    return paths
