"""The command `autograder`: data on stdout, messages on stderr.

Exit codes: 0 done, 1 something was found wrong, 2 usage, 3 the grader itself failed.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import gc
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import autograder
from autograder import confine, course
from autograder import review as review_module
from autograder.course import Course, CourseError

if TYPE_CHECKING:
    from autograder import reviewing

DONE, FOUND, USAGE, FAILED = range(4)


_INSTALL = "To install what is missing: `make setup`, for torch `make torch`; in a course of its own `pip install`."


_NO_PROSE = "evidence, and no points suggested: the extra `prose` is missing (`make prose`)"


class UsageError(Exception):
    """The command was called in a way that can't work; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from autograder.build import BuildError
    from autograder.collect import CollectError
    from autograder.gradebook import GradebookError
    from autograder.link import WorkerUnavailableError
    from autograder.report.files import ReportError
    from autograder.samples import SampleError
    from autograder.store import StoreError

    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (UsageError, CourseError, BuildError, CollectError, SampleError) as error:
        _say(f"autograder: {error}")
        return USAGE
    except (StoreError, GradebookError, ReportError, WorkerUnavailableError, OSError) as error:
        _say(f"autograder: {error}")
        return FAILED
    except KeyboardInterrupt:
        _say("autograder: stopped; what was judged is stored, run the same command again to go on")
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Build, grade and report an auto-graded course.")
    parser.add_argument("--version", action="version", version=f"autograder {autograder.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    build = _command(commands, "build", "make assignments/ and solutions/ from source/")
    build.add_argument("--check", action="store_true", help="change nothing; exit 1 and list what is stale")
    build.set_defaults(command=_build)

    grade = _command(commands, "grade", "judge submissions, write gradebook and feedback")
    grade.add_argument(
        "--submitted", type=Path, metavar="DIR", help="submissions as DIR/<student>/<section>/ (default: submitted)"
    )
    grade.add_argument("--section", action="append", metavar="ID", help="only this section (can be repeated)")
    grade.add_argument("--student", action="append", metavar="ID", help="only this student (can be repeated)")
    grade.add_argument("--jobs", type=_positive, metavar="N", help="judges at a time (default: all cores)")
    grade.add_argument(
        "--seed", type=_seed, metavar="S", help="cohort seed of the hidden inputs (default: course.toml)"
    )
    grade.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="what stdout gets (default: table)"
    )
    grade.add_argument("--no-gradebook", action="store_true", help="leave nbgrader's gradebook alone")
    _add_gradebook(grade)
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

    review = _command(commands, "review", "decide on explanations in prose that wait for a person")
    review.add_argument("--section", action="append", metavar="ID", help="only this section (can be repeated)")
    review.add_argument("--student", action="append", metavar="ID", help="only this student (can be repeated)")
    review.add_argument(
        "--all", action="store_true", help="those that were decided too; a new decision replaces the old"
    )
    what = review.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="show what waits and ask nothing")
    what.add_argument(
        "--accept",
        action="store_true",
        help="take, without asking, suggestions of more than 0 points that are sure enough; the rest goes on waiting",
    )
    what.add_argument(
        "--journal", action="store_true", help="show every decision so far: who, when, what it was before"
    )
    review.add_argument(
        "--format", choices=("table", "json"), default="table", help="of --list and --journal (default: table)"
    )
    review.add_argument(
        "--confidence",
        type=float,
        default=review_module.SURE,
        metavar="C",
        help=f"of --accept: what a suggestion needs, from 0 to 1 (default: {review_module.SURE:g}; 1 where the judge's "
        "two readers agree exactly)",
    )
    review.add_argument("--by", metavar="NAME", help="who decides, for the journal (default: the user of this machine)")
    _add_gradebook(review)
    review.add_argument("--output", type=Path, metavar="DIR", help="where `autograder grade` wrote to")
    review.set_defaults(command=_review)

    doctor = _command(commands, "doctor", "show the walls of the sandbox, each proved, and the versions")
    doctor.set_defaults(command=_doctor)
    return parser


