"""Packs what is handed in, and says what is missing: ``python -m support.pack`` in the section's folder."""

from __future__ import annotations

import ast
import json
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

SECTION = Path(__file__).resolve().parents[1]

_UNANSWERED = ("# Write your code here", "*Write your answer here.*")


@dataclass(frozen=True)
class Progress:
    """How far the section in `folder` is: files that are missing, and what is not written yet."""

    folder: Path
    missing: tuple[str, ...]
    functions: tuple[str, ...]
    exercises: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"{name} is missing" for name in self.missing]
        if self.functions:
            parts.append(f"not written: {', '.join(self.functions)}")
        if self.exercises:
            parts.append(f"not answered: {', '.join(self.exercises)}")
        return f"{'○' if parts else '✓'} {self.folder.name:<22} {'; '.join(parts) or 'complete'}"


def pack(folder: Path = SECTION) -> Path | None:
    """Write ``<section>.zip`` into `folder`, say what is missing, and show how far all sections are.

    Returns
    -------
    Path or None
        The zip, or None if there is nothing to pack.
    """
    _, notebook = _expected(folder)
    files = [path for path in sorted(folder.iterdir()) if _is_handed_in(path, notebook)]
    zipped = None
    if files:
        zipped = (folder / notebook).with_suffix(".zip")
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.name)
        print(f"{zipped.name} holds {', '.join(path.name for path in files)}. Hand in this one file.")
        if (folder / notebook).is_file():
            saved = time.strftime("%H:%M:%S", time.localtime((folder / notebook).stat().st_mtime))
            print(f"The notebook in it was saved at {saved}. If you have changed it since, save it and run this again.")
    print("\nHow far you are (the checks say whether it is right):")
    for other in sorted(path.parents[1] for path in folder.parent.glob("*/support/section.py")):
        print(f"  {progress(other)}")
    return zipped


def progress(folder: Path) -> Progress:
    """Look at the files of the section in `folder`."""
    modules, notebook = _expected(folder)
    missing = tuple(name for name in (*modules, notebook) if not (folder / name).is_file())
    functions = [name for module in modules if module not in missing for name in _unwritten(folder / module)]
    exercises = [] if notebook in missing else _unanswered(folder / notebook)
    return Progress(folder, missing, tuple(functions), tuple(exercises))


def _expected(folder: Path) -> tuple[tuple[str, ...], str]:
    """Return the modules and the notebook of a section."""
    tree = ast.parse((folder / "support" / "section.py").read_text(encoding="utf-8"))
    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    return values["MODULES"], values["NOTEBOOK"]


def _is_handed_in(path: Path, notebook: str) -> bool:
    is_other = path.suffix in {".ipynb", ".zip"} and path.name != notebook
    return path.is_file() and not path.name.startswith(".") and not is_other


def _unwritten(path: Path) -> list[str]:
    """Return the functions that still raise NotImplementedError, or why that can't be told."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        return [f"{path.name} (line {getattr(error, 'lineno', '?')} is not Python)"]
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any(_is_stub(statement) for statement in node.body)
    ]


def _is_stub(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise):
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _unanswered(path: Path) -> list[str]:
    """Return the exercises of a notebook whose cell nobody has touched."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError):
        return [f"{path.name} can't be read; save it again"]
    found = []
    for cell in cells:
        marks = cell.get("metadata", {}).get("nbgrader", {})
        source = "".join(cell.get("source", ""))
        is_exercise = marks.get("grade") and marks.get("solution")
        if is_exercise and (not source.strip() or any(stub in source for stub in _UNANSWERED)):
            found.append(marks["grade_id"])
    return found


if __name__ == "__main__":
    sys.exit(pack() is None)
