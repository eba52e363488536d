"""Judges attempts on a quiet machine and beside processes that compute forever; adds the figures to `docs/quality.md`.

    make load                                         # six processes beside
    make load ARGS="--section 1_entropy --beside 12"

Every record must be the same, byte for byte, or the exit code is 1. The attempts are the right notebooks in
`tests/corpus/habits.toml`, and in the first three sections all samples of the corpus; attacks that strike by the clock,
some moments after a call, are left out, since no machine gives them the same record twice.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder import course as course_module
from autograder.corpus.samples import write_sample
from autograder.course import Course
from autograder.grading.batch import Batch
from autograder.records.store import Store, encode
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import Attempt, make_attempt
from autograder.submissions.collect import collect
from benchmarks import corpus, quality
from tests import habits

WHOLE = ("1_entropy", "2_divergence", "3_mutual_information")  # sections of which every sample is judged


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Have `count` processes compute forever."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_compute, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def _compute() -> None:
    os.setsid()  # else the kernel may give all of them together the share of one, sched(7)
    while True:
        pass


def attempts(course: Course, section: str, folder: Path) -> list[Attempt]:
    """Return habits and samples of a section as attempts, but for samples that strike by the clock."""
    for number, sample in enumerate(corpus.corpus(course, section) if section in WHOLE else ()):
        if not sample.by_the_clock:
            write_sample(sample, folder, student=f"{number:04}-{sample.name}")
    ways = [
        make_attempt(course.section(section), f"habit-{habit.name}", Path(), habit.files)
        for habit in habits.load(course)
        if habit.section == section
    ]
    return [*collect(course, folder).attempts, *ways]


def records(course: Course, judged: Sequence[Attempt]) -> dict[str, bytes]:
    """Judge attempts anew; return the record of each, by its sample."""
    with tempfile.TemporaryDirectory() as folder:
        batch = Batch(course, Store(Path(folder)), seed=course.seed, jobs=None, walls=WALLS)
        return {outcome.attempt.student: encode(outcome.record) for outcome in batch.run(judged)}


def main() -> int:
    """Measure, print, and return 1 if a record differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--section", action="append")
    parser.add_argument("--beside", type=int, default=6, help="processes that compute forever")
    options = parser.parse_args()
    course = course_module.load(course_module.find_root())
    rows = []
    for section in options.section or [section.id for section in course.sections]:
        with tempfile.TemporaryDirectory() as folder:
            judged = attempts(course, section, Path(folder))
            began = time.monotonic()
            quiet = records(course, judged)
            between = time.monotonic()
            with busy(options.beside):
                loaded = records(course, judged)
            seconds = between - began, time.monotonic() - between
        unlike = sorted(name for name in quiet if quiet[name] != loaded[name])
        row = Row(section, len(judged), options.beside, round(seconds[0], 1), round(seconds[1], 1), len(unlike))
        rows.append(dataclasses.asdict(row))
        sys.stdout.write(f"{section}: {len(judged)} attempts, {seconds[0]:.1f} s quiet, {seconds[1]:.1f} s busy; ")
        sys.stdout.write(f"{len(unlike)} records differ {unlike}\n")
        sys.stdout.flush()
    if not options.section:
        quality.keep("load", rows)
    return int(any(row["differ"] for row in rows))


@dataclasses.dataclass(frozen=True)
class Row:
    """What was measured of one section."""

    section: str
    attempts: int
    beside: int
    seconds_quiet: float
    seconds_busy: float
    differ: int


if __name__ == "__main__":
    sys.exit(main())
