"""Virtual environments that tests grade in: what this one has, without what a test wants to see missing."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .mini_course import ROOT

_PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def linked(folder: Path, without: Collection[str] = ()) -> Path:
    """Make an environment whose libraries are links to those of this one, and return its Python.

    This package is not in it, and neither is what belongs to one of the distributions `without`.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    for library in Path(sysconfig.get_path("purelib")).iterdir():
        name = library.name.partition("-")[0]
        if name not in {"autograder", "__editable__.autograder", *without}:
            (libraries(folder) / library.name).symlink_to(library)
    return folder / "bin" / "python"


def linked_only(folder: Path, names: Iterable[str]) -> Path:
    """Make an environment that has the distributions `names` and what they need, as links, and return its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    wanted, unread = set[str](), list(names)
    while unread:
        name = canonicalize_name(unread.pop())
        if name in wanted:
            continue
        wanted.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # what is only needed elsewhere, or comes with Python
        needed = [Requirement(text) for text in distribution.requires or ()]
        unread += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}:
            place = libraries(folder) / top
            if not place.exists():
                place.symlink_to(Path(str(distribution.locate_file(top))))
    return folder / "bin" / "python"


def libraries(folder: Path) -> Path:
    """Return where the environment in `folder` has its libraries."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return folder / "lib" / version / "site-packages"


def build_wheel(folder: Path) -> Path:
    """Build this package's wheel from a copy of the project in `folder`, and return it."""
    copy = folder / "project"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "autograder", copy / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([*_PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, copy], check=True)
    (built,) = folder.glob("autograder-*.whl")
    return built


def install(wheel: Path, python: Path) -> None:
    """Install `wheel` beside the libraries of another `python`."""
    subprocess.run([*_PIP, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)


def run(python: Path, *arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment that `python` belongs to."""
    variables: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), **environment}
    return subprocess.run(
        [python, *arguments], cwd=cwd, env=variables, capture_output=True, text=True, check=False, timeout=300
    )
