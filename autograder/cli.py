"""The command `autograder`: data on stdout, messages on stderr.

Exit codes: 0 done, 1 something was found wrong, 2 usage, 3 the grader itself failed, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import argparse
import select
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import TextIO

import autograder
from autograder.commands import (
    build,
    collect,
    completion,
    doctor,
    export,
    grade,
    new,
    report,
    requests,
    review,
    roster,
    similar,
    watch,
)
from autograder.commands.common import DONE, FAILED, FOUND, INTERRUPTED, USAGE, Parser, UsageError, say
from autograder.course import CourseError

__all__ = ["DONE", "FAILED", "FOUND", "INTERRUPTED", "USAGE", "main"]

_EXAMPLES = {
    "autograder grade": "judge what is in submitted/, or the sample class if that is empty",
    "autograder grade --help": "show what a command takes, with examples",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except OSError as error:
        if isinstance(error, BrokenPipeError) and (_is_unread(sys.stdout) or _is_unread(sys.stderr)):
            raise  # `__main__` ends without a word
        if str(error) == "AF_UNIX path too long":
            error = OSError(f"{tempfile.gettempdir()} is too long a name for sockets; set TMPDIR to a shorter folder")
        say(f"autograder: {error}")
        return FAILED
    except KeyboardInterrupt:
        say("autograder: stopped; what was done is kept, run the same command again to go on")
        return INTERRUPTED


def _is_unread(stream: TextIO) -> bool:
    """Whether the reader of the output has ended, as `head` does when it has seen enough."""
    poll = select.poll()
    poll.register(stream, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _run(options: argparse.Namespace) -> int:
    """Run the command that was parsed; only now is imported what commands need, as it takes a while."""
    from autograder.build import BuildError
    from autograder.corpus.samples import SampleError
    from autograder.exports import ExportError
    from autograder.gradebook import GradebookError
    from autograder.grading.cluster import ClusterError
    from autograder.grading.run import NothingToGradeError, WatchError
    from autograder.records.store import StoreError
    from autograder.remote.errors import WorkerUnavailableError
    from autograder.report.files import ReportError
    from autograder.sandbox.walls import ConfinementError
    from autograder.submissions.collect import CollectError
    from autograder.submissions.history import HistoryError

    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (
        UsageError, CourseError, BuildError, CollectError, ExportError, SampleError, ConfinementError,
        NothingToGradeError, WatchError,
    ) as error:  # fmt: skip
        say(f"autograder: {error}")
        return USAGE
    except (StoreError, GradebookError, HistoryError, ReportError, WorkerUnavailableError, ClusterError) as error:
        say(f"autograder: {error}")
        return FAILED


def _parser() -> Parser:
    parser = Parser(prog="autograder", description="Build, grade and report an auto-graded course.", examples=_EXAMPLES)
    version = f"autograder {autograder.__version__}"
    parser.add_argument("--version", action="version", version=version, help="print the version")
    commands = parser.add_commands("commands", "COMMAND")
    for module in (
        build,
        collect,
        grade,
        watch,
        review,
        requests,
        report,
        similar,
        roster,
        export,
        doctor,
        new,
        completion,
    ):
        module.add(commands)
    parser.set_defaults(root=parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
