"""Turns what the judge saw of one attempt into its record: points per item, with the reasons.

The record is plain JSON data. It holds no time, no path and no student, so the same attempt gives the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from autograder.course import Item, Section
from autograder.verdict import Verdict

if TYPE_CHECKING:
    from autograder.judge.results import CheckResult, Judgement

FORMAT = 1


@dataclass(frozen=True)
class Header:
    """What a record is filed under: the attempt and everything else that decides its points."""

    section: str
    attempt: str
    suite: str
    seed: int
    grader: str
    walls: tuple[str, ...]

    @property
    def key(self) -> str:
        """The name of the record in the store."""
        parts = [str(FORMAT), self.section, self.attempt, self.suite, str(self.seed), self.grader, *self.walls]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Return the head of a record."""
        return {"format": FORMAT, **asdict(self), "walls": list(self.walls)}


def record(section: Section, judgement: Judgement, header: Header, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the record of one judged attempt.

    An attempt with a fault of the grader gets the status ``not judged`` and no points, neither full nor zero.
    """
    if judgement.fault_of_ours is not None:
        return not_judged(section, header, judgement.fault_of_ours, notes)
    items: dict[str, dict[str, Any]] = {
        item.id: _item(item, judgement, section.follow_on == "waived") for item in section.items
    }
    waiting = any(entry["status"] == "needs review" for entry in items.values())
    return {
        **header.as_dict(),
        "status": "needs review" if waiting else "judged",
        "reason": None,
        "notes": [*notes, *judgement.notes],
        "cells": [
            {"cell": label, "verdict": verdict.value, "message": message} for label, verdict, message in judgement.cells
        ],
        "items": items,
    }


def not_judged(section: Section, header: Header, reason: str, notes: tuple[str, ...]) -> dict[str, Any]:
    """Return the record of an attempt that the grader failed on."""
    items: dict[str, dict[str, Any]] = {
        item.id: {"title": item.title, "points": None, "max": item.points, "status": "not judged", "checks": []}
        for item in section.items
    }
    return {
        **header.as_dict(),
        "status": "not judged",
        "reason": reason,
        "notes": list(notes),
        "cells": [],
        "items": items,
    }


def _item(item: Item, judgement: Judgement, waived: bool) -> dict[str, Any]:
    if item.kind == "prose":
        reading = judgement.explanations[item.id]
        return {
            "title": item.title,
            "points": None,
            "max": item.points,
            "status": "needs review",
            "checks": [],
            "suggestion": reading.suggestion,
            "evidence": reading.evidence,
            "remarks": list(reading.remarks),
            "elsewhere": list(reading.elsewhere),
            "answer": reading.answer,
        }
    checks = [_check(result, waived) for result in judgement.results if result.check.item == item.id]
    return {
        "title": item.title,
        "points": round(sum(check["points"] for check in checks), 6),
        "max": item.points,
        "status": "judged",
        "checks": checks,
    }


def _check(result: CheckResult, waived: bool) -> dict[str, Any]:
    """Return the record of one check; `waived` says whether a loss that only follows from another costs nothing."""
    check = result.check
    earned = result.verdict is Verdict.PASSED or (waived and bool(result.follows_from))
    return {
        "name": check.name,
        "verdict": result.verdict.value,
        "points": check.points if earned else 0.0,
        "max": check.points,
        "function": check.function,
        "reason": check.reason,
        "message": result.message,
        "call": result.call,
        "expected": result.expected,
        "got": result.got,
        "follows_from": list(result.follows_from),
        "misconception": result.hints[0].id if result.hints else None,
        "hints": [{"misconception": hint.id, "believed": hint.believed, "hint": hint.hint} for hint in result.hints],
    }
