"""Who a row of a platform's file is: by the platform's own number, or by an account's name; never by a guess.

The roster is trusted, as far as staff wrote it. What a platform said of who handed in comes from its download. Names
in a file are only shown, unless a platform gives nothing else: then one counts that a single student has and a single
row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.intake.collected import HandedIn
from autograder.people.roster import Roster, normal

ACCOUNT, NUMBER, NAME = "account", "number", "name"
Key = tuple[str, str]
_ANONYMOUS = re.compile(r"(?:^|/)(?:LATE_)?anon_[^/]*$")


@dataclass(frozen=True)
class Person:
    """A row's person: the place of the row, the name to show, what tells who it is, and the full name if that may."""

    place: int
    name: str
    keys: tuple[Key, ...]
    full_name: str = ""


class Directory:
    """The students of a class and all they are called on `platform`."""

    def __init__(
        self, platform: str, students: Iterable[str], roster: Roster, collected: Iterable[Mapping[str, HandedIn]] = ()
    ) -> None:
        self._called: dict[Key, set[str]] = {}
        for student in students:
            self._add(ACCOUNT, student, student)
        for alias, student in roster.aliases.items():
            self._add(ACCOUNT, alias, student)
        for entry in roster.students:
            for account in (entry.student, entry.login, entry.email):
                self._add(ACCOUNT, account, entry.student)
            if platform == "canvas":
                self._add(NUMBER, entry.canvas_id, entry.student)
            self._add(NAME, entry.full_name, entry.student)
        for of_section in collected:
            for student, handed_in in of_section.items():
                if handed_in.platform == platform:
                    # An anonymous id may look like somebody's number.
                    if not _ANONYMOUS.search(handed_in.file):
                        self._add(NUMBER, handed_in.number, student)
                    self._add(NAME, handed_in.name, student)

    def _add(self, kind: str, value: str, student: str) -> None:
        if value.strip():
            self._called.setdefault((kind, _same(value)), set()).add(student)

    def find(self, people: Sequence[Person]) -> tuple[dict[int, str], dict[int, str], set[str]]:
        """Return the student of each row that can be told, why others can't be, and all students of any row."""
        names = Counter(_same(person.full_name) for person in people)
        candidates = {person.place: self._candidates(person, names) for person in people}
        rows = Counter(next(iter(found)) for found in candidates.values() if len(found) == 1)
        told: dict[int, str] = {}
        unclear: dict[int, str] = {}
        for place, found in candidates.items():
            if len(found) > 1:
                unclear[place] = f"can be {' or '.join(f'`{student}`' for student in sorted(found))}"
            elif found and rows[student := next(iter(found))] > 1:
                unclear[place] = f"is one of {rows[student]} rows that can be `{student}`"
            elif found:
                told[place] = student
        return told, unclear, {student for found in candidates.values() for student in found}

    def _candidates(self, person: Person, names: Mapping[str, int]) -> set[str]:
        found: set[str] = set()
        for kind, value in person.keys:
            found |= self._called.get((kind, _same(value)), set())
        name = _same(person.full_name)
        if not found and name and names[name] == 1:
            found = self._called.get((NAME, name), set())
        return found


def _same(text: str) -> str:
    """Return what two ways to write one account, number or name have in common: no case, one Unicode form and blank."""
    return normal(" ".join(text.split()).casefold())
