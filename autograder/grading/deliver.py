"""Hands out what was judged: feedback for students, a CSV for staff, points in nbgrader's gradebook.

Grades rest on the folder of submissions and on the history of what was judged before. Students who are no longer there
keep their grades. Where the best of several attempts counts, earlier ones are judged and compared too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Collection as AnyOf
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder import gradebook
from autograder.course import Course
from autograder.gradebook import Key, late_penalties
from autograder.gradebook.late_penalties import Booked, Extensions
from autograder.grading.batch import Batch, Judging, Outcome
from autograder.grading.workers import Pools
from autograder.intake import collected
from autograder.people import roster
from autograder.records.decisions import Decision, decided
from autograder.records.record import AttemptRecord, EarlierRecord, Record, Status, WaitingRecord
from autograder.records.standing import Result, decided_points, penalty_of, section_standing
from autograder.records.store import Store
from autograder.report import attention, files
from autograder.report.attention import Entry, Kind
from autograder.sandbox.walls import WALLS, missing_walls
from autograder.submissions import history, times
from autograder.submissions.attempts import Attempt, Collection, noted
from autograder.submissions.collect import collect
from autograder.text import printable


@dataclass(frozen=True)
class Gathered:
    """What is to be judged: what was collected, and what of the history counts; `entries` say what staff should see."""

    collection: Collection
    attempts: tuple[Attempt, ...]
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Delivered:
    """What was written, by name; the results that were asked for; and what needs attention among those."""

    paths: dict[str, Path | str]
    results: list[Result]
    entries: list[Entry]


def gather(
    course: Course,
    submitted: Path,
    output: Path,
    sections: AnyOf[str] | None = None,
    students: AnyOf[str] | None = None,
    *,
    with_history: bool = True,
) -> Gathered:
    """Return the attempts that grades of a class rest on; of `sections` and `students` only, where they are given.

    Raises
    ------
    CourseError, CollectError, HistoryError
        If the course, the folder of submissions or the history in `output` can't be read.
    """
    extensions = times.extensions(course)  # a line that is wrong is named before anything is judged
    collection = collect(course, submitted, sections, students)
    attempts = {(a.student, a.section): [a] for a in times.dated(course, _from_platforms(course, collection.attempts))}
    entries = attention.of_problems(collection.problems)
    if not with_history:
        entries += _left(course, submitted, sections, students, attempts)
        return Gathered(collection, _flat(attempts), tuple(entries))
    names = roster.load(course.root)
    chosen = None if students is None else {names.student_of(roster.normal(student)) for student in students}

    def wanted(student: str, section: str) -> bool:
        asked = (sections is None or section in sections) and (chosen is None or student in chosen)
        return asked and (course.attempts == "best" or (student, section) not in attempts)

    unreadable: list[Entry] = []

    def problem(what: str, remedy: str) -> None:
        unreadable.append(Entry(Kind.KEPT, None, None, f"{what}.", _sentence(remedy), f"{what}."))

    gone: list[Key] = []
    for key, kept in history.load(course, output, wanted, problem, names.student_of).items():
        earlier = times.dated(course, kept)
        if key not in attempts:
            gone.append(key)
            attempts[key] = [max(earlier, key=partial(arrived, course))]
        if course.attempts == "best":
            attempts[key] = _different(course, [*attempts[key], *earlier])
    entries += _left(course, submitted, sections, students, attempts)
    entries += unreadable
    entries += [_gone(*key, submitted) for key in gone]
    if sections is None and students is None:
        here = {student for student, _ in (*attempts, *history.students(output))}
        here |= {entry.student for entry in names.students}
        entries += _unknown(course, extensions, here)
    return Gathered(collection, _flat(attempts), tuple(entries))


def _left(
    course: Course, submitted: Path, sections: AnyOf[str] | None, students: AnyOf[str] | None, there: AnyOf[Key]
) -> Iterator[Entry]:
    """Yield an entry for each student whose work was in a download and could not be collected."""
    if submitted.resolve() != (course.root / "submitted").resolve():
        return  # another class
    for section in course.sections:
        if sections is not None and section.id not in sections:
            continue
        for student, left in collected.load_left(course.root, section.id).items():
            if (student, section.id) not in there and (students is None or student in students):
                told = f"`autograder collect` could not collect this: {left.why}."
                yield Entry(Kind.NO_SUBMISSION, student, section.id, told, _sentence(left.remedy or "run it again"))


def absent(
    course: Course, gathered: Gathered, output: Path, db_url: str | None = None, *, with_roster: bool = True
) -> list[Entry]:
    """Return who is in the gradebook or on the roster, but has no work among what was gathered.

    Raises
    ------
    GradebookError
        If the gradebook is there and can't be read.
    """
    names = roster.load(course.root)
    present = {*gathered.collection.students, *(attempt.student for attempt in gathered.attempts)}
    present |= {entry.student for entry in gathered.entries if entry.kind is Kind.NO_SUBMISSION and entry.student}
    graded = {
        names.student_of(entry.student): [section.id for section in course.sections if section.id in sections]
        for entry, sections in gradebook.students(course, output, db_url).items()
    }
    return attention.of_absent(present, graded, [entry.student for entry in names.students] if with_roster else ())


def deliver(
    course: Course,
    outcomes: Sequence[Outcome],
    everyone: Sequence[Outcome] | None,
    output: Path,
    *,
    with_gradebook: bool = True,
    with_history: bool = True,
    db_url: str | None = None,
    processes: int = 1,
    attempts: Sequence[Attempt] = (),
    entries: Sequence[Entry] = (),
    waiting: Mapping[Key, WaitingRecord] = MappingProxyType({}),
) -> Delivered:
    """Write the results below `output`.

    Feedback and gradebook get `outcomes`; the CSV, which is written anew each time, gets `everyone`, and is left as it
    is if that is None. The gradebook
    comes first: if it is locked or damaged, no student has been told anything yet. What a person decided on an
    explanation is read from it and used in everything else. Without `with_gradebook` it is still read if it is there,
    so that no decision is lost, but nothing is written to it. `db_url` names another gradebook than the file
    ``gradebook.db`` in `output`. Of several attempts at a section, the one that counts by the course's rule is handed
    out. Without `with_history` no attempt is kept. `attempts` are all that were gathered, to compare work with;
    `entries` go into the CSV's notes, in addition to what needs attention among `everyone`. `waiting` says whose newer
    work is not judged yet, for their pages.
    """
    output.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path | str] = {}
    if with_history:
        history.keep((outcome.attempt for outcome in outcomes if not outcome.attempt.seen), output, processes=processes)
    counting = _Grades(course, output, db_url).counting(outcomes)
    if with_gradebook:
        judged = [(outcome.attempt, outcome.record) for outcome, _ in counting]
        gradebook.write(course, judged, output, db_url, processes=processes)
        paths["gradebook"] = gradebook.name(output, db_url)
    grades = _Grades(course, output, db_url)
    results = [grades.result(outcome, others) for outcome, others in counting]
    results = [(student, replace(one, waiting=waiting.get((student, one.section)))) for student, one in results]
    files.write_feedback(course, results, output / "feedback", processes=processes)
    for outcome, _ in counting:
        files.mark_for_exchange(course, outcome.attempt, output / "feedback")
    paths["feedback"] = output / "feedback"
    attempts = attempts or [outcome.attempt for outcome in everyone or outcomes]
    whole, of_results = results, attention.of_results(course, results, attempts)
    delivered = Delivered(paths, results, of_results)
    if everyone is None:
        return delivered
    if everyone is not outcomes:
        whole = grades.results(everyone)
        of_results = attention.of_results(course, whole, attempts)
    notes = attention.notes(course, whole, attention.in_urgency([*entries, *of_results]))
    paths["CSV"] = files.write_csv(course, whole, output / "grades.csv", notes)
    return delivered


def stored(
    course: Course, submitted: Path, output: Path, db_url: str | None = None, seed: int | None = None
) -> list[Result]:
    """Return everything that has been judged, with decisions and penalties, as `deliver` hands it out; judge nothing.

    Parameters
    ----------
    submitted
        The folder of submissions.
    output, db_url
        Where `deliver` wrote to; both are only read.
    seed
        The cohort seed; that of `course` unless given.
    """
    return stored_of(course, gather(course, submitted, output).attempts, output, db_url, seed)


def stored_of(
    course: Course, attempts: Iterable[Attempt], output: Path, db_url: str | None = None, seed: int | None = None
) -> list[Result]:
    """Return what `stored` does, of `attempts` that were gathered already."""
    missing = missing_walls()
    walls = tuple(wall for wall in WALLS if wall not in missing)
    return _Grades(course, output, db_url).results(batch(course, walls, seed).stored(attempts))


def counting(
    course: Course, submitted: Path, output: Path, db_url: str | None = None, *, with_history: bool = True
) -> list[Attempt]:
    """Return the attempt of each student and section that counts, by student; judge nothing.

    Where the best attempt counts, it is the best of those that were judged, or the last if none was.
    """
    attempts = gather(course, submitted, output, with_history=with_history).attempts
    chosen = {(attempt.student, attempt.section): attempt for attempt in sorted(attempts, key=partial(arrived, course))}
    if course.attempts == "best":
        missing = missing_walls()
        judged = batch(course, tuple(wall for wall in WALLS if wall not in missing)).stored(attempts)
        for outcome, _ in _Grades(course, output, db_url).counting(judged):
            chosen[outcome.attempt.student, outcome.attempt.section] = outcome.attempt
    return [chosen[key] for key in sorted(chosen)]


def batch(
    course: Course,
    walls: tuple[str, ...],
    seed: int | None = None,
    jobs: int | None = None,
    pools: Pools | None = None,
    stopping: threading.Event | None = None,
    judging: Callable[[], AbstractContextManager[Judging]] | None = None,
) -> Batch:
    """Return the class run of `course` with the store of its records; `seed` is the course's unless given."""
    store = Store(_store_of(course))
    seed = course.seed if seed is None else seed
    return Batch(course, store, seed=seed, jobs=jobs, walls=walls, pools=pools, stopping=stopping, judging=judging)


