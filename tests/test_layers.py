"""Imports run one way, and the worker's side imports nothing of the judge's."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "autograder"

# A module may import modules of the layers before its own, and of its own.
LAYERS = (
    {"atomic", "parallel", "wire", "verdict", "course", "filing", "outputs", "requests"}
    | {"archives", "near_names", "roster", "sheets"},
    {"confine", "deferred", "live", "one_process", "pages", "runner", "shell", "standin", "surroundings", "worker"}
    | {"clocks", "collect", "notebook", "build", "nbgrader_seam", "rendering", "times"},
    {"faults", "link", "oracle", "remote", "pool", "suite", "comparisons", "rules", "symptoms", "diagnose", "follow"}
    | {"sentences", "phrases", "embeddings", "prose", "judge"},
    {"preload", "score", "store"},
    {"absences", "attention", "batch", "judges", "doctor", "enrolment", "report", "review", "samples", "technical"},
    {"collected", "downloads", "lists", "persons", "platforms"}
    | {"formgrader", "gradebook", "history", "journal", "late_penalties", "renaming", "reviewing"},
    {"collecting", "deliver", "dialogue", "exports"},
    {"commands", "nbgrader_hooks"},
    {"cli"},
)
WORKER_SIDE = {
    "confine",
    "deferred",
    "live",
    "one_process",
    "pages",
    "runner",
    "shell",
    "standin",
    "surroundings",
    "worker",
}
WORKER_MAY_IMPORT = WORKER_SIDE | {"requests", "wire"}


def modules():
    names = {path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    return sorted(names | {path.parent.name for path in PACKAGE.glob("*/__init__.py")})


def imported(name):
    """Return the modules of the package that `name` imports anywhere, inside functions too."""
    path = PACKAGE / name
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograder":
                parts = node.module.split(".")
                found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("autograder.")}
    return found & set(modules()) - {name}


def layer(name):
    return next(number for number, layer in enumerate(LAYERS) if name in layer)


def test_every_module_has_its_layer():
    assert set(modules()) == set().union(*LAYERS)


def test_the_table_for_contributors_is_this_one():
    rows = re.findall(r"(?m)^\| \d \| (`.*) \|$", (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8"))

    assert tuple(set(re.findall(r"`(\w+)`", row)) for row in rows) == LAYERS


@pytest.mark.parametrize("name", modules())
def test_imports_run_one_way(name):
    assert {other for other in imported(name) if layer(other) > layer(name)} == set()


def test_one_module_imports_nbgrader():
    files = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nbgrader")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "nbgrader" for alias in node.names))
    }

    assert files == set(), "autograder/nbgrader_seam.py imports it, by name"


@pytest.mark.parametrize("name", sorted(WORKER_SIDE))
def test_the_workers_side_imports_nothing_of_the_judges(name):
    assert imported(name) <= WORKER_MAY_IMPORT


def test_a_worker_loads_nothing_else_of_the_package():
    program = "import sys, autograder.worker; print(*sorted(n for n in sys.modules if n.startswith('autograder')))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    assert set(loaded) == {"autograder"} | {f"autograder.{name}" for name in WORKER_MAY_IMPORT}


def test_no_pattern_repeats_a_group_possessively():
    """Python 3.11.0 to 3.11.4 match that wrongly (gh-106052), and Debian 12 has one of these."""
    possessive = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+")
    found = [
        (path.relative_to(PACKAGE).as_posix(), line.strip())
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if possessive.search(line) and ("re.compile" in line or 'rb"' in line or 'r"' in line)
    ]

    assert found == []