def _command(commands: Any, name: str, summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="the course's folder (default: the nearest at or above this one)"
    )
    return parser


def _add_gradebook(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--gradebook",
        metavar="URL",
        help="nbgrader's gradebook as a database URL (default: $AUTOGRADER_GRADEBOOK, else gradebook.db)",
    )


def _build(options: argparse.Namespace) -> int:
    from autograder.build import build, stale

    the_course = _course(options)
    if options.check:
        listed = stale(the_course)
        for line in listed:
            sys.stdout.write(f"{line}\n")
        if listed:
            _say("autograder: generated files are stale; run `autograder build`")
        return FOUND if listed else DONE
    for path in build(the_course, the_course.root):
        sys.stdout.write(f"{path.relative_to(the_course.root)}\n")
    return DONE


def _grade(options: argparse.Namespace) -> int:
    from autograder import doctor, gradebook
    from autograder.batch import Batch
    from autograder.collect import collect
    from autograder.deliver import deliver
    from autograder.report import table
    from autograder.report.text import count
    from autograder.store import Store

    the_course = _course(options)
    walls = _walls(options.allow_weaker_isolation)
    for section_id in options.section or ():
        the_course.section(section_id)
    submitted, output, is_sample = _places(options, the_course)
    # The sample class never goes into the gradebook of the course.
    db_url = options.gradebook or (gradebook.file_url(output) if is_sample else None)
    collection = collect(the_course, submitted, options.section, options.student)
    if not collection.attempts:
        reasons = "; ".join(problem.rstrip(".") for problem in collection.problems)
        raise UsageError(
            f"no submissions to grade in {submitted}{f' ({reasons})' if reasons else ''}; "
            "put them there as <student>/<section>/ or <student>/<section>.zip"
        )
    for problem in collection.problems:
        _say(f"autograder: {problem}")
    sections = {attempt.section for attempt in collection.attempts}
    for library, without in doctor.not_installed(the_course, sections).items():
        _say(f"autograder: {library} is not installed, so these can't be graded: {', '.join(without)}. {_INSTALL}")
    seed = the_course.seed if options.seed is None else options.seed
    store = Store(the_course.root / ".autograder" / "store")
    batch = Batch(the_course, store, seed=seed, jobs=options.jobs, walls=walls)
    ready: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
    if not options.no_gradebook:
        ready = gradebook.prepared(the_course, sections, output, db_url)
    stopped = False
    with ready, _Progress(batch.missing(collection.attempts), len(collection.attempts)) as progress:
        try:
            outcomes = batch.run(collection.attempts, progress.advance)
        except KeyboardInterrupt:
            stopped, outcomes = True, batch.stored(collection.attempts)
            if not outcomes:
                raise
    everyone = outcomes
    if options.section or options.student:
        everyone = batch.stored(collect(the_course, submitted).attempts)
    paths, results = deliver(
        the_course,
        outcomes,
        everyone,
        output,
        with_gradebook=not options.no_gradebook,
        db_url=db_url,
        processes=batch.jobs,
    )
    table.show(the_course, results, options.format, sys.stdout, seed)
    sys.stdout.flush()
    for name, path in paths.items():
        _say(f"{name:<10} {path}")
    for problem in table.problems(the_course, results):
        _say(f"autograder: {problem}")
    if stopped:
        _say(
            f"autograder: stopped: {len(outcomes)} of {count(len(collection.attempts), 'attempt')} are judged, and "
            "delivered; run the same command again to go on"
        )
    gc.freeze()  # Python would look through nbgrader's modules once more before it ends, a third of a second
    if stopped or any(record["status"] == "not judged" for _, record in results):
        return FAILED
    return FOUND if collection.problems else DONE


