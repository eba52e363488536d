"""What a student's page says of the attempt before."""

from __future__ import annotations

import dataclasses

from autograder.records.record import EarlierRecord, ItemRecord, Record
from autograder.report.changes import changes
from tests.records import COURSE, ENTROPY, EXPLAINED, check, explanation, item, record


def since(before: ItemRecord, after: ItemRecord) -> Record:
    now = record(after)
    return dataclasses.replace(now, earlier=EarlierRecord(None, None, {**now.items, "example-1": before}))


def test_points_and_checks_that_ended_otherwise_are_found() -> None:
    before = item(check("a", "wrong"), check("b"), check("c", "missing"), full=10)
    after = item(check("a"), check("b", "error"), check("c", "wrong"), full=10)

    found = changes(ENTROPY, since(before, after))

    assert found is not None
    assert found.gained == 0
    assert [one.name for one in found.passed] == ["a"]
    assert [one.name for one in found.failed] == ["b"]


def test_the_same_again_is_said_to_be_the_same() -> None:
    found = changes(ENTROPY, since(item(check("a", "wrong"), full=10), item(check("a", "error"), full=10)))

    assert found is not None
    assert (found.items, found.passed, found.failed) == ((), (), ())


def test_checks_that_differ_are_not_compared() -> None:
    before, after = item(check("old", "wrong"), full=10), item(check("new"), full=10)

    found = changes(ENTROPY, since(before, after))

    assert found is not None, "the other item is the same"
    assert found.items == ()


def test_without_an_attempt_before_or_with_explanations_only_nothing_is_said() -> None:
    assert changes(ENTROPY, record(item(full=10))) is None
    read = {"exercise-3-explanation": explanation()}
    alone = record(item(full=10), section="3_explained", items=read)
    assert (
        changes(COURSE.section(EXPLAINED.id), dataclasses.replace(alone, earlier=EarlierRecord(None, None, read)))
        is None
    )


def test_points_that_a_person_gave_are_not_taken_for_progress() -> None:
    now = since(item(check("a", "wrong"), full=10), item(check("a", "wrong"), full=10, points=10.0))

    found = changes(ENTROPY, now)

    assert found is not None
    assert found.gained == 0
