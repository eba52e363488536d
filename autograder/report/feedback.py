"""The page that a student reads: what was asked, what happened, what to try next.

It shows what the record holds and nothing else: no check's code, no expected value that the record keeps back, and
none of what staff see about a fault of the grader. All text is escaped; the page loads nothing and runs nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.course import Course, Item, Section
from autograder.records.record import CheckRecord, Hint, Record, Status
from autograder.records.standing import Standing, decided_points, item_standing, penalty_of, section_standing
from autograder.report import when
from autograder.report.technical import Technical, technical_zero
from autograder.text import count, number, visible, with_code
from autograder.verdict import Verdict

SYMBOLS = {
    Verdict.NOT_JUDGED: "?",
    Verdict.REFUSED: "⊘",
    Verdict.TIME_LIMIT: "∞",
    Verdict.MEMORY_LIMIT: "▲",
    Verdict.CRASHED: "↯",
    Verdict.MISSING: "○",
    Verdict.ERROR: "!",
    Verdict.WRONG: "✗",
    Verdict.PASSED: "✓",
}

WALLS = {
    "landlock": "Landlock: it could read its own files and the libraries, and write to a scratch folder only",
    "seccomp": "seccomp: no network, no other programs, no signals to other processes",
    "rlimits": "resource limits: processor time, memory and file sizes were capped",
}

MAX_CELLS = 20
"""How many stopped cells a page shows: the first cause matters most, and a notebook may have a thousand."""

_TEMPLATES = Path(__file__).parent / "templates"
_CHECK_KEYS = ("name", "verdict", "points", "max", "function", "reason", "message", "call", "expected", "got")
_CELL_KEYS = ("cell", "verdict", "message")
_HINT_KEYS = ("misconception", "believed", "hint")
_TIME_KEYS = ("due", "came", "late_seconds", "late", "penalty", "policy")
_ATTEMPT_KEYS = ("attempt", "came", "seen", "raw", "penalty", "points", "status", "counts")
_REQUEST_KEYS = ("item", "text", "asked", "answer")


@dataclass
class Finding:
    """Failed checks of one function that share verdict and cause."""

    verdict: Verdict
    hints: Sequence[Hint]
    advice: str
    follows_from: Sequence[str] = ()
    checks: list[CheckRecord] = field(default_factory=list)

    @property
    def message(self) -> str:
        """What went wrong, if it is the same for several checks; else empty."""
        messages = {check.message for check in self.checks}
        return messages.pop() if len(self.checks) > 1 and len(messages) == 1 else ""

    @property
    def lost(self) -> float:
        """Points that the checks would have given."""
        return _lost(self.checks)


@dataclass
class Group:
    """The failed checks of one function, worst findings first."""

    function: str | None
    findings: list[Finding]
    shared_cause: bool = False

    @property
    def lost(self) -> float:
        """Points that the group's checks would have given."""
        return sum(finding.lost for finding in self.findings)


@dataclass
class ItemView:
    """One item as the page shows it.

    `by_checks` are the judge's points where a person gave others; `technical` says why there are none although no
    answer was wrong.
    """

    item: Item
    standing: Standing
    groups: list[Group]
    passed: dict[str | None, list[CheckRecord]]
    n_passed: int
    n_checks: int
    comment: str = ""
    by_checks: float | None = None
    technical: Technical | None = None


def page(course: Course, student: str, record: Record) -> str:
    """Return the self-contained HTML page of one attempt."""
    section = course.section(record.section)
    items = [_item_view(section, item, record) for item in section.items]
    standings = [view.standing for view in items]
    return _template().render(
        course=course,
        section=section,
        student=student,
        record=record,
        total=section_standing(section, record),
        decided=decided_points(section, record) - penalty_of(section, record),
        when=when.sentences(course, section, record),
        attempts=when.attempts(course, record),
        decided_max=sum(standing.max for standing in standings if standing.points is not None),
        open_max=sum(standing.max for standing in standings if standing.points is None),
        items=items,
        explained=any(item.kind == "prose" for item in section.items),
        overridden=any(view.by_checks is not None for view in items),
        start=_start(items),
        more_cells=max(0, len(record.cells) - MAX_CELLS),
        cells=record.cells[:MAX_CELLS],
        walls=[WALLS.get(wall, wall) for wall in record.header.walls],
        titles={item.id: item.title for item in section.items},
    )


