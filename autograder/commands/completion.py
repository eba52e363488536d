"""`autograder completion`: a shell completes commands, options, sections and students."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.commands.common import DONE, Parser, command, course_of
from autograder.commands.parser import all_parsers, arguments_of

SHELLS = ("bash", "zsh", "fish")
_IDS = ("section", "item", "student")
_HARMLESS = re.compile(r"\w[\w.@+-]*")
"""Ids that a shell takes as they are. Bash expands what it completes, so any other name of a folder could run code."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    completion = command(
        commands,
        "completion",
        "print what makes a shell complete commands, options, files and ids",
        {
            'eval "$(autograder completion bash)"': "for this session; to keep it, put the line into ~/.bashrc",
            "autograder completion zsh > ~/.zfunc/_autograder": "for zsh, if ~/.zfunc is in its $fpath",
            "autograder completion fish > ~/.config/fish/completions/autograder.fish": "for fish",
        },
    )
    what = completion.add_mutually_exclusive_group(required=True)
    what.add_argument("shell", nargs="?", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")
    what.add_argument("--ids", choices=_IDS, help="list the ids of the course, one on each line, as completion does")
    completion.set_defaults(command=_completion)


def _completion(options: argparse.Namespace) -> int:
    if options.ids:
        for each in _ids(options):
            if _HARMLESS.fullmatch(each):
                sys.stdout.write(f"{each}\n")
        return DONE
    import shtab

    _annotate(options.root)
    sys.stdout.write(shtab.complete(options.root, shell=options.shell) + "\n")
    return DONE


def _annotate(root: Parser) -> None:
    """Say of every argument what a shell should offer for it."""
    import shtab

    for parser in all_parsers(root):
        for action in arguments_of(parser):
            offered: Any = None
            if action.dest in _IDS:
                offered = _listing(action.dest)
            elif action.type is Path:
                offered = shtab.DIRECTORY if action.metavar == "DIR" else shtab.FILE
            if offered:
                action.complete = offered  # type: ignore[attr-defined]


def _listing(kind: str) -> dict[str, Any]:
    """Return how a shell gets the ids of a kind, at the moment when it needs them."""
    import shtab

    program = shlex.join([sys.executable, "-m", "autograder", "completion", "--ids"])
    offered: dict[str, Any] = shtab.cmd(f"{program} {kind} 2>/dev/null")
    # What shtab has for zsh would run the program for every argument of every command, at each press of Tab.
    function = f'_autograder_ids() {{ compadd "$@[1,-2]" -- $({program} $@[-1] 2>/dev/null) }}'
    offered["zsh"] = f"_autograder_ids {kind}"
    offered["preamble"]["zsh"] = function
    return offered


def _ids(options: argparse.Namespace) -> Iterator[str]:
    """Yield the ids of one kind, in their order."""
    the_course = course_of(options)
    if options.ids == "section":
        yield from (section.id for section in the_course.sections)
    elif options.ids == "item":
        yield from (item.id for section in the_course.sections for item in section.items)
    else:
        yield from sorted(_students(the_course.root))


def _students(root: Path) -> set[str]:
    """Return whoever is on the roster or has a folder in the class; in the sample class if there is no other."""
    from autograder.people import roster
    from autograder.submissions.paths import student_name

    found = {entry.student for entry in roster.load(root).students} | _folders(root / "submitted")
    return {student_name(name) for name in found or _folders(root / ".autograder" / "sample-class")}


def _folders(parent: Path) -> set[str]:
    from autograder.submissions.paths import is_junk

    return {path.name for path in parent.glob("*") if path.is_dir() and not is_junk(path.name)}
