"""What the class report says, as plain data; page, CSV and JSON show it.

Names of students enter only where they are asked for (`names`), so that nothing that is made of a report without names
can show one.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import numpy as np

from autograder.class_report import item_analysis
from autograder.class_report.arrivals import Arrivals, arrivals
from autograder.class_report.item_analysis import Correlation
from autograder.class_report.places import Places
from autograder.class_report.scores import Scores, Work, discrimination
from autograder.course import Course, Item, Section
from autograder.records.record import CheckRecord, ItemRecord, Status
from autograder.records.standing import Result, in_order
from autograder.report.attention import Entry, Kind
from autograder.submissions.attempts import Attempt
from autograder.verdict import UNANSWERED

_Any = TypeVar("_Any")

BINS = 10
"""Columns of a histogram of points: tenths of the maximum."""

TOTAL = "total"
_OF_NOBODY = (Kind.CHANGED, Kind.WAITS)  # entries that count, and name no student
_UNJUDGED = "Handed in after the last run; not judged yet"


@dataclass(frozen=True)
class Points:
    """How the points of a section, or of all of them, are distributed.

    Of the students who `handed_in`, those are `counted` whose work is judged; `undecided` of them have points that a
    person still has to decide, and count with the points so far. `not_judged` are the others, `absent` those of whom
    there is nothing. `histogram` counts students by tenths of `max`; `full` have all of it. Numbers are None if nobody
    is counted.
    """

    section: str
    title: str
    max: float
    handed_in: int
    counted: int
    undecided: int
    not_judged: int
    absent: int
    mean: float | None
    sd: float | None
    lowest: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    highest: float | None
    full: int
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class ItemRow:
    """Item analysis of one item.

    `students` are those whose points are decided and not a zero for a technical reason (`technical`); `undecided` wait
    for a person. `difficulty` is the share of points that the students won, `full` and `none` are how many won all or
    nothing. Without `discrimination`, `why_not` says why.
    """

    section: str
    item: str
    title: str
    kind: str
    max: float
    students: int
    technical: int
    undecided: int
    difficulty: float | None
    full: int
    none: int
    discrimination: Correlation | None
    why_not: str


@dataclass(frozen=True)
class CheckRow:
    """Item analysis of one check; `reason` is what it asks. See :class:`ItemRow`.

    `backwards` says whether strong students clearly lose it more often than weak ones.
    """

    section: str
    item: str
    check: str
    function: str | None
    reason: str
    max: float
    students: int
    difficulty: float
    discrimination: Correlation | None
    why_not: str
    backwards: bool


@dataclass(frozen=True)
class Saying:
    """What students were told about a misconception: what was believed, and what to try next."""

    believed: str
    hint: str


@dataclass(frozen=True)
class MisconceptionRow:
    """How many students of a section showed a misconception, in which functions, and where the notebook teaches them.

    `sayings` are the sentences that students read, the most frequent first; `names` is empty unless names are asked
    for.
    """

    section: str
    misconception: str
    students: int
    of: int
    share: float
    functions: tuple[str, ...]
    sayings: tuple[Saying, ...]
    place: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """How many explanations have these suggested and decided points; None for no suggestion, or not decided."""

    suggested: float | None
    decided: float | None
    students: int


@dataclass(frozen=True)
class Found:
    """In how many explanations an idea, or a wrong claim, was found."""

    kind: str
    title: str
    students: int
    share: float


@dataclass(frozen=True)
class ExplanationRow:
    """What became of the explanations of one item.

    `unanswered` were left empty, `suggested` have a suggestion, `waiting` wait for a person (`changed` of them were
    decided on another text). Of those that are both suggested and decided, `as_suggested` got what was suggested;
    the means are of these.
    """

    section: str
    item: str
    title: str
    max: float
    students: int
    unanswered: int
    suggested: int
    waiting: int
    changed: int
    decided: int
    both: int
    as_suggested: int
    mean_suggested: float | None
    mean_decided: float | None
    pairs: tuple[Pair, ...]
    found: tuple[Found, ...]


@dataclass(frozen=True)
class AttentionRow:
    """What needs a person: how many entries of a kind in a section; one entry each if names are asked for."""

    kind: str
    heading: str
    section: str | None
    entries: int
    student: str | None = None
    what: str = ""
    next: str = ""


@dataclass(frozen=True)
class ClassReport:
    """Everything that the report says. `students` is how many are known: on the roster, or with work."""

    course: str
    title: str
    seed: int
    suites: Mapping[str, str]
    students: int
    attempts: int
    with_names: bool
    points: tuple[Points, ...]
    items: tuple[ItemRow, ...]
    checks: tuple[CheckRow, ...]
    misconceptions: tuple[MisconceptionRow, ...]
    explanations: tuple[ExplanationRow, ...]
    arrivals: tuple[Arrivals, ...]
    attention: tuple[AttentionRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data; numbers have six digits after the point, which hides rounding."""
        tidied: dict[str, Any] = _tidy(asdict(self))
        return tidied


