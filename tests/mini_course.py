"""A course of one section that is small enough to read at a glance; tests of the build and of nbgrader write it."""

import functools
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from autograder import cli, course
from autograder.build import notebooks
from autograder.course import Course
from autograder.nbgrader_seam import open_gradebook

ROOT = Path(__file__).resolve().parents[1]

COURSE = """
id = "mini"
title = "Mini"
seed = 1

[limits]
call_cpu_seconds = 2.0
sleep_seconds = 10.0
import_cpu_seconds = 10.0
cell_cpu_seconds = 1.0
attempt_cpu_seconds = 120.0
attempt_sleep_seconds = 120.0
memory_mb = 1024
file_mb = 8
replacements = 4

[[section]]
id = "1_mini"
title = "Mini"
notebook = "1_mini.ipynb"
modules = ["measures.py"]
files = ["data.csv"]

[[section.item]]
id = "example-1"
title = "Entropy"
kind = "module"
module = "measures.py"
points = 10

[[section.item]]
id = "exercise-1"
title = "A coin"
kind = "notebook"
points = 6
defines = ["coin"]
"""

# An explanation, which a person reads; appended to COURSE by the tests that need one.
PROSE_ITEM = """
[[section.item]]
id = "exercise-1-explanation"
title = "Why a fair coin has 1 bit"
kind = "prose"
points = 2
"""

MODULE = '''"""Measures of information."""

from __future__ import annotations

import numpy as np

### BEGIN SOLUTION
from scipy.special import entr

### END SOLUTION


class Measures:
    """Entropies in bits."""

    @staticmethod
    def entropy(p, base: float = 2) -> float:
        """Return H(p)."""
        ### BEGIN SOLUTION: add up p log(1/p)
        total = entr(np.asarray(p)).sum()  # nats
        return float(total / np.log(base))
        ### END SOLUTION
'''

STUB = '''"""Measures of information."""

from __future__ import annotations

import numpy as np


class Measures:
    """Entropies in bits."""

    @staticmethod
    def entropy(p, base: float = 2) -> float:
        """Return H(p)."""
        raise NotImplementedError("entropy: add up p log(1/p)")
'''

Cell = dict[str, Any]


def markdown(cell_id: str, source: str, **marks: Any) -> Cell:
    return _cell("markdown", cell_id, source, marks)


def code(cell_id: str, source: str, **marks: Any) -> Cell:
    """Return a code cell; `marks` are nbgrader's, and make `cell_id` its ``grade_id``."""
    return {**_cell("code", cell_id, source, marks), "execution_count": None, "outputs": []}


def _cell(kind: str, cell_id: str, source: str, marks: dict[str, Any]) -> Cell:
    metadata: dict[str, Any] = {}
    if marks:
        metadata["nbgrader"] = {
            "schema_version": 3, "grade_id": cell_id, "grade": False, "solution": False, "locked": False, "task": False
        } | marks  # fmt: skip
    return {"cell_type": kind, "id": cell_id, "metadata": metadata, "source": source}


SETUP = code("setup", "import numpy as np\nfrom measures import Measures", locked=True)
EXAMPLE = code(
    "example-1",
    "try:\n    print(Measures.entropy([0.5, 0.5]))\nexcept NotImplementedError as unfinished:\n    print(unfinished)",
    grade=True,
    locked=True,
    points=10,
)
EXERCISE = code(
    "exercise-1",
    "### BEGIN SOLUTION\ncoin = Measures.entropy([0.8, 0.2])\n### END SOLUTION",
    grade=True,
    solution=True,
    points=6,
)
EXPLANATION = markdown(
    "exercise-1-explanation",
    "A fair coin has two equally likely sides, so one question decides.",
    grade=True,
    solution=True,
    points=2,
)
CELLS = (markdown("theory", "# Entropy\n\n$H = \\sum_x p \\log 1/p$"), SETUP, EXAMPLE, EXERCISE)


def notebook(*cells: Cell, **metadata: Any) -> bytes:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": list(cells),
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}, **metadata},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, indent=1) + "\n").encode()


def write(
    root: Path,
    *,
    course_table: str = COURSE,
    module: str = MODULE,
    cells: Sequence[Cell] = CELLS,
    release: bool = False,
    **metadata: Any,
) -> Course:
    """Write the course below `root`, with the released notebook if that is wanted, and return it."""
    section = root / "source" / "1_mini"
    section.mkdir(parents=True, exist_ok=True)
    (root / "source" / "course.toml").write_text(course_table, encoding="utf-8")
    (section / "measures.py").write_text(module, encoding="utf-8")
    (section / "data.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (section / "1_mini.ipynb").write_bytes(notebook(*cells, **metadata))
    if release:
        released = root / "assignments" / "1_mini" / "1_mini.ipynb"
        released.parent.mkdir(parents=True, exist_ok=True)
        released.write_bytes(notebooks.released(section / "1_mini.ipynb", "source/1_mini/1_mini.ipynb"))
    return course.load(root)


def write_with_prose(root: Path) -> Course:
    """Write the course with an explanation that a person reads, and its release."""
    return write(root, course_table=COURSE + PROSE_ITEM, cells=(*CELLS, EXPLANATION), release=True)


Typed = Callable[..., tuple[int, str, str]]


def typed_command(
    name: str, mini: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Return a function that runs a command with what a person types; it returns exit code, stdout, stderr."""
    monkeypatch.chdir(mini.root)

    def run(*arguments: object, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        code = cli.main([name, "--output", str(mini.root), *map(str, arguments)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def link_course(root: Path) -> None:
    """Make `root` a copy of the whole course, of which only the source is its own."""
    shutil.copytree(ROOT / "source", root / "source")
    for name in ("assignments", "solutions"):
        (root / name).symlink_to(ROOT / name)
    _name_suites(root)


def copy_course(root: Path) -> None:
    """Make `root` a copy of the whole course, as instructors have it, whose release can be written too."""
    for tree in ("source", "assignments"):
        shutil.copytree(ROOT / tree, root / tree)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    _name_suites(root)


def _name_suites(root: Path) -> None:
    """Let a copy of the course find the hidden checks, which are not copied."""
    table = root / "source" / "course.toml"
    written = table.read_text(encoding="utf-8")
    assert 'suites = "autograder/suites"' in written
    suites = (ROOT / "autograder" / "suites").as_posix()
    table.write_text(written.replace("autograder/suites", suites), encoding="utf-8")


@functools.cache
def empty_gradebook() -> bytes:
    """Return a gradebook without students, as nbgrader makes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gradebook.db"
        open_gradebook(f"sqlite:///{path}", "mini").close()
        return path.read_bytes()


def rows(url: str) -> list[str]:
    """Return everything that a gradebook holds, a line for each row, in an order that does not depend on writing."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return sorted(
                f"{table}: {row!r}"
                for table in inspect(engine).get_table_names()
                for row in connection.execute(text(f'SELECT * FROM "{table}"')).all()
            )
    finally:
        engine.dispose()


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder`, by its path relative to it; not what Python compiled there."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
