"""The cells of a new section's notebook, and of a new item."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.skeletons.errors import SkeletonError

_READY = """\
from importlib.util import find_spec
from pathlib import Path


class Missing(Exception):
    \"\"\"Something that this notebook needs is not there. It is said in one line.\"\"\"

    def _render_traceback_(self):
        return [str(self)]


missing = [name for name in ("{stem}.py", "support/visible_checks.py") if not Path(name).is_file()]
if missing:
    raise Missing(
        f"! Not beside this notebook: {{', '.join(missing)}}. Get the whole folder `{section}` "
        "and open the notebook in it. In Colab, upload all of its files, with `support` as a folder."
    )
missing = [name for name in ("matplotlib", "numpy") if find_spec(name) is None]
if missing:
    packages = " ".join(missing)
    get_ipython().set_next_input(f"%pip install {{packages}}")
    raise Missing(f"! Not installed: {{packages}}. Run the new cell below, which installs it, then this one again.")"""
_SETUP = """\
from support import {stem}_figures as figures
from support import visible_checks
from support.notebook_helpers import note_unfinished_everywhere, unfinished
from support.student_files import follow

follow("{stem}")
note_unfinished_everywhere()"""
_FIGURE = """\
with unfinished():
    figures.{function}_curve({stem}.{function})"""
_TRY = """\
try:
    print({stem}.{function}(1.0))
except NotImplementedError as unfinished:
    print(unfinished)"""
_SOLUTION = """\
# {number}
### BEGIN SOLUTION
{number} = 0.0
### END SOLUTION"""
_PACK = """\
from support.pack import pack

zipped = pack()"""

Cell = dict[str, Any]


def whole(names: Mapping[str, Any]) -> bytes:
    """Return the notebook of a new section; `names` are those of the templates."""
    rich: bool = names["rich"]
    cells = [
        text("title", f"# {names['title']}\n\nSay here what the section is about."),
        *([locked("ready", _READY.format(**names), "demonstration")] if rich else []),
        locked("module", f"import {names['stem']}"),
        *([locked("setup", _SETUP.format(**names), "demonstration")] if rich else []),
        text("your-turn", f"## Your turn: `{names['function']}`\n\nSay here what to write in `{names['stem']}.py`."),
    ]
    if rich:
        function = str(names["function"])
        cells += [
            locked(f"{function}-check", f"visible_checks.check_{function}()", "demonstration"),
            locked(f"{function}-figure", _FIGURE.format(**names), "demonstration"),
        ]
    cells += of_item({**names, "item": names["example"], "kind": "module"})
    cells += of_item({**names, "item": names["exercise"], "kind": "notebook", "points": names["exercise_points"]})
    if rich:
        last = [text("hand-in", "## Hand in\n\nRun the cell below, and hand in the zip that it makes.")]
        cells += [*last, locked("hand-in-pack", _PACK, "demonstration", "skip-execution")]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return _bytes({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def of_item(names: Mapping[str, Any]) -> list[Cell]:
    """Return the cells of an item: its question and its graded cell."""
    item, kind, points = str(names["item"]), str(names["kind"]), names["points"]
    rich, checked = names["rich"], item.replace("-", "_")
    heading = f"## {item.replace('-', ' ').capitalize()} ({points:g} points)\n\n"
    if kind == "module":
        source = f"visible_checks.check_{checked}()" if rich and names["is_new"] else _TRY.format(**names)
        question = text(f"{item}-text", f"{heading}Say here what a good solution does.")
        return [question, graded(item, points, locked(item, source, "demonstration", "raises-exception"))]
    if kind == "prose":
        question = text(f"{item}-text", f"{heading}Say here what is to be explained.")
        answer = text(item, "The model answer, which students do not get, is not written yet.")
        return [question, graded(item, points, answer, solution=True)]
    question = text(f"{item}-text", f"{heading}Say here what `{names['number']}` is, and in which unit.")
    cell = locked(item, _SOLUTION.format(**names), "raises-exception")
    cells = [question, graded(item, points, cell, solution=True)]
    if rich and names["is_new"]:
        call = f"visible_checks.check_{checked}(globals())"
        cells.append(locked(f"{item}-check", call, "demonstration"))
    return cells


def with_item(path: Path, names: Mapping[str, Any]) -> bytes:
    """Return the notebook at `path` with the cells of another item, before those about handing in.

    Raises
    ------
    SkeletonError
        If it can't be read, or has a cell of that name.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        cells: list[Cell] = document["cells"]
        ids = [cell["id"] for cell in cells]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SkeletonError(f"{path} can't be read as a notebook whose cells have ids: {error}") from error
    new = of_item(names)
    if taken := [cell["id"] for cell in new if cell["id"] in ids]:
        raise SkeletonError(f"{path} has a cell `{taken[0]}` already; choose another id")
    end = ids.index("hand-in") if "hand-in" in ids else len(cells)
    document["cells"] = [*cells[:end], *new, *cells[end:]]
    return _bytes(document)


def text(name: str, source: str) -> Cell:
    """Return a cell of text."""
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source.splitlines(keepends=True)}


def locked(name: str, source: str, *tags: str) -> Cell:
    """Return a cell of code that students don't change."""
    metadata: dict[str, Any] = {"nbgrader": _marks(name, locked=True)}
    if tags:
        metadata["tags"] = list(tags)
    return {
        "cell_type": "code", "execution_count": None, "id": name, "metadata": metadata, "outputs": [],
        "source": source.splitlines(keepends=True),
    }  # fmt: skip


def graded(name: str, points: float, cell: Cell, *, solution: bool = False) -> Cell:
    """Return `cell` as one that points are given for; students write in it if it is a solution."""
    marks = {**_marks(name, locked=not solution), "grade": True, "points": points, "solution": solution}
    return {**cell, "metadata": {**cell["metadata"], "nbgrader": dict(sorted(marks.items()))}}


def _marks(name: str, *, locked: bool) -> dict[str, Any]:
    return {
        "grade": False, "grade_id": name, "locked": locked, "schema_version": 3, "solution": False, "task": False,
    }  # fmt: skip


def _bytes(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
