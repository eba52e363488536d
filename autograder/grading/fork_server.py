"""The processes that judge are forked from one that has read the suites, so that they are read only once.

The server that forks them imports this module before its first fork, and finds in its environment what to read. A
grader has one server for all rounds, so the suites may have changed since. A judge takes a suite from here only if it
has the hash that was asked for.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
from collections.abc import Iterable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import course as course_module
from autograder.grading import multiprocessing_seam
from autograder.records.keys import suite_digest

if TYPE_CHECKING:
    from autograder.judge.suite import Suite

_VARIABLE = "AUTOGRADER_SUITES"

_suites: dict[tuple[str, str], Suite] = {}


def context(root: Path, sections: Iterable[str]) -> ForkServerContext:
    """Return a context whose processes start with the suites of `sections` of the course in `root`."""
    environment = {
        _VARIABLE: json.dumps([str(root), sorted(sections)]),
        "PYTHONHASHSEED": "0",  # so that sets in messages always have the same order
        # There are more judges than cores, and threads that wait for those of other judges take ten times as long.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return multiprocessing_seam.forked_from(__name__, environment)


def suite(root: Path, digest: str) -> Suite | None:
    """Return the suite with that hash of the course in `root`, if this process started with it."""
    return _suites.get((str(root), digest))


def _read(root: str, sections: Iterable[str]) -> None:
    """Read suites; errors are ignored here, and reported by the judge that needs the suite."""
    from autograder.judge.suite import Suite

    importlib.import_module("autograder.grading.judge_process")
    importlib.import_module("scipy.special")  # the suites of every section import it
    with contextlib.suppress(Exception):
        course = course_module.load(Path(root))
        for section in map(course.section, sections):
            _suites[root, suite_digest(course, section)] = Suite(course, section)


if _VARIABLE in os.environ:
    _read(*json.loads(os.environ[_VARIABLE]))
    gc.collect()
    gc.freeze()  # so that garbage collection in a judge does not visit, and thereby copy, what all judges share
