"""What needs an instructor's attention after a run: who lost points without a wrong answer, and what was left out.

Gathered from what was collected and judged; nothing here decides a point. One list of entries serves the block on
stderr, ``--format json``, the column ``notes`` of the CSV, and nbgrader's log. Names and notes come from students: what
is shown of them is printable and short.
"""

from __future__ import annotations

import hashlib
import math
import re
import textwrap
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from autograder.course import Course, Section
from autograder.records.decisions import changed_since
from autograder.records.record import Record, Status
from autograder.records.standing import Result, in_order, item_standing, section_standing
from autograder.report.technical import LIMITS, FileState, Technical, file_of, file_states, technical_zeros
from autograder.submissions.attempts import NO_FILES, Attempt, Problem, release_of, without_work
from autograder.submissions.near_names import meaning
from autograder.text import count, listed, visible
from autograder.verdict import UNANSWERED

MAX_LINES = 40
WIDTH = 100
_FEW = 5  # rows of a kind, before others get more than one
_NOTED = 3  # notes in one line
_TO_STUDENTS = re.compile(r"[;.] (?:hand|save|resolve|clear|download) .*", re.IGNORECASE | re.DOTALL)


class Kind(StrEnum):
    """What an entry is about; most urgent first."""

    NOT_JUDGED = "not judged"
    NO_SUBMISSION = "no submission"
    NOTHING = "nothing to judge"
    INCOMPLETE = "incomplete"
    NOT_IMPORTED = "can't be imported"
    LIMIT = "limit met"
    LEFT_OUT = "left out"
    CHANGED = "changed after a decision"
    GONE = "no longer submitted"
    KEPT = "history and extensions"
    TIME = "unknown time"
    TAKEN = "taken under another name"
    IDENTICAL = "identical work"
    NEVER = "nothing submitted"
    WAITS = "waits for a person"

    @property
    def heading(self) -> str:
        """The kind, as a heading."""
        return _HEADINGS[self]


_HEADINGS = {
    Kind.NOT_JUDGED: "Not judged, by a fault of the grader; nobody got points or a zero for that",
    Kind.NO_SUBMISSION: "Not a submission, or not a clear one",
    Kind.NOTHING: "Nothing that could be judged: 0 points, though no answer was wrong",
    Kind.INCOMPLETE: "Parts missing: 0 points for them, though no answer was wrong",
    Kind.NOT_IMPORTED: "Modules that can't be imported: 0 points for them, whatever they hold",
    Kind.LIMIT: "Code that was stopped",
    Kind.LEFT_OUT: "Files that were left out or look odd",
    Kind.CHANGED: "Changed after a person decided",
    Kind.GONE: "Graded before and no longer submitted; the grades are kept",
    Kind.KEPT: "History and extensions",
    Kind.TIME: "Not known whether these were late",
    Kind.TAKEN: "Taken under another name or from another place",
    Kind.IDENTICAL: "Identical work: a reason to look, not a proof",
    Kind.NEVER: "Nothing handed in",
    Kind.WAITS: "Waiting for a person",
}


@dataclass(frozen=True)
class Entry:
    """One thing to look at: `what` it is and what to do `next`, as sentences.

    `together` says it once, with all their names, where entries of several students are one thing.
    """

    kind: Kind
    student: str | None
    section: str | None
    what: str
    next: str
    together: str = ""


def of_problems(problems: Iterable[Problem]) -> list[Entry]:
    """Return an entry for each thing in the folder of submissions that is not an attempt."""
    return [Entry(Kind.NO_SUBMISSION, p.student, p.section, p.text, p.next, p.text) for p in problems]


def of_results(course: Course, results: Iterable[Result], attempts: Iterable[Attempt] = ()) -> list[Entry]:
    """Return what needs attention among `results`, most urgent first.

    Parameters
    ----------
    attempts
        What was collected, also from students without a result: work is compared with theirs. For a result without
        its attempt, only the record is used.
    """
    ordered = in_order(course, results)
    attempts = list(attempts)
    handed_in = {(attempt.student, attempt.section): attempt for attempt in attempts}
    # Of several attempts the one that counts.
    exactly = {(attempt.student, attempt.section, attempt.digest): attempt for attempt in attempts}
    entries: list[Entry] = []
    for student, record in ordered:
        section = course.section(record.section)
        key = student, section.id
        entries += _of_record(section, student, record, exactly.get((*key, record.header.attempt), handed_in.get(key)))
        entries += _of_time(student, record)
    entries += _identical(course, {(student, record.section) for student, record in ordered}, attempts)
    for section in course.sections:
        entries += _of_persons(section, [record for _, record in ordered if record.section == section.id])
    return in_urgency(entries)


