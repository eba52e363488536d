"""Identifies a person that a platform names: a student on the roster or in the gradebook, or a new one.

The surest evidence comes first: a number or address that only one student has, then what an earlier collection found,
then a full name that only one student has. If there are two candidates, neither is guessed. Two persons never become
one student; if their names don't tell them apart, their numbers do, and a line says so.

Roster and gradebook are trusted. What a platform says is not: people choose their names, so a name counts only
if no number says otherwise.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.intake.collected import HandedIn
from autograder.intake.lists import Row
from autograder.intake.platforms import Participant, is_blind
from autograder.people.roster import Entry, folded, normal, rename_command
from autograder.submissions.paths import is_junk
from autograder.text import listed, quoted

_LONGEST = 160  # bytes of an id that is made from a name; numbers follow it
_NOBODY = Row("")
_SIGNS = ("canvas_id", "moodle_id", "email", "login")


@dataclass(frozen=True)
class Earlier:
    """What an earlier collection found; `here` says whether it was for the same section."""

    row: HandedIn
    here: bool


class _Class:
    """The known students, by everything that can identify a person."""

    def __init__(self, known: Iterable[Entry], earlier: Iterable[Earlier], student_of: Callable[[str], str]) -> None:
        self._signs: dict[tuple[str, str], set[str]] = {}
        self.names: dict[str, set[str]] = {}
        self.canvas_ids: dict[str, set[str]] = {}
        self.ids: set[str] = set()
        self.described: set[str] = set()
        for entry in known:
            self.ids.add(entry.student)
            signs = [(kind, value) for kind in _SIGNS if (value := getattr(entry, kind).casefold())]
            signs += [("name", name) for name in entry.names]
            for sign in signs:
                self._signs.setdefault(sign, set()).add(entry.student)
            if signs:
                self.described.add(entry.student)
            if entry.canvas_id:
                self.canvas_ids.setdefault(entry.student, set()).add(entry.canvas_id)
            if entry.names:
                self.names.setdefault(entry.student, set()).update(entry.names)
        self.earlier: dict[tuple[str, ...], str] = {}
        self.called: dict[str, set[str]] = {}
        for one in earlier:
            row, student = one.row, student_of(one.row.student)
            # Moodle's numbers and those of anonymous people are valid for one assignment, Canvas's for the person.
            if one.here or (row.platform == "canvas" and row.number.isdigit()):
                self.earlier[row.platform, row.number, _said(row.platform, row.name)] = student
            self.called.setdefault(student, set()).add(folded(row.name))

    def who(self, kind: str, value: str) -> set[str]:
        """Return the students who have `value` as a name or identifier of this kind."""
        return self._signs.get((kind, value if kind == "name" else value.casefold()), set())


def recognised(
    people: Sequence[Participant],
    rows: Mapping[str, Row],
    known: Sequence[Entry],
    earlier: Sequence[Earlier] = (),
    student_of: Callable[[str], str] = str,
    reserved: Iterable[str] = (),
) -> tuple[dict[Participant, str], list[str], list[str]]:
    """Return the student that each of `people` is, lines on doubtful ones, and lines for information.

    Parameters
    ----------
    rows
        Rows of Moodle's worksheet, by number.
    student_of
        Resolves other names of a student.
    reserved
        Names that no student's folder may have.
    """
    the_class = _Class(known, earlier, student_of)
    people = sorted(set(people))
    blind = _blind(people)
    prefixed = _prefixed(people)
    found: dict[Participant, str] = {}
    sure: set[Participant] = set()
    made: set[Participant] = set()
    doubts: dict[Participant, str] = {}
    notes: list[str] = []
    kept: dict[Participant, str] = {}
    for who in people:
        row = rows.get(who.number, _NOBODY) if who.platform == "moodle" else _NOBODY
        name = row.name or who.name
        student, is_sure, doubt = _one(who, row, the_class, who in blind, who in prefixed, notes)
        own = [_id_of(who, name, who in blind and not row.name), _numbered(who, name)]
        before = the_class.earlier.get((who.platform, who.number, _said(who.platform, who.name)))
        if before and before == student:
            is_sure = True
        elif before:
            if before not in the_class.described and before in own:
                kept[who] = before  # made from the name: they have work under it, whatever is known now
            elif not is_sure:
                student, is_sure, doubt = before, True, ""  # somebody said then who it is
        if student is None:
            made.add(who)
            student = student_of(own[0])
            taken = student in the_class.ids and not (
                folded(name) in the_class.called.get(student, ())
                or who.is_anonymous
                # An id that spells out a first and a last name counts as that name.
                or (student not in the_class.described and "_" in student)
            )
            if not doubt and (taken or student in reserved or is_junk(student)):
                doubt = f"the id `{student}` is somebody else's"
        found[who] = student
        if is_sure:
            sure.add(who)
        if doubt:
            doubts[who] = doubt
    shared = Counter(student for who, student in found.items() if who not in doubts)
    for who in people:
        if who not in doubts and shared[found[who]] > 1 and who not in sure:
            doubts[who] = f"{shared[found[who]]} people could be `{found[who]}`"
    for who, before in kept.items():
        if who not in doubts and found[who] != before:
            notes.append(
                f"{quoted(who.name)} is `{found[who]}` but was handed in as `{before}` before, so this is again: "
                f"`{rename_command(before, found[who])}` makes one student of both"
            )
            found[who] = before
    lines = []
    for who, doubt in doubts.items():
        found[who] = kept.get(who) or student_of(_numbered(who, rows.get(who.number, _NOBODY).name or who.name))
        lines.append(
            f"It is not known who {_shown(who)} is: {doubt}. Handed in as `{found[who]}`; if you know who it is, "
            f"`{rename_command(found[who], 'ID')}`"
        )
    if the_class.described:
        strangers = [
            who for who in people if who in made and who not in doubts and found[who] not in the_class.described
        ]
        notes += [
            f"{_shown(who)} is neither on the roster nor in the gradebook by that name: handed in as `{found[who]}`"
            for who in strangers
            if not who.is_anonymous
        ]
        if anonymous := [who for who in strangers if who.is_anonymous]:
            more = f" and {len(anonymous) - 1} more are" if anonymous[1:] else " is"
            notes.append(
                f"`{found[anonymous[0]]}`{more} anonymous on Canvas: handed in like that; a list can say who it is "
                "(docs/collecting.md)"
            )
    return found, lines, notes


def _one(
    who: Participant, row: Row, the_class: _Class, is_blind: bool, is_prefixed: bool, notes: list[str]
) -> tuple[str | None, bool, str]:
    """Return who it is if that is known, whether it is sure, and what makes it doubtful."""
    now, is_sure, doubt = None, False, ""
    # A team's number is a group's and may also be a person's, so if there is a name, it must match.
    fits = {
        student
        for student in (the_class.who("moodle_id", who.number) if who.platform == "moodle" else ())
        if is_blind or folded(who.name).endswith(tuple(the_class.names.get(student, ("",))))
    }
    if len(fits) == 1:
        now, is_sure = fits.pop(), True
    for kind, value, what in (
        ("canvas_id", who.number if who.platform == "canvas" and not who.is_anonymous else "", "Canvas id"),
        ("email", row.email, "e-mail address"),
        ("login", row.login, "login"),
    ):
        students = the_class.who(kind, value) if now is None else set()
        if len(students) == 1:
            now, is_sure = next(iter(students)), True
            if what == "Canvas id" and folded(who.name) not in the_class.names.get(now, {folded(who.name)}):
                notes.append(
                    f"{quoted(who.name)} was taken for `{now}`, who has its Canvas id {who.number}; Canvas puts "
                    "the work of a group under one member: if it is one, name the others in a list (docs/collecting.md)"
                )
            break
        if students:
            doubt = f"{listed(sorted(students))} have the same {what}"
    if now is None and not doubt and not (who.is_anonymous or (is_blind and not row.name)):
        now, doubt = _by_name(who, row, the_class, is_prefixed, notes)
        if now and who.platform == "canvas" and who.number not in the_class.canvas_ids.get(now, {who.number}):
            now, doubt = None, f"`{now}` has that name and another Canvas id"
    return now, is_sure, doubt


def _by_name(
    who: Participant, row: Row, the_class: _Class, is_prefixed: bool, notes: list[str]
) -> tuple[str | None, str]:
    students = the_class.who("name", folded(row.name or who.name))
    if len(students) > 1:
        return None, f"{listed(sorted(students))} have that name"
    if students:
        return next(iter(students)), ""
    if row.name or who.platform != "moodle":
        return None, ""
    # `<group>-<full name>`; both may have hyphens.
    ends = [who.name[at + 1 :] for at, character in enumerate(who.name[:400]) if character == "-"]
    named = {name: found for name in ends if (found := the_class.who("name", folded(name)))}
    students = set().union(*named.values())
    if len(students) > 1:
        return None, f"it can be {listed(sorted(students))} in a group"
    if not students:
        return None, ""
    group = who.name[: -len(max(named, key=len)) - 1]
    if not (is_prefixed or re.search(r"[\s\d]", group)):  # this could also be a double first name
        return None, ""
    student = next(iter(students))
    notes.append(f"{quoted(who.name)} was taken for `{student}`, in the group {quoted(group)}")
    return student, ""


def _shown(who: Participant) -> str:
    platform = {"moodle": "Moodle", "canvas": "Canvas"}.get(who.platform, who.platform)
    return f"{quoted(who.name)} ({platform} {who.number or 'without a number'})"


def _blind(people: Iterable[Participant]) -> set[Participant]:
    """Return Moodle's participants without a name of their own: the word for a participant, or a name several have."""
    moodle = [who for who in people if who.platform == "moodle"]
    same = Counter(folded(who.name) for who in moodle)
    everybody = len(same) == 1 and len(moodle) > 2
    return {who for who in moodle if everybody or is_blind(who.name)}


def _prefixed(people: Iterable[Participant]) -> set[Participant]:
    """Return Moodle's people in downloads where every name may begin with a group: Moodle does so for all or none."""
    moodle = {who for who in people if who.platform == "moodle"}
    return moodle if len(moodle) > 1 and all("-" in who.name for who in moodle) else set()


def _id_of(who: Participant, name: str, is_blind: bool) -> str:
    if who.is_anonymous:
        return f"anon_{who.number}"  # case matters in it
    return _numbered(who, name) if is_blind else _made(name)


def _numbered(who: Participant, name: str) -> str:
    return f"anon_{who.number}" if who.is_anonymous else f"{_made(name)}_{who.number or who.platform}"


def _made(name: str) -> str:
    made = re.sub(r"\W+", "_", normal(name[:400]).casefold()).strip("_") or "student"
    made = normal(made)
    if len(made.encode()) <= _LONGEST:
        return made
    return f"{made.encode()[:_LONGEST].decode(errors='ignore')}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _said(platform: str, name: str) -> str:
    return "" if platform == "canvas" else folded(name)
