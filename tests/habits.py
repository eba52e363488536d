"""Right work in the habits of real notebooks: samples of a line each, and a real kernel to hold them against.

``tests/corpus/habits.toml`` has a table for each section, and in it a line for each sample::

    prints-a-table = "{solution}\nprint(f'{die_entropy:.3f}')"       # the source of the exercise's cell
    a-cell-before = ["import math", "{solution}"]                    # cells; the last is the exercise's
    reads-a-file = { cell = "...", files = { "p.csv" = "1,2" } }     # files handed in beside the module
    picks-a-backend = { top = "import matplotlib" }                  # text above, or with `end` below, the module's own
    more-cells = { after = ["1 + 1"] }                               # cells below the exercise's
    lists-files = { cell = "...", differ = ["files"] }               # names whose values need not be a kernel's

``{solution}`` is the source of the reference solution's cell. Every sample is right where it was written, in Jupyter
with the section's folder around it: it must get full marks, and define what it defines there.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from autograder.course import Course, Section
from autograder.sandbox.levels import LEVELS
from autograder.submissions.notebook import Cell, execution_plan, notebook_cells

ROOT = Path(__file__).resolve().parents[1]
Kernel = Callable[..., AbstractContextManager[BlockingKernelClient]]  # takes `cwd` and `env`

# Runs in the kernel and in the child: what every name holds, in a form that can be compared. It does not mention
# `globals`, at which the child would run all demonstrations.
DUMP = """
def habit_dump():
    import hashlib, os, types
    from autograder.sandbox import wire
    found = {}
    for name, value in {**habit_dump.__globals__}.items():
        if name.startswith("_") or name in {"In", "Out", "exit", "quit", "open", "get_ipython", "habit_dump", "defined"}:
            continue
        if isinstance(value, str):
            value = value.replace(os.getcwd(), "<cwd>").replace(os.path.expanduser("~"), "<home>")
        try:
            if isinstance(value, (types.FunctionType, types.ModuleType, type)):
                raise wire.WireError
            found[name] = hashlib.sha256(wire.encode(wire.Frame(0, "value", value))).hexdigest()
        except wire.WireError:
            found[name] = type(value).__qualname__ + " " + str(getattr(value, "__name__", ""))
    return found
defined = habit_dump()
"""


@dataclass(frozen=True)
class Habit:
    """One sample: the files of the submission, and names whose values need not be the same as in a kernel."""

    name: str
    section: str
    files: Mapping[str, bytes]
    differ: frozenset[str]


def load(course: Course, path: Path = ROOT / "tests" / "corpus" / "habits.toml") -> list[Habit]:
    """Return all samples of the file."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        _habit(course, course.section(section), name, value if isinstance(value, dict) else {"cell": value})
        for section, samples in table.items()
        for name, value in samples.items()
    ]


def _habit(course: Course, section: Section, name: str, sample: Mapping[str, Any]) -> Habit:
    assert set(sample) <= {"cell", "after", "files", "top", "end", "differ"}, f"{section.id}, {name}: an unknown key"
    released = json.loads((course.root / "assignments" / section.id / section.notebook).read_text())
    solved = json.loads((course.root / "solutions" / section.id / section.notebook).read_text())["cells"]
    exercise = next(item.id for item in section.items if item.kind == "notebook")
    solution = next(_source(cell) for cell in solved if _grade_id(cell) == exercise)
    cells = []
    for cell in released["cells"]:
        if _grade_id(cell) != exercise:
            cells.append({**cell, "source": _source(cell)})
            continue
        before = _list(sample.get("cell", "{solution}"))
        own = before.pop().replace("{solution}", solution)
        cells += [_code(source) for source in before]
        cells += [{**cell, "source": own}, *(_code(source) for source in _list(sample.get("after", [])))]
    files = {
        file: (course.root / "solutions" / section.id / file).read_bytes()
        for file in (*section.modules, *section.files)
    }
    first = section.modules[0]
    future = b"from __future__ import annotations\n"  # nothing may stand before it
    assert future in files[first]
    files[first] = files[first].replace(future, future + f"{sample.get('top', '')}\n".encode(), 1)
    files[first] += f"\n{sample.get('end', '')}".encode()
    files |= {file: text.encode() for file, text in sample.get("files", {}).items()}
    files[section.notebook] = json.dumps({**released, "cells": cells}).encode()
    return Habit(name, section.id, files, frozenset(sample.get("differ", ())))


