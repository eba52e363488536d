"""What tells 0 points for a technical reason from 0 points for wrong answers: the one place that decides.

An item has a technical zero if the judge gave 0 points and no check of it got an answer that could be compared: the
file is not there, can't be read, is as it was released, can't be imported, was stopped by a limit or needs
something that is not available. A function that raises an exception where an answer was expected is not a technical
matter, nor are points that a person gave. All of it is read from the record alone (verdicts, messages and notes), so
that an old record says the same.
"""

from __future__ import annotations

import re
from enum import StrEnum

from autograder.course import Item, Section
from autograder.records.record import CheckRecord, Record, Status
from autograder.submissions import attempts
from autograder.verdict import Verdict

LIMITS = (Verdict.REFUSED, Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.CRASHED)
"""Verdicts of code that was stopped; worst first."""

_IMPORT = "Importing `"
_ABSENT = re.compile(r"The (?:file|notebook) `[^`]*` is not in the submission\.$")
_UNREADABLE = re.compile(r"The notebook `[^`]*` cannot be read: ")
_STOPPED = re.compile(r"`[^`]*` is not defined, because the cell `([^`]*)` stopped\. (.*)", re.DOTALL)
_NO_PYTHON = re.compile(r"raised (?:SyntaxError|IndentationError|TabError)\b")


class Technical(StrEnum):
    """Why an item has 0 points although no answer was wrong; what says more comes first."""

    REFUSED = "refused"
    LIMIT = "limit met"
    UNREADABLE = "unreadable file"
    NOT_IMPORTED = "can't be imported"
    NOTHING = "nothing to judge"

    @property
    def explanation(self) -> str:
        """The reason, in words for a student."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Technical.NOTHING: "there was nothing of yours to judge",
    Technical.UNREADABLE: "the file can't be read",
    Technical.NOT_IMPORTED: "the code can't be loaded, so none of it was called",
    Technical.REFUSED: "the code asks for something that is not available while it is graded",
    Technical.LIMIT: "the code was stopped before it answered",
}


class FileState(StrEnum):
    """What is wrong with a file that is asked for; completes "the file is …"."""

    ABSENT = "missing"
    RELEASED = attempts.RELEASED
    EMPTY = attempts.EMPTY
    UNREADABLE = "unreadable"
    NOT_IMPORTED = "not importable"


def technical_zero(section: Section, record: Record, item_id: str) -> Technical | None:
    """Return why the item has 0 points although no answer was wrong; None if it has points, or wrong answers."""
    entry = record.items.get(item_id)
    if entry is None or entry.status is not Status.JUDGED or entry.points != 0 or entry.decision or not entry.checks:
        return None
    item = section.item(item_id)
    if _state_by_notes(file_of(section, item.id), record):
        return Technical.NOTHING
    found = [_of_check(item, check) for check in entry.checks]
    if any(one is None for one in found):
        return None
    return next((kind for kind in Technical if kind in found), None)


def technical_zeros(section: Section, record: Record) -> dict[str, Technical]:
    """Return the items of the section with a technical zero, each with its reason."""
    found = ((item.id, technical_zero(section, record, item.id)) for item in section.items)
    return {item_id: kind for item_id, kind in found if kind is not None}


def file_states(section: Section, record: Record) -> dict[str, tuple[FileState, str]]:
    """Return the files that are asked for and can't be judged as they should: what each is, and the judge's words."""
    states = {}
    for name in section.expected_files:
        if by_notes := _state_by_notes(name, record):
            states[name] = by_notes, ""
            continue
        messages = [
            check.message
            for item in section.items
            if file_of(section, item.id) == name and item.id in record.items
            for check in record.items[item.id].checks
        ]
        # The longest message of an exception says most: it also shows the input.
        for message in sorted(messages, key=len, reverse=True):
            if state := _state_by_message(message):
                states[name] = state, message
                break
    return states


def file_of(section: Section, item_id: str) -> str:
    """Return the file that holds the item."""
    return section.item(item_id).module or section.notebook


def _state_by_notes(name: str, record: Record) -> FileState | None:
    states = (FileState.RELEASED, FileState.EMPTY)
    return next((state for state in states if attempts.without_work(name, state.value) in record.notes), None)


def _state_by_message(message: str) -> FileState | None:
    if message.startswith(_IMPORT):
        return FileState.NOT_IMPORTED
    if _ABSENT.match(message):
        return FileState.ABSENT
    return FileState.UNREADABLE if _UNREADABLE.match(message) else None


def _of_check(item: Item, check: CheckRecord) -> Technical | None:
    """Return why a check got no answer, or None if it got one or the call failed."""
    match check.verdict:
        case Verdict.REFUSED:
            return Technical.REFUSED
        case Verdict.TIME_LIMIT | Verdict.MEMORY_LIMIT | Verdict.CRASHED:
            return Technical.LIMIT
        case Verdict.MISSING:
            return Technical.NOTHING
        case Verdict.ERROR if check.message.startswith(_IMPORT):
            return Technical.NOT_IMPORTED
        case Verdict.ERROR if _UNREADABLE.match(check.message):
            return Technical.UNREADABLE
        case Verdict.ERROR if stopped := _STOPPED.match(check.message):
            # If a cell before the item's own stopped, it imports a module that is missing or can't be imported.
            cell, why = stopped.groups()
            return Technical.NOT_IMPORTED if cell != item.id or _NO_PYTHON.search(why) else None
    return None
