"""What a student's page says of due dates, lateness and attempts."""

from __future__ import annotations

import dataclasses
import zoneinfo
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, Late
from autograder.records.record import TimeRecord
from autograder.report import table, when
from tests import mini_course
from tests.test_gradebook import FAIR, GOOD

DUE, CAME = "2026-11-30T22:59:00+00:00", "2026-12-01T23:04:05+00:00"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = mini_course.write(tmp_path)
    return dataclasses.replace(course, timezone=zoneinfo.ZoneInfo("Europe/Berlin"))


def said(course: Course, policy: Late | None = None, **time: Any) -> str:
    known = {"due": DUE, "came": None, "late_seconds": None, "late": False, "penalty": 0.0, "policy": "none"} | time
    section = dataclasses.replace(course.sections[0], late=policy)
    return " ".join(when.sentences(course, section, dataclasses.replace(FAIR, time=TimeRecord(**known))))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (3_661, "1 hour 1 minute"),
        (86_400, "1 day"),
        (93_600, "1 day 2 hours"),
        (10 * 86_400 + 59, "10 days 59 seconds"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: int, words: str) -> None:
    assert when.duration(seconds) == words


def test_moments_are_of_the_courses_zone(course: Course) -> None:
    assert when.moment(course, DUE) == "Monday, 30 November 2026 at 23:59 (CET)"
    assert when.moment(course, "2026-06-30T22:59:00+00:00") == "Wednesday, 1 July 2026 at 00:59 (CEST)"


def test_nothing_is_said_where_nothing_is_known(course: Course) -> None:
    assert when.sentences(course, course.sections[0], FAIR) == []
    assert when.attempts(course, FAIR) == []
    assert said(course, due=None) == "", "a stamp that nobody can read is for staff, if nothing is due"


@pytest.mark.parametrize(
    ("late", "time", "says"),
    [
        (None, {"came": "2026-11-30T22:59:00+00:00", "late_seconds": 0}, "at 23:59 (CET), on time."),
        (
            None,
            {"came": CAME, "late_seconds": 86_705},
            "It came on Wednesday, 2 December 2026 at 00:04 (CET), 1 day 5 m",
        ),
        (None, {}, "When it came is not known, so nothing is taken off"),
        (None, {"late": True}, "calls it late and doesn’t say when it came. Nothing is taken off for that until"),
        (None, {"late_seconds": 0}, "The learning platform says that it came on time."),
        (None, {"came": CAME, "late_seconds": 9, "penalty": 1.0}, "Being late costs 1 point."),
        (Late("zero"), {"came": CAME, "late_seconds": 9, "penalty": 7.5}, "What comes late gets no points."),
        (
            Late("zero", grace_days=2),
            {"came": CAME, "penalty": 7.5},
            "What comes more than 2 days late gets no points.",
        ),
        (
            Late("per_day", 0.125, 0.5, 1),
            {"came": CAME, "penalty": 2.0},
            "Each day after 1 day of grace, once it has begun, costs 12.5 % of the points; 50 % are kept in any case.",
        ),
    ],
)
def test_what_is_known_is_said_and_what_it_costs(
    course: Course, late: Late | None, time: dict[str, Any], says: str
) -> None:
    text = said(course, late, **time)

    assert text.startswith("This was due on Monday, 30 November 2026 at 23:59 (CET). ")
    assert says in text


def test_whether_one_may_hand_in_again_is_said_with_the_moment_and_the_rule(course: Course) -> None:
    def again(policy: Late | None, attempts: Any = "last", due: str | None = DUE, **time: Any) -> str:
        section = dataclasses.replace(course.sections[0], late=policy)
        known = TimeRecord(due, None, None, late=False, penalty=time.get("penalty", 0.0), policy="x")
        of = dataclasses.replace(course, attempts=attempts)
        return " ".join(when.again(of, section, dataclasses.replace(FAIR, time=known)))

    until = "You can hand in again until Monday, 30 November 2026 at 23:59 (CET)."
    assert again(Late()) == f"{until} Your last attempt counts. Later work is marked as late and loses nothing."
    assert again(Late("zero"), "best") == (
        f"{until} The best of your attempts counts. After that, what comes late gets no points."
    )
    assert "After that, each day, once it has begun, costs 10 % of the points." in again(Late("per_day", 0.1))
    assert "ach day" not in again(Late("per_day", 0.1), penalty=1.0), "it is said where the penalty is"
    assert again(None) == f"{until} Your last attempt counts. Your instructor says what later work loses."
    assert again(Late("zero"), due=None) == "You can hand in again. Your last attempt counts. No due date is set."


def test_the_table_shows_who_lost_points_and_the_total_without_them(course: Course) -> None:
    time = TimeRecord(DUE, CAME, 9, late=False, penalty=1.5, policy="per_day")
    late = dataclasses.replace(FAIR, time=time)

    header, _, ada, bob = table.table_text(course, [("ada", GOOD), ("bob", late)]).splitlines()
    assert header.split() == ["student", "example-1", "exercise-1", "late", "total", "of"]
    assert ada.split() == ["ada", "10", "6", "16", "16"]
    assert bob.split() == ["bob", "7.5", "0", "-1.5", "6", "16"]
    assert "late" not in table.table_text(course, [("ada", GOOD)])
