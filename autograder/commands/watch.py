"""`autograder watch`: judge what arrives, on arrival."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path
from typing import Any

from autograder.commands.common import (
    DONE,
    USAGE,
    UsageError,
    add_gradebook,
    add_submitted,
    command,
    course_of,
    say,
    seed,
    whole_number,
)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    watch = command(
        commands,
        "watch",
        "judge what arrives, on arrival, until Ctrl-C ends it",
        {
            "autograder watch": "what arrives in submitted/",
            "autograder watch --submitted ~/share --output ~/results": "another folder, results elsewhere",
        },
        {DONE: "ended by Ctrl-C or SIGTERM", USAGE: "it can't start, or another watch has the same results"},
    )
    add_submitted(watch)
    watch.add_argument("--jobs", type=_positive, metavar="N", help="number of judges at a time (default: all cores)")
    watch.add_argument("--seed", type=seed, metavar="S", help="cohort seed of the hidden inputs (default: course.toml)")
    watch.add_argument("--no-gradebook", action="store_true", help="leave nbgrader's gradebook alone")
    add_gradebook(watch)
    watch.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="where gradebook, feedback and CSV go (default: the course's folder)",
    )
    watch.add_argument(
        "--allow-weaker-isolation", action="store_true", help="judge although a wall of the sandbox is missing"
    )
    watch.set_defaults(command=_watch)


def _watch(options: argparse.Namespace) -> int:
    from autograder.grading import run
    from autograder.grading.watch import Options, Watch

    the_course = course_of(options)
    output = (options.output or the_course.root).resolve()
    submitted = options.submitted or the_course.root / "submitted"
    for place, option in ((output, "--output"), (submitted, "--submitted")):
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is not a folder; {option} names one")
    spoken = threading.Lock()

    def told(line: str) -> None:
        with spoken:
            say(f"autograder: {line}")

    watch = Watch(
        the_course,
        Options(
            submitted.resolve(),
            output,
            run.standing(told, options.allow_weaker_isolation),
            seed=options.seed,
            jobs=options.jobs,
            db_url=options.gradebook,
            with_gradebook=not options.no_gradebook,
        ),
        told,
    )

    def ends(number: int, _: object) -> None:
        """End the watch; the second time at once."""
        signal.signal(number, signal.SIG_DFL)
        watch.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ends)
    watch.run()
    told("ended; start it again to go on")
    return DONE


def _positive(text: str) -> int:
    return whole_number(text, 1)
