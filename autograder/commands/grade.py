"""`autograder grade`: judge submissions, write gradebook and feedback."""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograder.commands.common import (
    DONE,
    FAILED,
    FOUND,
    INTERRUPTED,
    UsageError,
    add_choice,
    add_gradebook,
    add_submitted,
    command,
    course_of,
    holds_something,
    sample_results,
    say,
    seed,
    whole_number,
)
from autograder.course import Course


def add(commands: Any) -> None:
    """Add the command to the parser."""
    grade = command(
        commands,
        "grade",
        "judge submissions, write gradebook and feedback",
        {
            "autograder grade": "the class in submitted/, or the sample class if that is empty",
            "autograder grade --section 1_entropy --jobs 4": "one section, with four judges at a time",
            "autograder grade --student ada --no-gradebook --output try": "one student, without writing a grade",
            "autograder grade --scheduler tls://head:8786": "on the workers of a Dask cluster, see docs/scale.md",
            "autograder grade --submitted ~/class --format csv > points.csv": "a class from elsewhere, as a table",
        },
        {
            FOUND: "a folder in the class is not a submission; it is named",
            FAILED: "the grader itself failed, or an attempt could not be judged",
        },
    )
    add_submitted(grade)
    add_choice(grade, "section", "student")
    grade.add_argument("--jobs", type=_positive, metavar="N", help="number of judges at a time (default: all cores)")
    grade.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="judge on a Dask cluster; ADDRESS is its scheduler's (needs `make cluster`)",
    )
    grade.add_argument("--seed", type=seed, metavar="S", help="cohort seed of the hidden inputs (default: course.toml)")
    grade.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="what stdout gets (default: table)"
    )
    grade.add_argument(
        "--wide", action="store_true", help="a table with the items of all sections, wider than 100 columns"
    )
    grade.add_argument("--no-gradebook", action="store_true", help="leave nbgrader's gradebook alone")
    add_gradebook(grade)
    grade.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="where gradebook, feedback and CSV go (default: the course's folder)",
    )
    grade.add_argument(
        "--allow-weaker-isolation", action="store_true", help="grade although a wall of the sandbox is missing"
    )
    grade.set_defaults(command=_grade)


def _grade(options: argparse.Namespace) -> int:
    from autograder.grading.run import run
    from autograder.report import attention, table

    if options.scheduler and importlib.util.find_spec("distributed") is None:
        raise UsageError("--scheduler needs the package `distributed`: `make cluster`, or `pip install distributed`")
    the_course = course_of(options)
    submitted, output, is_sample = places(options, the_course)
    graded = run(
        the_course,
        submitted,
        output,
        say=lambda line: say(f"autograder: {line}"),
        progress=_progress,
        sections=options.section,
        students=options.student,
        seed=options.seed,
        jobs=options.jobs,
        scheduler=options.scheduler,
        db_url=options.gradebook,
        with_gradebook=not options.no_gradebook,
        is_sample=is_sample,
        allow_weaker_isolation=options.allow_weaker_isolation,
    )
    cohort = the_course.seed if options.seed is None else options.seed
    table.show(the_course, graded.results, options.format, sys.stdout, cohort, graded.entries, options.wide)
    sys.stdout.flush()
    for name, path in graded.paths.items():
        say(f"{name:<10} {path}")
    for line in attention.lines(graded.entries):
        say(line)
    if graded.stopped:
        say(f"autograder: {graded.stopped}")
    gc.freeze()  # saves a third of a second: at exit Python would search nbgrader's modules
    if graded.stopped:
        return INTERRUPTED
    if not graded.is_complete:
        return FAILED
    return FOUND if any(entry.kind is attention.Kind.NO_SUBMISSION for entry in graded.entries) else DONE


def places(
    options: argparse.Namespace, the_course: Course, doing: str = "grading"
) -> tuple[Path, Path, bool]:  # fmt: skip
    """Return the folder of submissions, the one for results, and whether the former is the sample class."""
    from autograder.corpus.reader import CORPUS, load_samples
    from autograder.corpus.samples import write_class

    if options.output is not None and options.output.exists() and not options.output.is_dir():
        raise UsageError(f"{options.output} is not a folder; --output names the folder for gradebook, feedback and CSV")
    submitted: Path = options.submitted or the_course.root / "submitted"
    if options.submitted is not None and not submitted.is_dir():
        raise UsageError(f"{submitted} is not a folder; name one that holds <student>/<section>/")
    if options.submitted is not None or holds_something(submitted):
        return submitted, (options.output or the_course.root).resolve(), False
    if not (the_course.root / CORPUS).is_dir():
        raise UsageError(f"no submissions in {submitted}; put them there as <student>/<section>/ or <section>.zip")
    say(f"{submitted} is empty: {doing} the bundled sample class instead")
    output = (options.output or sample_results(the_course)).resolve()
    staged = the_course.root / ".autograder" / "sample-class"
    shutil.rmtree(staged, ignore_errors=True)
    write_class(load_samples(the_course), staged)
    return staged, output, True


@contextlib.contextmanager
def _progress(asked: int, missing: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar with the time left on stderr; a plain line where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from autograder.text import count

    say(f"{count(asked, 'attempt')}, {missing} to judge")
    console = Console(stderr=True)
    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal or not missing) as bar:
        task = bar.add_task("judging", total=missing)
        yield lambda: bar.advance(task)


def _positive(text: str) -> int:
    return whole_number(text, 1)
