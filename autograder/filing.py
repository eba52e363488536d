"""What records are filed under, beside the attempt: hashes of everything that decides a verdict."""

from __future__ import annotations

import hashlib
from pathlib import Path

import autograder
from autograder.course import Course, Section

SUITES = Path(__file__).parent / "suites"
_JUDGING = (
    "collect", "comparisons", "confine", "diagnose", "faults", "follow", "judge", "link", "live", "notebook", "oracle",
    "phrases", "prose", "remote", "rules", "runner", "score", "sentences", "standin", "suite", "verdict", "wire",
    "worker",
)  # fmt: skip


def suite_digest(course: Course, section: Section) -> str:
    """Return the hash of everything that decides a verdict in `section`: checks, course table, released cells."""
    digest = hashlib.sha256(repr((section, course.id)).encode())
    folder = SUITES / section.id
    released = [course.root / "assignments" / section.id / name for name in (section.notebook, *section.files)]
    for path in (*sorted((*folder.rglob("*.py"), *folder.rglob("*.toml"))), *released):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def grader_version() -> str:
    """Return the package's version with a hash of the modules that judge."""
    digest = hashlib.sha256()
    for name in _JUDGING:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return f"{autograder.__version__}+{digest.hexdigest()[:12]}"
