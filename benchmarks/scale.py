"""Measures how cost grows with a class, and how long one student waits: ``make bench-scale``.

Classes of section 1 from 10 attempts to 3,000, each graded from start to end; the largest again with nothing changed;
one of 300 with one job and with all. For one student, `autograder grade` from the command to the page: each section
alone, and all five, in a new process that has nothing in its store.

Figures go to ``docs/measured/scale.json``; ``docs/performance.md`` and its picture are made from them.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import course as course_module
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import write_sample
from benchmarks import figures, floors, performance
from benchmarks.grading import Watched, variant, watch, write_class

SECTION = "1_entropy"
SIZES = (10, 30, 100, 300, 1000, 3000)
AGAIN = (1000, 3000)
COMPARED = 300
REQUESTS = 69  # that an attempt of section 1 takes


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description="Measure how cost grows with a class.")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="leave out larger classes, and keep nothing")
    parser.add_argument("--rounds", type=int, default=3, help="how often one student is graded")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    found: dict[str, Any] = {"machine": figures.machine(), "sizes": [], "again": [], "jobs": [], "one": []}
    for size in (size for size in SIZES if size <= options.largest):
        with tempfile.TemporaryDirectory() as name:
            write_class(Path(name) / "submitted", SECTION, size)
            found["sizes"].append(row(size, watch(Path(name), cores)))
            if size in AGAIN:
                found["again"].append(row(size, watch(Path(name), cores)))
            if size == COMPARED:
                found["floors"] = least(Path(name) / "output", size)
    for jobs in (1, cores):
        with tempfile.TemporaryDirectory() as name:
            write_class(Path(name) / "submitted", SECTION, min(COMPARED, options.largest))
            found["jobs"].append({"jobs": jobs, **row(COMPARED, watch(Path(name), jobs))})
    course = course_module.load(course_module.find_root())
    for section in course.sections:
        found["one"].append(waiting([section.id], options.rounds))
    found["one"].append(waiting([section.id for section in course.sections], options.rounds))
    if options.largest == SIZES[-1]:
        performance.keep("scale", found)


def row(size: int, watched: Watched) -> dict[str, Any]:
    """Return what was measured of a class, and print it."""
    made = {"attempts": size, **dataclasses.asdict(watched)}
    sys.stdout.write(f"{size} attempts: {watched.seconds:.1f} s, {size / watched.seconds:.1f} a second, ")
    sys.stdout.write(f"{1000 * sum(watched.cpu.values()) / size:.1f} ms each, {watched.peak_mib:.0f} MiB\n")
    sys.stdout.flush()
    return made


def least(output: Path, attempts: int) -> list[dict[str, Any]]:
    """Return what an attempt must cost at least, from the output of a class that was just graded."""
    trip = floors.round_trip()
    costs = {
        "one fork of the warm process (NumPy and SciPy)": floors.fork("numpy"),
        "one fork of the warm process (torch)": floors.fork("torch"),
        f"{REQUESTS} requests and answers between two processes": REQUESTS * trip,
        "its rows in an SQLite file": floors.rows(output / "gradebook.db", attempts),
        "its files in `feedback` and `autograded`": sum(
            floors.files(output / name, attempts) for name in ("feedback", "autograded")
        ),
        "Python, NumPy, SQLAlchemy and pytest, once for a run": floors.start("import numpy, pytest, sqlalchemy.orm"),
    }
    return [{"what": what, "ms": 1000 * seconds} for what, seconds in costs.items()]


def waiting(sections: Sequence[str], rounds: int) -> dict[str, Any]:
    """Return how long one student waits for the pages of `sections`, and print it."""
    seconds = [one_student(sections) for _ in range(rounds)]
    found = {"sections": list(sections), "seconds": statistics.median(seconds), "most": max(seconds)}
    sys.stdout.write(f"{found}\n")
    sys.stdout.flush()
    return found


def one_student(sections: Sequence[str]) -> float:
    """Return the seconds from the command to the page for the reference solution of `sections`."""
    course = course_module.load(course_module.find_root())
    with tempfile.TemporaryDirectory() as name:
        submitted, output = Path(name) / "submitted", Path(name) / "output"
        for sample in load_samples(course):
            if sample.name == "reference" and sample.section in sections:
                write_sample(variant(sample, os.urandom(8).hex()), submitted, student="ada")  # none is in the store
        command = [Path(sys.executable).parent / "autograder", "grade", "--course", course.root]
        command += ["--submitted", submitted, "--output", output]
        start = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - start
        if not list((output / "feedback").rglob("*.html")):
            raise SystemExit("no page was written")
    return seconds


if __name__ == "__main__":
    main()
