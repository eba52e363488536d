"""Paths in submissions: which are refused, which are junk, and how a student's folder is named."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import PurePosixPath

from autograder.submissions import limits
from autograder.submissions.near_names import archive_stem
from autograder.text import MAX_NAME_BYTES, UNPRINTABLE, printable

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # noqa: S105 # the name of a file
EXCHANGE_FILES = {TIMESTAMP: 100, SECRET: 256}
"""What nbgrader's exchange adds to a submission, and how many characters of it are read."""

_JUNK = frozenset({
    ".ds_store", ".git", ".gitignore", ".gitkeep", ".idea", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".venv", ".vscode", "__macosx", "__pycache__", "desktop.ini", "node_modules", "site-packages",
    "thumbs.db", "venv",
})  # fmt: skip


def student_name(name: str) -> str:
    """Return the name of a student's folder as it is shown and stored: printable, and short enough for a file's name.

    Macs store an accent as a separate character and other systems don't; one Unicode form makes them the same student.
    Escaping makes a name longer. A name that is too long for a disk is cut, and a hash keeps it apart from others.
    """
    shown = printable(unicodedata.normalize("NFC", name), limit=MAX_NAME_BYTES)
    if len(shown.encode()) <= MAX_NAME_BYTES:
        return shown
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return f"{shown.encode()[:200].decode(errors='ignore')}…{digest}"


def is_junk(name: str) -> bool:
    """Whether this is a file or folder that programs leave behind; these are never counted."""
    return name.lower() in _JUNK or name.startswith("._") or name.endswith((".pyc", ".pyo"))


def bad_path(path: str) -> str | None:
    """Return what is wrong with a relative path, or None; completes "its name …"."""
    parts = path.split("/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "is an absolute path"
    if ".." in parts:
        return "leads out of the folder"
    if not path.isprintable():
        return UNPRINTABLE
    if len(path.encode()) > limits.MAX_PATH_BYTES:
        return f"is longer than {limits.MAX_PATH_BYTES} bytes"
    if PurePosixPath(path) == PurePosixPath():
        return "is empty"
    return None


def archive_kind(path: str) -> str:
    """Return the kind of archive that a path names, or an empty string."""
    return archive_stem(base_name(path))[1]


def is_notebook(path: str) -> bool:
    """Whether a path is that of a notebook."""
    return path.lower().endswith(".ipynb")


def by_depth(path: str) -> tuple[int, str]:
    """Return a key that sorts paths by depth, then by name."""
    return path.count("/"), path


def folded_path(path: str) -> str:
    """Return a key that is equal for paths that some disks can't hold at the same time."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def base_name(path: str) -> str:
    """Return the last component of a path."""
    return path.rpartition("/")[2]
