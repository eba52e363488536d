"""Edits the notebook of a sample, cell by cell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.corpus.tables import Table


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """Return nbgrader's name of a cell, or None if it has none."""
    found: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return found


def is_solution(cell: Mapping[str, Any]) -> bool:
    """Return whether students write in a cell."""
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def encoded(notebook: Mapping[str, Any]) -> bytes:
    """Return a notebook as the bytes of its file."""
    return json.dumps(notebook, ensure_ascii=False).encode()


def decoded(table: Table, content: bytes) -> dict[str, Any]:
    """Return a notebook, with the source of each cell as one text; Jupyter writes a list of lines."""
    try:
        notebook: dict[str, Any] = json.loads(content)
    except ValueError as error:
        table.fail(f"the cells of the base can't be changed because its notebook is not JSON: {error}", error)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def cell_of(table: Table, cells: Sequence[dict[str, Any]], wanted: str) -> dict[str, Any]:
    """Return the first of `cells` with the grade_id `wanted`; `table`, which asks for it, reports the error."""
    found = next((cell for cell in cells if grade_id(cell) == wanted), None)
    if found is None:
        table.fail(f"the notebook has no cell with the grade_id {wanted!r}")
    return found


def edit(cells: list[dict[str, Any]], change: Table) -> None:
    """Make the one change to `cells` that a table ``[[cell]]`` describes."""
    place = change.one_of(("at", "before", "after", "remove"), "[[cell]]")
    there = cell_of(change, cells, change.value(place, str))
    index = next(number for number, cell in enumerate(cells) if cell is there)
    if place == "remove":
        del cells[index]
        return
    cell = there
    if place != "at":
        cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": ""}
        cells.insert(index + (place == "after"), cell)
    if "source_of" in change:
        cell["source"] = cell_of(change, cells, change.value("source_of", str))["source"]
    cell["source"] = change.value("source", str, default=cell["source"])
    kind = change.value("type", str, default=cell["cell_type"])
    if kind != cell["cell_type"]:
        cell["cell_type"] = kind
        for key in ("execution_count", "outputs"):
            cell.pop(key, None)
    if "grade_id" in change:
        name = change.value("grade_id", str)
        like: Mapping[str, Any] = next((c["metadata"]["nbgrader"] for c in cells if grade_id(c) == name), {})
        cell["metadata"]["nbgrader"] = {**like, "grade_id": name}
    if "tags" in change:
        cell["metadata"]["tags"] = change.value("tags", list)
    repeat: int = change.value("repeat", int, default=1)
    if "output" in change:
        printed = change.value("output", str) * repeat
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": printed}]
    else:
        cell["source"] *= repeat