def class_report(
    course: Course,
    results: Iterable[Result],
    *,
    attempts: Iterable[Attempt] = (),
    entries: Iterable[Entry] = (),
    enrolled: Iterable[str] = (),
    sections: Collection[str] | None = None,
    seed: int | None = None,
    names: bool = False,
) -> ClassReport:
    """Return what there is to say about a class.

    Parameters
    ----------
    results
        What is judged, with what people decided.
    attempts
        What was handed in; those without a result are not judged yet.
    entries
        What needs attention, from :mod:`autograder.report.attention`.
    enrolled
        Students who may have handed in nothing.
    sections
        Only these; None means all.
    seed
        The cohort seed that was used; that of `course` unless given.
    names
        Whether names of students may enter.
    """
    chosen = [section for section in course.sections if sections is None or section.id in sections]
    ids = [section.id for section in chosen]
    ordered = [result for result in in_order(course, results) if result[1].section in ids]
    handed_in = [attempt for attempt in attempts if attempt.section in ids]
    work = [Work(course.section(record.section), student, record) for student, record in ordered]
    by_section = {section.id: [one for one in work if one.section is section] for section in chosen}
    keys = {(attempt.student, attempt.section) for attempt in handed_in}
    keys |= {(student, record.section) for student, record in ordered}
    known = {*enrolled, *(student for student, _ in keys)}
    scores = Scores(work)
    values = _values(chosen, work)
    return ClassReport(
        course=course.id,
        title=course.title,
        seed=course.seed if seed is None else seed,
        suites={section: of[0].record.header.suite for section, of in by_section.items() if of},
        students=len(known),
        attempts=len(work),
        with_names=names,
        points=tuple(_points(chosen, by_section, values, keys, len(known))),
        items=tuple(row for section in chosen for row in _items(section, by_section[section.id], scores)),
        checks=tuple(row for section in chosen for row in _checks(section, scores)),
        misconceptions=tuple(_misconceptions(course, by_section, names)),
        explanations=tuple(row for section in chosen for row in _explanations(section, by_section[section.id])),
        arrivals=tuple(arrivals(course, chosen, ordered, handed_in)),
        attention=tuple(_attention(ids, entries, keys - {(one.student, one.section.id) for one in work}, names)),
    )


def _values(chosen: Sequence[Section], work: Sequence[Work]) -> dict[str, tuple[float, ...]]:
    """Return the points of everybody who counts, sorted, of each section and in total."""
    judged = [one for one in work if one.status is not Status.NOT_JUDGED]
    failed = {one.student for one in work if one.status is Status.NOT_JUDGED}
    totals: dict[str, float] = {}
    for one in judged:
        totals[one.student] = totals.get(one.student, 0.0) + one.points
    of_sections = {s.id: tuple(sorted(one.points for one in judged if one.section is s)) for s in chosen}
    return {TOTAL: tuple(sorted(p for student, p in totals.items() if student not in failed)), **of_sections}


def _points(
    chosen: Sequence[Section],
    by_section: Mapping[str, Sequence[Work]],
    values: Mapping[str, Sequence[float]],
    keys: Collection[tuple[str, str]],
    known: int,
) -> Iterator[Points]:
    """Yield the distribution of the total, and of each section."""
    begun = [section for section in chosen if by_section[section.id]]
    waiting = {one.student for of in by_section.values() for one in of if one.status is Status.NEEDS_REVIEW}
    failed = {one.student for of in by_section.values() for one in of if one.status is Status.NOT_JUDGED}
    students = {student for student, _ in keys}
    full = sum(section.points for section in begun)
    yield _distribution(TOTAL, "All sections", full, values[TOTAL], len(students), len(waiting - failed), known)
    for section in chosen:
        of = by_section[section.id]
        handed_in = sum(key[1] == section.id for key in keys)
        undecided = sum(one.status is Status.NEEDS_REVIEW for one in of)
        yield _distribution(section.id, section.title, section.points, values[section.id], handed_in, undecided, known)


