"""How many attempts are judged in what time; what is beyond that is kept and never forgotten. The clock is the test's."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from autograder.course import Allowance, Course
from autograder.grading import allowance, deliver
from autograder.submissions import history
from autograder.submissions.attempts import Attempt, make_attempt
from autograder.submissions.history import HistoryError

from . import mini_course

START = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
KEY = ("ada", "1_mini")


def hours(number: float) -> dt.timedelta:
    return dt.timedelta(hours=number)


class Student:
    """Hands in work, of which two attempts are judged within a day, as `autograder watch` does it."""

    def __init__(self, course: Course, output: Path) -> None:
        self.course, self.output = course, output
        self.there: list[Attempt] = []

    def attempt(self, text: str, student: str = "ada") -> Attempt:
        return make_attempt(self.course.sections[0], student, Path(), {"measures.py": text.encode()})

    def hands_in(self, *texts: str, at: dt.timedelta) -> list[str]:
        """Hand in, and return the work that is judged."""
        self.there = [self.attempt(text) for text in texts]
        return self.looks(at)

    def looks(self, at: dt.timedelta) -> list[str]:
        split = allowance.split(self.course, self.output, self.there, START + at)
        allowance.charge(self.course, self.output, split.ready, START + at)
        history.keep(split.ready, self.output)
        self.waiting = split.waiting.get(KEY)
        return [one.files["measures.py"].decode() for one in split.ready]

    def kept(self) -> set[str]:
        kept = deliver.kept(self.course, self.output, {KEY}).get(KEY, [])
        return {one.files["measures.py"].decode() for one in kept}


@pytest.fixture
def ada(tmp_path: Path) -> Student:
    course = mini_course.write(tmp_path)
    section = dataclasses.replace(course.sections[0], watch=Allowance(2, hours(24)))
    return Student(dataclasses.replace(course, sections=(section,)), tmp_path / "out")


def test_what_is_beyond_the_allowance_waits_until_the_first_has_left_the_window(ada: Student) -> None:
    assert ada.hands_in("one", at=hours(0)) == ["one"]
    assert ada.hands_in("two", at=hours(10)) == ["two"]
    assert ada.hands_in("three", at=hours(11)) == ["two"], "the page of the one before says that the new one waits"
    assert ada.waiting is not None
    assert ada.waiting.judged == "2026-12-01T12:00:01+00:00"
    assert ada.looks(hours(23.99)) == ["two"]

    assert ada.looks(hours(24.01)) == ["three"]
    assert ada.waiting is None


def test_work_that_was_judged_is_free_whenever_it_comes_again(ada: Student) -> None:
    for at, text in enumerate(("one", "two", "one", "two", "one")):
        assert ada.hands_in(text, at=hours(at)) == [text]


def test_nothing_that_waits_is_lost_or_judged_before_its_time(ada: Student) -> None:
    for at, text in enumerate(("one", "two", "three", "four", "five")):
        ada.hands_in(text, at=hours(at))
        assert ada.looks(hours(at)) == [text if at < 2 else "two"]

    assert ada.kept() == {"one", "two", "three", "four", "five"}


def test_where_the_best_counts_each_is_judged_in_time_the_newest_first(ada: Student) -> None:
    texts = ("one", "two", "three", "four")
    ada.hands_in(*texts[:2], at=hours(0))
    ada.there = [dataclasses.replace(one, seen=(START + hours(n)).isoformat()) for n, one in
                 enumerate(map(ada.attempt, texts))]  # fmt: skip

    assert set(ada.looks(hours(5))) == {"one", "two"}
    ada.there.append(dataclasses.replace(ada.attempt("five"), seen=(START + hours(4)).isoformat()))
    assert set(ada.looks(hours(25))) == {"one", "two", "five", "four"}
    assert ada.waiting is not None
    assert set(ada.looks(hours(50))) == {*texts, "five"}


def test_an_attempt_that_could_not_be_judged_costs_nothing(ada: Student) -> None:
    split = allowance.split(ada.course, ada.output, [ada.attempt("one")], START)

    assert len(split.ready) == 1
    for text in ("one", "two"):
        assert ada.hands_in(text, at=hours(1)) == [text]


def test_everybody_has_an_allowance_of_their_own(ada: Student) -> None:
    ada.hands_in("one", at=hours(0))
    ada.hands_in("two", at=hours(0))
    others = [ada.attempt("three", student) for student in ("ada", "bob")]
    split = allowance.split(ada.course, ada.output, others, START)

    assert split.waiting.keys() == {KEY}
    assert {attempt.student for attempt in split.ready} == {"ada", "bob"}


def test_what_was_graded_before_the_watch_began_counts_from_when_it_was_first_seen(ada: Student) -> None:
    history.keep([ada.attempt("one"), ada.attempt("two")], ada.output)
    now = dt.datetime.now(dt.UTC) - START

    assert ada.hands_in("three", at=now + hours(1))[0] in ("one", "two")
    assert ada.hands_in("two", at=now + hours(1)) == ["two"]
    assert ada.hands_in("three", at=now + hours(25)) == ["three"]


def test_without_an_allowance_everything_is_judged_and_nothing_is_written(ada: Student) -> None:
    section = dataclasses.replace(ada.course.sections[0], watch=None)
    ada.course = dataclasses.replace(ada.course, sections=(section,))

    assert ada.hands_in("one", "two", "three", at=hours(0)) == ["one", "two", "three"]
    assert list(ada.output.rglob(allowance.LEDGER)) == []


def test_what_can_not_be_read_is_named_and_gives_no_attempts_away(ada: Student) -> None:
    ada.hands_in("one", at=hours(0))
    next(ada.output.rglob(allowance.LEDGER)).write_text("[1]")

    with pytest.raises(HistoryError, match=r"judged\.json can't be read .*; put a backup there, or remove it"):
        ada.looks(hours(1))
