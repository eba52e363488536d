"""What changed between a student's attempt and the one before it."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.course import Item, Section
from autograder.records.record import CheckRecord, ItemRecord, Record, Status
from autograder.records.standing import item_standing
from autograder.verdict import Verdict


@dataclass(frozen=True)
class Changes:
    """Points by the checks, before and after, of each item where they differ, and the checks that end otherwise now."""

    items: tuple[tuple[Item, float, float], ...]
    passed: tuple[CheckRecord, ...]
    failed: tuple[CheckRecord, ...]

    @property
    def gained(self) -> float:
        """Points that the attempt has in addition to those of the one before."""
        return sum(after - before for _, before, after in self.items)


def changes(section: Section, record: Record) -> Changes | None:
    """Return what changed since the attempt before; None if there was none, or nothing of it can be compared."""
    if record.earlier is None:
        return None
    items: list[tuple[Item, float, float]] = []
    passed: list[CheckRecord] = []
    failed: list[CheckRecord] = []
    is_comparable = False
    for item in section.items:
        before, after = record.earlier.items.get(item.id), record.items.get(item.id)
        if item_standing(section, record, item.id).status is not Status.JUDGED or before is None or after is None:
            continue
        known = {check.name: check for check in before.checks if check.verdict is not Verdict.NOT_JUDGED}
        both = [(known[check.name], check) for check in after.checks if check.name in known]
        if not both or len(both) != len(after.checks):
            continue
        is_comparable = True
        points = _points(before), _points(after)
        if points[0] != points[1]:
            items.append((item, *points))
        passed += [new for old, new in both if Verdict.PASSED is new.verdict is not old.verdict]
        failed += [new for old, new in both if Verdict.PASSED is old.verdict is not new.verdict]
    return Changes(tuple(items), tuple(passed), tuple(failed)) if is_comparable else None


def _points(item: ItemRecord) -> float:
    """Return the points that the checks of an item give, whatever a person gave instead."""
    return round(sum(check.points for check in item.checks), 6)
