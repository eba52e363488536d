"""Reads a submitted notebook and decides which code is run, in which order, to judge it.

It needs no kernel and no nbformat: a submission is untrusted JSON, and only the source of its cells is needed. Which
cells are locked, graded or skipped is read from the master alone; metadata of the submission says only which cell is
which.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from autograder.submissions.outputs import without_outputs
from autograder.text import whole

MAX_CELLS = 1000
MAX_SOURCE_CHARACTERS = 1_000_000
MAX_CONTAINERS = 1_000_000

Origin = Literal["master", "deferred", "solution", "student"]
# What is escaped in a string, and its end. No group is repeated: Python 3.11.2 (Debian 12) gets that wrong where it is
# possessive (gh-106052), and otherwise keeps a record of each turn.
_ENDS = {
    quote: re.compile(rf"\\.|{quote}" + (r"|(?=\n)" if len(quote) == 1 else ""), re.DOTALL)
    for quote in ("'", '"', "'''", '"""')
}
_MAGIC_LINE = re.compile(r"(?m)^[ \t]*[%!].*$")


class NotebookError(Exception):
    """The notebook can't be read; the message is one sentence for the student."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook; ``index`` counts all cells from 0.

    ``grade_id``, ``grade``, ``solution`` and ``locked`` are nbgrader's; ``cell_id`` is Jupyter's own. They can be
    trusted in a master only.
    """

    cell_type: str
    source: str
    grade_id: str | None
    index: int
    cell_id: str | None = None
    grade: bool = False
    solution: bool = False
    locked: bool = False
    tags: frozenset[str] = frozenset()

    @property
    def is_locked(self) -> bool:
        """Whether a student must not change it, by nbgrader's rule: cells with checks are always locked."""
        return not self.solution and (self.grade or self.locked)


class Released:
    """The cells that students got; trusted."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self.cells = tuple(cells)
        self._by_grade_id: dict[str | None, Cell] = {
            cell.grade_id: cell for cell in self.cells if cell.grade_id is not None
        }
        self._by_cell_id: dict[str | None, Cell] = {
            cell.cell_id: cell for cell in self.cells if cell.cell_id is not None
        }

    def of(self, cell: Cell) -> Cell | None:
        """Return the cell that `cell` of a submission was released as: by nbgrader's name for it, else by Jupyter's.

        A student may have several cells with one name; the caller decides which of them counts.
        """
        return self._by_grade_id.get(cell.grade_id or "") or self._by_cell_id.get(cell.cell_id or "")


class PlannedCell(NamedTuple):
    """Code to run: what to call it, its source (magics included), and whose it is.

    ``origin`` is "master" for a locked cell, "deferred" for a released cell of which only the parts that the student's
    cells ask for are run (plain Python, magics left out), "solution" for the student's solution cell, "student" for
    other cells of the student. Labels of all but the last are grade_ids of the master.
    """

    label: str
    source: str
    origin: Origin = "student"


class Plan(NamedTuple):
    """What is run for an attempt, in order, and notes on cells of the notebook that were not taken as they are."""

    cells: tuple[PlannedCell, ...]
    notes: tuple[str, ...]


@functools.lru_cache(maxsize=2)  # it is read for the cells to run, for the worker and for the prose
def notebook_cells(data: bytes) -> tuple[Cell, ...]:
    """Return the cells of a notebook (nbformat 4, or 3); `data` may be any bytes.

    Raises
    ------
    NotebookError
        If `data` is not a notebook, or has more cells or code than a person writes.
    """
    try:
        notebook = _json(data)
    except NotebookError:  # because of outputs, which count for nothing, or it is no notebook without them either
        judged = without_outputs([data], len(data))
        if judged is None:
            raise
        notebook = _json(judged)
    if not isinstance(notebook, dict):
        raise NotebookError("The notebook is not a Jupyter notebook: it holds JSON of another kind.")
    raw = notebook.get("cells")
    if raw is None and isinstance(notebook.get("worksheets"), list):
        raw = [
            cell
            for sheet in notebook["worksheets"]
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if not isinstance(raw, list):
        raise NotebookError("The notebook is not a Jupyter notebook: it has no list of cells.")
    if len(raw) > MAX_CELLS:
        raise NotebookError(f"The notebook has {len(raw)} cells; more than {MAX_CELLS} are not judged.")
    cells = tuple(_cell(cell, index) for index, cell in enumerate(raw) if isinstance(cell, dict))
    if sum(len(cell.source) for cell in cells if cell.cell_type == "code") > MAX_SOURCE_CHARACTERS:
        raise NotebookError(f"The notebook has more than {MAX_SOURCE_CHARACTERS:,} characters of code.")
    return cells


def grade_id_of(cell: Mapping[str, Any]) -> str | None:
    """Return nbgrader's name for a cell of a notebook that is trusted, as it is in the file."""
    grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return grade_id if isinstance(grade_id, str) else None


