"""The page that a student reads: what was asked, what happened, what to try next.

It shows what the record holds and nothing else: no check's code, no expected value that the record keeps back, and
none of what staff see about a fault of the grader. All text is escaped; the page loads nothing and runs nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.course import Course, Item, Section
from autograder.records.causes import Cause, causes
from autograder.records.places import Place, Places, places
from autograder.records.record import CheckRecord, Record, Status
from autograder.records.standing import Standing, decided_points, item_standing, penalty_of, section_standing
from autograder.report import when
from autograder.report.changes import changes
from autograder.report.technical import Technical, technical_zero
from autograder.text import count, listed, number, points_text, visible, with_code
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


@dataclass(frozen=True)
class Part:
    """What a cause did to one function: its failed checks, and where the notebook asks for it.

    ``shown`` is the check that says most; ``others`` are folded.
    """

    item: Item
    function: str | None
    place: Place | None
    shown: CheckRecord | None
    others: Sequence[CheckRecord]

    @property
    def lost(self) -> float:
        """Points that its checks would have given."""
        return sum(check.max - check.points for check in (*([self.shown] if self.shown else []), *self.others))


@dataclass(frozen=True)
class Finding:
    """A cause as the page shows it: what to try where no misconception says so, and what it did to each function."""

    cause: Cause
    advice: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class ItemView:
    """One item as the page shows it.

    `by_checks` are the judge's points where a person gave others; `technical` says why there are none although no
    answer was wrong.
    """

    item: Item
    standing: Standing
    passed: Sequence[CheckRecord]
    n_checks: int
    comment: str = ""
    by_checks: float | None = None
    technical: Technical | None = None


def page(course: Course, student: str, record: Record) -> str:
    """Return the self-contained HTML page of one attempt."""
    section = course.section(record.section)
    items = [_item_view(section, item, record) for item in section.items]
    standings = [view.standing for view in items]
    total = section_standing(section, record)
    return _template().render(
        course=course,
        section=section,
        student=student,
        record=record,
        total=total,
        decided=decided_points(section, record) - penalty_of(section, record),
        when=when.sentences(course, section, record),
        again=when.again(course, section, record) if total.points != total.max else [],
        changes=changes(section, record),
        earlier=when.earlier(course, record),
        attempts=when.attempts(course, record),
        decided_max=sum(standing.max for standing in standings if standing.points is not None),
        open_max=sum(standing.max for standing in standings if standing.points is None),
        items=items,
        findings=_findings(course, section, record),
        explained=any(item.kind == "prose" for item in section.items),
        overridden=any(view.by_checks is not None for view in items),
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
        "causes": [_cause_object(cause) for cause in causes(section, record)],
        **_changes_object(course, section, record),
    }


def _cause_object(cause: Cause) -> dict[str, Any]:
    return {
        "title": cause.title,
        "misconceptions": cause.beliefs,
        "points": cause.wins,
        "certain": cause.is_certain,
        "checks": [{"item": item.id, "name": check.name} for item, check in cause.checks],
    }


def _changes_object(course: Course, section: Section, record: Record) -> dict[str, Any]:
    found = changes(section, record)
    if found is None:
        return {}
    return {
        "changes": {
            "since": when.earlier(course, record),
            "points": found.gained,
            "passed": [check.name for check in found.passed],
            "failed": [check.name for check in found.failed],
        }
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
    decision = record.items[item.id].decision if standing.status is Status.JUDGED else None
    return ItemView(
        item,
        standing,
        passed=[check for check in checks if check.verdict is Verdict.PASSED],
        n_checks=len(checks),
        comment=_of_person(item, standing, record).get("comment", ""),
        by_checks=decision.judge if decision else None,
        technical=technical_zero(section, record, item.id),
    )


def _findings(course: Course, section: Section, record: Record) -> list[Finding]:
    found = places(course, section)
    return [Finding(cause, _advice(section, cause, found), _parts(cause, found)) for cause in causes(section, record)]


def _parts(cause: Cause, found: Places) -> list[Part]:
    parts = []
    for item, function in cause.functions:
        checks = [check for of, check in cause.checks if (of.id, check.function) == (item.id, function)]
        # What is the same for all checks is told once, so no check says more than another.
        is_told = bool(cause.message) or cause.verdict is Verdict.MISSING
        shown = (
            None if is_told and len(checks) > 1 else max(checks, key=lambda check: (bool(check.call), says_more(check)))
        )
        others = [check for check in checks if check is not shown]
        parts.append(Part(item, function, found.of(item, function), shown, others))
    return parts


def _advice(section: Section, cause: Cause, found: Places) -> str:
    """Return what to try next where no misconception fits."""
    item, _ = cause.checks[0]
    place = f"`{item.module}`" if item.module else f"the cell `{item.id}` of `{section.notebook}`"
    match cause.verdict:
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
        case Verdict.MISSING:
            return _missing_advice(section, cause, found)
        case Verdict.ERROR if cause.key[0] in ("file", "cell"):
            return (
                f"One error stops all of these checks, so fix it first: open {place} at the line that the message "
                "names, look there and just above it, and run it again."
            )
        case Verdict.ERROR:
            return (
                "Run the same call in your notebook and read the last line of the traceback first: it says what "
                f"went wrong; the last line number in {place} says where."
            )
        case _ if cause.key[0] == "symptom" and (advice := _SYMPTOM_ADVICE.get(cause.key[1])):
            return advice
        case _ if item.module:
            return (
                "Take the smallest input that you can work out on paper, print every step of the formula for it, and "
                "find the first step that differs."
            )
        case _:
            return "Take the smallest case that you can work out on paper, and compare it step by step with your cell."


_SYMPTOM_ADVICE = {
    "nan": "Look for 0 · log 0, 0/0 and ∞ - ∞, and decide what such terms add before you compute them.",
    "infinite": "Find the term that became infinite, and work out by hand what it adds.",
    "nothing-returned": "End the function with `return` and the value. Printing a value does not return it.",
    "wrong-shape": "Print the shapes of what you return, and compare them with those that the task names.",
    "input-not-refused": "Check the input before you compute with it, and raise the error that the task names.",
}


def _missing_advice(section: Section, cause: Cause, found: Places) -> str:
    """Return how to add what is missing: a file, functions, classes or methods in a module, names in a cell."""
    if cause.key[0] == "file":
        return f"Hand in `{cause.key[1]}` under exactly this name."
    if cause.key[0] == "absent":
        _, name, home = cause.key
        return f"Define {_named([name], found)} in {home}, under exactly this name."
    said = []
    for module in dict.fromkeys(item.module for item, _ in cause.functions if item.module):
        names = [function for item, function in cause.functions if item.module == module and function]
        said.append(
            f"In `{module}`, write {_named(names, found) or 'what is asked'}: keep names and arguments as they were "
            "handed out, and replace the line with `raise NotImplementedError`."
        )
    for item in dict.fromkeys(item for item, _ in cause.functions if not item.module):
        names = [function for of, function in cause.functions if of == item and function]
        names = names or list(item.defines)
        what = _named(names, found) or "what is asked"
        said.append(f"In the cell `{item.id}` of `{section.notebook}`, define {what}.")
    if any(not item.module for item, _ in cause.functions):
        said.append("Then run the notebook from the top.")
    return " ".join(said)


def _named(names: Sequence[str], found: Places) -> str:
    """Return names with what they are: the functions `a` and `b`, and `c`."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kind = found.kind(name)
        kinds.setdefault(kind, []).append(name.rpartition(".")[2] if kind == "function" else name)
    said = []
    for kind in sorted(kinds, key=lambda kind: not kind):
        plural = "" if len(kinds[kind]) == 1 else "es" if kind == "class" else "s"
        said.append(f"the {kind}{plural} {listed(kinds[kind], most=8)}" if kind else listed(kinds[kind], most=8))
    return ", and ".join(said)


