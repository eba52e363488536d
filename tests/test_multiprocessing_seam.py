"""The private parts of multiprocessing that judges' processes use exist and do what is expected."""

import ast
import importlib
import inspect
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .test_layers import PACKAGE

PARTS = {
    "multiprocessing.forkserver:ensure_running": (),
    "multiprocessing.popen_forkserver:Popen": ("process_obj",),
    "multiprocessing.context:ForkServerContext.set_forkserver_preload": ("self", "module_names"),
    "multiprocessing.context:ForkServerContext.Process": (),
    "multiprocessing.context:ForkServerProcess._Popen": ("process_obj",),
    "multiprocessing.process:BaseProcess": (),
}
INSIDE = {"forkserver", "popen_forkserver", "multiprocessing.forkserver", "multiprocessing.popen_forkserver"}

PRELOADED = """
import os
imported_in = os.getpid()
said = os.environ["SAID"]

def report(pipe):
    import __main__
    pipe.send([imported_in, os.getppid(), said, hasattr(__main__, "ran")])
"""
MAIN = """
import json, os
from autograder.grading.multiprocessing_seam import forked_from

ran = True
if __name__ == "__main__":
    import preloaded_once  # here too, for its function
    found = []
    for said in ("first", "second"):
        context = forked_from("preloaded_once", {"SAID": said})
        for _ in range(2):
            ours, theirs = context.Pipe()
            process = context.Process(target=preloaded_once.report, args=(theirs,))
            process.start()
            found.append(ours.recv())
            process.join()
    print(json.dumps([os.getpid(), os.environ["SAID"], __file__, found]))
"""


@pytest.mark.parametrize(("part", "parameters"), PARTS.items())
def test_every_part_is_there_and_takes_what_it_is_given(part: str, parameters: tuple[str, ...]) -> None:
    module, _, names = part.partition(":")
    found: Any = importlib.import_module(module)
    for name in names.split("."):
        missing = f"Python {platform.python_version()} has no `{part}`; grading/multiprocessing_seam.py needs it"
        assert hasattr(found, name), missing
        found = getattr(found, name)

    assert set(parameters) <= set(inspect.signature(found).parameters), part


def test_one_module_takes_from_multiprocessings_inside() -> None:
    takes = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            private = isinstance(node, ast.FunctionDef | ast.Attribute) and "_Popen" in (
                getattr(node, "name", ""),
                getattr(node, "attr", ""),
            )
            if private or INSIDE & {*imported, getattr(node, "module", "")}:
                takes.add(path.relative_to(PACKAGE).as_posix())

    assert takes == {"grading/multiprocessing_seam.py"}


def test_processes_are_forked_from_one_that_imported_the_module_once(tmp_path: Path) -> None:
    """It has the environment of the first call, which changes nothing here; the main module is not run again."""
    (tmp_path / "preloaded_once.py").write_text(PRELOADED)
    (tmp_path / "main.py").write_text(MAIN)
    environment = {"PYTHONPATH": f"{tmp_path}:{PACKAGE.parent}", "SAID": "before", "PATH": "/usr/bin:/bin"}

    ran = subprocess.run(
        [sys.executable, str(tmp_path / "main.py")], env=environment, capture_output=True, text=True, check=True
    )

    grader, said, file, found = json.loads(ran.stdout)
    ((server, parent, of_first_call, main_ran),) = {tuple(one) for one in found}
    assert server == parent != grader
    assert of_first_call == "first"
    assert not main_ran
    assert (said, file) == ("before", str(tmp_path / "main.py"))
