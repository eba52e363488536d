"""Reads the table ``[expect]`` of a ``sample.toml``."""

from __future__ import annotations

from typing import Any

from autograder.corpus.samples import Expectation
from autograder.corpus.tables import Table
from autograder.course import Section
from autograder.verdict import Verdict

_STATUSES = ("judged", "not judged", "needs review")
_VERDICTS = tuple(verdict.value for verdict in Verdict)


def expectation(sample: Table, section: Section) -> Expectation:
    """Return the result that the submission to `section` that `sample` describes must get."""
    table = sample.table("expect")
    items = {item.id: item for item in section.items}
    prose = {item.id for item in section.items if item.kind == "prose"}
    points: dict[str, Any] = table.value("points", dict, default={})
    all_of = _verdicts(table, "all_of")
    for item in (*points, *all_of):
        if item not in items:
            table.fail(f"[expect] names {item!r}, which is not an item of the section")
    for item, value in points.items():
        if not _is_number(value) or not 0 <= value <= items[item].points:
            table.fail(f"[expect] gives `{item}` {value!r} points; it is worth {items[item].points:g}")
    status = table.value("status", str, default="needs review" if prose else "judged")
    if status not in _STATUSES:
        table.fail(f"`status` must be one of {', '.join(_STATUSES)}; got {status!r}")
    suggestion: dict[str, Any] = table.value("suggestion", dict, default={})
    for item, value in suggestion.items():
        if item not in prose:
            table.fail(f"`suggestion` names {item!r}, which is not an item in prose of the section")
        if value != "none" and not _is_number(value):
            table.fail(f'`suggestion` gives `{item}` {value!r}; write points or "none"')
    return Expectation(
        all_of=all_of,
        functions=_verdicts(table, "functions"),
        checks=_verdicts(table, "checks"),
        points=points,
        misconceptions=tuple(table.value("misconceptions", list, default=[])),
        follows=tuple(table.value("follows", list, default=[])),
        notes=tuple(table.value("notes", list, default=[])),
        status=status,
        suggestion={item: None if value == "none" else float(value) for item, value in suggestion.items()},
    )


def _verdicts(table: Table, key: str) -> dict[str, tuple[str, ...]]:
    given = {}
    for name, value in table.value(key, dict, default={}).items():
        verdicts = tuple(value) if isinstance(value, list) else (value,)
        if not verdicts or not all(verdict in _VERDICTS for verdict in verdicts):
            table.fail(f"`{key}`: {name!r} must be one of {', '.join(_VERDICTS)}, or a list of them; got {value!r}")
        given[name] = verdicts
    return given


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
