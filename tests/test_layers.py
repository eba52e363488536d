"""Imports run one way, and the worker's side imports nothing of the judge's."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "autograder"

# A folder, or a module beside the folders, may import those above it. `sandbox` stands on the ground.
LAYERS = (
    "sandbox",
    "atomic", "digests", "near", "verdict", "parallel", "tables", "course", "corpus", "nbgrader_seam", "sheets", "text", "build",
    "people",
    "submissions",
    "intake",
    "similarity",
    "prose",
    "remote",
    "checks",
    "judge",
    "records",
    "gradebook",
    "report",
    "exports",
    "grading",
    "review",
    "class_report",
    "skeletons",
    "doctor", "nbgrader_hooks", "commands", "cli", "__main__",
)  # fmt: skip


def imported(path):
    """Return the modules of the package that the file imports anywhere, inside functions too."""
    return {name for name in named(path) if name != "autograder" and file_of(name).is_file()}


def named(path):
    """Return what the file imports of the package: modules, their names, and folders by what these hand on."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograder":
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("autograder.")}
    return found


def file_of(name):
    """Return where a module or a folder of the package would have its code."""
    path = PACKAGE.parent / name.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def files(layer):
    folder = PACKAGE / layer
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def test_every_folder_and_module_has_its_layer():
    there = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}

    assert there - {"__init__"} == set(LAYERS)


def test_the_table_for_contributors_is_this_one():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Where things are\n")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| ((?:`\w+` ?)+)\|", table)

    assert tuple(name for row in rows for name in re.findall(r"`(\w+)`", row)) == LAYERS


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_run_one_way(layer):
    above = LAYERS[: LAYERS.index(layer) + 1]
    found = {part for path in files(layer) for name in named(path) for part in name.split(".")[1:2]}

    assert found & set(LAYERS) <= set(above)


def test_the_students_side_imports_nothing_of_the_package_but_itself():
    found = {name for path in files("sandbox") for name in imported(path)}

    assert {name for name in found if name.split(".")[1] != "sandbox"} == set()
    assert len(found) > 8


def test_one_module_imports_nbgrader():
    files = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nbgrader")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "nbgrader" for alias in node.names))
    }

    assert files == set(), "autograder/nbgrader_seam.py imports it, by name"


def test_a_worker_loads_nothing_else_of_the_package():
    program = (
        "import sys, autograder.sandbox.worker; print(*sorted(n for n in sys.modules if n.startswith('autograder')))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()

    own = {f"autograder.sandbox.{path.stem}" for path in files("sandbox") if path.stem != "__init__"}
    assert set(loaded) == {"autograder", "autograder.sandbox"} | own


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