def _review(options: argparse.Namespace) -> int:
    from autograder import dialogue, gradebook, journal, reviewing
    from autograder.report.text import count

    the_course = _course(options)
    for section_id in options.section or ():
        the_course.section(section_id)
    db_url = options.gradebook or gradebook.chosen_url()
    sample = the_course.root / "sample-class"
    # Where a class of the course's own was graded, wherever it was handed in, nobody means the sample class.
    own = db_url or (the_course.root / "gradebook.db").is_file() or not (sample / "gradebook.db").is_file()
    output = options.output or (the_course.root if own else sample)
    if db_url is None and not (output / "gradebook.db").is_file():
        raise UsageError(f"no gradebook in {output}; run `autograder grade` first, or say --output or --gradebook")
    with gradebook.opened(the_course, output, db_url) as book:
        if options.journal:
            _show(journal.entries(book.db), options.format)
            return DONE
        found, problems = reviewing.explanations(
            book, the_course, output / "autograded", options.section, options.student
        )
        for problem in problems:
            _say(f"autograder: {problem}")
        chosen = [entry for entry in found if entry.waits or options.all]
        if options.list:
            _show([_listed(entry, options.format) for entry in chosen], options.format)
            return FOUND if problems else DONE
        who = options.by or journal.user()

        def decide(entry: reviewing.Explanation, points: float, comment: str | None) -> None:
            reviewing.decide(book, entry, points, comment, who)

        try:
            if options.accept:
                decided = dialogue.accept(chosen, options.confidence, decide)
                _say(_accepted(chosen, options.confidence))
            else:
                decided = dialogue.Dialogue(sys.stdin, sys.stdout, decide).ask(chosen)
        except KeyboardInterrupt:
            _say("\nautograder: stopped; what was decided is kept")
            return FAILED
        left = sum(entry.waits for entry in chosen) - decided
    _say(
        f"{count(decided, 'explanation')} decided by {who}, {max(0, left)} left" if chosen else "No explanation waits."
    )
    if decided:
        _say("Run `autograder grade`: feedback, table and CSV get points and comments, and nothing is judged again.")
    return FOUND if problems else DONE


def _accepted(chosen: Sequence[reviewing.Explanation], confidence: float) -> str:
    """Return what --accept took and left, and why."""
    without = sum(entry.suggested is None for entry in chosen)
    zero = sum(entry.suggested == 0 for entry in chosen)
    taken = sum(entry.suggested_with(confidence) is not None for entry in chosen)
    left = {"without a suggestion": without, "of 0 points": zero, "less sure": len(chosen) - without - zero - taken}
    why = ", ".join(f"{number} {reason}" for reason, number in left.items() if number)
    return (
        f"{taken} taken with a confidence of at least {confidence:g}, {len(chosen) - taken} left"
        f"{f' ({why})' if why else ''}"
    )


def _listed(entry: reviewing.Explanation, form: str) -> dict[str, Any]:
    if form == "json":
        return dataclasses.asdict(entry) | {"waits": entry.waits}
    text = " ".join(entry.text.split())
    return {
        "student": entry.student,
        "item": entry.item,
        "suggested": "-" if entry.suggested is None else f"{entry.suggested:g} of {entry.max:g}",
        "decided": "-" if entry.decision is None else f"{entry.decision.points:g}{' (another text)' * entry.waits}",
        "text": text if len(text) <= 60 else f"{text[:59]}…",
    }


def _show(rows: Sequence[Mapping[str, Any]], form: str) -> None:
    """Write rows to stdout, as a JSON list or in columns."""
    from autograder.report.text import visible

    if form == "json":
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    cells = [[visible("-" if value is None else str(value), limit=200) for value in row.values()] for row in rows]
    lines = [list(rows[0]), *cells] if rows else []
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        sys.stdout.write("  ".join(map(str.ljust, line, widths)).rstrip() + "\n")


