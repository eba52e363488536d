"""When the work of a section came, relative to the moment at which it was due."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.course import Course, Section
from autograder.records.standing import Result
from autograder.submissions import times
from autograder.submissions.attempts import Attempt

# Hours after the due moment at which a period ends (it belongs to the period), and what the period is called.
PERIODS = (
    (-168.0, "more than 7 days before"),
    (-72.0, "7 to 3 days before"),
    (-24.0, "3 days to 1 day before"),
    (-6.0, "24 to 6 hours before"),
    (-1.0, "6 hours to 1 hour before"),
    (0.0, "the last hour"),
    (24.0, "up to a day late"),
    (float("inf"), "more than a day late"),
)


@dataclass(frozen=True)
class Period:
    """How many attempts came in a period: one of `PERIODS`, or a day where the section has no due date."""

    name: str
    attempts: int
    share: float


@dataclass(frozen=True)
class Arrivals:
    """When the attempts of a section came.

    Of the judged `attempts`, `known` are those whose time is known; `late` of them came after they were due, by the due
    date of each student. `hours` are hours after the due moment, sorted; empty without a due date.
    """

    section: str
    title: str
    due: str | None
    attempts: int
    known: int
    late: int
    periods: tuple[Period, ...]
    hours: tuple[float, ...] = field(repr=False, default=())


def arrivals(
    course: Course, sections: Sequence[Section], results: Iterable[Result], attempts: Iterable[Attempt]
) -> Iterator[Arrivals]:
    """Yield when the work of each section came that has been handed in.

    Where the best of several attempts counts, all of them are counted.
    """
    stamps = {(one.student, one.section, one.digest): times.came(course, one) for one in attempts}
    came: dict[str, list[tuple[dt.datetime | None, dt.datetime | None]]] = {section.id: [] for section in sections}
    for student, record in results:
        due = _moment(record.time.due if record.time else None)
        if record.history:
            moments = [_moment(entry.came) for entry in record.history]
        else:
            known = _moment(record.time.came if record.time else None)
            moments = [known or stamps.get((student, record.section, record.header.attempt))]
        came[record.section] += [(moment, due) for moment in moments]
    for section in sections:
        if came[section.id]:
            yield _of_section(course, section, came[section.id])


def _of_section(
    course: Course, section: Section, came: Sequence[tuple[dt.datetime | None, dt.datetime | None]]
) -> Arrivals:
    known = [(moment, due) for moment, due in came if moment is not None]
    hours = sorted((moment - due).total_seconds() / 3600 for moment, due in known if due is not None)
    if hours:
        counted = Counter(next(name for end, name in PERIODS if each <= end) for each in hours)
        periods = [(name, counted[name]) for _, name in PERIODS]
    else:
        days = Counter(moment.astimezone(course.timezone).date().isoformat() for moment, _ in known)
        periods = sorted(days.items())
    dues = Counter(due for _, due in came if due is not None)
    due = min(dues, key=lambda each: (-dues[each], each)) if dues else section.due
    return Arrivals(
        section=section.id,
        title=section.title,
        due=times.shown(course, due),
        attempts=len(came),
        known=sum(number for _, number in periods),
        late=sum(each > 0 for each in hours),
        periods=tuple(Period(name, number, number / len(known)) for name, number in periods),
        hours=tuple(hours),
    )


def _moment(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text).astimezone(dt.UTC)
