"""The record of one attempt: what was found, item by item, typed; and the one place that knows its form as JSON.

The judge makes it (:mod:`autograder.records.score`) and the store keeps it. What a person decided, when the work came,
and which other attempts there were are added to a copy; table, pages, gradebook and exports read that. A record holds
no path and no student, and in the store no time, so the same attempt gives the same bytes.

Messages, answers and texts in it come from students: code that shows them must make them harmless.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType
from typing import Any

from autograder.verdict import Verdict

FORMAT = 1


class RecordError(ValueError):
    """What was read is not a record; the message says which part of it."""


class Status(StrEnum):
    """What became of an item or an attempt. Members are in order, worst first."""

    NOT_JUDGED = "not judged"
    """A fault of the grader: no points, neither full nor zero."""
    NEEDS_REVIEW = "needs review"
    """An explanation waits for a person."""
    JUDGED = "judged"


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


@dataclass(frozen=True)
class Hint:
    """A misconception that fits the wrong answers: its id, what was believed, and what to try next."""

    misconception: str
    believed: str
    hint: str


@dataclass(frozen=True)
class CheckRecord:
    """How one check ended.

    ``function`` is what it tests, None if not just one; ``reason`` says what is asked, ``message`` what was
    found. ``call``, ``expected`` and ``got`` are there where the check may show them. ``follows_from`` names the broken
    functions without which it would have passed.
    """

    name: str
    verdict: Verdict
    points: float
    max: float
    function: str | None
    reason: str
    message: str = ""
    call: str | None = None
    expected: str | None = None
    got: str | None = None
    follows_from: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()

    @property
    def misconception(self) -> str | None:
        """The misconception that fits best."""
        return self.hints[0].misconception if self.hints else None

    def to_json(self) -> dict[str, Any]:
        """Return the check as JSON data."""
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "points": self.points,
            "max": self.max,
            "function": self.function,
            "reason": self.reason,
            "message": self.message,
            "call": self.call,
            "expected": self.expected,
            "got": self.got,
            "follows_from": list(self.follows_from),
            "misconception": self.misconception,
            "hints": [dict(vars(hint)) for hint in self.hints],
        }

    @classmethod
    def from_json(cls, data: object) -> CheckRecord:
        """Return the check that JSON data describes."""
        values = _object(data, _CHECK)
        hints = tuple(Hint(**_object(hint, _HINT)) for hint in values["hints"])
        verdict, causes = Verdict(values["verdict"]), tuple(_texts(values["follows_from"]))
        if values.pop("misconception") != (hints[0].misconception if hints else None):
            raise RecordError("the misconception of a check is not that of its first hint")
        return cls(**(values | {"verdict": verdict, "follows_from": causes, "hints": hints}))


@dataclass(frozen=True)
class Statement:
    """An idea or a wrong claim that was found in an explanation, and the numbers of the sentences that say it."""

    id: str
    title: str
    points: float
    sentences: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the statement as JSON data."""
        return {**vars(self), "sentences": list(self.sentences)}

    @classmethod
    def from_json(cls, data: object) -> Statement:
        """Return the statement that JSON data describes."""
        values = _object(data, _STATEMENT)
        if any(type(number) is not int for number in values["sentences"]):
            raise RecordError("the sentences of a statement are not numbers")
        return cls(**(values | {"sentences": tuple(values["sentences"])}))


