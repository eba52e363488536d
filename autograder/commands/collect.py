"""`autograder collect`: from downloads of a learning platform to ``submitted/``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from autograder.commands.common import DONE, FOUND, UsageError, add_gradebook, command, course_of, say


def add(commands: Any) -> None:
    """Add the command to the parser."""
    collect = command(
        commands,
        "collect",
        "take a learning platform's downloads into submitted/",
        {
            "autograder collect 1_entropy ~/Downloads/submissions.zip": "what Moodle or Canvas packed",
            "autograder collect 1_entropy first.zip second.zip": "two downloads, the newer one last",
            "autograder collect 1_entropy": "what was put into downloaded/1_entropy/archive/",
        },
        {FOUND: "somebody's work was not collected; it is named"},
    )
    collect.add_argument("section", metavar="SECTION", help="the section that was handed in")
    collect.add_argument(
        "download",
        nargs="*",
        default=[],
        type=Path,
        metavar="DOWNLOAD",
        help="a zip from Moodle or Canvas, a folder with its files, a list (CSV) that says whose each file is, or "
        "Moodle's grading worksheet; if several, the newest last (default: what is in downloaded/SECTION/archive)",
    )
    collect.add_argument("--submitted", type=Path, metavar="DIR", help="where to write (default: course's submitted/)")
    add_gradebook(collect)
    collect.set_defaults(command=_collect)


def _collect(options: argparse.Namespace) -> int:
    from autograder import gradebook
    from autograder.intake import collecting

    the_course = course_of(options)
    section = the_course.section(options.section)
    archive = the_course.root / "downloaded" / section.id / "archive"
    paths = options.download or [archive]
    for path in paths:
        if not path.exists():
            how = f"put the platform's zip there, or name it: autograder collect {section.id} ZIP"
            raise UsageError(f"{path} does not exist; {how if path == archive else 'check the name'}")
        if not path.is_dir() and path.suffix.lower() not in (".zip", ".csv"):
            raise UsageError(f"{path} is neither a zip, nor a folder, nor a CSV file")
    submitted = options.submitted or the_course.root / "submitted"
    students = gradebook.students(the_course, the_course.root, options.gradebook)
    outcome = collecting.run(the_course, section, paths, submitted, students, ordered=bool(options.download))
    for line in outcome.lines():
        say(line)
    return DONE if outcome.is_complete else FOUND