def feedback_object(course: Course, student: str, record: Record) -> dict[str, Any]:
    """Return what the page says as data; keys are chosen one by one, so that nothing for staff slips through."""
    section = course.section(record.section)
    total = section_standing(section, record)
    several = [_chosen(entry, _ATTEMPT_KEYS) for entry in record.history]
    requests = [_chosen(entry, _REQUEST_KEYS) for entry in record.requests]
    return {
        "student": student,
        "section": section.id,
        "points": total.points,
        "max": total.max,
        "status": total.status,
        **({"raw": total.raw, "time": _chosen(record.time, _TIME_KEYS)} if record.time else {}),
        **({"history": several} if several else {}),
        **({"waiting": dict(vars(record.waiting))} if record.waiting else {}),
        **({"requests": requests} if requests else {}),
        "attempt": record.header.attempt,
        "suite": record.header.suite,
        "grader": record.header.grader,
        "walls": list(record.header.walls),
        "notes": list(record.notes),
        "cells": [_chosen(cell, _CELL_KEYS) for cell in record.cells],
        "items": {item.id: _item_object(section, item, record) for item in section.items},
    }


def _item_object(section: Section, item: Item, record: Record) -> dict[str, Any]:
    standing = item_standing(section, record, item.id)
    return {
        "title": item.title,
        "points": standing.points,
        "max": standing.max,
        "status": standing.status,
        "technical": technical_zero(section, record, item.id),
        **_of_person(item, standing, record),
        "checks": [
            {
                **_chosen(check, _CHECK_KEYS),
                "follows_from": list(check.follows_from),
                "misconception": check.misconception,
                "hints": [_chosen(hint, _HINT_KEYS) for hint in check.hints],
            }
            for check in _checks(record, item, standing)
        ],
    }


def _of_person(item: Item, standing: Standing, record: Record) -> dict[str, str]:
    """Return the comment on an item that a person has decided on; never before, and never a suggestion."""
    if standing.status is not Status.JUDGED:
        return {}
    decision = record.items[item.id].decision
    return {"comment": decision.comment if decision else ""} if decision or item.kind == "prose" else {}


def _checks(record: Record, item: Item, standing: Standing) -> Sequence[CheckRecord]:
    """Return the item's checks; none where no judgement was made, since their messages speak of our faults."""
    return record.items[item.id].checks if standing.status is Status.JUDGED else ()


def _chosen(entry: object, keys: Sequence[str]) -> dict[str, Any]:
    """Return a part of a record as data, with the fields that may be shown and no others."""
    return {key: getattr(entry, key) for key in keys}


def _item_view(section: Section, item: Item, record: Record) -> ItemView:
    standing = item_standing(section, record, item.id)
    checks = _checks(record, item, standing)
    failed = [check for check in checks if check.verdict is not Verdict.PASSED]
    causes = {(check.verdict, check.message, bool(check.hints), check.follows_from) for check in failed}
    functions = list(dict.fromkeys(check.function for check in failed))
    if len(functions) > 1 and len(causes) == 1 and failed[0].verdict is not Verdict.WRONG and failed[0].message:
        groups = [Group(None, _findings(section, item, failed, None, shared_cause=True), shared_cause=True)]
    else:
        groups = [
            Group(
                function, _findings(section, item, [check for check in failed if check.function == function], function)
            )
            for function in functions
        ]
    passed: dict[str | None, list[CheckRecord]] = {}
    for check in checks:
        if check.verdict is Verdict.PASSED:
            passed.setdefault(check.function, []).append(check)
    comment = _of_person(item, standing, record).get("comment", "")
    decision = record.items[item.id].decision if standing.status is Status.JUDGED else None
    n_passed = len(checks) - len(failed)
    technical = technical_zero(section, record, item.id)
    by_checks = decision.judge if decision else None
    return ItemView(item, standing, groups, passed, n_passed, len(checks), comment, by_checks, technical)


def _findings(
    section: Section, item: Item, failed: Iterable[CheckRecord], function: str | None, shared_cause: bool = False
) -> list[Finding]:
    findings: dict[tuple[Any, ...], Finding] = {}
    for check in failed:
        # Wrong answers differ from input to input and have one cause; other messages are the cause.
        cause = "" if check.verdict is Verdict.WRONG else check.message
        hints = tuple((hint.believed, hint.hint) for hint in check.hints)
        key = (check.verdict, cause, hints, check.follows_from)
        if key not in findings:
            advice = _advice(check.verdict, section, item, function, shared_cause)
            findings[key] = Finding(check.verdict, check.hints, advice, check.follows_from)
        findings[key].checks.append(check)
    rank = {verdict: place for place, verdict in enumerate(Verdict)}
    return sorted(
        findings.values(),
        key=lambda finding: (bool(finding.follows_from), rank[finding.verdict], not finding.hints),
    )


