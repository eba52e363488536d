"""nbgrader's real command line, many times: one process imports it, and each command is a fork of that.

A command has its own working directory, environment and output, and ends like the program ``nbgrader`` does; what is
saved is only the two seconds in which each of them would import the same libraries.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from tests import mini_course
from tests.mini_course import ROOT

SERVER = """
import json, os, sys, tempfile, traceback, warnings
warnings.simplefilter("ignore")
from autograder.nbgrader_seam import import_jsonschema
import_jsonschema()
import autograder.nbgrader_hooks
from nbgrader.apps.nbgraderapp import main

for line in sys.stdin:
    order = json.loads(line)
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.chdir(order["cwd"])
        os.environ.update(order["env"])
        sys.argv = ["nbgrader", *order["argv"]]
        code = 1
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    texts = []
    for file in (out, err):
        file.seek(0)
        texts.append(file.read().decode("utf-8", "replace"))
    print(json.dumps([os.waitstatus_to_exitcode(status), *texts]), flush=True)
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


class Nbgrader:
    """Runs nbgrader's commands; close it at the end."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def run(self, cwd: Path, *arguments: object, **environment: str) -> Done:
        """Run one command in `cwd`."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        order = {"argv": [str(argument) for argument in arguments], "cwd": str(cwd), "env": environment}
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return Done(*json.loads(self._server.stdout.readline()))

    def works(self, cwd: Path, *arguments: object, **environment: str) -> Done:
        """Run one command in `cwd`, which must end with exit code 0."""
        done = self.run(cwd, *arguments, **environment)
        assert done.code == 0, done.err
        return done

    def close(self) -> None:
        """End the process behind it."""
        self._server.communicate()


def course_copy(root: Path) -> Path:
    """Make `root` an instructor's folder of the course: source, release, settings, an empty gradebook."""
    root.mkdir(parents=True, exist_ok=True)
    mini_course.copy_course(root)
    (root / "gradebook.db").write_bytes(mini_course.empty_gradebook())
    return root


def fill_in(course: Course, section_id: str, folder: Path) -> None:
    """Do what a student does in `folder`: write the section's modules and the solution cells of its notebook."""
    section = course.section(section_id)
    solved = course.root / "solutions" / section_id
    for module in section.modules:
        (folder / module).write_bytes((solved / module).read_bytes())
    answers = {grade_id(cell): cell["source"] for cell in cells_of(solved / section.notebook)}
    notebook = json.loads((folder / section.notebook).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = answers[grade_id(cell)]
    (folder / section.notebook).write_text(json.dumps(notebook), encoding="utf-8")


def cells_of(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def grade_id(cell: dict[str, Any]) -> str | None:
    """Return nbgrader's name of a cell."""
    found: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return found


def autograder(cwd: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command `autograder` in `cwd`."""
    command = [str(Path(sys.executable).with_name("autograder")), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=300
    )