@dataclass(frozen=True)
class Evidence:
    """What was found in an explanation: ideas, wrong claims, and the sentences that they refer to by number."""

    concepts: tuple[Statement, ...] = ()
    wrong_claims: tuple[Statement, ...] = ()
    sentences: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON data."""
        return {
            "concepts": [statement.to_json() for statement in self.concepts],
            "wrong_claims": [statement.to_json() for statement in self.wrong_claims],
            "sentences": list(self.sentences),
        }

    @classmethod
    def from_json(cls, data: object) -> Evidence:
        """Return the evidence that JSON data describes."""
        values = _object(data, _EVIDENCE)
        sentences = tuple(_texts(values["sentences"]))
        concepts, wrong = (
            tuple(Statement.from_json(entry) for entry in values[key]) for key in ("concepts", "wrong_claims")
        )
        if any(not 0 <= number < len(sentences) for entry in (*concepts, *wrong) for number in entry.sentences):
            raise RecordError("a statement rests on a sentence that is not there")
        return cls(concepts, wrong, sentences)


@dataclass(frozen=True)
class Suggestion:
    """The points that the judge suggests for an explanation, how sure it is (0 to 1), and what that rests on."""

    points: float
    confidence: float
    evidence: Evidence

    def to_json(self) -> dict[str, Any]:
        """Return the suggestion as JSON data."""
        return {"points": self.points, "confidence": self.confidence, **self.evidence.to_json()}

    @classmethod
    def from_json(cls, data: object) -> Suggestion:
        """Return the suggestion that JSON data describes."""
        values = _object(data, _SUGGESTION)
        points, confidence = values.pop("points"), values.pop("confidence")
        return cls(points, confidence, Evidence.from_json(values))


@dataclass(frozen=True)
class ProseRecord:
    """What the judge read in an explanation; for staff only, except the name of the answer.

    ``suggestion`` is None where the judge can't say, and ``evidence`` then still has what was found. ``remarks``
    are for the reviewer, ``elsewhere`` is text in other cells that may be part of the answer, and ``answer`` names the
    text: the first digits of its hash.
    """

    suggestion: Suggestion | None
    evidence: Evidence | None
    remarks: tuple[str, ...]
    elsewhere: tuple[str, ...]
    answer: str

    @property
    def found(self) -> Evidence:
        """What was found, whether or not points are suggested."""
        return self.suggestion.evidence if self.suggestion else self.evidence or Evidence()

    def to_json(self) -> dict[str, Any]:
        """Return the reading as JSON data."""
        return {
            "suggestion": self.suggestion.to_json() if self.suggestion else None,
            "evidence": self.evidence.to_json() if self.evidence else None,
            "remarks": list(self.remarks),
            "elsewhere": list(self.elsewhere),
            "answer": self.answer,
        }

    @classmethod
    def from_json(cls, data: object) -> ProseRecord:
        """Return the reading that JSON data describes."""
        values = _object(data, _PROSE)
        suggestion, evidence = values["suggestion"], values["evidence"]
        return cls(
            suggestion=None if suggestion is None else Suggestion.from_json(suggestion),
            evidence=None if evidence is None else Evidence.from_json(evidence),
            remarks=tuple(_texts(values["remarks"])),
            elsewhere=tuple(_texts(values["elsewhere"])),
            answer=values["answer"],
        )


@dataclass(frozen=True)
class DecisionRecord:
    """What a person decided on an item.

    ``current`` is False if the answer, or what the judge gives, has changed since. ``judge`` are the judge's points,
    which the person's replace; None for an explanation.
    """

    points: float
    comment: str
    current: bool
    judge: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the decision as JSON data."""
        data = dict(vars(self))
        if self.judge is None:
            del data["judge"]
        return data


@dataclass(frozen=True)
class ItemRecord:
    """What became of one item; ``points`` is None as long as they are not decided.

    ``prose`` is there for explanations that were read, ``decision`` where a person has decided.
    """

    title: str
    points: float | None
    max: float
    status: Status
    checks: tuple[CheckRecord, ...] = ()
    prose: ProseRecord | None = None
    decision: DecisionRecord | None = None

    @property
    def answer(self) -> str | None:
        """What names the text of an explanation; None where there is none."""
        return self.prose.answer if self.prose else None

    def to_json(self) -> dict[str, Any]:
        """Return the item as JSON data."""
        return {
            "title": self.title,
            "points": self.points,
            "max": self.max,
            "status": self.status.value,
            "checks": [check.to_json() for check in self.checks],
            **(self.prose.to_json() if self.prose else {}),
            **({"decision": self.decision.to_json()} if self.decision else {}),
        }

    @classmethod
    def from_json(cls, data: object) -> ItemRecord:
        """Return the item that JSON data describes."""
        if not isinstance(data, dict):
            raise RecordError(f"an item is not an object: {data!r:.80}")
        values = _object({key: value for key, value in data.items() if key not in _PROSE}, _ITEM)
        prose = {key: value for key, value in data.items() if key in _PROSE}
        return cls(
            title=values["title"],
            points=values["points"],
            max=values["max"],
            status=Status(values["status"]),
            checks=tuple(CheckRecord.from_json(check) for check in values["checks"]),
            prose=ProseRecord.from_json(prose) if prose else None,
        )


