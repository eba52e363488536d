"""Starts warm workers and watches over their folders."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from autograder import notebook
from autograder.confine import worker_environment
from autograder.course import Course, Section
from autograder.link import WorkerUnavailableError
from autograder.worker import LEVELS

_LIBRARIES = {name.split(".")[0]: level for level, names in LEVELS.items() for name in names}
_WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*")
_MAGIC = re.compile(rb"(?m)^[ \t]*[%!].*$")  # `%matplotlib inline` imports nothing where cells are judged


def level_of(code: Iterable[bytes], files: Mapping[str, bytes]) -> str:
    """Return the least level of worker that has imported whatever `code` may import.

    A library counts as imported where its name occurs, in `code` or in those of `files` (name to content, modules)
    that it mentions. Who hides a name pays for the import himself.
    """
    words: set[bytes] = set()
    modules = {name.removesuffix(".py").encode(): content for name, content in files.items() if name.endswith(".py")}
    unread = list(code)
    while unread:
        found = set(_WORD.findall(_MAGIC.sub(b"", unread.pop()))) - words
        words |= found
        unread += [modules.pop(word) for word in found & modules.keys()]
    needed = {level for library, level in _LIBRARIES.items() if library.encode() in words}
    return max(needed, key=list(LEVELS).index, default=next(iter(LEVELS)))


def usual_level(course: Course, section: Section) -> str:
    """Return the level of worker that the reference solution of `section` asks for, as most attempts do."""
    released, solved = (course.root / tree / section.id for tree in ("assignments", "solutions"))
    cells = notebook.notebook_cells((released / section.notebook).read_bytes())
    code = [cell.source.encode() for cell in notebook.execution_plan(cells, cells).cells]
    files = {name: (solved / name).read_bytes() for name in (*section.modules, *section.files)}
    return level_of([*code, *(files[name] for name in section.modules)], files)


class Pool:
    """A warm worker process that forks children for any number of judges; `ensure` waits until it is warm.

    Parameters
    ----------
    walls
        The walls that every child must stand behind.
    level
        How much the worker imports before it forks, from `autograder.worker.LEVELS`.
    """

    def __init__(self, walls: tuple[str, ...], level: str = "torch") -> None:
        self.walls = walls
        self.level = level
        self.folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        self.folder.chmod(0o711)  # children of a root grader run as other users and must reach their own slot
        self._process: subprocess.Popen[bytes] | None = None
        self._warm = False
        self._start()

    def ensure(self) -> None:
        """Return once a worker is there and warm; one that ended is started anew.

        Raises
        ------
        WorkerUnavailableError
            If it does not start.
        """
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._start()
        if self._warm:
            return
        assert self._process is not None
        assert self._process.stdout is not None
        self._warm = self._process.stdout.readline() == b"ready\n"
        if not self._warm:
            self.close()
            raise WorkerUnavailableError("the worker did not start; run `autograder doctor`")

    def _start(self) -> None:
        (self.folder / "worker.sock").unlink(missing_ok=True)
        command = [sys.executable, "-P", "-s", "-m", "autograder.worker", str(self.folder), "--level", self.level]
        for wall in self.walls:
            command += ["--wall", wall]
        self._warm = False
        self._process = subprocess.Popen(  # noqa: S603  the command is ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(),
            cwd=self.folder,
            start_new_session=True,
        )

    def close(self) -> None:
        """Stop the worker and every child, and remove their folder."""
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _stop(self) -> None:
        if self._process is None:
            return
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Pools:
    """One pool for each level that is needed; a level that nobody asks for is never started."""

    def __init__(self, walls: tuple[str, ...]) -> None:
        self.walls = walls
        self._pools: dict[str, Pool] = {}

    def start(self, level: str) -> None:
        """Let the worker of `level` begin to warm up."""
        if level not in self._pools:
            self._pools[level] = Pool(self.walls, level)

    def folder(self, level: str) -> Path:
        """Return the folder of the worker of `level` once it is warm.

        Raises
        ------
        WorkerUnavailableError
            If it does not start.
        """
        self.start(level)
        self._pools[level].ensure()
        return self._pools[level].folder

    def close(self) -> None:
        """Stop all workers."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def __enter__(self) -> Pools:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
