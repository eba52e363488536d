"""`autograder watch`: judge what arrives, on arrival."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path
from typing import Any

from autograder.commands.common import (
    DONE,
    FAILED,
    INTERRUPTED,
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
            "autograder watch --exchange --downloads": "also what is submitted in nbgrader, and platforms' zips",
            "autograder watch --once": "what is there, and no longer, for a job that is started again and again",
        },
        {
            DONE: "ended by Ctrl-C or SIGTERM; with --once or --gradescope, everything was judged",
            FAILED: "the grader itself failed; with --once or --gradescope also if an attempt could not be judged",
            USAGE: "the command, or a file that it reads, needs correcting; or another watch has the same results",
            INTERRUPTED: "stopped with Ctrl-C before it watched",
        },
    )
    add_submitted(watch)
    watch.add_argument(
        "--downloads",
        action="store_true",
        help="also collect what is put into downloaded/SECTION/archive/, as `autograder collect` does",
    )
    watch.add_argument(
        "--exchange",
        action="store_true",
        help="also collect what is submitted through nbgrader's exchange, as `nbgrader collect --update` does",
    )
    ends = watch.add_mutually_exclusive_group()
    ends.add_argument("--once", action="store_true", help="judge what is there, and end")
    ends.add_argument(
        "--gradescope",
        metavar="SECTION",
        help="judge the one submission that Gradescope put beside the course, write its results.json, and end; for "
        "the zip of `autograder export gradescope SECTION --autograder`",
    )
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
    from autograder.grading import run, sources
    from autograder.grading.watch import Options, Watch

    the_course = course_of(options)
    spoken = threading.Lock()

    def told(line: str) -> None:
        with spoken:
            say(f"autograder: {line}")

    if options.gradescope:
        from autograder.grading import gradescope

        section = the_course.section(options.gradescope)
        walls = run.standing(told, options.allow_weaker_isolation)
        return DONE if gradescope.judge(the_course, section, the_course.root.parent, walls, told) else FAILED
    output = (options.output or the_course.root).resolve()
    submitted = (options.submitted or the_course.root / "submitted").resolve()
    for place, option in ((output, "--output"), (submitted, "--submitted")):
        if place.exists() and not place.is_dir():
            raise UsageError(f"{place} is not a folder; {option} names one")
    watch = Watch(
        the_course,
        Options(
            submitted,
            output,
            run.standing(told, options.allow_weaker_isolation),
            seed=options.seed,
            jobs=options.jobs,
            db_url=options.gradebook,
            with_gradebook=not options.no_gradebook,
        ),
        told,
        sources.chosen(
            the_course, submitted, output, options.gradebook, downloads=options.downloads, exchange=options.exchange
        ),
    )

    def ends(number: int, _: object) -> None:
        """End the watch; the second time at once."""
        signal.signal(number, signal.SIG_DFL)
        watch.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ends)
    if options.once:
        return DONE if watch.once() else FAILED
    watch.run()
    told("ended; start it again to go on")
    return DONE


def _positive(text: str) -> int:
    return whole_number(text, 1)
