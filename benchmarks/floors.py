"""Measures the least that each part of a run could cost, whatever the code around it: used by ``make bench-scale``.

Each floor is one thing that the operating system or a library must do for an attempt, and nothing else: processor
time of all processes that take part, in seconds, the median of several runs.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.sandbox.levels import LEVELS

REPEATS = 5
FORKS, TRIPS = 200, 20_000

_FORK = """
import importlib, os, resource, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
def used():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
before = used()
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
print((used() - before) / int(sys.argv[1]))
"""
_TRIP = """
import os, resource, socket, sys
def used():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
here, there = socket.socketpair()
before = used()
pid = os.fork()
if not pid:
    for _ in range(int(sys.argv[1])):
        there.send(there.recv(256))
    os._exit(0)
for _ in range(int(sys.argv[1])):
    here.send(bytes(128))
    here.recv(256)
os.waitpid(pid, 0)
print((used() - before) / int(sys.argv[1]))
"""
_START = "import resource; {}; print(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))"


def fork(level: str) -> float:
    """Return what it costs to fork a process that has imported what a worker of `level` has, and to end it."""
    up_to = list(LEVELS)[: list(LEVELS).index(level) + 1]
    imported = [name for lower in up_to for name in LEVELS[lower]]
    return _median(lambda: _said(_FORK, str(FORKS), *imported))


def round_trip() -> float:
    """Return what it costs to send 128 bytes to another process and back."""
    return _median(lambda: _said(_TRIP, str(TRIPS)))


def start(imports: str) -> float:
    """Return what it costs to start Python with `imports`."""
    return _median(lambda: _said(_START.format(imports)))


def rows(database: Path, attempts: int) -> float:
    """Return what SQLite needs to write the rows of `database` anew, for each of `attempts`."""

    def once() -> float:
        with tempfile.TemporaryDirectory() as name:
            script = (
                "import resource, sqlite3, sys; source = sqlite3.connect(sys.argv[1]); text = list(source.iterdump());"
                "before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]); target = sqlite3.connect(sys.argv[2]);"
                "target.executescript(chr(10).join(text)); target.close();"
                "print(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before)"
            )
            return _said(script, str(database), str(Path(name) / "copy.db"))

    return _median(once) / attempts


def files(folder: Path, attempts: int) -> float:
    """Return what it costs to write the files below `folder` anew, for each of `attempts`."""

    def once() -> float:
        with tempfile.TemporaryDirectory() as name:
            script = (
                "import pathlib, resource, sys; root = pathlib.Path(sys.argv[1]);"
                "read = [(path.relative_to(root), path.read_bytes()) for path in root.rglob('*') if path.is_file()];"
                "before = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]); target = pathlib.Path(sys.argv[2])\n"
                "for path, data in read:\n"
                "    (target / path).parent.mkdir(parents=True, exist_ok=True); (target / path).write_bytes(data)\n"
                "print(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before)"
            )
            return _said(script, str(folder), name)

    return _median(once) / attempts


def _said(script: str, *arguments: str) -> float:
    command = [sys.executable, "-c", script, *arguments]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _median(once: Callable[[], float]) -> float:
    return statistics.median(once() for _ in range(REPEATS))
