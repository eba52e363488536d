"""A small class run that is killed in the middle and started again; `make test` and `make soak` share it.

The run is the real command in a course folder of its own. What it leaves behind is read as one value, so that two runs
can be compared: every file byte for byte, and the gradebook by what its tables say. Its file can't be compared byte
for byte, because nbgrader gives every row a random id.
"""

import contextlib
import hashlib
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from tests import mini_course

ROOT = Path(__file__).resolve().parents[1]
SECTION = "1_entropy"
STUDENTS = ("ada", "bela", "chen", "dora")
# Orphans notice that they are alone when a pipe or socket to a process that was killed is closed.
ORPHANS_SECONDS = 20.0
_ID = re.compile(r"[0-9a-f]{32}")


class Ending(NamedTuple):
    """How a run ended: its exit code, what it said, and whether it lost a process."""

    code: int
    said: str
    lost: bool


PARTS = ("worker", "judge")


def is_part(process: psutil.Process, part: str) -> bool:
    """Whether a process of a run is a warm worker, or a judge, which is a child of the fork server."""
    if part == "worker":
        return process.name().startswith("worker-")
    line = [process, process.parent()]
    return all(one is not None and "multiprocessing.forkserver" in " ".join(one.cmdline()) for one in line)


class ClassRun:
    """A class of four in a fresh course folder; two hand in the same, so one record serves both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        mini_course.link_course(folder)
        for number, student in enumerate(STUDENTS):
            place = folder / "submitted" / student / SECTION
            place.mkdir(parents=True)
            for name in ("entropy.py", f"{SECTION}.ipynb"):
                tree = "assignments" if (student, name) == ("bela", f"{SECTION}.ipynb") else "solutions"
                shutil.copy(ROOT / tree / SECTION / name, place / name)
            if student == "chen":
                with (place / "entropy.py").open("a") as module:
                    module.write(f"\n# {number}\n")

    @property
    def store(self) -> Path:
        return self.folder / ".autograder" / "store"

    def start(self, preexec_fn: Callable[[], None] | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "autograder.cli", "grade", "--section", SECTION, "--jobs", "2"]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=preexec_fn,
        )

    def run(self) -> tuple[int, str]:
        """Run to the end; return the exit code and what was said on stderr."""
        grader = self.start()
        _, said = grader.communicate(timeout=120)
        return grader.returncode, said

    def state(self) -> dict[str, object]:
        """Return everything that the run left behind."""
        files: dict[str, object] = {}
        for top in (".autograder", "feedback", "autograded", "grades.csv"):
            place = self.folder / top
            for path in [place] if place.is_file() else sorted(place.rglob("*")):
                if path.is_file():
                    files[path.relative_to(self.folder).as_posix()] = _content(path)
        files["gradebook.db"] = gradebook(self.folder / "gradebook.db")
        files["beside it"] = sorted(path.name for path in self.folder.glob("gradebook.db?*")) + sorted(
            path.name for path in self.folder.glob(".*") if path.name != ".autograder"
        )
        return files

    def kill_when(self, moment: Callable[[float], bool], *, whole_tree: bool) -> bool:
        """Start, and kill when `moment` (of seconds) says so; return whether it was still running.

        With `whole_tree` all of its processes die at once, as on a machine that dies. Otherwise only the command
        itself does, and the others must go away by themselves.
        """
        grader = self.start()
        began = time.monotonic()
        while grader.poll() is None and not moment(time.monotonic() - began):
            time.sleep(0.001)
        running = grader.poll() is None
        family: list[psutil.Process] = []
        if running:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(grader.pid)
                process.send_signal(signal.SIGSTOP)  # nothing may be started between the look and the kill
                family = process.children(recursive=True)
            for other in family if whole_tree else []:
                with contextlib.suppress(psutil.NoSuchProcess):
                    other.kill()
            grader.kill()
        grader.wait()
        assert grader.stderr is not None
        grader.stderr.close()
        _, alive = psutil.wait_procs(family, timeout=ORPHANS_SECONDS)
        if alive:
            for other in alive:
                other.kill()
            raise AssertionError(f"still there {ORPHANS_SECONDS:g} s after the grader was killed: {alive}")
        return running

    def run_losing(self, part: str, moment: float, choose: Callable[[list[psutil.Process]], psutil.Process]) -> Ending:
        """Run to the end, and kill a process of the kind `part` on the way, the first that is there after `moment`."""
        grader = self.start()
        began = time.monotonic()
        lost = False
        while grader.poll() is None and not lost:
            time.sleep(0.005)
            if time.monotonic() - began < moment:
                continue
            with contextlib.suppress(psutil.NoSuchProcess):
                found = [child for child in psutil.Process(grader.pid).children(recursive=True) if is_part(child, part)]
                if found:
                    choose(found).kill()
                    lost = True
        _, said = grader.communicate(timeout=120)
        return Ending(grader.returncode, said, lost)

    def moments(self) -> dict[str, Callable[[float], bool]]:
        """Return moments of the run that can be seen from outside, by name."""
        book = self.folder / "gradebook.db"

        def complete(_: float) -> bool:
            return len(list(self.store.rglob("*.json"))) >= len(STUDENTS) - 1

        return {
            "the start": lambda _: True,
            "the first record": lambda _: any(self.store.rglob("*.json")),
            "a record half written": lambda _: any(self.store.rglob(".*")),
            "the gradebook is made": lambda _: book.exists(),
            "the gradebook is written": lambda _: complete(_) and Path(f"{book}-journal").exists(),
            "the first notebook": lambda _: (self.folder / "autograded").exists(),
            "the first page": lambda _: (self.folder / "feedback").exists(),
        }


def _content(path: Path) -> object:
    """Return what a file holds; of an attempt in the history, all but when it was first judged."""
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(held.pop("attempt.json"))
    assert about.pop("seen")
    return held, about


def gradebook(path: Path) -> list[tuple[object, ...]]:
    """Return the rows of all tables, sorted, with ids replaced by what their rows say; raise if the file is damaged."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        rows = [(name, *row) for name in names for row in connection.execute(f'SELECT * FROM "{name}"')]
    finally:
        connection.close()
    meaning: dict[object, str] = {}
    for _ in range(6):  # the longest way from a row to one without ids: grade, notebook, submission, assignment, course
        said = [tuple(meaning.get(value, "?") if _is_id(value) else value for value in row) for row in rows]
        meaning = {
            row[1]: hashlib.sha256(repr((line[0], *line[2:])).encode()).hexdigest()
            for row, line in zip(rows, said, strict=True)
            if _is_id(row[1])
        }
    return sorted((tuple(meaning.get(v, "?") if _is_id(v) else v for v in row) for row in rows), key=repr)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def difference(state: dict[str, object], wanted: dict[str, object]) -> list[str]:
    """Return the names of what differs between two states."""
    return sorted(name for name in state.keys() | wanted.keys() if state.get(name) != wanted.get(name))
