"""Imports the modules that it is given, then forks a kernel for each line of its standard input.

A kernel is ipykernel's own program, run from its first line: only imports are saved. A line holds the arguments of
`become_kernel` as JSON, or null; either way it first ends the kernel before it, and is answered with a line.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing.process
import os
import runpy
import signal
import sys
from contextlib import suppress
from pathlib import Path


def main() -> None:
    """Serve until standard input is closed."""
    del sys.path[0]  # this file's folder
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # read at ipykernel's import: a kernel ends with its parent
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a fork has only one of its parent's threads
    for name in sys.argv[1:]:
        importlib.import_module(name)
    del os.environ["OPENBLAS_NUM_THREADS"]
    assert len([*Path("/proc/self/task").iterdir()]) == 1, "an import has started a thread"
    kernel = 0
    while True:
        line = sys.stdin.readline()
        if kernel:
            with suppress(ProcessLookupError):
                os.killpg(kernel, signal.SIGKILL)
            os.waitpid(kernel, 0)
            kernel = 0
        if not line:
            os._exit(0)  # Python takes its time to take torch apart
        if asked := json.loads(line):
            kernel = os.fork()
            if kernel == 0:
                become_kernel(**asked)
                return
        os.write(1, b"done\n")


def become_kernel(file: str, cwd: str, env: dict[str, str]) -> None:
    """Do what `python -m ipykernel_launcher -f <file>` does in a session of its own.

    What libraries took from the process that imported them, it gives them again: folder, seed and number of threads.
    """
    os.setsid()
    os.chdir(cwd)
    os.environ |= env
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    multiprocessing.process.ORIGINAL_DIR = cwd  # where a process that is spawned looks for modules
    sys.modules["numpy"].random.seed()
    sys.modules["threadpoolctl"].threadpool_limits(len(os.sched_getaffinity(0)), user_api="blas")
    sys.argv = ["ipykernel_launcher", "-f", file]
    sys.orig_argv[1:] = ["-m", *sys.argv]
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
