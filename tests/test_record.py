"""A record has one form as JSON, and what has another form is not a record."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.records.record import (
    AttemptRecord,
    CellRecord,
    DecisionRecord,
    Evidence,
    Hint,
    ProseRecord,
    Record,
    RecordError,
    Statement,
    Status,
    Suggestion,
    TimeRecord,
)
from autograder.records.standing import item_standing
from autograder.records.store import decode
from autograder.verdict import Verdict
from tests.records import ENTROPY, changed, check, explanation, item, record

WRONG = check("a", "wrong", call="f(1)", expected="2", got="3", follows_from=("g",), hints=(Hint("i", "b", "h"),))
FULL = record(
    item(WRONG, full=2, title="One"),
    explanation(),
    status="needs review",
    notes=("A note.",),
    cells=(CellRecord("cell 3", Verdict.TIME_LIMIT, "Stopped."),),
)
TIME = TimeRecord("2026-11-30T23:59:00+01:00", None, None, late=False, penalty=0.0, policy="none")
ATTEMPT = AttemptRecord("a" * 64, None, None, 6.0, 0.0, 6.0, Status.JUDGED, counts=True)


def test_a_record_has_this_form() -> None:
    data = FULL.to_json()

    assert list(data) == [
        "format", "section", "attempt", "suite", "seed", "grader", "walls", "status", "reason", "notes", "cells",
        "items",
    ]  # fmt: skip
    assert (data["format"], data["walls"], data["notes"]) == (1, ["landlock", "seccomp", "rlimits"], ["A note."])
    assert data["cells"] == [{"cell": "cell 3", "verdict": "time limit", "message": "Stopped."}]
    one, prose = data["items"].values()
    assert list(one) == ["title", "points", "max", "status", "checks"]
    assert list(one["checks"][0].items()) == [
        ("name", "a"),
        ("verdict", "wrong"),
        ("points", 0.0),
        ("max", 1.0),
        ("function", "InformationMeasures.entropy"),
        ("reason", "Reason of a."),
        ("message", "Message of a."),
        ("call", "f(1)"),
        ("expected", "2"),
        ("got", "3"),
        ("follows_from", ["g"]),
        ("misconception", "i"),
        ("hints", [{"misconception": "i", "believed": "b", "hint": "h"}]),
    ]
    assert list(prose.items())[4:] == [
        ("checks", []),
        (
            "suggestion",
            {
                "points": 1.5,
                "confidence": 0.9,
                "concepts": [{"id": "one-question", "title": "SECRET idea", "points": 1.5, "sentences": [0]}],
                "wrong_claims": [],
                "sentences": ["SECRET sentence"],
            },
        ),
        ("evidence", None),
        ("remarks", []),
        ("elsewhere", []),
        ("answer", "0123456789ab"),
    ]


def test_what_is_known_when_grades_are_made_comes_last() -> None:
    decision = DecisionRecord(1.0, "Good.", current=True)
    decided = replace(explanation(), decision=decision)
    overridden = replace(item(full=2), decision=replace(decision, judge=2.0))

    data = changed(FULL, {"example-1": overridden, "exercise-1": decided}, time=TIME, history=(ATTEMPT,)).to_json()

    said = {"points": 1.0, "comment": "Good.", "current": True}
    assert [list(entry)[-1] for entry in data["items"].values()] == ["decision", "decision"]
    assert [entry["decision"] for entry in data["items"].values()] == [said | {"judge": 2.0}, said]
    assert list(data)[-2:] == ["time", "history"]
    assert list(data["time"]) == ["due", "came", "late_seconds", "late", "penalty", "policy", "problem"]
    assert list(data["history"][0].items()) == [
        ("attempt", "a" * 64), ("came", None), ("seen", None), ("raw", 6.0), ("penalty", 0.0), ("points", 6.0),
        ("status", "judged"), ("counts", True),
    ]  # fmt: skip
    json.dumps(data)


@pytest.mark.parametrize(
    "prose",
    [
        explanation().prose,
        ProseRecord(None, None, ("Why.",), (), "0" * 12),
        ProseRecord(None, Evidence((), (Statement("w", "t", -0.5, (0, 1)),), ("a", "b")), (), ("x",), "0" * 12),
        ProseRecord(Suggestion(0.0, 1.0, Evidence()), None, (), (), "0" * 12),
    ],
)
def test_it_comes_back_as_it_was(prose: ProseRecord) -> None:
    whole = changed(FULL, {"exercise-1": explanation(prose=prose)})

    assert Record.from_json(whole.to_json()) == whole


def _drop(data: Any, *path: Any) -> None:
    *way, last = path
    for key in way:
        data = data[key]
    del data[last]


def _set(value: Any, *path: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        *way, last = path
        for key in way:
            data = data[key]
        data[last] = value

    return change


CHECK = ("items", "example-1", "checks", 0)
PROSE = ("items", "exercise-1")


@pytest.mark.parametrize(
    "change",
    [
        _set(2, "format"),
        _set("1", "seed"),
        _set([1], "walls"),
        _set("almost", "status"),
        _set(None, "notes"),
        _set([None], "notes"),
        _set({}, "time"),
        _set([{"cell": "a", "verdict": "error"}], "cells"),
        _set([], "items"),
        _set({"example-1": None}, "items"),
        _set("10", "items", "example-1", "points"),
        _set(True, "items", "example-1", "points"),
        _set("decided", "items", "example-1", "status"),
        _set({}, "items", "example-1", "decision"),
        _set("a verdict of next year", *CHECK, "verdict"),
        _set(None, *CHECK, "points"),
        _set("other", *CHECK, "misconception"),
        _set(["g", 1], *CHECK, "follows_from"),
        _set([{"misconception": "i"}], *CHECK, "hints"),
        _set("SECRET", *CHECK, "answer_key"),
        _set(None, *PROSE, "answer"),
        _set([7], *PROSE, "remarks"),
        _set({"points": 1.0}, *PROSE, "suggestion"),
        _set([3], *PROSE, "suggestion", "concepts", 0, "sentences"),
        _set(["0"], *PROSE, "suggestion", "concepts", 0, "sentences"),
        lambda data: _drop(data, *CHECK, "reason"),
        lambda data: _drop(data, *PROSE, "answer"),
        lambda data: _drop(data, "grader"),
    ],
)
def test_another_form_is_not_a_record(change: Callable[[Any], None]) -> None:
    data = copy.deepcopy(FULL.to_json())
    assert Record.from_json(data) == FULL

    change(data)

    with pytest.raises(RecordError):
        Record.from_json(data)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_points_that_are_not_a_number_are_not_of_a_record(constant: str) -> None:
    content = json.dumps(changed(FULL, {"example-1": item(full=2, points=123.25)}).to_json())
    assert decode(content.encode())

    with pytest.raises(RecordError, match=constant):
        decode(content.replace("123.25", constant).encode())


def test_an_item_that_has_no_points_or_a_check_without_a_verdict_is_not_judged() -> None:
    for broken in (item(full=10, points=None), item(check("c", "not judged"), full=10)):
        standing = item_standing(ENTROPY, record(broken), "example-1")

        assert (standing.points, standing.status) == (None, Status.NOT_JUDGED)
