"""The class report as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from autograder.class_report.contents import BINS, ClassReport
from autograder.class_report.item_analysis import Correlation
from autograder.text import csv_text

_Cells = dict[str, Any]


def json_text(report: ClassReport) -> str:
    """Return the report as JSON, ending with a line break; escaped to ASCII, because it may end on a terminal."""
    return json.dumps(report.to_json(), indent=2, allow_nan=False) + "\n"


def csv_report(report: ClassReport) -> str:
    """Return the report as one CSV table: a row for each fact, and a column ``part`` that says what the row is about.

    Cells are empty where a column does not apply to a part.
    """
    rows = [{"part": part, **cells} for part, cells in _rows(report)]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return csv_text([columns, *([row.get(column) for column in columns] for row in rows)])


def _rows(report: ClassReport) -> Iterator[tuple[str, _Cells]]:
    data = report.to_json()
    for points in data["points"]:
        counts = points.pop("histogram")
        yield "points", points
        for place, number in enumerate(counts):
            edges = f"{100 * place // BINS} to {100 * (place + 1) // BINS} % of the points"
            yield "histogram", {"section": points["section"], "title": edges, "students": number}
    for row in data["items"]:
        yield "item", _flat(row)
    for row in data["checks"]:
        yield "check", _flat(row)
    for row in data["misconceptions"]:
        first = row["sayings"][0]
        row |= {name: ", ".join(row[name]) for name in ("functions", "names")}
        del row["sayings"]
        yield "misconception", {**row, **first}
    for row in data["explanations"]:
        where = {"section": row["section"], "item": row["item"]}
        pairs, found = row.pop("pairs"), row.pop("found")
        yield "explanation", row
        for pair in pairs:
            points = {f"{name}_points": pair[name] for name in ("suggested", "decided")}
            yield "suggested and decided", {**where, **points, "students": pair["students"]}
        for each in found:
            yield "in explanations", {**where, **each}
    for row in data["arrivals"]:
        periods = row.pop("periods")
        del row["hours"]
        yield "arrivals", row
        for period in periods:
            yield "period", {"section": row["section"], "title": period.pop("name"), **period}
    for row in data["attention"]:
        yield "attention", row


def _flat(row: _Cells) -> _Cells:
    """Return a row of item analysis with the parts of its correlation as cells."""
    found = row.pop("discrimination") or dict.fromkeys(Correlation.__dataclass_fields__)
    return {**row, **{name if name == "r" else f"r_{name}": value for name, value in found.items()}}
