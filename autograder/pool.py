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
    """A warm worker process that forks children for any number of judges; `ensure` waits until it is warm.

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
        command = [sys.executable, "-P", "-s", "-m", "autograder.worker", str(self.folder)]
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
