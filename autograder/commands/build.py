"""`autograder build`: make what students get, and the solutions, from the source."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from autograder.commands.common import DONE, FOUND, add_choice, command, course_of, say


def add(commands: Any) -> None:
    """Add the command to the parser."""
    build = command(
        commands,
        "build",
        "make assignments/ and solutions/ from source/",
        {
            "autograder build": "after a change in source/",
            "autograder build --section 1_entropy": "only one section, in seconds",
            "autograder build --check": "change nothing, and list what is stale, as CI does",
        },
        {FOUND: "with `--check`: generated files are stale"},
    )
    build.add_argument("--check", action="store_true", help="change nothing; exit 1 and list what is stale")
    add_choice(build, "section")
    build.set_defaults(command=_build)


def _build(options: argparse.Namespace) -> int:
    from autograder.build import build, stale

    the_course = course_of(options)
    if options.check:
        listed = stale(the_course, options.section)
        for line in listed:
            sys.stdout.write(f"{line}\n")
        if listed:
            say("autograder: generated files are stale; run `autograder build`")
        return FOUND if listed else DONE
    for path in build(the_course, the_course.root, options.section):
        sys.stdout.write(f"{path.relative_to(the_course.root)}\n")
    return DONE
