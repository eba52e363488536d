"""Who lost a check, the best first, with what they returned: how to see whether the check is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.class_report.contents import CheckRow, ClassReport
from autograder.class_report.scores import Scores, Work
from autograder.course import Course
from autograder.records.record import CheckRecord
from autograder.records.standing import Result
from autograder.text import count, number, visible

MOST = 20
"""Students that are shown."""


def check_text(course: Course, results: Iterable[Result], report: ClassReport, name: str) -> str:
    """Return what is known of the checks of a report that are called `name`, as text; empty if there is none.

    Students are named if the report has names, and else by the first digits of their attempt's hash.
    """
    chosen = [row for row in report.checks if row.check == name]
    sections = {row.section for row in report.points}
    work = [
        Work(course.section(record.section), student, record)
        for student, record in results
        if record.section in sections
    ]
    scores = Scores(work)
    return "\n".join(line for row in chosen for line in _lines(course, row, scores, report.with_names))


def _lines(course: Course, row: CheckRow, scores: Scores, names: bool) -> Iterator[str]:
    entries = scores.checks[row.item, row.check]
    lost = sorted(
        (entry for entry in entries if entry[0].points < entry[0].max),
        key=lambda entry: (-(entry[1] or 0.0), entry[2].student),
    )
    yield f"{row.section} {row.item} {row.check}: {number(row.max)} points, {100 * row.difficulty:.0f} % won it."
    if row.discrimination:
        r = row.discrimination
        suspect = "; it works backwards" if row.backwards else ""
        yield f"Discrimination {r.r:.2f} ({r.low:.2f} to {r.high:.2f}) with {count(r.n, 'student')}{suspect}."
    else:
        yield f"No discrimination: {row.why_not}."
    yield f"It asks: {visible(row.reason)}"
    yield f"Its code is in {course.suites / row.section}, as `test_{row.check}`."
    yield ""
    if not lost:
        yield "Nobody lost it."
    else:
        yield f"{count(len(lost), 'student')} lost it; those with the largest share of points elsewhere first:"
    for check, rest, work in lost[:MOST]:
        yield from _loser(check, rest, work, names)
    if len(lost) > MOST:
        yield f"And {len(lost) - MOST} more."
    yield ""


def _loser(check: CheckRecord, rest: float | None, work: Work, names: bool) -> Iterator[str]:
    who = visible(work.student, limit=80) if names else f"attempt {work.record.header.attempt[:12]}"
    share = "  – " if rest is None else f"{100 * rest:3.0f} %"
    yield f"{share}  {who}: {check.verdict}. {visible(check.message, limit=300)}".rstrip()
    shown: Sequence[tuple[str, str | None]] = (
        ("called", check.call), ("expected", check.expected), ("got", check.got),
    )  # fmt: skip
    for word, value in shown:
        if value:
            yield f"       {word} {visible(value, limit=300)}"