def _distribution(
    section: str, title: str, full: float, values: Sequence[float], handed_in: int, undecided: int, known: int
) -> Points:
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, max(0, int(BINS * value / full + 1e-9)))] += 1
    low, middle, high = np.percentile(values, [25, 50, 75]).tolist() if values else (None, None, None)
    return Points(
        section=section,
        title=title,
        max=full,
        handed_in=handed_in,
        counted=len(values),
        undecided=undecided,
        not_judged=handed_in - len(values),
        absent=known - handed_in,
        mean=statistics.fmean(values) if values else None,
        sd=statistics.pstdev(values) if values else None,
        lowest=values[0] if values else None,
        lower_quartile=low,
        median=middle,
        upper_quartile=high,
        highest=values[-1] if values else None,
        full=sum(value >= full - 1e-9 for value in values),
        histogram=tuple(counts),
    )


def _items(section: Section, work: Sequence[Work], scores: Scores) -> Iterator[ItemRow]:
    for item in section.items if work else ():
        pairs = scores.items.get(item.id, [])
        won = [share for share, _ in pairs]
        found, why_not = discrimination(pairs)
        yield ItemRow(
            section=section.id,
            item=item.id,
            title=item.title,
            kind=item.kind,
            max=item.points,
            students=len(won),
            technical=sum(item.id in one.technical for one in work),
            undecided=sum(one.standings[item.id].status is Status.NEEDS_REVIEW for one in work),
            difficulty=statistics.fmean(won) if won else None,
            full=sum(share >= 1 - 1e-9 for share in won),
            none=sum(share <= 1e-9 for share in won),
            discrimination=found,
            why_not=why_not,
        )


def _checks(section: Section, scores: Scores) -> Iterator[CheckRow]:
    of_section = {item.id for item in section.items}
    for (item_id, name), entries in scores.checks.items():
        if item_id not in of_section:
            continue
        check = entries[0][0]
        pairs = [(one.points / one.max, rest) for one, rest, _ in entries]
        found, why_not = discrimination(pairs)
        winners = sum(share > 0.5 for share, rest in pairs if rest is not None)
        yield CheckRow(
            section=section.id,
            item=item_id,
            check=name,
            function=check.function,
            reason=check.reason,
            max=check.max,
            students=len(pairs),
            difficulty=statistics.fmean(share for share, _ in pairs),
            discrimination=found,
            why_not=why_not,
            backwards=item_analysis.works_backwards(found, winners),
        )


@dataclass
class _Shown:
    """How many students showed a misconception, in which functions and items, and what they were told."""

    students: dict[str, None] = field(default_factory=dict)
    functions: Counter[str] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    told: Counter[Saying] = field(default_factory=Counter)


def _misconceptions(
    course: Course, by_section: Mapping[str, Sequence[Work]], names: bool
) -> Iterator[MisconceptionRow]:
    """Yield a row for each misconception of a section, the most frequent first."""
    rows = []
    for section_id, work in by_section.items():
        found: dict[str, _Shown] = {}
        for one in work:
            for name, places in _named(one).items():
                shown = found.setdefault(name, _Shown())
                shown.students[one.student] = None
                _add(shown.items, (item_id for item_id, _ in places))
                _add(shown.functions, (check.function for _, check in places if check.function))
                _add(shown.told, (Saying(check.hints[0].believed, check.hints[0].hint) for _, check in places))
        taught = Places(course, course.section(section_id))
        for name, shown in found.items():
            functions = _ranked(shown.functions)
            row = MisconceptionRow(
                section=section_id,
                misconception=name,
                students=len(shown.students),
                of=len(work),
                share=len(shown.students) / len(work),
                functions=functions,
                sayings=_ranked(shown.told),
                place=taught.of(_ranked(shown.items)[0], functions),
                names=tuple(shown.students) if names else (),
            )
            rows.append(row)
    yield from sorted(rows, key=lambda row: -row.share)


