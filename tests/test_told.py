"""What students are told before the due date: as much as the course allows, and nothing that hidden inputs decide."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Allowance, Course
from autograder.records.record import CheckRecord, Hint, Record, TimeRecord, WaitingRecord
from autograder.report import feedback, files, told

from .records import COURSE, ENTROPY, EXPLAINED, check, explanation, item, record

DUE = dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC)
BEFORE, AFTER = DUE - dt.timedelta(minutes=1), DUE
CAME = "2026-11-29T10:00:00+00:00"


def course_that_tells(before_due: str, **about: Any) -> Course:
    section = replace(ENTROPY, before_due=before_due, due=DUE, **about)
    return replace(COURSE, sections=(section, replace(EXPLAINED, before_due=before_due, due=DUE)))


def timed(one: Record, due: dt.datetime = DUE) -> Record:
    return replace(one, time=TimeRecord(due.isoformat(), CAME, 0, False, 0.0, "none"))


WRONG = timed(
    record(
        item(
            check("bits", "wrong", call="entropy([0.123, 0.877])", expected="0.538", got="0.373", max=2.5),
            check("axis", "error", function="InformationMeasures.joint_entropy"),
            full=10,
        )
    )
)


@pytest.mark.parametrize("before_due", ["counts", "functions"])
def test_the_whole_page_comes_when_the_section_is_due_and_not_a_minute_earlier(before_due: str) -> None:
    course = course_that_tells(before_due)

    assert told.page(course, "ada", WRONG, AFTER) == feedback.page(course, "ada", WRONG)
    assert told.feedback_object(course, "ada", WRONG, AFTER) == feedback.feedback_object(course, "ada", WRONG)
    assert "0.123" not in told.page(course, "ada", WRONG, BEFORE)
    assert "0.123" not in json.dumps(told.feedback_object(course, "ada", WRONG, BEFORE))


def test_a_course_that_says_nothing_tells_everything_at_once() -> None:
    course = replace(COURSE, sections=(replace(ENTROPY, due=DUE), EXPLAINED))

    assert told.page(course, "ada", WRONG, BEFORE) == feedback.page(course, "ada", WRONG)


def test_who_has_more_time_sees_the_rest_when_their_own_time_is_over() -> None:
    course, extended = course_that_tells("counts"), timed(WRONG, DUE + dt.timedelta(days=7))

    assert told.kept_back_until(course, extended, AFTER) == DUE + dt.timedelta(days=7)
    assert told.kept_back_until(course, replace(WRONG, time=None), BEFORE) == DUE, "no time known: the section's"


@pytest.mark.parametrize(("before_due", "names"), [("counts", 0), ("functions", 2)])
def test_counts_say_how_many_pass_and_functions_also_which_fail(before_due: str, names: int) -> None:
    course = course_that_tells(before_due)
    page = told.page(course, "ada", WRONG, BEFORE)
    (first, second) = told.feedback_object(course, "ada", WRONG, BEFORE)["items"].values()

    assert (first["passed"], first["checks"]) == (6, 8)
    assert (second["passed"], second["checks"]) == (6, 6)
    assert "<strong>12</strong> of 14 hidden checks pass" in page
    assert page.count("<wbr>entropy") == names
    assert len(first.get("failing", ())) == names
    assert "Monday, 30 November 2026 at 23:59 (UTC)" in page


texts = st.text(st.characters(codec="utf-8", exclude_characters="`"), max_size=12)
hints = st.lists(st.builds(Hint, texts, texts, texts), max_size=2).map(tuple)
failures = st.builds(
    check,
    texts,
    st.sampled_from(["wrong", "error", "time limit", "memory limit", "crashed", "refused", "missing"]),
    points=st.floats(0, 1),
    max=st.floats(1, 3),
    message=texts,
    call=st.none() | texts,
    expected=st.none() | texts,
    got=st.none() | texts,
    reason=texts,
    hints=hints,
    follows_from=st.lists(texts, max_size=1).map(tuple),
)


@given(st.lists(failures, min_size=3, max_size=3), st.lists(failures, min_size=3, max_size=3), st.randoms())
def test_what_is_told_does_not_depend_on_what_checks_ask_and_find(
    some: list[CheckRecord], others: list[CheckRecord], random: Any
) -> None:
    """With as many failed checks, of whatever kind and in whatever place, the bytes are the same."""
    course = course_that_tells("counts")
    said = set()
    for failed in (some, others):
        checks = [*failed, *(check(f"passes_{n}") for n in range(4))]
        random.shuffle(checks)
        example = replace(item(*checks, full=10), checks=tuple(checks))
        none = replace(item(*failed, full=6), checks=tuple(failed), points=0.0)
        one = timed(record(example, none))
        page, data = told.page(course, "ada", one, BEFORE), told.feedback_object(course, "ada", one, BEFORE)
        said.add((page, json.dumps(data)))

    assert len(said) == 1


@pytest.mark.parametrize(
    ("message", "told_why"),
    [
        ("Importing `entropy.py` raised SyntaxError: expected ':' (entropy.py, line 6).", "the code can't be loaded"),
        ("The file `entropy.py` is not in the submission.", "there was nothing of yours to judge"),
    ],
)
def test_what_was_wrong_before_any_call_is_told(message: str, told_why: str) -> None:
    verdict = "error" if message.startswith("Importing") else "missing"
    broken = record(item(*(check(f"c{n}", verdict, message=message) for n in range(10)), full=10))
    page = told.page(course_that_tells("counts"), "ada", timed(broken), BEFORE)

    assert told_why.replace("'", "&#39;") in page
    assert "line 6" not in page


def test_an_explanation_and_what_could_not_be_judged_have_no_numbers() -> None:
    course = course_that_tells("counts")
    one = timed(
        record(item(full=6), section="3_explained", items={"exercise-3": item(full=6, status="not judged", points=None),
                                                           "exercise-3-explanation": explanation()})
    )  # fmt: skip
    items = told.feedback_object(course, "ada", one, BEFORE)["items"]
    page = told.page(course, "ada", one, BEFORE)

    assert [of_item["status"] for of_item in items.values()] == ["not judged", "needs review"]
    assert all("passed" not in of_item for of_item in items.values())
    assert "SECRET" not in page + json.dumps(items)
    assert "read by a person" in page
    assert "not judged yet" in page


@pytest.mark.parametrize("now", [BEFORE, AFTER])
def test_newer_work_that_waits_is_said_with_the_moment(now: dt.datetime) -> None:
    course = course_that_tells("counts", watch=Allowance(5, dt.timedelta(hours=24)))
    waiting = replace(WRONG, waiting=WaitingRecord("2026-11-30T10:00:00+00:00", "2026-11-30T22:15:00+00:00"))
    page = told.page(course, "ada", waiting, now)

    assert "Newer work of yours came on Monday, 30 November 2026 at 10:00 (UTC)." in page
    assert "is judged on Monday, 30 November 2026 at 22:15 (UTC): 5 attempts within 1 day are judged" in page
    assert told.feedback_object(course, "ada", waiting, now)["waiting"]["judged"] == "2026-11-30T22:15:00+00:00"


def test_the_files_for_a_student_hold_no_more_than_that(tmp_path: Any) -> None:
    course = course_that_tells("counts")
    late = DUE + dt.timedelta(days=36500)
    files.write_feedback(course, [("ada", timed(WRONG, late))], tmp_path)

    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 2
    assert not [text for text in written if "0.123" in text or "Message of" in text or "Reason of" in text]