def execution_plan(released: Sequence[Cell], submitted: Sequence[Cell]) -> Plan:
    """Return the code cells to run for `submitted`, given the `released` notebook that the student got.

    The order is that of the submission. A locked cell is the released one, whatever the submission has instead; one
    that was removed comes after the cell that it follows in the released notebook. Solution cells and cells that the
    student added are the student's; if a solution cell appears twice, the first keeps its name and the copy is run like
    an added cell, as "Run All" would.

    Deferred, see :mod:`autograder.sandbox.deferred`: demonstrations as they were released, and released check cells
    (graded, no solution). So a function that never returns does not keep the cells after its picture or its visible
    check from running.
    """
    masters = Released(released)
    notes: dict[str, None] = {}
    order: list[tuple[Cell | None, list[PlannedCell]]] = []
    placed: set[int] = set()
    for cell in submitted:
        master = masters.of(cell)
        if master is None or master.cell_type != "code":
            order.append((None, _of_student(cell)))
            continue
        again = master.index in placed
        if again and master.grade_id is not None:
            notes[f"The cell `{master.grade_id}` appears in the notebook more than once."] = None
        if not again:
            placed.add(master.index)
            order.append((master, _of_released(master, cell, notes)))
        elif not master.is_locked:
            order.append((None, _of_student(cell)))
    previous: Cell | None = None
    for master in released:
        restored = master.cell_type == "code" and master.is_locked
        if restored and master.index not in placed:
            if not _is_deferred(master):
                notes[f"The locked cell `{_label(master)}` was missing; it was put back."] = None
            at = next((i + 1 for i, (cell, _) in enumerate(order) if cell is not None and cell is previous), 0)
            order.insert(at, (master, _of_released(master, master, notes)))
            placed.add(master.index)
        if master.index in placed:
            previous = master
    return Plan(tuple(planned for _, cells in order for planned in cells), tuple(notes))


def end_of_string(source: str, at: int, quote: str) -> int:
    """Return where the Python string whose opening `quote` ends at `at` ends; it is not parsed, and read only once.

    A string that is not closed ends with its line, or with the source.
    """
    return next((end.end() for end in _ENDS[quote].finditer(source, at) if not end[0].startswith("\\")), len(source))


def written(cells: Sequence[PlannedCell]) -> list[bytes]:
    """Return the text of the cells that are always run."""
    return [cell.source.encode() for cell in cells if cell.origin != "deferred"]


def _of_released(master: Cell, cell: Cell, notes: dict[str, None]) -> list[PlannedCell]:
    """Return what is run when the submission has `cell` for the released code cell `master`."""
    if master.is_locked and (cell.cell_type != "code" or _normal(cell.source) != _normal(master.source)):
        notes[f"The locked cell `{_label(master)}` was changed; the original was taken."] = None
    if _is_deferred(master) and (master.is_locked or _normal(cell.source) == _normal(master.source)):
        return [PlannedCell(_label(master), _MAGIC_LINE.sub("", master.source), "deferred")]
    if master.is_locked:
        return [PlannedCell(_label(master), master.source, "master")]
    if cell.cell_type != "code":
        notes[f"The cell `{_label(master)}` is no longer a code cell and was not run; set its type to Code."] = None
        return []
    if master.grade_id is None:
        return _of_student(cell)
    return [PlannedCell(master.grade_id, cell.source, "solution")]


def _of_student(cell: Cell) -> list[PlannedCell]:
    if cell.cell_type != "code" or not cell.source.strip():
        return []
    label = f"cell {cell.index + 1}"
    return [PlannedCell(label, cell.source, "student")]


def _is_deferred(cell: Cell) -> bool:
    return "demonstration" in cell.tags or (cell.grade and not cell.solution)


def _label(cell: Cell) -> str:
    return cell.grade_id or cell.cell_id or f"cell {cell.index + 1}"


def _normal(source: str) -> list[str]:
    return [line.rstrip() for line in source.strip().splitlines()]


# Reading


def _json(data: bytes) -> Any:
    if not data.strip():
        raise NotebookError("The notebook is empty.")
    # Two bytes of brackets become an object of a hundred bytes.
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS:
        raise NotebookError("The notebook is too large to be read; clear all outputs and save it again.")
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotebookError("The notebook is not text in UTF-8; save it again in Jupyter.") from error
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError as error:
        raise NotebookError("The notebook is nested too deeply to be read; save it again in Jupyter.") from error
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        raise NotebookError(f"The notebook {_why_no_json(text, line)}.") from error


def _why_no_json(text: str, line: int) -> str:
    if text.lstrip().startswith("<") and "<<<<<<<" not in text:
        return "is a web page; download the notebook file itself"
    if re.search(r"^<{7} ", text, re.MULTILINE):
        return "holds conflict marks of a version control system; resolve them and save it again in Jupyter"
    return f"is damaged (no valid JSON, line {line}); save it again in Jupyter"


def _integer(digits: str) -> int:
    # Python refuses integers beyond 4300 digits; no number in a notebook matters here.
    return int(digits) if len(digits) < 20 else 0


def _cell(raw: dict[str, Any], index: int) -> Cell:
    metadata = _table(raw.get("metadata"))
    nbgrader = _table(metadata.get("nbgrader"))
    tags = metadata.get("tags")
    source = raw.get("source", raw.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return Cell(
        cell_type=_string(raw.get("cell_type")) or "",
        source=whole(source) if isinstance(source, str) else "",
        grade_id=_string(nbgrader.get("grade_id")),
        index=index,
        cell_id=_string(raw.get("id")),
        grade=nbgrader.get("grade") is True,
        solution=nbgrader.get("solution") is True,
        locked=nbgrader.get("locked") is True,
        tags=frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset(),
    )


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
