"""Grades a class in which half the submissions hang, and the same class without hangs; adds to `docs/quality.md`.

    python -m benchmarks.hanging [--attempts 200] [--jobs N]      # `make soak` runs it too

Each hanging submission sleeps forever in one function of section 1, so it is stopped by the limit of the clock. With
``limit`` for that and ``h`` hanging submissions the class may take ``h * limit / jobs`` longer, or the exit code is 1.
It should take less: while code sleeps, other attempts are judged, and what sleeps too long is judged after them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from autograder import course as course_module
from autograder.course import Course
from autograder.grading.batch import Batch
from autograder.records.record import Status
from autograder.records.store import Store
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import Attempt, make_attempt
from benchmarks import quality

HANG = b"""

class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        import time

        time.sleep(10**6)
"""


def attempts(course: Course, count: int, hanging: int) -> list[Attempt]:
    """Return `count` different attempts at section 1, the hanging ones spread over them."""
    section = course.sections[0]
    solution = (course.root / "solutions" / section.id / "entropy.py").read_bytes()
    notebook = (course.root / "assignments" / section.id / section.notebook).read_bytes()
    made = []
    for number in range(count):
        hangs = hanging and number % (count // hanging) == 0
        source = solution + (HANG if hangs else b"") + b"\n# %d\n" % number
        made.append(make_attempt(section, f"s{number}", Path(), {"entropy.py": source, section.notebook: notebook}))
    return made


def seconds(course: Course, judged: Sequence[Attempt], jobs: int) -> float:
    """Return how long judging takes; every attempt must be judged."""
    with tempfile.TemporaryDirectory() as folder:
        batch = Batch(course, Store(Path(folder)), seed=course.seed, jobs=jobs, walls=WALLS)
        started = time.monotonic()
        outcomes = batch.run(judged)
        taken = time.monotonic() - started
    unjudged = [outcome.attempt.student for outcome in outcomes if outcome.record.status is Status.NOT_JUDGED]
    if unjudged:
        raise SystemExit(f"not judged: {', '.join(unjudged)}")
    return taken


def main() -> int:
    """Measure, print, and return 1 if hanging cost more than it may."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--attempts", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    course = course_module.load(course_module.find_root())
    hanging = options.attempts // 2
    limit = course.sections[0].limits.sleep_seconds
    honest = seconds(course, attempts(course, options.attempts, 0), options.jobs)
    mixed = seconds(course, attempts(course, options.attempts, hanging), options.jobs)
    allowed = hanging * limit / options.jobs
    sys.stdout.write(
        f"{options.attempts} attempts on {options.jobs} jobs: {honest:.1f} s; with {hanging} that hang: {mixed:.1f} s, "
        f"{mixed - honest:.1f} s longer of {allowed:.1f} s allowed\n"
    )
    row = {"attempts": options.attempts, "jobs": options.jobs, "hanging": hanging, "limit_seconds": limit}
    row |= {"seconds": round(honest, 1), "seconds_with_hangs": round(mixed, 1), "allowed_longer": allowed}
    quality.keep("hanging", row)
    return int(mixed - honest > allowed)


if __name__ == "__main__":
    sys.exit(main())