def kept(course: Course, output: Path, keys: AnyOf[Key]) -> dict[Key, list[Attempt]]:
    """Return the attempts that the history holds at each of `keys`.

    Raises
    ------
    HistoryError
        If the history can't be read.
    """
    student_of = roster.load(course.root).student_of
    found = history.load(course, output, lambda *key: key in keys, lambda *_: None, student_of)
    return {key: times.dated(course, attempts) for key, attempts in found.items()}


def _store_of(course: Course) -> Path:
    return course.root / ".autograder" / "store"


class _Grades:
    """What turns outcomes into grades: decisions, due dates, extensions and penalties, as they are now."""

    def __init__(self, course: Course, output: Path, db_url: str | None) -> None:
        self._course = course
        self._output = output
        self._store = Store(_store_of(course))
        self._decisions, self._booked, self._requests = gradebook.known(course, output, db_url)
        self._extensions: Extensions = times.extensions(course)

    def results(self, outcomes: Iterable[Outcome]) -> list[Result]:
        """Return the grade of each student and section in `outcomes`."""
        return [self.result(outcome, others) for outcome, others in self.counting(outcomes)]

    def result(self, outcome: Outcome, others: Sequence[Outcome]) -> Result:
        """Return the grade that `outcome` makes; `others` are all attempts, if it was chosen from several."""
        record = self._record(outcome, self._decisions.get((outcome.attempt.student, outcome.attempt.section), {}))
        if len(others) > 1:
            record = replace(record, history=tuple(self._line(other, other is outcome) for other in others))
        if asked := self._requests.get((outcome.attempt.student, outcome.attempt.section)):
            record = replace(record, requests=tuple(asked))
        return outcome.attempt.student, replace(record, earlier=self._earlier(outcome))

    def counting(self, outcomes: Iterable[Outcome]) -> list[tuple[Outcome, list[Outcome]]]:
        """Return which outcome counts of each student and section, with all of them, the earliest first."""
        of_key: dict[Key, list[Outcome]] = {}
        for outcome in outcomes:
            of_key.setdefault((outcome.attempt.student, outcome.attempt.section), []).append(outcome)
        found = []
        for several in of_key.values():
            several.sort(key=lambda outcome: arrived(self._course, outcome.attempt))
            # An attempt that could not be judged may be the best one: nobody gets another's points by chance.
            unjudged = [outcome for outcome in several if outcome.record.status is Status.NOT_JUDGED]
            candidates = unjudged[:1] or several
            found.append((candidates[0] if len(candidates) == 1 else max(candidates, key=self._points), several))
        return found

    def _earlier(self, outcome: Outcome) -> EarlierRecord | None:
        """Return the student's attempt before the one of `outcome`, if it was judged by the same checks."""
        attempt, course = outcome.attempt, self._course
        moment, _ = arrived(course, attempt)

        def order(kept: history.Kept) -> datetime:
            came = times.read(course, kept.timestamp) if kept.timestamp else None
            return came or datetime.fromisoformat(kept.seen)

        before = [kept for kept in history.others(self._output, attempt) if order(kept) < moment]
        if not before:
            return None
        last = max(before, key=lambda kept: (order(kept), kept.digest))
        record = self._store.get(replace(outcome.record.header, attempt=last.digest).key)
        came = times.shown(course, times.read(course, last.timestamp)) if last.timestamp else None
        return EarlierRecord(came, last.seen, record.items) if record else None

    def _points(self, outcome: Outcome) -> float:
        """Return the final points of an attempt among others, so far.

        Points that a person gave instead of the judge's apply only to the attempt that counted then. Points for an
        explanation apply to its text.
        """
        return self._line(outcome, counts=False).points

    def _line(self, outcome: Outcome, counts: bool) -> AttemptRecord:
        attempt, section = outcome.attempt, self._course.section(outcome.attempt.section)
        decisions = self._decisions.get((attempt.student, attempt.section), {})
        prose = {item.id for item in section.items if item.kind == "prose"}
        of_text = decisions if counts else {item: decisions[item] for item in prose & decisions.keys()}
        record = self._record(outcome, of_text, Booked(self._due(attempt)) if not counts else None)
        raw, penalty = decided_points(section, record), penalty_of(section, record)
        return AttemptRecord(
            attempt=attempt.digest,
            came=times.shown(self._course, times.came(self._course, attempt)),
            seen=attempt.seen or None,
            raw=raw,
            penalty=penalty,
            points=raw - penalty,
            status=section_standing(section, record).status,
            counts=counts,
        )

    def _record(self, outcome: Outcome, decisions: Mapping[str, Decision], booked: Booked | None = None) -> Record:
        key = (outcome.attempt.student, outcome.attempt.section)
        record = decided(outcome.record, decisions)
        booked = booked or self._booked.get(key, Booked())
        return late_penalties.timed(self._course, outcome.attempt, record, self._extensions, booked)

    def _due(self, attempt: Attempt) -> Any:
        return self._booked.get((attempt.student, attempt.section), Booked()).due