def of_absent(
    present: Collection[str], graded: Mapping[str, Sequence[str]], enrolled: Iterable[str] = ()
) -> list[Entry]:
    """Return an entry for each known student who is not `present` in the folder of submissions.

    `graded` maps students of the gradebook to the sections that they have a submission of there; `enrolled` are the
    students on the roster.
    """
    entries = []
    for student, sections in graded.items():
        if student not in present and sections:
            what = f"The gradebook has {listed(sections)}, but the folder of submissions has nothing."
            remedy = "If the student has a new name: `autograder roster rename OLD NEW`. Otherwise do nothing."
            entries.append(Entry(Kind.GONE, student, None, what, remedy))
    told = {*present, *(entry.student for entry in entries)}
    for place, students, remedy in (
        ("on the roster", dict.fromkeys(enrolled), "`autograder roster missing` lists who lacks which section."),
        ("in the gradebook", graded, "Ask them, if something was due."),
    ):
        for student in students:
            if student not in told:
                told.add(student)
                entries.append(Entry(Kind.NEVER, student, None, f"The name is {place}, but there is no work.", remedy))
    return in_urgency(entries)


def in_urgency(entries: Iterable[Entry]) -> list[Entry]:
    """Return `entries` with the most urgent kinds first, and otherwise as they come."""
    rank = {kind: place for place, kind in enumerate(Kind)}
    return sorted(entries, key=lambda entry: rank[entry.kind])


def objects(entries: Iterable[Entry]) -> list[dict[str, str | None]]:
    """Return entries as data for JSON, an object each, always with the same keys."""
    return [
        {"kind": e.kind.value, "student": e.student, "section": e.section, "what": e.what, "next": e.next}
        for e in entries
    ]


