"""`autograder grade`: judge submissions, write gradebook and feedback."""

from __future__ import annotations

import argparse
import contextlib
import gc
import shutil
import sys
from pathlib import Path
from typing import Any

from autograder.commands.common import (
    DONE,
    FAILED,
    FOUND,
    INSTALL,
    UsageError,
    add_choice,
    add_gradebook,
    add_submitted,
    check_user,
    command,
    course_of,
    holds_something,
    sample_results,
    say,
    seed,
    whole_number,
)
from autograder.course import Course
from autograder.sandbox.walls import WALLS, missing_walls

_NAMED = 5  # problems in one line


def add(commands: Any) -> None:
    """Add the command to the parser."""
    grade = command(commands, "grade", "judge submissions, write gradebook and feedback")
    add_submitted(grade)
    add_choice(grade, "section", "student")
    grade.add_argument("--jobs", type=_positive, metavar="N", help="judges at a time (default: all cores)")
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
        help="where gradebook, feedback and CSV go (default: the project's folder)",
    )
    grade.add_argument(
        "--allow-weaker-isolation", action="store_true", help="grade although a wall of the sandbox is missing"
    )
    grade.set_defaults(command=_grade)


def _grade(options: argparse.Namespace) -> int:
    from autograder import doctor, gradebook
    from autograder.grading.batch import Batch
    from autograder.grading.deliver import absent, deliver, gather
    from autograder.records.record import Status
    from autograder.records.store import Store
    from autograder.report import attention, table
    from autograder.text import count

    the_course = course_of(options)
    walls = _walls(options.allow_weaker_isolation)
    for section_id in options.section or ():
        the_course.section(section_id)
    submitted, output, is_sample = _places(options, the_course)
    # The sample class never goes into the gradebook of the course.
    db_url = options.gradebook or (gradebook.file_url(output) if is_sample else None)
    # The sample class is made anew each time, and never mixes with another.
    gathered = gather(the_course, submitted, output, options.section, options.student, with_history=not is_sample)
    collection, attempts = gathered.collection, gathered.attempts
    if not attempts:
        reasons = " ".join(map(str, collection.problems[:_NAMED]))
        more = f" And {len(collection.problems) - _NAMED} more." if len(collection.problems) > _NAMED else ""
        raise UsageError(
            f"no submissions to grade in {submitted}{f' ({reasons}{more})' if reasons else ''}; "
            "put them there as <student>/<section>/ or <student>/<section>.zip"
        )
    sections = {attempt.section for attempt in attempts}
    for library, without in doctor.not_installed(the_course, sections).items():
        say(f"autograder: {library} is not installed, so these can't be graded: {', '.join(without)}. {INSTALL}")
    cohort = the_course.seed if options.seed is None else options.seed
    store = Store(the_course.root / ".autograder" / "store")
    batch = Batch(the_course, store, seed=cohort, jobs=options.jobs, walls=walls)
    ready: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if not options.no_gradebook:
        ready = gradebook.prepared(the_course, sections, output, db_url)
    stopped = False
    with ready, _Progress(batch.missing(attempts), len(attempts)) as progress:
        try:
            outcomes = batch.run(attempts, progress.advance)
        except KeyboardInterrupt:
            stopped, outcomes = True, batch.stored(attempts)
            if not outcomes:
                raise
    whole, everyone = gathered, outcomes
    if options.section or options.student:
        whole = gather(the_course, submitted, output, with_history=not is_sample)
        everyone = batch.stored(whole.attempts)
    paths, results = deliver(
        the_course,
        outcomes,
        everyone,
        output,
        with_gradebook=not options.no_gradebook,
        with_history=not is_sample,
        db_url=db_url,
        processes=batch.jobs,
        entries=whole.entries,
    )
    entries = [
        *gathered.entries,
        *attention.of_results(the_course, results, whole.attempts),
        *(() if options.student else absent(the_course, whole, output, db_url, with_roster=not is_sample)),
    ]
    entries = attention.in_urgency(entries)
    table.show(the_course, results, options.format, sys.stdout, cohort, entries, options.wide)
    sys.stdout.flush()
    for name, path in paths.items():
        say(f"{name:<10} {path}")
    for line in attention.lines(entries):
        say(line)
    if stopped:
        say(
            f"autograder: stopped: {len(outcomes)} of {count(len(attempts), 'attempt')} are judged, and "
            "delivered; run the same command again to go on"
        )
    gc.freeze()  # Python would look through nbgrader's modules once more before it ends, a third of a second
    if stopped or any(record.status is Status.NOT_JUDGED for _, record in results):
        return FAILED
    return FOUND if any(entry.kind is attention.Kind.NO_SUBMISSION for entry in entries) else DONE


def _walls(allow_weaker: bool) -> tuple[str, ...]:
    check_user()
    missing = missing_walls()
    for wall, reason in missing.items():
        say(f"autograder: the wall `{wall}` is missing on this machine: {reason}")
    if missing and not allow_weaker:
        raise UsageError("not grading without all walls; pass --allow-weaker-isolation if you trust every submission")
    return tuple(wall for wall in WALLS if wall not in missing)


def _places(options: argparse.Namespace, the_course: Course) -> tuple[Path, Path, bool]:
    """Return the folder of submissions, the one for results, and whether the former is the sample class."""
    from autograder.corpus.reader import CORPUS, load_samples
    from autograder.corpus.samples import write_class

    if options.output is not None and options.output.exists() and not options.output.is_dir():
        raise UsageError(f"{options.output} is not a folder; --output names the folder for gradebook, feedback and CSV")
    submitted: Path = options.submitted or the_course.root / "submitted"
    if options.submitted is not None and not submitted.is_dir():
        raise UsageError(f"{submitted} is not a folder; submissions lie in it as <student>/<section>/")
    if options.submitted is not None or holds_something(submitted):
        return submitted, (options.output or the_course.root).resolve(), False
    if not (the_course.root / CORPUS).is_dir():
        raise UsageError(f"no submissions in {submitted}; put them there as <student>/<section>/ or <section>.zip")
    say(f"{submitted} is empty: grading the bundled sample class instead")
    output = (options.output or sample_results(the_course)).resolve()
    staged = the_course.root / ".autograder" / "sample-class"
    shutil.rmtree(staged, ignore_errors=True)
    write_class(load_samples(the_course), staged)
    return staged, output, True


class _Progress:
    """A progress bar with the time left on stderr; a plain line where stderr is not a terminal."""

    def __init__(self, missing: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console(stderr=True)
        self._missing, self._total = missing, total
        columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self._console, disable=not self._console.is_terminal or not missing)

    def __enter__(self) -> _Progress:
        from autograder.text import count

        say(f"{count(self._total, 'attempt')}, {self._missing} to judge")
        self._bar.start()
        self._task = self._bar.add_task("judging", total=self._missing)
        return self

    def advance(self) -> None:
        self._bar.advance(self._task)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _positive(text: str) -> int:
    return whole_number(text, 1)
