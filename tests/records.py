"""Records as the judge makes them, for tests of what is done with them, and the small course that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from autograder.course import Course, Item, Limits, Section
from autograder.records.record import (
    CheckRecord,
    Evidence,
    Header,
    ItemRecord,
    ProseRecord,
    Record,
    Statement,
    Status,
    Suggestion,
)
from autograder.verdict import Verdict

FUNCTION = "InformationMeasures.entropy"
SECRET = "SECRET idea"

_LIMITS = Limits(1, 1, 1, 1, 1, 1, 1, 1, 1)
ENTROPY = Section(
    id="1_entropy",
    title="Entropy",
    notebook="1_entropy.ipynb",
    modules=("entropy.py",),
    files=(),
    items=(
        Item("example-1", "Entropy, joint entropy, conditional entropy", "module", 10.0, "entropy.py"),
        Item("exercise-1", "A die & a biased coin", "notebook", 6.0, None, ("die_entropy", "coin_entropy")),
    ),
    limits=_LIMITS,
)
EXPLAINED = Section(
    id="3_explained",
    title="Mutual information",
    notebook="3_explained.ipynb",
    modules=(),
    files=(),
    items=(
        Item("exercise-3", "Two columns", "notebook", 6.0, None, ("total",)),
        Item("exercise-3-explanation", "Explain", "prose", 2.0),
    ),
    limits=_LIMITS,
)
COURSE = Course(
    Path("course"),
    Path("course/suites"),
    "it4ml",
    "Information Theory for Machine Learning",
    2026,
    (ENTROPY, EXPLAINED),
)


def check(name: str, verdict: str = "passed", **changes: Any) -> CheckRecord:
    """Return one check, worth one point."""
    passed = verdict == "passed"
    values: dict[str, Any] = {
        "points": 1.0 if passed else 0.0,
        "max": 1.0,
        "function": FUNCTION,
        "reason": f"Reason of {name}.",
        "message": "" if passed else f"Message of {name}.",
    }
    return CheckRecord(name, Verdict(verdict), **(values | changes))


def item(*checks: CheckRecord, full: float, status: str = "judged", **changes: Any) -> ItemRecord:
    """Return one item; passed checks that are not given fill it up to `full`."""
    rest = round(full - sum(one.max for one in checks))
    filled = (*checks, *(check(f"other_{place}") for place in range(rest)))
    points = sum(one.points for one in filled) if status == "judged" else None
    return ItemRecord(
        **({"title": "…", "points": points, "max": full, "status": Status(status), "checks": filled} | changes)
    )


def scored(points: float | None, full: float, status: str = "judged", **changes: Any) -> ItemRecord:
    """Return an item of one check that got `points` of `full`; without points it has no check."""
    passed = points == full
    values = {"points": points, "max": full, "function": None, "reason": "A fair coin has 1 bit."}
    values |= {"message": "" if passed else "Got 0.69."} | changes
    verdict = values.pop("verdict", "passed" if passed else "wrong")
    checks = () if points is None else (check("a_check", str(verdict), **values),)
    return ItemRecord("Entropy", points, full, Status(status), checks)


def explanation(full: float = 2.0, answer: str = "0123456789ab", **changes: Any) -> ItemRecord:
    """Return an explanation that waits for a person; the judge suggests 1.5 points, for staff."""
    idea = Statement("one-question", SECRET, 1.5, (0,))
    suggestion = Suggestion(1.5, 0.9, Evidence((idea,), (), ("SECRET sentence",)))
    of_prose = {"suggestion": suggestion, "evidence": None, "remarks": (), "elsewhere": ()}
    read = {name: changes.pop(name, value) for name, value in of_prose.items()}
    waiting = {"title": "Explain", "points": None, "max": full, "status": Status.NEEDS_REVIEW}
    return ItemRecord(**(waiting | {"prose": ProseRecord(**read, answer=answer)} | changes))


def changed(of: Record, items: Mapping[str, ItemRecord] | None = None, **changes: Any) -> Record:
    """Return the record with other `items`, beside those that it has, and other fields."""
    return replace(of, items={**of.items, **(items or {})}, **changes)


def record(example: ItemRecord, exercise: ItemRecord | None = None, **changes: Any) -> Record:
    """Return the record of an attempt at `1_entropy`; `changes` are fields of it or of its header."""
    header: dict[str, Any] = {
        "section": "1_entropy",
        "attempt": "a1b2c3d4e5f6" + "0" * 52,
        "suite": "f6e5d4c3b2a1" + "0" * 52,
        "seed": 2026,
        "grader": "0.1.0+abc",
        "walls": ("landlock", "seccomp", "rlimits"),
    }
    header |= {field.name: changes.pop(field.name) for field in fields(Header) if field.name in changes}
    values: dict[str, Any] = {
        "status": "judged",
        "reason": None,
        "notes": (),
        "cells": (),
        "items": {"example-1": example, "exercise-1": exercise or item(full=6)},
    }
    values |= changes
    return Record(Header(**header), **(values | {"status": Status(values["status"])}))
