"""Students on the roster who have handed in nothing, and students who have handed in and are not on the roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.intake.collected import Left
from autograder.people.roster import Entry, Roster, folded, rename_command
from autograder.submissions.attempts import Attempt

NOTHING, UNLISTED, GHOST = "handed in nothing", "not on the roster", "only in the gradebook"


@dataclass(frozen=True)
class Absence:
    """A student with the sections concerned, the problem, and what to do."""

    student: str
    name: str
    sections: tuple[str, ...]
    what: str
    next: str


def find(
    sections: Sequence[str], roster: Roster, attempts: Iterable[Attempt], graded: Mapping[Entry, set[str]],
    left: Mapping[tuple[str, str], Left] | None = None,
) -> list[Absence]:  # fmt: skip
    """Return the students who are missing somewhere, those on the roster first and in its order.

    Parameters
    ----------
    sections
        Those that are asked about.
    graded
        Students of the gradebook with the sections that they have handed in; the work itself may be gone.
    left
        Why work could not be collected, by student and section.
    """
    handed_in: dict[str, set[str]] = {}
    for attempt in attempts:
        handed_in.setdefault(attempt.student, set()).add(attempt.section)
    in_gradebook = {roster.student_of(entry.student): found for entry, found in graded.items()}
    found = []
    for entry in roster.students:
        done = handed_in.get(entry.student, set()) | in_gradebook.get(entry.student, set())
        if lacking := tuple(section for section in sections if section not in done):
            whys = [(left or {}).get((entry.student, section)) for section in lacking]
            advice = next((f"not collected: {why}" for why in whys if why), "ask for the work")
            found.append(Absence(entry.student, entry.full_name, lacking, NOTHING, advice))
    whose = _signs(roster)
    listed = {entry.student for entry in roster.students}
    for student in sorted(handed_in.keys() - listed):
        there = tuple(section for section in sections if section in handed_in[student])
        found.append(Absence(student, "", there, UNLISTED, _advice(student, whose)))
    for entry, graded_in in graded.items():
        if entry.student not in listed and entry.student not in handed_in:
            there = tuple(section for section in sections if section in graded_in)
            target = roster.aliases.get(entry.student)
            advice = rename_command(entry.student, target) if target else _advice(entry.student, whose)
            found.append(Absence(entry.student, entry.full_name, there, GHOST, advice))
    return found


def _signs(roster: Roster) -> dict[str, set[str]]:
    """Return words that may be part of a folder's name, and whose they are."""
    whose: dict[str, set[str]] = {}
    for entry in roster.students:
        names = (
            entry.student, entry.login, entry.email, entry.email.partition("@")[0], entry.canvas_id,
            f"{entry.first_name}{entry.last_name}", f"{entry.last_name}{entry.first_name}",
        )  # fmt: skip
        for name in filter(None, map(folded, names)):
            whose.setdefault(name, set()).add(entry.student)
    return whose


def _advice(student: str, whose: Mapping[str, set[str]]) -> str:
    # Platforms put a number after a name.
    found = whose.get(folded(student)) or whose.get(folded(student).rstrip("0123456789")) or set()
    if len(found) == 1:
        return rename_command(student, next(iter(found)))
    return "add a line to roster.csv, or run `autograder roster rename`"
