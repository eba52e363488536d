"""`autograder roster`: who is in the class, under which name, and who has handed in nothing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.commands.common import DONE, add_gradebook, command, course_of, say

if TYPE_CHECKING:
    from autograder.enrolment import Merge

_NAMED = 20  # students that are named in a line


def add(commands: Any) -> None:
    """Add the command and its own commands to the parser."""
    summary = "who is in the class, under which name, and who has handed in nothing"
    roster = commands.add_parser("roster", help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    roster.set_defaults(command=lambda _: _help(roster))
    within = roster.add_subparsers(title="commands", metavar="COMMAND")
    _add_import(within)


def _help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return DONE


def _add_import(within: Any) -> None:
    parser = command(within, "import", "add the students of a CSV file to the roster, or bring them up to date")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="export of Canvas's gradebook or of Moodle's participants or grading worksheet, a CSV with a column "
        "`student`, or a list of one student a line",
    )
    parser.add_argument("--id", metavar="COLUMN", help="the heading of the column that holds the students' ids")
    parser.add_argument("--replace", action="store_true", help="take those off the roster who are not in FILE")
    add_gradebook(parser)
    parser.add_argument("--output", type=Path, metavar="DIR", help="where `autograder grade` wrote to")
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    from autograder import enrolment, gradebook, roster
    from autograder.report.text import count

    the_course = course_of(options)
    output = options.output or the_course.root
    people, left_out = enrolment.read(options.file, options.id)
    known = gradebook.students(the_course, output, options.gradebook)
    merge = enrolment.merge(options.file, people, roster.load(the_course.root), known)
    for line in left_out:
        say(f"autograder: {options.file}, {line}")
    _say_differences(merge, options.replace)
    dropped = set(merge.only_before) if options.replace else set()
    students = [entry for entry in merge.students if entry.student not in dropped]
    roster.save(the_course.root, students)
    gradebook.write_names(the_course, output, options.gradebook)
    say(
        f"{the_course.root / roster.ROSTER}: {count(len(students), 'student')}, {len(merge.added)} added, "
        f"{len(merge.updated)} brought up to date, {len(dropped)} removed"
    )
    return DONE


def _say_differences(merge: Merge, replace: bool) -> None:
    """Say what an instructor may want to look at before anything is written."""
    from autograder.collect import printable

    if merge.only_before:
        end = "taken off the roster; work and grades stay" if replace else "kept; --replace takes them off the roster"
        say(f"autograder: on the roster and not in the file, {end}: {_named(merge.only_before)}")
    for student, other in merge.renamed.items():
        say(
            f"autograder: `{printable(student)}` is `{printable(other)}` in the file and keeps their id; to change it: "
            f"autograder roster rename {_argument(student)} {_argument(other)}"
        )


def _named(students: Sequence[str]) -> str:
    from autograder.collect import printable

    more = len(students) - _NAMED
    return ", ".join(map(printable, students[:_NAMED])) + (f" and {more} more" if more > 0 else "")


def _argument(student: str) -> str:
    """Return a name as a shell takes it."""
    import shlex

    return shlex.quote(student)