@dataclass(frozen=True)
class CellRecord:
    """A cell of the notebook that did not run to its end."""

    cell: str
    verdict: Verdict
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return the cell as JSON data."""
        return {"cell": self.cell, "verdict": self.verdict.value, "message": self.message}

    @classmethod
    def from_json(cls, data: object) -> CellRecord:
        """Return the cell that JSON data describes."""
        values = _object(data, _CELL)
        return cls(values["cell"], Verdict(values["verdict"]), values["message"])


@dataclass(frozen=True)
class TimeRecord:
    """What is known of when the work was due and came.

    ``due`` and ``came`` are moments in the course's zone; ``late_seconds`` is None if not known, and 0 if on time.
    ``late`` says that a learning platform called it late, without a time. ``penalty`` is taken off the points that are
    decided so far, by ``policy``. ``problem`` is for staff.
    """

    due: str | None
    came: str | None
    late_seconds: int | None
    late: bool
    penalty: float
    policy: str
    problem: str | None = None


@dataclass(frozen=True)
class AttemptRecord:
    """One of several attempts: its hash, when it came and was first judged, its points, and whether it counts."""

    attempt: str
    came: str | None
    seen: str | None
    raw: float
    penalty: float
    points: float
    status: Status
    counts: bool


@dataclass(frozen=True)
class WaitingRecord:
    """Newer work of the student that is kept and not judged yet: when it came, and when it will be judged."""

    came: str
    judged: str


@dataclass(frozen=True)
class EarlierRecord:
    """The student's attempt before this one: when it came and was first judged, and what was found then."""

    came: str | None
    seen: str | None
    items: Mapping[str, ItemRecord]


@dataclass(frozen=True)
class RequestRecord:
    """What a student asked about their points, and what they were told.

    ``item`` is empty if the request is about the section; ``asked`` is when, as the platform wrote it, or empty;
    ``answer`` is None as long as nobody has answered.
    """

    item: str
    text: str
    asked: str
    answer: str | None


