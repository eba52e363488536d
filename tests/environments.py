"""Virtual environments that tests grade in: what this one has, without what a test wants to see missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Mapping
from pathlib import Path

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
