"""Starts the command `autograder`, and ends it as a shell expects if it is stopped or nobody reads its output."""

from __future__ import annotations

import os
import sys

UNREAD = 141  # as a shell says of a process that SIGPIPE ended


def main() -> int:
    """Run the command that the process was started with, and return its exit code."""
    try:
        from autograder import cli  # takes long enough for somebody to press Ctrl-C

        try:
            return cli.main()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.excepthook = lambda *_: None
        raise  # without a traceback, but as a process that SIGINT ended: a loop in a shell then ends too
    except BrokenPipeError:
        # Python would write what is left at its end, and complain.
        for stream in (sys.stdout, sys.stderr):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return UNREAD


if __name__ == "__main__":
    sys.exit(main())
