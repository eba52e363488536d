"""What a person decided, and what that makes of the attempt's record.

For explanations, the judge suggests points and never decides. A person decides, by `autograder review` or in nbgrader's
formgrader; the gradebook holds the points and the comment. A decision counts as long as the answer is the one that was
decided on: the gradebook's own comment names the answer by the first digits of its hash, and a decision on another text
waits for a second look. Points that a person gives instead of the judge's count until they take them
back, as in nbgrader.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.records.record import DecisionRecord, ItemRecord, Record, Status

SURE = 0.85
"""The confidence from which a suggestion can be accepted without a look, unless another is given."""

_REFERENCE = re.compile(r"\(answer ([0-9a-f]{12})\)")


@dataclass(frozen=True)
class Decision:
    """Points and comment of a person on one item of one student.

    ``answer`` is the answer that the gradebook last showed, or None if it names none; ``stands`` is False if the
    gradebook marks the grade for another look.
    """

    points: float
    comment: str
    answer: str | None
    stands: bool

    def holds_for(self, answer: str | None) -> bool:
        """Whether it still counts if the item now has `answer`, which is None if the item is not an explanation."""
        return self.stands and not is_another(self.answer, answer)


def is_another(named: str | None, answer: str | None) -> bool:
    """Whether `answer` differs from the one that a comment `named`; False if either is not known."""
    return None not in (named, answer) and named != answer


def reference(item: ItemRecord) -> str:
    """Return what names the answer of an item in the gradebook's comment; empty if the item has none."""
    return f" (answer {item.answer})" if item.answer else ""


def referred_to(comment: str | None) -> str | None:
    """Return the answer that a comment of the gradebook names."""
    found = _REFERENCE.search(comment or "")
    return found[1] if found else None


def decided(record: Record, decisions: Mapping[str, Decision]) -> Record:
    """Return `record` with what a person decided on its items; without decisions it is `record` itself.

    Items that wait for a person and were decided become ``judged`` with the person's points; points that a person gave
    instead of the judge's replace them. All decisions are in the item's ``decision``, with ``current`` false if the
    answer, or what the judge gives, has changed since; then an explanation still waits. An item that could
    not be judged stays so.
    """
    items = {item_id: _decided(item, decisions.get(item_id)) for item_id, item in record.items.items()}
    if items == record.items:
        return record
    waiting = any(item.status is Status.NEEDS_REVIEW for item in items.values())
    status = record.status if waiting or record.status is not Status.NEEDS_REVIEW else Status.JUDGED
    return replace(record, status=status, items=items)


def _decided(item: ItemRecord, decision: Decision | None) -> ItemRecord:
    if decision is None or item.status is Status.NOT_JUDGED or not _possible(decision.points, item.max):
        return item
    waits = item.status is Status.NEEDS_REVIEW
    current = decision.holds_for(item.answer if waits else None)
    said = DecisionRecord(decision.points, decision.comment, current, None if waits else item.points)
    if waits and not current:
        return replace(item, decision=said)
    return replace(item, status=Status.JUDGED, points=decision.points, decision=said)


def changed_since(records: Sequence[Record]) -> tuple[int, int]:
    """Return how many explanations, and how many other items, were changed after a person decided on them."""
    decisions = [item.decision for record in records for item in record.items.values()]
    changed = [decision.judge is not None for decision in decisions if decision is not None and not decision.current]
    return changed.count(False), changed.count(True)


def _possible(points: float, most: float) -> bool:
    return math.isfinite(points) and 0 <= points <= most
