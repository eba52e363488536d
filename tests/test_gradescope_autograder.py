"""The autograder for Gradescope: what its zip holds, what it writes for a submission, and what it does not tell."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder import course as course_module
from autograder.cli import DONE
from autograder.course import CourseError
from autograder.grading import gradescope
from autograder.sandbox.walls import WALLS
from tests.test_watch import Watched
from tests.test_watch import watched as watched  # a fixture

NOW = dt.datetime.now(dt.UTC)
HOUR = dt.timedelta(hours=1)
ALLOWANCE = '[watch]\nattempts = 1\nper = "24h"\n'


def metadata(place: Path, previous: list[dict[str, Any]], came: dt.datetime = NOW, **about: Any) -> None:
    """Write what Gradescope writes, as its documentation shows it."""
    about = {
        "id": 123456,
        "created_at": came.isoformat(),
        "assignment": {"due_date": "2018-07-31T23:00:00.000000-07:00", "group_size": None, "title": "Entropy"},
        "submission_method": "upload",
        "users": [{"email": "Ada@example.org", "id": 1234, "name": "Ada Lovelace"}],
        "previous_submissions": previous,
    } | about
    (place / "submission_metadata.json").write_text(json.dumps(about))


def earlier(results: Any, before: dt.timedelta, score: float = 0.0) -> dict[str, Any]:
    return {"submission_time": (NOW - before).isoformat(), "score": score, "results": results}


class Container:
    """Gradescope's folder ``/autograder`` around a course whose judge gives the points that the module says."""

    def __init__(self, watched: Watched, tmp_path: Path) -> None:
        self.watched, self.place = watched, tmp_path / "autograder"
        (self.place / "results").mkdir(parents=True)
        (watched.root / "roster.csv").write_text("student,email\nada,ada@example.org\n")
        self.said: list[str] = []

    def submit(self, points: float, *previous: dict[str, Any], **about: Any) -> dict[str, Any]:
        self.watched.hand_in("scratch", points)
        shutil.rmtree(self.place / "submission", ignore_errors=True)
        (self.watched.root / "submitted" / "scratch" / "1_mini").rename(self.place / "submission")
        metadata(self.place, list(previous), **about)
        course = course_module.load(self.watched.root)
        assert gradescope.judge(course, course.sections[0], self.place, WALLS, self.said.append)
        found: dict[str, Any] = json.loads((self.place / "results" / "results.json").read_text(encoding="utf-8"))
        return found


@pytest.fixture
def container(watched: Watched, tmp_path: Path) -> Container:
    return Container(watched, tmp_path)


def test_the_same_course_makes_the_same_zip(watched: Watched) -> None:
    watched.mini.course.suites.mkdir()
    made = []
    for name in ("one.zip", "two.zip"):
        arguments = ["export", "gradescope", "1_mini", "--autograder", "--output", str(watched.root / name)]
        assert cli.main([*arguments, "--course", str(watched.root)]) == DONE
        made.append((watched.root / name).read_bytes())

    assert made[0] == made[1]


def test_the_student_is_the_one_on_the_roster_with_that_address(container: Container) -> None:
    container.submit(7)
    assert container.said[-1].startswith("`ada` 1_mini: 13 points of 16")

    container.submit(8, users=[{"email": "new@example.org", "id": 77, "name": "New"}])
    assert container.said[-1].startswith("`gradescope-77` 1_mini: 14 points of 16")


def test_a_time_that_the_student_wrote_is_not_when_it_came(container: Container, watched: Watched) -> None:
    late = '[late]\npolicy = "per_day"\nper_day = 0.5\n'
    watched.policies(section="due = 2026-01-01T00:00:00Z\n", tables=late)
    (container.watched.root / "submitted" / "scratch" / "1_mini").mkdir(parents=True)
    stamp = container.watched.root / "submitted" / "scratch" / "1_mini" / "timestamp.txt"
    stamp.write_text("2025-12-31 00:00:00 UTC")

    results = container.submit(7, came=dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC))

    assert results["score"] == 6.5
    assert "late" in results["output"]


def test_before_the_section_is_due_students_see_numbers_of_checks(container: Container, watched: Watched) -> None:
    due = (NOW + 24 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")
    watched.policies('before_due = "counts"\n', f"due = {due}\n")

    results = container.submit(7)

    shown = [test for test in results["tests"] if test.get("visibility") == "visible"]
    assert [test["name"] for test in shown] == ["Entropy", "A coin"]
    assert all("hidden check" in test["output"] and "score" not in test for test in shown)
    assert results["visibility"] == "after_due_date", "of everything else"
    assert results["stdout_visibility"] == "hidden"
    assert results["score"] == 13
    rest = [test for test in results["tests"] if test not in shown]
    assert sum(test["score"] for test in rest) == 13
    assert all(test.keys() == {"name", "score", "max_score"} for test in rest)


def test_beyond_the_allowance_the_last_results_stay_and_say_so(container: Container, watched: Watched) -> None:
    watched.policies(tables=ALLOWANCE)
    first = container.submit(7)
    second = container.submit(9, earlier(first, HOUR, 13))

    assert (second["score"], second["tests"]) == (13, first["tests"])
    assert second["output"].startswith("This was not judged: 1 attempt within 1 day is judged. Hand it in again")
    third = container.submit(10, earlier(first, 2 * HOUR, 13), earlier(second, HOUR, 13))
    assert third["output"].count("This was not judged") == 1, "the last that was judged, not the last"


def test_what_was_judged_before_is_judged_whenever_it_comes(container: Container, watched: Watched) -> None:
    watched.policies(tables=ALLOWANCE)
    first = container.submit(7)

    assert container.submit(7, earlier(first, HOUR, 13))["output"] == first["output"]
    assert container.submit(9, earlier(first, 25 * HOUR, 13))["score"] == 15, "a day later there is room"


@pytest.mark.parametrize("results", [None, {}, {"score": 1}, {"extra_data": None}, {"extra_data": {"attempt": 1}}])
def test_submissions_that_failed_cost_nothing(container: Container, watched: Watched, results: Any) -> None:
    watched.policies(tables=ALLOWANCE)

    assert container.submit(7, earlier(results, HOUR))["score"] == 13


def test_what_could_not_be_judged_has_no_results_and_no_points(container: Container, watched: Watched) -> None:
    def fails(_: str) -> None:
        raise OSError(28, "No space left on device")

    watched.judge = fails
    with pytest.raises(AssertionError):
        container.submit(7)

    assert list((container.place / "results").iterdir()) == []
    assert "`ada` 1_mini: no results, because it could not be judged" in container.said


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"created_at": "2026-01-01T00:00:00", "users": []}'])
def test_what_gradescope_never_writes_is_named(container: Container, watched: Watched, text: str) -> None:
    metadata(container.place, [])
    (container.place / "submission_metadata.json").write_text(text)
    course = course_module.load(watched.root)

    with pytest.raises(CourseError, match=r"submission_metadata\.json is not what Gradescope writes"):
        gradescope.judge(course, course.sections[0], container.place, WALLS, container.said.append)