def notes(course: Course, results: Iterable[Result], entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    """Return a line for each student and section that has a result; what is of no section goes to the first."""
    keys = [(student, record.section) for student, record in in_order(course, results)]
    first: dict[str, tuple[str, str]] = {}
    for key in keys:
        first.setdefault(key[0], key)
    said: dict[tuple[str, str], list[str]] = {key: [] for key in keys}
    for entry in entries:
        if entry.student is None:
            continue
        key = entry.student, entry.section or ""
        if key not in said:
            key = first.get(entry.student, key)
        if key in said:
            said[key].append(entry.what)
    return {key: " ".join(lines) for key, lines in said.items() if lines}


def lines(entries: Sequence[Entry], width: int = WIDTH, most: int = MAX_LINES) -> list[str]:
    """Return the block for a terminal or a log, at most `most` lines of `width`; nothing if there are no entries.

    Entries of a kind that say the same are one line. Where there are too many, each kind gets its share.
    """
    kinds: dict[Kind, list[tuple[list[str], int]]] = {}
    for kind in Kind:
        alike: dict[tuple[str | None, str, str, str], list[str]] = {}
        for entry in entries:
            if entry.kind is kind:
                key = entry.section, entry.together, "" if entry.together else entry.what, entry.next
                alike.setdefault(key, []).append(entry.student or "")
        if alike:
            kinds[kind] = [
                (_wrapped(together or f"{_who(students, section)}: {what}", remedy, width), len(students))
                for (section, together, what, remedy), students in alike.items()
            ]
    if not kinds:
        return []
    shown = _shares(list(kinds.values()), most)
    block = ["Needs your attention:"]
    for (kind, rows), number in zip(kinds.items(), shown, strict=True):
        block.append(f"{kind.heading} ({sum(size for _, size in rows)})")
        block += [line for row, _ in rows[:number] for line in row]
        if left := sum(size for _, size in rows[number:]):
            block.append(f"  and {left} more")
    if any(number < len(rows) for rows, number in zip(kinds.values(), shown, strict=True)):
        block.append("All of it is in `--format json`, and for each submission in the column `notes` of grades.csv.")
    return block


def _shares(kinds: Sequence[Sequence[tuple[list[str], int]]], most: int) -> list[int]:
    """Return how many rows of each kind fit into `most` lines: at least one, then a few of each, then more."""
    shown = [1] * len(kinds)

    def height() -> int:
        # Heading and last line of the block; of each kind its heading, what is shown, and how much is not.
        return 2 + sum(
            1 + sum(len(row) for row, _ in rows[:number]) + (number < len(rows))
            for rows, number in zip(kinds, shown, strict=True)
        )

    for few in (_FEW, math.inf):
        for place, rows in enumerate(kinds):
            while shown[place] < min(few, len(rows)):
                shown[place] += 1
                if height() > most:
                    shown[place] -= 1
                    break
    return shown


def _who(students: Sequence[str], section: str | None) -> str:
    named = [student for student in students if student]
    return " ".join([*([listed(named, quote=False)] if named else []), *([section] if section else [])])


def _wrapped(what: str, remedy: str, width: int) -> list[str]:
    return textwrap.wrap(
        f"{what} {remedy}".strip(),
        width,
        initial_indent="  ",
        subsequent_indent="      ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _of_record(section: Section, student: str, record: Record, attempt: Attempt | None) -> Iterator[Entry]:
    if section_standing(section, record).status is Status.NOT_JUDGED:
        reason = _sentence(visible(record.reason or "No reason was recorded", limit=300))
        yield Entry(Kind.NOT_JUDGED, student, section.id, reason, "Run the same command again: it judges only these.")
    states = file_states(section, record)
    if attempt is not None:
        absent = {name: (FileState.ABSENT, "") for name in section.expected_files if name not in attempt.files}
        states = {name: (states | absent)[name] for name in section.expected_files if name in states or name in absent}
    gone = {name: found for name, found in states.items() if found[0] is not FileState.NOT_IMPORTED}
    said = {without_work(name, state.value) for name, (state, _) in gone.items()}
    noted = [note for note in (attempt.notes if attempt else ()) if note not in said]
    zeros = technical_zeros(section, record)
    undone = [item for item, why in zeros.items() if why is Technical.NOTHING and file_of(section, item) not in states]
    if gone or undone:
        what = [_what_is_gone(section, gone, noted, attempt)] if gone else []
        what += [f"There is nothing to judge in {listed(undone)}."] if undone else []
        asked = listed(gone) if what == [NO_FILES] else "it" if len(gone) == 1 else "them"
        remedy = f"Ask for {asked}." if gone else "Ask for it, unless it was left out on purpose."
        judged = any(
            file_of(section, item.id) not in gone and item.id not in undone and not _is_unwritten(record, item.id)
            for item in section.items
        )
        yield Entry(Kind.INCOMPLETE if judged else Kind.NOTHING, student, section.id, " ".join(what), remedy)
    broken = [visible(words, limit=300) for state, words in states.values() if state is FileState.NOT_IMPORTED]
    if broken:
        yield Entry(Kind.NOT_IMPORTED, student, section.id, " ".join(broken), "Ask for a file that Python can import.")
    if stopped := _stopped(section, record, states):
        yield Entry(Kind.LIMIT, student, section.id, stopped, "The feedback page shows where.")
    taken = [note for note in noted if attempt and note in attempt.taken]
    left_out = [note for note in noted if note not in taken]
    if left_out and not gone:
        yield Entry(Kind.LEFT_OUT, student, section.id, _told(left_out), "If it is part of the work, ask for it again.")
    if taken and not gone:
        yield Entry(Kind.TAKEN, student, section.id, _told(taken), "Check that it is what was meant.")


def _is_unwritten(record: Record, item_id: str) -> bool:
    """Return whether the item is an explanation that was not written."""
    item = record.items.get(item_id)
    return (
        item is not None
        and item.status is Status.NEEDS_REVIEW
        and UNANSWERED in (item.prose.remarks if item.prose else ())
    )


def _what_is_gone(
    section: Section, gone: Mapping[str, tuple[FileState, str]], noted: Sequence[str], attempt: Attempt | None
) -> str:
    """Return which files can't be judged, and what was found instead."""
    if attempt is not None and not attempt.files and set(noted) <= {NO_FILES}:
        return NO_FILES
    by_state: dict[FileState, list[str]] = {}
    for name, (state, _) in gone.items():
        by_state.setdefault(state, []).append(name)
    told = []
    for state, names in by_state.items():
        words = gone[names[0]][1]
        if state is FileState.UNREADABLE and len(names) == 1:
            told.append(_told([visible(words, limit=300)]))
        elif len(names) == 1:
            told.append(f"{listed(names)} is {state.value}.")
        else:
            told.append(f"{listed(names)} are {state.value.replace('it was', 'they were')}.")
    others = [
        name
        for name in (attempt.files if attempt else ())
        if PurePosixPath(name).name not in {*section.expected_files, *section.released_names}
        and not any(f"`{name}`" in note for note in noted)
    ]
    if others and FileState.ABSENT in by_state:
        told.append(f"Instead there is {listed(others)}.")
    return " ".join([*told, *([_told(noted)] if noted else [])])


def _stopped(section: Section, record: Record, said_of: Collection[str]) -> str:
    """Return which limits and refusals code met, and in which functions and cells, except in the files `said_of`."""
    places: dict[str, dict[str, None]] = {}
    for item in section.items:
        entry = record.items.get(item.id)
        for check in entry.checks if entry and file_of(section, item.id) not in said_of else ():
            # A check that fails only because another function is broken adds nothing.
            if check.verdict in LIMITS and not check.follows_from:
                places.setdefault(check.verdict.value, {})[check.function or item.id] = None
    for cell in record.cells:
        if cell.verdict in LIMITS:
            places.setdefault(cell.verdict.value, {})[cell.cell] = None
    return " ".join(f"{verdict.capitalize()} in {listed(names)}." for verdict, names in places.items())


def _identical(course: Course, asked: Collection[tuple[str, str]], attempts: Iterable[Attempt]) -> list[Entry]:
    """Return an entry for each student of `asked` whose modules (or notebook, if there are none) others handed in too.

    Empty files, and files that are as they were released, don't count.
    """
    no_work: dict[str, dict[str, set[Hashable]]] = {}
    for section in course.sections:
        release = release_of(course.root, section)
        no_work[section.id] = {
            name: {meaning(name, b""), meaning(name, release.get(name, b""))} for name in section.expected_files
        }
    alike: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for attempt in attempts:
        section = course.section(attempt.section)
        own = {}
        for names in (section.modules, (section.notebook,)):
            for name in names:
                if name in attempt.files:
                    content = meaning(name, attempt.files[name])
                    if content not in no_work[section.id][name]:
                        own[name] = str(content)
            if own:
                break
        if own:
            key = hashlib.sha256("\n".join(part for pair in own.items() for part in pair).encode()).hexdigest()
            alike.setdefault((section.id, key), {})[attempt.student] = tuple(own)
    entries = []
    for (section_id, _), students in alike.items():
        for student, names in students.items() if len(students) > 1 else ():
            if (student, section_id) in asked:
                others = sorted(other for other in students if other != student)
                same = f"{listed(names)} {'is' if len(names) == 1 else 'are'} the same"
                together = f"{_who(sorted(students), section_id)}: {same}."
                what = f"{same} as {listed(others, quote=False)} handed in."
                remedy = "Look at them before you conclude anything."
                entries.append(Entry(Kind.IDENTICAL, student, section_id, what, remedy, together))
    return entries


def _of_time(student: str, record: Record) -> Iterator[Entry]:
    """Yield an entry if it is not known whether a submission was late, and being late would cost points."""
    time = record.time
    if time is None:
        return
    remedy = (
        "If it was late, write when it came, as `2026-11-30 22:59:00 UTC`, into a file timestamp.txt in its folder."
    )
    if time.problem:
        what, _, own_remedy = visible(time.problem, limit=600).partition(". ")
        yield Entry(Kind.TIME, student, record.section, _sentence(what), _sentence(own_remedy or remedy))
    elif time.due and time.late_seconds is None and time.policy in ("zero", "per_day"):
        what = "No time is known, so nothing is taken off for being late."
        yield Entry(Kind.TIME, student, record.section, what, remedy)


def _of_persons(section: Section, records: Sequence[Record]) -> Iterator[Entry]:
    """Yield what waits for a person in one section, counted."""
    standings = [item_standing(section, record, item.id) for record in records for item in section.items]
    waiting = sum(standing.status is Status.NEEDS_REVIEW for standing in standings)
    where = f"`autograder review --section {section.id}`, or the formgrader."
    explanations, others = changed_since(records)
    if explanations:
        what = f"{count(explanations, 'explanation')} changed after a person decided."
        yield Entry(Kind.CHANGED, None, section.id, what, f"Look again: {where}")
    if others:
        what = f"{count(others, 'item')} judged again after a person gave points, which still count."
        yield Entry(Kind.CHANGED, None, section.id, what, "Look again, in the formgrader.")
    if waiting:
        what = f"{count(waiting, 'explanation')} to read."
        yield Entry(Kind.WAITS, None, section.id, what, f"To decide: {where}")
    if asked := sum(request.answer is None for record in records for request in record.requests):
        what = f"{count(asked, 'regrade request')} to answer."
        yield Entry(Kind.WAITS, None, section.id, what, "To answer: `autograder requests`.")


def _told(noted: Sequence[str]) -> str:
    """Return notes to students as sentences for staff: without what the student should do, and not too many."""
    told = [_sentence(_TO_STUDENTS.sub("", note)) for note in noted[:_NOTED]]
    more = [f"And {count(len(noted) - _NOTED, 'more note')}."] if len(noted) > _NOTED else []
    return " ".join([*told, *more])


def _sentence(text: str) -> str:
    return text if re.search(r"[.?!]$", text) else f"{text}."
