"""Starts the warm worker and watches over its folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from autograder.confine import worker_environment
from autograder.remote import WorkerUnavailableError


class Pool:
    """A warm worker process that forks children for any number of judges.

    Parameters
    ----------
    walls
        The walls that every child must stand behind.
    """

    def __init__(self, walls: tuple[str, ...]) -> None:
        self.walls = walls
        self.folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        self.folder.chmod(0o711)  # children of a root grader run as other users and must reach their own slot
        self._process: subprocess.Popen[bytes] | None = None
        self.ensure()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def ensure(self) -> None:
        """Start the worker if it does not run; returns once it is warm."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._stop()
        (self.folder / "worker.sock").unlink(missing_ok=True)
        command = [sys.executable, "-P", "-s", "-m", "autograder.worker", str(self.folder)]
        for wall in self.walls:
            command += ["--wall", wall]
        self._process = subprocess.Popen(  # noqa: S603  the command is ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(),
            cwd=self.folder,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"ready\n":
            self.close()
            raise WorkerUnavailableError("the worker did not start; run `autograder doctor`")

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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