@dataclass(frozen=True)
class Record:
    """What was found about one attempt.

    ``reason`` says why it could not be judged, for staff; ``notes`` are about its files, for the student; ``cells``
    are those that stopped. ``time``, ``history`` (all attempts, where the best of several counts), ``earlier``,
    ``waiting`` (newer work, beyond what is judged at a time) and ``requests`` of the student are added when grades are
    made, and are never in the store.
    """

    header: Header
    status: Status
    reason: str | None
    notes: tuple[str, ...]
    cells: tuple[CellRecord, ...]
    items: Mapping[str, ItemRecord]
    time: TimeRecord | None = None
    history: tuple[AttemptRecord, ...] = ()
    waiting: WaitingRecord | None = None
    earlier: EarlierRecord | None = None
    requests: tuple[RequestRecord, ...] = ()

    @property
    def section(self) -> str:
        """The section that was attempted."""
        return self.header.section

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON data, with its keys always in the same order."""
        data = {
            "format": FORMAT,
            **vars(self.header),
            "walls": list(self.header.walls),
            "status": self.status.value,
            "reason": self.reason,
            "notes": list(self.notes),
            "cells": [cell.to_json() for cell in self.cells],
            "items": {item_id: item.to_json() for item_id, item in self.items.items()},
        }
        if self.time is not None:
            data["time"] = dict(vars(self.time))
        if self.history:
            data["history"] = [{**vars(entry), "status": entry.status.value} for entry in self.history]
        if self.waiting is not None:
            data["waiting"] = dict(vars(self.waiting))
        if self.requests:
            data["requests"] = [dict(vars(entry)) for entry in self.requests]
        return data

    @classmethod
    def from_json(cls, data: object) -> Record:
        """Return the record that JSON data of the store describes.

        Raises
        ------
        RecordError
            If it is not a record as this version writes them.
        """
        values = _object(data, _RECORD)
        if values["format"] != FORMAT:
            raise RecordError(f"`format` is {values['format']}; this version reads {FORMAT}")
        header = {key: values[key] for key in _HEADER} | {"walls": tuple(_texts(values["walls"]))}
        try:
            return cls(
                header=Header(**header),
                status=Status(values["status"]),
                reason=values["reason"],
                notes=tuple(_texts(values["notes"])),
                cells=tuple(CellRecord.from_json(cell) for cell in values["cells"]),
                items={item_id: ItemRecord.from_json(item) for item_id, item in values["items"].items()},
            )
        except ValueError as error:  # a verdict or a status that this version does not know
            raise RecordError(str(error)) from error


_Kinds = Mapping[str, tuple[type, ...]]

_TEXT, _NUMBER, _LIST = (str,), (float, int), (list,)
_TEXT_OR_NONE, _NUMBER_OR_NONE, _OBJECT_OR_NONE = (str, NoneType), (float, int, NoneType), (dict, NoneType)

# What each object of the JSON holds: all of it and nothing else.
_HINT: _Kinds = {"misconception": _TEXT, "believed": _TEXT, "hint": _TEXT}
_CHECK: _Kinds = {
    "name": _TEXT, "verdict": _TEXT, "points": _NUMBER, "max": _NUMBER, "function": _TEXT_OR_NONE, "reason": _TEXT,
    "message": _TEXT, "call": _TEXT_OR_NONE, "expected": _TEXT_OR_NONE, "got": _TEXT_OR_NONE, "follows_from": _LIST,
    "misconception": _TEXT_OR_NONE, "hints": _LIST,
}  # fmt: skip
_STATEMENT: _Kinds = {"id": _TEXT, "title": _TEXT, "points": _NUMBER, "sentences": _LIST}
_EVIDENCE: _Kinds = {"concepts": _LIST, "wrong_claims": _LIST, "sentences": _LIST}
_SUGGESTION: _Kinds = {"points": _NUMBER, "confidence": _NUMBER, **_EVIDENCE}
_PROSE: _Kinds = {
    "suggestion": _OBJECT_OR_NONE, "evidence": _OBJECT_OR_NONE, "remarks": _LIST, "elsewhere": _LIST, "answer": _TEXT
}  # fmt: skip
_ITEM: _Kinds = {"title": _TEXT, "points": _NUMBER_OR_NONE, "max": _NUMBER, "status": _TEXT, "checks": _LIST}
_CELL: _Kinds = {"cell": _TEXT, "verdict": _TEXT, "message": _TEXT}
_HEADER: _Kinds = {
    "section": _TEXT, "attempt": _TEXT, "suite": _TEXT, "seed": (int,), "grader": _TEXT, "walls": _LIST
}  # fmt: skip
_RECORD: _Kinds = {
    "format": (int,), **_HEADER, "status": _TEXT, "reason": _TEXT_OR_NONE, "notes": _LIST, "cells": _LIST,
    "items": (dict,),
}  # fmt: skip


def _object(data: object, kinds: _Kinds) -> dict[str, Any]:
    """Return a copy of an object that holds just the keys of `kinds`, each with a value of one of its kinds."""
    if not isinstance(data, dict) or data.keys() != kinds.keys():
        raise RecordError(f"an object with {', '.join(kinds)} was expected; got {data!r:.80}")
    for key, expected in kinds.items():
        if not isinstance(data[key], expected) or data[key] is True or data[key] is False:
            raise RecordError(f"`{key}` is {data[key]!r:.80}")
    return dict(data)


def _texts(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if not isinstance(value, str):
            raise RecordError(f"{value!r:.80} is not text")
        yield value
