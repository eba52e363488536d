"""Hands out what was judged: feedback for students, a CSV for staff, points in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder import confine, gradebook, review
from autograder.batch import Batch, Outcome
from autograder.collect import collect
from autograder.course import Course
from autograder.report import files
from autograder.report.standing import Result
from autograder.store import Store


def deliver(
    course: Course,
    outcomes: Sequence[Outcome],
    everyone: Sequence[Outcome],
    output: Path,
    *,
    with_gradebook: bool = True,
    db_url: str | None = None,
    processes: int = 1,
) -> tuple[dict[str, Path | str], list[Result]]:
    """Write the results below `output`; return what was written, by name, and the results of `outcomes`.

    Feedback and gradebook get `outcomes`; the CSV, which is written anew each time, gets `everyone`. The gradebook
    comes first: if it is locked or damaged, no student has been told anything yet. What a person decided on an
    explanation is read from it and stands in everything else; without `with_gradebook` it is read if it is there, so
    that no decision is taken back, and nothing is written to it. `db_url` names another gradebook than the file
    ``gradebook.db`` in `output`.
    """
    output.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path | str] = {}
    if with_gradebook:
        judged = [(outcome.attempt, outcome.record) for outcome in outcomes]
        gradebook.write(course, judged, output, db_url, processes=processes)
        paths["gradebook"] = gradebook.name(output, db_url)
    results = _decided(course, outcomes, output, db_url)
    files.write_feedback(course, results, output / "feedback", processes=processes)
    for outcome in outcomes:
        files.mark_for_exchange(course, outcome.attempt, output / "feedback")
    paths["feedback"] = output / "feedback"
    paths["CSV"] = files.write_csv(course, _decided(course, everyone, output, db_url), output / "grades.csv")
    return paths, results


def stored(
    course: Course, submitted: Path, output: Path, db_url: str | None = None, seed: int | None = None
) -> list[Result]:
    """Return everything that has been judged, with what persons decided, as `deliver` hands it out; judge nothing.

    Parameters
    ----------
    submitted
        The folder of submissions.
    output, db_url
        Where `deliver` wrote to; both are only read.
    seed
        The cohort seed; that of `course` unless given.
    """
    missing = confine.missing_walls()
    walls = tuple(wall for wall in confine.WALLS if wall not in missing)
    store = Store(course.root / ".autograder" / "store")
    batch = Batch(course, store, seed=course.seed if seed is None else seed, jobs=None, walls=walls)
    return _decided(course, batch.stored(collect(course, submitted).attempts), output, db_url)


def _decided(course: Course, outcomes: Sequence[Outcome], output: Path, db_url: str | None) -> list[Result]:
    decisions = gradebook.decisions(course, output, db_url)
    return [
        (o.attempt.student, review.decided(o.record, decisions.get((o.attempt.student, o.attempt.section), {})))
        for o in outcomes
    ]
