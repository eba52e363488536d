"""What all commands share: exit codes, the course, where its results are, and rows on stdout."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder import course
from autograder.commands.parser import DONE, FAILED, FOUND, INTERRUPTED, UNREAD, USAGE, Parser
from autograder.course import Course

__all__ = [
    "DONE", "FAILED", "FOUND", "INTERRUPTED", "UNREAD", "USAGE", "Parser", "UsageError", "add_choice", "add_gradebook",
    "add_results", "add_submitted", "command", "course_of", "course_with_sections", "graded_places", "group",
    "holds_something", "is_only_sample_graded", "sample_results", "say", "seed", "show_rows", "whole_number",
]  # fmt: skip


class UsageError(Exception):
    """The command was called in a way that can't work; the message says what to do."""


def command(
    commands: Any,
    name: str,
    summary: str,
    examples: Mapping[str, str] | None = None,
    exits: Mapping[int, str] | None = None,
) -> Parser:
    """Return the parser of the command `name`, with the option --course that every command has.

    Parameters
    ----------
    commands
        What the command is added to.
    summary
        What it does, for the list of commands; its help begins with it.
    examples
        Calls as one types them, each with what it does; a test asks for one at least.
    exits
        What its exit codes mean exactly, if it can be said more exactly than for all commands. A command that finds
        something wrong says here what FOUND means.
    """
    parser = _add(commands, name, summary, examples, exits)
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="the course's folder (default: the nearest at or above this one)"
    )
    return parser


def group(
    commands: Any, name: str, summary: str, examples: Mapping[str, str] | None = None, metavar: str = "COMMAND"
) -> Any:
    """Return what the commands of a group, such as ``export``, are added to; by itself it prints its help."""
    return _add(commands, name, summary, examples, None).add_commands("commands", metavar)


def _add(
    commands: Any, name: str, summary: str, examples: Mapping[str, str] | None, exits: Mapping[int, str] | None
) -> Parser:
    parser: Parser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", examples=examples, exits=exits
    )
    return parser


def add_gradebook(parser: argparse.ArgumentParser) -> None:
    """Add the option --gradebook."""
    parser.add_argument(
        "--gradebook",
        metavar="URL",
        help="nbgrader's gradebook as a database URL (default: $AUTOGRADER_GRADEBOOK, else gradebook.db)",
    )


def add_choice(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add options that choose sections or students."""
    for name in names:
        parser.add_argument(f"--{name}", action="append", metavar="ID", help=f"only this {name} (can be repeated)")


def add_submitted(parser: argparse.ArgumentParser) -> None:
    """Add the option --submitted."""
    parser.add_argument(
        "--submitted", type=Path, metavar="DIR", help="submissions as DIR/<student>/<section>/ (default: submitted)"
    )


def add_results(parser: argparse.ArgumentParser, option: str = "--output") -> None:
    """Add the option that names the folder of results."""
    parser.add_argument(option, type=Path, metavar="DIR", help="where `autograder grade` wrote to")


def course_of(options: argparse.Namespace) -> Course:
    """Return the course that --course names, or the nearest one."""
    if options.course is not None and not (options.course / "source" / "course.toml").is_file():
        raise UsageError(f"{options.course} has no file source/course.toml; name the folder of a course")
    the_course = course.load(options.course.resolve() if options.course else course.find_root())
    course.check_notebooks(the_course)
    return the_course


def course_with_sections(options: argparse.Namespace) -> Course:
    """Return the course, which has every section that --section names.

    Raises
    ------
    CourseError
        If it lacks one.
    """
    the_course = course_of(options)
    for section in options.section or ():
        the_course.section(section)
    return the_course


def holds_something(folder: Path) -> bool:
    """Whether the folder is there and not empty."""
    return folder.is_dir() and any(folder.iterdir())


def sample_results(the_course: Course) -> Path:
    """Return the folder that the results of the sample class go to."""
    return the_course.root / "sample-class"


def is_only_sample_graded(the_course: Course, db_url: str | None) -> bool:
    """Whether only the sample class was graded; then a command that names no class means that one.

    A class of the course's own always has a gradebook, in a file or elsewhere, wherever the work was handed in.
    """
    books = [folder / "gradebook.db" for folder in (the_course.root, sample_results(the_course))]
    return not db_url and [book.is_file() for book in books] == [False, True]


def graded_places(options: argparse.Namespace, the_course: Course, doing: str) -> tuple[Path, Path, str | None, bool]:
    """Return where the work is, where its results are, the gradebook's URL, and whether it is the sample class.

    If nothing is named and only the sample class was graded, it is that one; `doing` says what happens to it.
    """
    from autograder import gradebook

    submitted = options.submitted or the_course.root / "submitted"
    results = options.results or the_course.root
    db_url = options.gradebook or gradebook.chosen_url()
    is_named = options.submitted or options.results or holds_something(submitted)
    if is_named or not is_only_sample_graded(the_course, db_url):
        return submitted, results.resolve(), db_url, False
    say(f"{submitted} is empty: {doing} the bundled sample class instead")
    results = sample_results(the_course)
    return the_course.root / ".autograder" / "sample-class", results.resolve(), gradebook.file_url(results), True


def seed(text: str) -> int:
    """Return the number that an option --seed gives."""
    return whole_number(text, 0)


def whole_number(text: str, least: int) -> int:
    """Return the whole number that an option gives; refuse one below `least`."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise argparse.ArgumentTypeError(f"a whole number of at least {least} is needed; got `{text}`")
    return number


def show_rows(rows: Sequence[Mapping[str, Any]], form: str) -> None:
    """Write rows to stdout, as a JSON list or in columns."""
    from autograder.text import visible

    if form == "json":
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    cells = [[visible("-" if value is None else str(value), limit=200) for value in row.values()] for row in rows]
    lines = [list(rows[0]), *cells] if rows else []
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        sys.stdout.write("  ".join(map(str.ljust, line, widths)).rstrip() + "\n")


def say(message: str) -> None:
    """Write a line to stderr."""
    sys.stderr.write(f"{message}\n")
