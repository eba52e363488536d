"""Runs the visible checks of a section on submissions, each in a fork of its own, as in a notebook in that folder.

Standard input is JSON: a list of ``[folder, cells, wrong]``. The folder holds a submission; the cells are run first;
`wrong` is null, or what is then put in the place of one function or name. For each, a line of JSON on standard output
maps every report of ``visible_checks`` to its outcomes, a list of title, verdict and message.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import scipy.stats  # noqa: F401  what notebooks import is imported once for all forks
import sklearn.feature_selection  # noqa: F401
import torch
from IPython.core.interactiveshell import InteractiveShell


def main() -> None:
    """Answer every line of the input."""
    torch.set_num_threads(1)
    for folder, cells, wrong in json.load(sys.stdin):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as answer:
                json.dump(_outcomes(folder, cells, wrong), answer)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            sys.stdout.write(f"{answer.read()}\n")
        os.waitpid(child, 0)


def _outcomes(folder: str, cells: list[str], wrong: Mapping[str, str] | None) -> Any:
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return _reports(folder, cells, wrong)
    except BaseException:  # noqa: BLE001  whatever a sample does is told to the test
        return {"error": traceback.format_exc()}


def _reports(folder: str, cells: list[str], wrong: Mapping[str, str] | None) -> dict[str, Any]:
    os.chdir(folder)
    sys.path.insert(0, folder)
    shell = InteractiveShell.instance()
    for cell in cells:
        shell.run_cell(cell).raise_error()
    import visible_checks

    if wrong is not None:
        _put_in_place(wrong["function"], wrong["code"], shell.user_ns)
    found = {}
    for name, report in inspect.getmembers(visible_checks, inspect.isfunction):
        if name.endswith("_report") and (wrong is None or name == wrong["report"]):
            outcomes = report(*([shell.user_ns] if inspect.signature(report).parameters else [])).outcomes
            found[name] = [[outcome.title, outcome.verdict, outcome.message] for outcome in outcomes]
    return found


def _put_in_place(function: str, code: str, names: dict[str, Any]) -> None:
    """Replace a function of the student's module, or a name of the notebook, by what `code` defines."""
    written: dict[str, Any] = {"np": np, "torch": torch, "math": __import__("math")}
    exec(code, written)
    *owners, name = function.split(".")
    if not owners and name in names:
        names[name] = _instead_of(names[name], written)
        return
    owner = _home(function)
    for part in owners:
        owner = getattr(owner, part)
    held = vars(owner)[name]
    if isinstance(held, staticmethod):
        setattr(owner, name, staticmethod(_instead_of(held.__func__, written)))
    else:
        setattr(owner, name, _instead_of(held, written))


def _instead_of(right: Any, written: Mapping[str, Any]) -> Any:
    if "value" in written:
        return written["value"]
    wrong: Callable[..., Any] = written["wrong"]
    return (lambda *args, **kwargs: wrong(right, *args, **kwargs)) if callable(right) else wrong(right)


def _home(function: str) -> Any:
    """Return the student's module that holds `function`."""
    first = function.split(".")[0]
    for module in list(sys.modules.values()):
        own = Path(getattr(module, "__file__", None) or "/").parent == Path.cwd()
        if own and getattr(getattr(module, first, None), "__module__", None) == module.__name__:
            return module
    raise LookupError(function)


if __name__ == "__main__":
    main()
