"""Runs the visible checks of a section on submissions, each in a fork of its own, as in a notebook in that folder.

Standard input is JSON: a list of ``[folder, cells, wrong]``. The folder holds a submission; the cells are run first,
once for all that follow one another with the same; `wrong` is null, or what is then put in the place of one function
or name. For each, a line of JSON on standard output maps every report of ``support.visible_checks`` to its outcomes, a list of
title, verdict and message.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import itertools
import json
import math
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt  # noqa: F401  what notebooks import is imported once for all forks
import numpy as np
import scipy.stats  # noqa: F401
from IPython.core.interactiveshell import InteractiveShell

_IF_IMPORTED = ("sklearn.feature_selection", "torch._dynamo")  # the first optimizer imports the latter, for two seconds


def main() -> None:
    """Answer every line of the input."""
    entries = json.load(sys.stdin)
    released = "".join(path.read_text(encoding="utf-8") for path in Path(entries[0][0]).rglob("*.py"))
    for name in _IF_IMPORTED:
        if f"import {name.split('.')[0]}" in released or f"from {name.split('.')[0]}" in released:
            importlib.import_module(name)
    InteractiveShell.instance()  # it takes longer to make than most cells take to run
    for (folder, cells), asked in itertools.groupby(entries, key=lambda entry: entry[:2]):
        with _in_a_fork() as is_child:
            if is_child:
                _answer(folder, cells, [wrong for *_, wrong in asked])


def _answer(folder: str, cells: list[str], asked: list[Mapping[str, str] | None]) -> None:
    """Run the cells, then write a line for all that is asked about them."""
    said = io.StringIO()
    names, error = {}, None
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            names = _names(folder, cells)
        except BaseException:  # noqa: BLE001  whatever a sample does is told to the test
            error = {"error": traceback.format_exc()}
    for wrong in asked:
        with _in_a_fork() as is_child:
            if is_child:
                sys.stdout.write(f"{json.dumps(error or _outcomes(wrong, names))}\n")


@contextlib.contextmanager
def _in_a_fork() -> Iterator[bool]:
    """Run the body in a fork, where it is given True, and wait for its end; in this process it does nothing."""
    sys.stdout.flush()
    child = os.fork()
    try:
        yield child == 0
    finally:
        if child == 0:
            sys.stdout.flush()
            os._exit(0)
    os.waitpid(child, 0)


def _names(folder: str, cells: list[str]) -> dict[str, Any]:
    """Run the cells in `folder`; return what they define."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    shell = InteractiveShell.instance()
    for cell in cells:
        shell.run_cell(cell).raise_error()
    names: dict[str, Any] = shell.user_ns
    return names


def _outcomes(wrong: Mapping[str, str] | None, names: dict[str, Any]) -> Any:
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return _reports(wrong, names)
    except BaseException:  # noqa: BLE001  whatever a sample does is told to the test
        return {"error": traceback.format_exc()}


def _reports(wrong: Mapping[str, str] | None, names: dict[str, Any]) -> dict[str, Any]:
    visible_checks = importlib.import_module("support.visible_checks")
    if wrong is not None:
        _put_in_place(wrong["function"], wrong["code"], names, visible_checks)
    found = {}
    for name, report in inspect.getmembers(visible_checks, inspect.isfunction):
        if name.endswith("_report") and (wrong is None or name == wrong["report"]):
            outcomes = report(*([names] if inspect.signature(report).parameters else [])).outcomes
            found[name] = [[outcome.title, outcome.verdict, outcome.message] for outcome in outcomes]
    return found


def _put_in_place(function: str, code: str, names: dict[str, Any], visible_checks: ModuleType) -> None:
    """Replace a function of the student's module, or a name of the notebook, by what `code` defines."""
    written: dict[str, Any] = {"np": np, "torch": sys.modules.get("torch"), "math": math}
    exec(code, written)
    *owners, name = function.split(".")
    if not owners and not isinstance(names.get(name, visible_checks), ModuleType):
        names[name] = _instead_of(names[name], written)
        return
    owner = _home(function, visible_checks)
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


def _home(function: str, visible_checks: ModuleType) -> Any:
    """Return the student's module that holds `function`, as the checks have loaded it."""
    first = function.split(".")[0]
    for student in vars(visible_checks).values():
        if isinstance(student, visible_checks.StudentModule) and hasattr(student.loaded(), first):
            return student.loaded()
    raise LookupError(function)


if __name__ == "__main__":
    main()
