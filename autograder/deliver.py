"""Hands out what was judged: feedback for students, a CSV for staff, points in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder import attention, gradebook, review
from autograder.batch import Outcome
from autograder.collect import Problem
from autograder.course import Course
from autograder.report import files
from autograder.report.standing import Result


def deliver(
    course: Course,
    outcomes: Sequence[Outcome],
    everyone: Sequence[Outcome],
    output: Path,
    *,
    with_gradebook: bool = True,
    db_url: str | None = None,
    processes: int = 1,
    problems: Sequence[Problem] = (),
) -> tuple[dict[str, Path | str], list[Result]]:
    """Write the results below `output`; return what was written, by name, and the results of `outcomes`.

    Feedback and gradebook get `outcomes`; the CSV, which is written anew each time, gets `everyone`. The gradebook
    comes first: if it is locked or damaged, no student has been told anything yet. What a person decided on an
    explanation is read from it and stands in everything else; without `with_gradebook` it is read if it is there, so
    that no decision is taken back, and nothing is written to it. `db_url` names another gradebook than the file
    ``gradebook.db`` in `output`. `problems` are told in the CSV's notes, beside what needs attention among `everyone`.
    """
    output.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path | str] = {}
    if with_gradebook:
        judged = [(outcome.attempt, outcome.record) for outcome in outcomes]
        gradebook.write(course, judged, output, db_url, processes=processes)
        paths["gradebook"] = gradebook.name(output, db_url)
    decisions = gradebook.decisions(course, output, db_url)

    def decided(outcome: Outcome) -> Result:
        attempt = outcome.attempt
        return attempt.student, review.decided(outcome.record, decisions.get((attempt.student, attempt.section), {}))

    results = [decided(outcome) for outcome in outcomes]
    files.write_feedback(course, results, output / "feedback", processes=processes)
    for outcome in outcomes:
        files.mark_for_exchange(course, outcome.attempt, output / "feedback")
    paths["feedback"] = output / "feedback"
    whole = [decided(outcome) for outcome in everyone]
    entries = attention.of_results(course, whole, [outcome.attempt for outcome in everyone], problems)
    notes = attention.notes(course, whole, entries)
    paths["CSV"] = files.write_csv(course, whole, output / "grades.csv", notes)
    return paths, results
