"""`autograder roster`: who is in the class, under which name, and who has handed in nothing."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.commands.common import (
    DONE,
    FOUND,
    UsageError,
    add_choice,
    add_gradebook,
    add_results,
    add_submitted,
    command,
    course_of,
    group,
    say,
    show_rows,
)

if TYPE_CHECKING:
    from autograder.intake.absences import Absence
    from autograder.people.enrolment import Merge

_COLUMNS = ("student", "name", "sections", "what", "next")
_NAME = 40  # characters of a name in the table


def add(commands: Any) -> None:
    """Add the command and its own commands to the parser."""
    within = group(
        commands,
        "roster",
        "who is in the class, under which name, and who has handed in nothing",
        {
            "autograder roster import participants.csv": "make the roster, or bring it up to date",
            "autograder roster missing": "who has handed in nothing",
        },
    )
    _add_import(within)
    _add_rename(within)
    _add_missing(within)


def _add_import(within: Any) -> None:
    parser = command(
        within,
        "import",
        "add the students of a CSV file to the roster, or update them",
        {
            "autograder roster import participants.csv": "what Canvas or Moodle exported, or a list",
            "autograder roster import class.csv --id Matriculation": "ids from the column with that heading",
            "autograder roster import class.csv --replace": "also take off whoever is not in the file any more",
        },
    )
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="Canvas's gradebook, Moodle's participants or grading worksheet, a CSV with a column `student`, or a list "
        "with one student per line",
    )
    parser.add_argument("--id", metavar="COLUMN", help="the heading of the column that holds the students' ids")
    parser.add_argument("--replace", action="store_true", help="remove students who are not in FILE from the roster")
    add_gradebook(parser)
    add_results(parser)
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    from autograder import gradebook
    from autograder.people import enrolment, roster
    from autograder.text import count

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


def _add_rename(within: Any) -> None:
    parser = command(
        within,
        "rename",
        "change a student's name in folders, grades, decisions, pages and roster",
        {
            "autograder roster rename ada_1 ada": "from now on also for work that arrives as ada_1",
            "autograder roster rename ada_1 ada --merge": "both have work, for different sections",
        },
    )
    parser.add_argument("old", metavar="OLD", help="the name as other commands show it")
    parser.add_argument("new", metavar="NEW", help="the name from now on, also for work that arrives as OLD")
    parser.add_argument("--merge", action="store_true", help="even if both have work or grades, for different sections")
    parser.add_argument("--by", metavar="NAME", help="who does it, for the journal (default: the user of this machine)")
    _add_places(parser)
    parser.set_defaults(command=_rename)


def _rename(options: argparse.Namespace) -> int:
    from autograder import gradebook
    from autograder.gradebook import journal, renaming
    from autograder.text import printable

    the_course = course_of(options)
    output = options.output or the_course.root
    db_url = options.gradebook or gradebook.chosen_url()
    places = renaming.Places(the_course, options.submitted or the_course.root / "submitted", output, db_url)
    lines = renaming.rename(places, options.old, options.new, options.by or journal.user(), merge=options.merge)
    old, new = printable(options.old), printable(options.new)
    if lines is None:
        say(f"`{old}` was already renamed to `{new}`, and no work has arrived under the old name since.")
        return DONE
    for line in lines:
        say(f"autograder: {line}")
    say(f"From now on the name is `{new}`, also for work that arrives as `{old}`.")
    say("Run `autograder grade` to update pages, table and CSV; nothing is judged again.")
    return DONE


def _add_missing(within: Any) -> None:
    parser = command(
        within,
        "missing",
        "who on the roster has handed in nothing, and who has but is not on it",
        {
            "autograder roster missing": "for all sections",
            "autograder roster missing --section 1_entropy --format csv > missing.csv": "for one, as a table",
        },
        {FOUND: "somebody is listed"},
    )
    add_choice(parser, "section")
    parser.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="what stdout gets (default: table)"
    )
    _add_places(parser)
    parser.set_defaults(command=_missing)


def _missing(options: argparse.Namespace) -> int:
    from autograder import gradebook, sheets
    from autograder.intake import absences, collected
    from autograder.people import roster
    from autograder.submissions.collect import collect

    the_course = course_of(options)
    submitted = options.submitted or the_course.root / "submitted"
    the_roster = roster.load(the_course.root)
    if not the_roster.students:
        raise UsageError(
            f"nobody is on the roster ({the_course.root / roster.ROSTER}); run `autograder roster import FILE`"
        )
    sections = [section.id for section in the_course.sections]
    if options.section:
        wanted = {the_course.section(name).id for name in options.section}
        sections = [section for section in sections if section in wanted]
    graded = gradebook.students(the_course, options.output or the_course.root, options.gradebook)
    attempts = collect(the_course, submitted, sections).attempts
    left = {
        (student, section): why
        for section in sections
        for student, why in collected.load_left(the_course.root, section).items()
    }
    found = absences.find(sections, the_roster, attempts, graded, left)
    if options.format == "json":
        show_rows([dataclasses.asdict(one) for one in found], options.format)
    elif options.format == "csv":
        rows = [[one.student, one.name, " ".join(one.sections), one.what, one.next] for one in found]
        sys.stdout.write(sheets.text([_COLUMNS, *rows]))
    else:
        show_rows([_row(one, sections) for one in found], options.format)
    return FOUND if found else DONE


def _row(absence: Absence, asked: Sequence[str]) -> dict[str, str]:
    others = [section for section in asked if section not in absence.sections]
    sections = " ".join(absence.sections)
    if len(asked) > 1 and not others:
        sections = "all"
    elif len(others) < len(absence.sections) - 1:
        sections = f"all but {' '.join(others)}"
    name = absence.name if len(absence.name) <= _NAME else f"{absence.name[: _NAME - 1]}…"
    values = (absence.student, name, sections, absence.what, absence.next)
    return dict(zip(_COLUMNS, values, strict=True))


def _add_places(parser: argparse.ArgumentParser) -> None:
    add_submitted(parser)
    add_gradebook(parser)
    add_results(parser)


def _say_differences(merge: Merge, replace: bool) -> None:
    """Say what an instructor may want to look at before anything is written."""
    from autograder.people import roster
    from autograder.text import listed, printable

    if merge.only_before:
        end = "taken off the roster; work and grades stay" if replace else "kept; --replace takes them off the roster"
        gone = listed(merge.only_before, quote=False, most=20)
        say(f"autograder: on the roster and not in the file, {end}: {gone}")
    for student, other in merge.renamed.items():
        say(
            f"autograder: `{printable(student)}` is `{printable(other)}` in the file and keeps the id; to change it: "
            f"{roster.rename_command(student, other)}"
        )