def _doctor(options: argparse.Namespace) -> int:
    from autograder import doctor, embeddings

    the_course = _course(options)
    for name, version in doctor.versions().items():
        sys.stdout.write(f"{name:<21}{version}\n")
    _check_user()
    found, refused = doctor.examine(the_course)
    for wall in found:
        state = "proved" if wall.stands else f"missing: {wall.missing}" if wall.missing else "BROKEN"
        sys.stdout.write(f"\n{wall.name}: {state}\n")
        for proof in wall.proofs:
            sys.stdout.write(f"  {'refused' if proof.held else 'ALLOWED'}  {proof.probe.tries}\n")
    ready = all(wall.stands for wall in found)
    sys.stdout.write("\n")
    for section in the_course.sections:
        sys.stdout.write(f"{section.id:<24}{refused.get(section.id, 'can be graded')}\n")
    if refused:
        sys.stdout.write(f"{_INSTALL}\n")
    sys.stdout.write(f"{'explanations':<24}{'points are suggested' if embeddings.version() else _NO_PROSE}\n")
    sys.stdout.write(
        f"\n{'Grading can run.' if ready else 'Grading refuses to run here without --allow-weaker-isolation.'}\n"
    )
    return DONE if ready and not refused else FOUND


def _course(options: argparse.Namespace) -> Course:
    if options.course is not None and not (options.course / "source" / "course.toml").is_file():
        raise UsageError(f"{options.course} holds no course, which would have a file source/course.toml")
    the_course = course.load(options.course.resolve() if options.course else course.find_root())
    course.check_notebooks(the_course)
    return the_course


def _walls(allow_weaker: bool) -> tuple[str, ...]:
    _check_user()
    missing = confine.missing_walls()
    for wall, reason in missing.items():
        _say(f"autograder: the wall `{wall}` is missing on this machine: {reason}")
    if missing and not allow_weaker:
        raise UsageError("not grading without all walls; say --allow-weaker-isolation if you trust every submission")
    return tuple(wall for wall in confine.WALLS if wall not in missing)


def _check_user() -> None:
    try:
        confine.check_user()
    except confine.ConfinementError as error:
        raise UsageError(str(error)) from error


def _places(options: argparse.Namespace, the_course: Course) -> tuple[Path, Path, bool]:
    """Return the folder of submissions, the one for results, and whether the sample class stands in for the former."""
    from autograder import samples

    if options.output is not None and options.output.exists() and not options.output.is_dir():
        raise UsageError(f"{options.output} is no folder; --output names the folder for gradebook, feedback and CSV")
    submitted: Path = options.submitted or the_course.root / "submitted"
    if options.submitted is not None and not submitted.is_dir():
        raise UsageError(f"{submitted} is no folder; submissions lie in it as <student>/<section>/")
    if options.submitted is not None or (submitted.is_dir() and any(submitted.iterdir())):
        return submitted, (options.output or the_course.root).resolve(), False
    if not (the_course.root / samples.CORPUS).is_dir():
        raise UsageError(f"no submissions in {submitted}; put them there as <student>/<section>/ or <section>.zip")
    _say(f"{submitted} is empty: grading the bundled sample class instead")
    output = (options.output or the_course.root / "sample-class").resolve()
    staged = the_course.root / ".autograder" / "sample-class"
    shutil.rmtree(staged, ignore_errors=True)
    samples.write_class(the_course, staged)
    return staged, output, True


class _Progress:
    """A progress bar with the time left on stderr; a plain line where stderr is no terminal."""

    def __init__(self, missing: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console(stderr=True)
        self._missing, self._total = missing, total
        columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self._console, disable=not self._console.is_terminal or not missing)

    def __enter__(self) -> _Progress:
        from autograder.report.text import count

        _say(f"{count(self._total, 'attempt')}, {self._missing} to judge")
        self._bar.start()
        self._task = self._bar.add_task("judging", total=self._missing)
        return self

    def advance(self) -> None:
        self._bar.advance(self._task)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _positive(text: str) -> int:
    return _whole_number(text, 1)


def _seed(text: str) -> int:
    return _whole_number(text, 0)


def _whole_number(text: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"a whole number of at least {least} is needed; got `{text}`")
    return number


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


if __name__ == "__main__":
    sys.exit(main())
