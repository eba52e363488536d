"""Turns what the judge saw of one attempt into its record: points per item, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.course import Item, Section
from autograder.records.record import (
    CellRecord,
    CheckRecord,
    Evidence,
    Header,
    Hint,
    ItemRecord,
    ProseRecord,
    Record,
    Status,
    Suggestion,
)
from autograder.verdict import Verdict

if TYPE_CHECKING:
    from autograder.judge.results import CheckResult, Judgement
    from autograder.prose.suggestion import Reading


def record(section: Section, judgement: Judgement, header: Header, notes: tuple[str, ...] = ()) -> Record:
    """Return the record of one judged attempt.

    An attempt with a fault of the grader gets the status ``not judged`` and no points, neither full nor zero.
    """
    if judgement.fault_of_ours is not None:
        return not_judged(section, header, judgement.fault_of_ours, notes)
    items = {item.id: _item(item, judgement, section.follow_on == "waived") for item in section.items}
    waiting = any(item.status is Status.NEEDS_REVIEW for item in items.values())
    return Record(
        header,
        status=Status.NEEDS_REVIEW if waiting else Status.JUDGED,
        reason=None,
        notes=(*notes, *judgement.notes),
        cells=tuple(CellRecord(*cell) for cell in judgement.cells),
        items=items,
    )


def not_judged(section: Section, header: Header, reason: str, notes: tuple[str, ...]) -> Record:
    """Return the record of an attempt that the grader failed on."""
    items = {item.id: ItemRecord(item.title, None, item.points, Status.NOT_JUDGED) for item in section.items}
    return Record(header, Status.NOT_JUDGED, reason, notes, cells=(), items=items)


def _item(item: Item, judgement: Judgement, waived: bool) -> ItemRecord:
    if item.kind == "prose":
        prose = _prose(judgement.explanations[item.id])
        return ItemRecord(item.title, None, item.points, Status.NEEDS_REVIEW, prose=prose)
    checks = tuple(_check(result, waived) for result in judgement.results if result.check.item == item.id)
    points = round(sum(check.points for check in checks), 6)
    return ItemRecord(item.title, points, item.points, Status.JUDGED, checks)


def _prose(reading: Reading) -> ProseRecord:
    return ProseRecord(
        suggestion=None if reading.suggestion is None else Suggestion.from_json(reading.suggestion),
        evidence=None if reading.evidence is None else Evidence.from_json(reading.evidence),
        remarks=reading.remarks,
        elsewhere=reading.elsewhere,
        answer=reading.answer,
    )


def _check(result: CheckResult, waived: bool) -> CheckRecord:
    """Return the record of one check; `waived` says whether a loss that only follows from another costs nothing."""
    check = result.check
    earned = result.verdict is Verdict.PASSED or (waived and bool(result.follows_from))
    return CheckRecord(
        name=check.name,
        verdict=result.verdict,
        points=check.points if earned else 0.0,
        max=check.points,
        function=check.function,
        reason=check.reason,
        message=result.message,
        call=result.call,
        expected=result.expected,
        got=result.got,
        follows_from=result.follows_from,
        hints=tuple(Hint(hint.id, hint.believed, hint.hint) for hint in result.hints),
    )
