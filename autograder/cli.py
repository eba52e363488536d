"""The command `autograder`: data on stdout, messages on stderr.

Exit codes: 0 done, 1 something was found wrong, 2 usage, 3 the grader itself failed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import autograder
from autograder.commands import build, collect, doctor, export, grade, review, roster
from autograder.commands.common import DONE, FAILED, FOUND, USAGE, UsageError, say
from autograder.course import CourseError

__all__ = ["DONE", "FAILED", "FOUND", "USAGE", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from autograder.build import BuildError
    from autograder.corpus.samples import SampleError
    from autograder.exports import ExportError
    from autograder.gradebook import GradebookError
    from autograder.grading.run import NothingToGradeError
    from autograder.records.store import StoreError
    from autograder.remote.errors import WorkerUnavailableError
    from autograder.report.files import ReportError
    from autograder.sandbox.walls import ConfinementError
    from autograder.submissions.collect import CollectError
    from autograder.submissions.history import HistoryError

    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (
        UsageError, CourseError, BuildError, CollectError, ExportError, SampleError, ConfinementError,
        NothingToGradeError,
    ) as error:  # fmt: skip
        say(f"autograder: {error}")
        return USAGE
    except (StoreError, GradebookError, HistoryError, ReportError, WorkerUnavailableError, OSError) as error:
        say(f"autograder: {error}")
        return FAILED
    except KeyboardInterrupt:
        say("autograder: stopped; what was done is kept, run the same command again to go on")
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description="Build, grade and report an auto-graded course.")
    parser.add_argument("--version", action="version", version=f"autograder {autograder.__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (build, collect, grade, review, roster, export, doctor):
        module.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