def _prose(text: object, limit: int = 2000) -> Markup:
    """Return `text` escaped, with ```name``` between backticks as code."""
    return Markup(with_code(visible(str(text), breaks=True, limit=limit)))  # noqa: S704 # `with_code` escapes


def _code(text: object) -> Markup:
    return Markup("<code>{}</code>").format(visible(str(text), breaks=True, limit=600))


def _name(text: object) -> Markup:
    """Return a dotted name as code that a narrow screen breaks after dots and underscores."""
    parts = re.split(r"(?<=[._])(?=\w)", visible(str(text), limit=200))
    return Markup("<code>{}</code>").format(Markup("<wbr>").join(parts))


def _short(function: str) -> str:
    """Return a function's name without its class, which the whole section shares."""
    return function.rpartition(".")[2] or function


def says_more(check: CheckRecord) -> bool:
    """Return whether the message says more than the verdict and the value that is shown beside it."""
    message, got = check.message, check.got
    is_plain = message == "The answer is not right."
    return bool(message) and not is_plain and not (got and got in message and len(message) - len(got) <= 20)


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
    templates.filters.update(
        prose=_prose,
        code=_code,
        name=_name,
        short=_short,
        visible=visible,
        number=number,
        count=count,
        points=points_text,
    )
    templates.tests["says_more"] = says_more
    templates.globals.update(
        # The policy names the one style by its hash: no other style can take effect, whatever a name or message holds.
        css=Markup(css),  # noqa: S704  our own file
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        symbols=SYMBOLS,
        passed=Verdict.PASSED,
        wrong=Verdict.WRONG,
        needs_review=Status.NEEDS_REVIEW,
    )
    for name in ("feedback_parts.html", "feedback.html"):
        templates.get_template(name)  # compiles it
    return templates
