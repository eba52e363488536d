"""Judges the one submission that Gradescope gives its autograder: a watch that ends, between Gradescope's files.

A container of Gradescope holds one submission and forgets everything afterwards. What the allowance of the course needs
to know comes from the results of earlier submissions, which Gradescope hands over: each of ours names its attempt.

Trusted: what Gradescope writes beside the submission. Not trusted: the submission.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import atomic
from autograder.course import Course, CourseError, Section
from autograder.exports import gradescope
from autograder.exports.grades import grades
from autograder.grading import allowance, deliver
from autograder.grading.watch import Options, Watch
from autograder.people import roster
from autograder.report import when
from autograder.submissions import times
from autograder.text import quoted

METADATA = "submission_metadata.json"
"""The file in which Gradescope says whose submission it is, when it came, and what came before.

https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
"""


@dataclass(frozen=True)
class _Submission:
    """What Gradescope says of a submission; `judged` holds earlier ones that we judged, in the order they came."""

    student: str
    came: dt.datetime
    judged: list[tuple[dt.datetime, dict[str, Any]]]


def judge(course: Course, section: Section, place: Path, walls: tuple[str, ...], say: Callable[[str], None]) -> bool:
    """Judge what is in Gradescope's folder `place` and write its ``results.json``; return whether that was possible.

    Parameters
    ----------
    course
        The course, below `place`.
    place
        The folder ``/autograder`` of Gradescope's container.
    walls
        The walls to raise around student code.
    say
        Called with each line for staff.

    Raises
    ------
    CourseError
        If Gradescope's own files are not as it documents them.
    OSError
        If the results can't be written.
    """
    said = _read(course, place)
    with tempfile.TemporaryDirectory() as folder:
        submitted, output = Path(folder, "submitted"), Path(folder, "results")
        work = submitted / said.student / section.id
        shutil.copytree(place / "submission", work, symlinks=True)
        (work / "timestamp.txt").unlink(missing_ok=True)
        (work / "timestamp.txt").write_text(times.written(said.came), encoding="ascii")
        ledger = {results["extra_data"]["attempt"]: time for time, results in said.judged}
        if section.watch is not None:
            allowance.save(output, said.student, section.id, ledger)
        watch = Watch(course, Options(submitted, output, walls, with_gradebook=False), say)
        is_complete = watch.once()
        results = deliver.stored(course, submitted, output)
        if opens := watch.opens(said.student):
            content = _waits(course, section, said, opens)
        elif is_complete and results:
            (grade,) = grades(course, results, [section.id], partial=True)[section.id].values()
            content = gradescope.on_arrival(course, grade)
        else:
            say(f"{quoted(said.student)} {section.id}: no results, because it could not be judged")
            return False
    atomic.write(place / "results" / "results.json", gradescope.written(content))
    return True


def _read(course: Course, place: Path) -> _Submission:
    path = place / METADATA
    try:
        metadata = json.loads(path.read_bytes())
        came = dt.datetime.fromisoformat(metadata["created_at"])
        users = [(str(user["email"]).lower(), str(user["id"])) for user in metadata["users"]]
        judged = sorted(_judged(metadata.get("previous_submissions") or []), key=lambda earlier: earlier[0])
        if came.tzinfo is None or not users:
            raise ValueError("no zone, or nobody who submitted")
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{path} is not what Gradescope writes ({type(error).__name__}: {error}); run this in its container"
        ) from error
    known = {entry.email.lower(): entry.student for entry in roster.load(course.root).students if entry.email}
    # A group has one submission; who of it has an extension gives it to all.
    students = [known[email] for email, _ in users if email in known]
    return _Submission(students[0] if students else f"gradescope-{users[0][1]}", came, judged)


def _judged(previous: list[Any]) -> Iterator[tuple[dt.datetime, dict[str, Any]]]:
    """Yield the earlier submissions that we judged; others failed, or were judged by another autograder."""
    for earlier in previous:
        results = earlier.get("results")
        extra = results.get("extra_data") if isinstance(results, dict) else None
        if isinstance(extra, dict) and isinstance(extra.get("attempt"), str) and not extra.get("waits"):
            yield dt.datetime.fromisoformat(earlier["submission_time"]), results


def _waits(course: Course, section: Section, said: _Submission, opens: dt.datetime) -> dict[str, Any]:
    """Return the results of the last attempt that was judged, with a line that says why this one was not."""
    assert section.watch is not None, "else nothing waits"
    assert said.judged, "else there would be room"
    results = dict(said.judged[-1][1])
    notice = (
        f"This was not judged: {when.allowance(section.watch)}. Hand it in again after "
        f"{when.moment(course, opens.isoformat())}. What is below is of the last attempt that was judged."
    )
    results["output"] = "\n".join(filter(None, (notice, str(results.get("output") or ""))))
    results["extra_data"] = {**results["extra_data"], "waits": True}
    return results
