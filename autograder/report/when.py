"""Due dates, lateness and attempts in the words of a student's page."""

from __future__ import annotations

from datetime import datetime

from autograder.course import Allowance, Course, Late, Section
from autograder.records.record import AttemptRecord, Record, Status
from autograder.records.standing import penalty_of
from autograder.text import count, number, points_text

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def sentences(course: Course, section: Section, record: Record) -> list[str]:
    """Return when the work was due, when it came, and what that costs, a sentence each; nothing where nothing is known.

    None of the text comes from students.
    """
    time = record.time
    if time is None:
        return waiting(course, section, record)
    said = []
    if time.due:
        said.append(f"This was due on {moment(course, time.due)}.")
    by, penalty = time.late_seconds, penalty_of(section, record)
    if time.came:
        late = "" if by is None else f", {duration(by)} late" if by else ", on time"
        said.append(f"It came on {moment(course, time.came)}{late}.")
    elif time.late:
        said.append(
            "The learning platform calls it late and doesn’t say when it came. Nothing is taken off for that until "
            "staff know."
        )
    elif by == 0:
        said.append("The learning platform says that it came on time.")
    elif time.due:
        said.append("When it came is not known, so nothing is taken off for being late.")
    if penalty:
        rule = f" {_rule(section.late)}" if section.late else ""
        said.append(f"Being late costs {points_text(penalty)}.{rule}")
    return said + waiting(course, section, record)


def waiting(course: Course, section: Section, record: Record) -> list[str]:
    """Return what happens to newer work that is not judged yet; nothing if there is none."""
    if record.waiting is None:
        return []
    of = f": {allowance(section.watch)}" if section.watch else ""
    return [
        f"Newer work of yours came on {moment(course, record.waiting.came)}. It is kept, and is judged on "
        f"{moment(course, record.waiting.judged)}{of}."
    ]


def allowance(watch: Allowance) -> str:
    """Return how many attempts are judged in what time: ``5 attempts within 24 hours are judged``."""
    within = duration(round(watch.per.total_seconds()))
    return f"{count(watch.attempts, 'attempt')} within {within} {'is' if watch.attempts == 1 else 'are'} judged"


def again(course: Course, section: Section, record: Record) -> list[str]:
    """Return whether the student may hand in again, until when, and which attempt counts then, a sentence each.

    The page is read at any time, so it names the moment and does not say whether it is over.
    """
    due = record.time.due if record.time else None
    counts = "The best of your attempts counts" if course.attempts == "best" else "Your last attempt counts"
    if due is None:
        return [f"You can hand in again. {counts}.", "No due date is set."]
    said = [f"You can hand in again until {moment(course, due)}. {counts}."]
    late = section.late
    if late is None:
        said.append("Your instructor says what later work loses.")
    elif late.policy == "none":
        said.append("Later work is marked as late and loses nothing.")
    elif not penalty_of(section, record):  # else it is said already
        rule = _rule(late)
        said.append(f"After that, {rule[:1].lower()}{rule[1:]}")
    return said


def earlier(course: Course, record: Record) -> str:
    """Return which attempt is meant by the one before this."""
    found = record.earlier
    time = (found.came or found.seen) if found else None
    return f"your attempt of {moment(course, time)}" if time else "your attempt before this"


def attempts(course: Course, record: Record) -> list[str]:
    """Return a line for each of several attempts of which the best counts, the earliest first."""
    return [_attempt(course, entry) for entry in record.history]


def moment(course: Course, time: str) -> str:
    """Return a moment as people say it, in the zone of `course`: ``Monday, 30 November 2026 at 23:59 (CET)``."""
    local = datetime.fromisoformat(time).astimezone(course.timezone)
    return f"{local:%A}, {local.day} {local:%B} {local.year} at {local:%H:%M} ({local.tzname()})"


def duration(seconds: int) -> str:
    """Return a duration in its two largest units: ``1 day 3 hours``."""
    parts = []
    for unit, size in _UNITS:
        if seconds >= size:
            parts.append(count(seconds // size, unit))
            seconds %= size
    return " ".join(parts[:2])


def _attempt(course: Course, entry: AttemptRecord) -> str:
    when = entry.came or entry.seen
    said = f"{'came' if entry.came else 'first graded'} on {moment(course, when)}" if when else "graded now"
    late = f", {number(entry.raw)} less {number(entry.penalty)} for being late" if entry.penalty else ""
    waits = "" if entry.status is Status.JUDGED else " so far"
    counts = "; this one counts" if entry.counts else ""
    return f"{said}: {points_text(entry.points)}{waits}{late}{counts}"


def _rule(late: Late) -> str:
    days = f"{number(late.grace_days)} {'day' if late.grace_days == 1 else 'days'}"
    if late.policy == "zero":
        return f"What comes {f'more than {days}' if late.grace_days else ''} late gets no points.".replace("  ", " ")
    grace = f" after {days} of grace" if late.grace_days else ""
    floor = f"; {number(100 * late.floor)} % are kept in any case" if late.floor else ""
    return f"Each day{grace}, once it has begun, costs {number(100 * late.per_day)} % of the points{floor}."
