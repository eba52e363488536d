"""Takes decisions back: the last ones of a person, also after the program has ended, from the journal.

What one key press, one file or one answer changed is one action. Something that somebody has changed since is left as
it is. The journal keeps both the decision and that it was taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.gradebook import journal
from autograder.review.explanations import place_in

_REVERSIBLE = (journal.REVIEW, journal.REVIEW_OF_TUTORS, journal.REQUESTS)
_POINTS, _EXTRA, _COMMENT = "points", "extra credit", "comment"
_NOTES = (journal.READING, journal.READING_COMMENT, journal.REQUEST_ANSWER)
_UNDO = f"{journal.REVIEW} --undo"

Place = tuple[str, str, str]
"""Student, section and item."""


@dataclass
class TakenBack:
    """What was taken back: how many actions, where, and where somebody has changed it since, so that it stays."""

    actions: int = 0
    places: set[Place] = field(default_factory=set)
    changed_since: set[Place] = field(default_factory=set)


def undo(book: Any, who: str, actions: int = 1) -> TakenBack:
    """Take back the last `actions` of `who` that were not taken back yet; commits nothing."""
    journal.listen()
    of_action: dict[str, list[Mapping[str, Any]]] = {}
    taken_back = TakenBack()
    for entry in journal.entries(book.db):
        if entry["who"] != who:
            continue
        if entry["field"] == journal.UNDONE:
            of_action.pop(entry["before"], None)
        elif entry["by"] in _REVERSIBLE and entry["field"] != journal.REQUEST:
            of_action.setdefault(entry["at"], []).append(entry)
    for at in list(of_action)[: -actions - 1 : -1]:
        taken_back.actions += 1
        with journal.deciding(who, _UNDO):
            journal.enter(book.db, "", "", "", journal.UNDONE, at, None)
        for entry in reversed(of_action[at]):
            place = _place(entry)
            with journal.deciding(who, _UNDO, answer=entry["answer"]):
                done = place not in taken_back.changed_since and _restore(book, entry)
            (taken_back.places if done else taken_back.changed_since).add(place)
    taken_back.places -= taken_back.changed_since
    return taken_back


def _place(entry: Mapping[str, Any]) -> Place:
    return entry["student"], entry["section"], entry["item"]


def _restore(book: Any, entry: Mapping[str, Any]) -> bool:
    """Give back what was there before an entry; return whether that was possible."""
    from autograder.nbgrader_seam import MissingEntry

    place, what, before, after = _place(entry), entry["field"], entry["before"], entry["after"]
    if what in _NOTES:
        journal.enter(book.db, *place, what, after, before)
        return True
    try:
        found = place_in(book, *place)
    except MissingEntry:  # the student was removed since
        return False
    if what == journal.LOOK_AGAIN:
        book.find_grade(*found).needs_manual_grade = True
    elif what == _COMMENT:
        comment = book.find_comment(*found)
        if comment.manual_comment != after:
            return False
        comment.manual_comment = before
    else:
        grade = book.find_grade(*found)
        column = "manual_score" if what == _POINTS else "extra_credit"
        value = getattr(grade, column)
        if (None if value is None else f"{value:g}") != after:
            return False
        setattr(grade, column, None if before is None else float(before))
        if what == _POINTS:
            grade.needs_manual_grade = before is None and grade.auto_score is None
    book.db.flush()
    return True
