"""What a person decided, and what that makes of the attempt's record.

On explanations the judge suggests and never decides. A person decides, by `autograder review` or in nbgrader's
formgrader; the gradebook holds the points and the comment. A decision counts as long as the answer is the one that was
decided on: the gradebook's own comment names the answer by the first digits of its hash, and a decision on another text
waits for a second look. Points that a person gives in place of the judge's count, as they do for nbgrader, until he
takes them back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

SURE = 0.85
"""The confidence from which on a suggestion can be taken without a look, if nobody says another."""

_MARK = re.compile(r"\(answer ([0-9a-f]{12})\)")


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


def mark(item: Mapping[str, Any]) -> str:
    """Return what names the answer of an item in the gradebook's comment; empty if the item has none."""
    return f" (answer {item['answer']})" if item.get("answer") else ""


def marked(comment: str | None) -> str | None:
    """Return the answer that a comment of the gradebook names."""
    found = _MARK.search(comment or "")
    return found[1] if found else None


def decided(record: Record, decisions: Mapping[str, Decision]) -> Record:
    """Return `record` with what a person decided on its explanations; without decisions it is `record` itself.

    Items that wait for a person and were decided become ``judged`` with the person's points; points that a person gave
    in place of the judge's take their place. All decisions stand in the item's ``decision``, with ``current`` false
    where the answer, or what the judge gives, was changed after it; an explanation waits on then. An item that could
    not be judged stays so.
    """
    items = dict(record["items"])
    for item_id, item in record["items"].items():
        decision = decisions.get(item_id)
        if decision is None or item["status"] == "not judged" or not _possible(decision.points, item["max"]):
            continue
        waits = item["status"] == "needs review"
        current = decision.stands and (not waits or decision.answer in (None, item.get("answer")))
        outcome = {"status": "judged", "points": decision.points} if current or not waits else {}
        said = {"points": decision.points, "comment": decision.comment, "current": current}
        of_judge = {} if waits else {"judge": item["points"]}
        items[item_id] = {**item, **outcome, "decision": said | of_judge}
    if items == record["items"]:
        return record
    waiting = any(item["status"] == "needs review" for item in items.values())
    status = record["status"] if waiting or record["status"] != "needs review" else "judged"
    return {**record, "status": status, "items": items}


def changed_since(records: Sequence[Record]) -> tuple[int, int]:
    """Return how many explanations, and how many other items, were changed after a person decided on them."""
    changed = [
        "judge" in item["decision"]
        for record in records
        for item in record["items"].values()
        if item.get("decision", {}).get("current") is False
    ]
    return changed.count(False), changed.count(True)


def _possible(points: float, most: float) -> bool:
    return math.isfinite(points) and 0 <= points <= most