def _from_platforms(course: Course, attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return `attempts` with notes on what was left out when they were collected from a learning platform.

    Where ``timestamp.txt`` says nothing, what the platform said about their times is added too.
    """
    said = {section.id: collected.load(course.root, section.id) for section in course.sections}
    found = []
    for attempt in attempts:
        row = said[attempt.section].get(attempt.student)
        if row is not None and (notes := collected.notes_of(row, attempt.path)):
            attempt = noted(course.section(attempt.section), attempt, notes)
        if row is not None and not attempt.timestamp:
            late = {"yes": True, "no": False}.get(row.late)
            attempt = replace(attempt, timestamp=row.came or None, late=None if row.came else late)
        found.append(attempt)
    return found


def arrived(course: Course, attempt: Attempt) -> tuple[datetime, str]:
    """Return what sorts the attempts of one student: when they came, else when they were first judged."""
    seen = datetime.fromisoformat(attempt.seen) if attempt.seen else datetime.max.replace(tzinfo=UTC)
    return times.came(course, attempt) or seen, history.key(attempt)


def _different(course: Course, attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return each of `attempts` once; one without a certain time is left out if the same work has one."""
    certain = {attempt.digest for attempt in attempts if times.came(course, attempt)}
    found: dict[str, Attempt] = {}
    for attempt in attempts:
        name = history.key(attempt)
        if name in found:
            found[name] = replace(found[name], seen=found[name].seen or attempt.seen)
        elif attempt.digest not in certain or times.came(course, attempt):
            found[name] = attempt
    return list(found.values())


def _flat(attempts: Mapping[Key, Sequence[Attempt]]) -> tuple[Attempt, ...]:
    return tuple(attempt for several in attempts.values() for attempt in several)


def _sentence(remedy: str) -> str:
    return f"{remedy[:1].upper()}{remedy[1:]}."


def _gone(student: str, section: str, submitted: Path) -> Entry:
    """Return an entry for a grade that rests on the history alone."""
    what = f"It is not in {submitted} any more; what was handed in before counts."
    remedy = "If the student's folder has another name now: `autograder roster rename OLD NEW`."
    return Entry(Kind.GONE, student, section, what, remedy)


def _unknown(course: Course, extensions: Extensions, here: AnyOf[str]) -> list[Entry]:
    """Return an entry for each extension of a student who is not known."""
    entries = []
    for (student, section), extension in extensions.items():
        if student not in here:
            what = (
                f"{course.root / times.EXTENSIONS}, line {extension.line}: nobody called `{printable(student)}` has "
                f"handed in anything or is on the roster, so the extension of {section} has no effect."
            )
            entries.append(Entry(Kind.KEPT, student, section, what, "Correct the name if it is wrong.", what))
    return entries