class WarmKernels:
    """A process that has imported what notebooks import and forks kernels, one at a time."""

    seconds = 120.0  # until all is imported, on a busy machine

    def __init__(self, torch: bool) -> None:
        # Not matplotlib, which looks for its settings in the folder and the home where it is imported.
        modules = ["ipykernel.ipkernel", "ipykernel.kernelapp", "threadpoolctl", *LEVELS["numpy"], *LEVELS["sklearn"]]
        command = [sys.executable, ROOT / "tests" / "warm_kernels.py", *modules, *(LEVELS["torch"] if torch else ())]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
            start_new_session=True,
        )

    @contextmanager
    def kernel(self, *, cwd: str, env: Mapping[str, str]) -> Iterator[BlockingKernelClient]:
        """Yield a client of a new kernel, as `jupyter_client.manager.run_kernel` does."""
        with tempfile.TemporaryDirectory(prefix="kernel-") as folder:
            # Not ports: one that is free now can be taken before the kernel listens there.
            file, _ = write_connection_file(
                f"{folder}/connection.json", transport="ipc", ip=f"{folder}/socket", key=uuid.uuid4().hex.encode()
            )
            client = BlockingKernelClient(connection_file=file)
            client.load_connection_file()
            try:
                self._ask({"file": file, "cwd": cwd, "env": env})
                client.start_channels(hb=False)  # a kernel that takes a second to answer would count as dead
                client.wait_for_ready(timeout=60)
                yield client
            finally:
                client.stop_channels()
                self._ask(None)

    def _ask(self, kernel: object) -> None:
        """Let the kernel end, if there is one, and start `kernel`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(kernel).encode() + b"\n")
        assert select.select([self._process.stdout], [], [], self.seconds)[0], "no answer from warm_kernels.py"
        assert self._process.stdout.readline() == b"done\n", "warm_kernels.py has ended"

    def close(self) -> None:
        """End the process and its kernel."""
        with self._process:
            try:
                self._process.communicate(timeout=self.seconds)
            finally:
                self._process.kill()


def in_kernel(course: Course, habit: Habit, folder: Path, kernel: Kernel) -> dict[str, str]:
    """Return what the cells of `habit` define in a real kernel that works in `folder`, from "Run All"."""
    for name, content in habit.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    section = course.section(habit.section)
    home = folder.parent / f"{folder.name}-home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "IPYTHONDIR": str(home), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with kernel(cwd=str(folder), env=environment) as client:
        for cell in _run_all(course, section, habit):
            done = client.execute_interactive(cell, timeout=120, output_hook=lambda message: None, stop_on_error=False)
            assert done["content"]["status"] == "ok", f"{habit.name} fails in Jupyter: {done['content']}\n{cell}"
        asked = client.execute(DUMP, user_expressions={"defined": "defined"})
        while (reply := client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != asked:
            pass
        said = reply["content"]["user_expressions"]["defined"]["data"]["text/plain"]
        found: dict[str, str] = eval(said)  # a dictionary of texts, which our own code printed
        return found


def _run_all(course: Course, section: Section, habit: Habit) -> list[str]:
    """Return the code cells in order: all of them if one of the student's takes something from a demonstration."""
    submitted = notebook_cells(habit.files[section.notebook])
    released = notebook_cells((course.root / "assignments" / section.id / section.notebook).read_bytes())
    plan = execution_plan(released, submitted)
    if "demonstrations" in habit.name:
        return [cell.source for cell in submitted if cell.cell_type == "code" and not _is_check(cell)]
    return [cell.source for cell in plan.cells if cell.origin != "deferred"]


def _is_check(cell: Cell) -> bool:
    return (cell.grade and not cell.solution) or "visible_checks.check" in cell.source


def _grade_id(cell: Mapping[str, Any]) -> str | None:
    grade_id: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return grade_id


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def _list(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
