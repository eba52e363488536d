"""Everything of :mod:`multiprocessing` that the judges' processes use beyond its documented interface.

Its fork server forks processes from one that has imported a module. No documented function gives this server an
environment of its own, or keeps a process from running its parent's main module again.
`tests/test_multiprocessing_seam.py` asserts that each part exists and does what is expected here.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from multiprocessing import forkserver, popen_forkserver, process
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any


def forked_from(module: str, environment: Mapping[str, str]) -> ForkServerContext:
    """Return a context whose processes are forked from one that imported `module` with `environment` added to ours.

    There is one such server in a process. The first call starts it, and later calls get the same one in any case.
    """
    context = _Context()
    context.set_forkserver_preload([module])
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    return context


class _Process(ForkServerProcess):
    """A process that does not run its parent's main module again, because judges don't need it."""

    @staticmethod
    def _Popen(process_obj: process.BaseProcess) -> popen_forkserver.Popen:  # noqa: N802  multiprocessing's name
        with _without_main():
            return popen_forkserver.Popen(process_obj)


class _Context(ForkServerContext):
    Process = _Process


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Hide where the main module came from while a process is described to the fork server."""
    main: dict[str, Any] = vars(sys.modules["__main__"])
    hidden: dict[str, Any] = {name: main.pop(name) for name in ("__spec__", "__file__") if name in main}
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update(hidden)