def _lost(checks: Iterable[CheckRecord]) -> float:
    return sum(float(check.max) - float(check.points) for check in checks)


def _advice(verdict: Verdict, section: Section, item: Item, function: str | None, shared_cause: bool) -> str:
    """Return what to try next where no misconception fits."""
    place = f"`{item.module}`" if item.module else f"the cell `{item.id}` of `{section.notebook}`"
    name = f"`{function}`" if function else "what is asked"
    match verdict:
        case Verdict.REFUSED:
            return (
                f"Remove from {place} what opens other files or connections or starts programs. "
                "The task needs only its arguments, NumPy and a returned value."
            )
        case Verdict.TIME_LIMIT:
            return (
                "Look for a loop that never ends: a `while` whose condition does not change, or a function that calls "
                "itself. If every loop ends, replace nested loops over elements by one array operation."
            )
        case Verdict.MEMORY_LIMIT:
            return (
                "Look for an array or list far larger than the input: a list that grows in every round of a loop, or "
                "two shapes that broadcast against each other. Print `.shape` after each step on a small input."
            )
        case Verdict.CRASHED:
            return (
                f"Look in {place} for `exit()`, `quit()` or `os._exit()`, and for a function that calls itself "
                "without end."
            )
        case Verdict.MISSING if item.module:
            return (
                f"Write {name} in {place}: keep the name and the arguments as they were handed out, and replace the "
                f"line with `raise NotImplementedError`. Hand in {place} under exactly this name."
            )
        case Verdict.MISSING:
            names = ", ".join(f"`{defined}`" for defined in item.defines)
            missing = name if function else names or name
            return f"In {place}, give {missing} a value, then run the notebook from the top."
        case Verdict.ERROR if shared_cause:
            return (
                f"One error stops all of these checks, so fix it first: open {place} at the line that the message "
                "names, look there and just above it, and run it again."
            )
        case Verdict.ERROR:
            return (
                "Run the same call in your notebook and read the last line of the traceback first: it says what "
                f"went wrong; the last line number in {place} says where."
            )
        case _ if item.module:
            return (
                "Take the smallest input that you can work out on paper, print every step of the formula for it, and "
                "find the first step that differs."
            )
        case _:
            return "Write the formula down, put the numbers in by hand, and compare step by step with your cell."


def _start(items: Sequence[ItemView]) -> tuple[ItemView, Group] | None:
    """Return where most points are to be won, if there is a choice."""
    groups = [(view, group) for view in items for group in view.groups if group.lost > 0]
    return max(groups, key=lambda entry: entry[1].lost) if len(groups) > 1 else None


def _prose(text: object, limit: int = 2000) -> Markup:
    """Return `text` escaped, with ```name``` between backticks as code."""
    return Markup(with_code(visible(str(text), breaks=True, limit=limit)))  # noqa: S704 # `with_code` escapes


def _code(text: object) -> Markup:
    return Markup("<code>{}</code>").format(visible(str(text), breaks=True, limit=600))


def _name(text: object) -> Markup:
    """Return a dotted name as code that a narrow screen breaks after dots and underscores."""
    parts = re.split(r"(?<=[._])(?=\w)", visible(str(text), limit=200))
    return Markup("<code>{}</code>").format(Markup("<wbr>").join(parts))


def _says_more(check: CheckRecord) -> bool:
    """Return whether the message says more than the value that is shown beside it anyway."""
    message, got = check.message, check.got
    return bool(message) and not (got and got in message and len(message) - len(got) <= 20)


def _template() -> Template:
    return environment().get_template("feedback.html")


@functools.cache
def environment() -> Environment:
    """Return the templates of pages for students, with escaping on."""
    css = (_TEMPLATES / "feedback.css").read_text(encoding="utf-8")
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(prose=_prose, code=_code, name=_name, visible=visible, number=number, count=count)
    templates.tests["says_more"] = _says_more
    templates.globals.update(
        # The policy names the one style by its hash: no other style can take effect, whatever a name or message holds.
        css=Markup(css),  # noqa: S704  our own file
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        symbols=SYMBOLS,
        passed=Verdict.PASSED,
        needs_review=Status.NEEDS_REVIEW,
    )
    return templates