def _add(counted: Counter[_Any], each: Iterable[_Any]) -> None:
    """Count what one student showed, each thing once."""
    counted.update(list(dict.fromkeys(each)))


def _ranked(counted: Counter[_Any]) -> tuple[_Any, ...]:
    return tuple(each for each, _ in counted.most_common())


def _named(work: Work) -> dict[str, list[tuple[str, CheckRecord]]]:
    """Return the checks of an attempt, with their items, by the misconception that fits best."""
    found: dict[str, list[tuple[str, CheckRecord]]] = {}
    for item_id, item in work.record.items.items():
        for check in item.checks:
            if check.misconception is not None:
                found.setdefault(check.misconception, []).append((item_id, check))
    return found


def _explanations(section: Section, work: Sequence[Work]) -> Iterator[ExplanationRow]:
    for item in section.items:
        entries = [one.record.items[item.id] for one in work if item.id in one.record.items]
        if item.kind == "prose" and entries:
            yield _explanation(section, item, entries)


def _explanation(section: Section, item: Item, entries: Sequence[ItemRecord]) -> ExplanationRow:
    points = [(_suggested(entry), entry.points if entry.status is Status.JUDGED else None) for entry in entries]
    both = [(first, second) for first, second in points if first is not None and second is not None]
    found: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        evidence = entry.prose.found if entry.prose else None
        if evidence is not None:
            found.update({("idea", one.title) for one in evidence.concepts})
            found.update({("wrong claim", one.title) for one in evidence.wrong_claims})
    waiting = [entry for entry in entries if entry.status is Status.NEEDS_REVIEW]
    return ExplanationRow(
        section=section.id,
        item=item.id,
        title=item.title,
        max=item.points,
        students=len(entries),
        unanswered=sum(UNANSWERED in entry.prose.remarks for entry in entries if entry.prose),
        suggested=sum(suggested is not None for suggested, _ in points),
        waiting=len(waiting),
        changed=sum(entry.decision is not None for entry in waiting),
        decided=sum(decided is not None for _, decided in points),
        both=len(both),
        as_suggested=sum(abs(first - second) < 1e-9 for first, second in both),
        mean_suggested=statistics.fmean(first for first, _ in both) if both else None,
        mean_decided=statistics.fmean(second for _, second in both) if both else None,
        pairs=tuple(Pair(*pair, number) for pair, number in sorted(Counter(points).items(), key=_none_last)),
        found=tuple(
            Found(kind, title, number, number / len(entries))
            for (kind, title), number in sorted(found.items(), key=lambda each: (each[0][0], -each[1], each[0][1]))
        ),
    )


def _suggested(entry: ItemRecord) -> float | None:
    return float(entry.prose.suggestion.points) if entry.prose and entry.prose.suggestion else None


def _none_last(counted: tuple[tuple[float | None, float | None], int]) -> tuple[tuple[bool, float], ...]:
    return tuple((each is None, each or 0.0) for each in counted[0])


def _attention(
    ids: Sequence[str], entries: Iterable[Entry], unjudged: Iterable[tuple[str, str]], names: bool
) -> Iterator[AttentionRow]:
    """Yield what needs a person: each entry, or without names how many there are of each kind and section."""
    rows = [
        AttentionRow(entry.kind.value, entry.kind.heading, entry.section, 1, entry.student, entry.what, entry.next)
        for entry in entries
        if entry.section is None or entry.section in ids
    ]
    rows += [
        AttentionRow("not judged yet", _UNJUDGED, section, 1, student, "There is no record.", "Run `autograder grade`.")
        for student, section in sorted(unjudged)
    ]
    if names:
        yield from rows
        return
    of_kind: dict[str, dict[str | None, list[AttentionRow]]] = {}
    for row in rows:
        of_kind.setdefault(row.kind, {}).setdefault(row.section, []).append(row)
    for of_section in of_kind.values():
        for section in (None, *ids):
            several = of_section.get(section, ())
            if several:
                first = several[0]
                told = (first.what, first.next) if first.kind in _OF_NOBODY and first.student is None else ("", "")
                yield AttentionRow(first.kind, first.heading, section, len(several), None, *told)


def _tidy(data: Any) -> Any:
    match data:
        case float():
            return round(data, 6)
        case dict():
            return {key: _tidy(value) for key, value in data.items()}
        case list() | tuple():
            return [_tidy(value) for value in data]
    return data
