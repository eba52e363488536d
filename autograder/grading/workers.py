"""Starts warm workers and watches over their folders."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType

from autograder.remote.errors import LibraryMissingError, WorkerUnavailableError
from autograder.sandbox.levels import LEVELS, READY, Place, leash_path
from autograder.sandbox.walls import worker_environment

_STARTS = 3
_STOP_SECONDS = 10.0
_GROW_SECONDS = 30.0  # normally a worker forks within milliseconds


class _Launched:
    """A worker that was started as a program."""

    def __init__(self, place: Place, walls: tuple[str, ...]) -> None:
        command = [
            sys.executable,
            "-P",
            "-s",
            "-m",
            "autograder.sandbox.worker",
            str(place.folder),
            "--level",
            place.level,
        ]
        for wall in walls:
            command += ["--wall", wall]
        self._process = subprocess.Popen(  # noqa: S603  the command is ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=worker_environment(),
            cwd=place.folder,
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout

    def is_there(self) -> bool:
        return self._process.poll() is None

    def first_words(self) -> bytes:
        return self._output.readline()

    def ask_to_grow(self, place: Place) -> None:
        self._input.write(_line(place))

    def stop(self) -> None:
        self._input.close()
        self._output.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Grown:
    """A worker that is a fork of another one.

    Raises
    ------
    OSError
        If the other one does not fork.
    """

    def __init__(self, place: Place, base: _Launched | _Grown) -> None:
        path = leash_path(place.folder)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(1)
            listener.settimeout(_GROW_SECONDS)
            try:
                base.ask_to_grow(place)
                self._leash, _ = listener.accept()
            finally:
                path.unlink(missing_ok=True)  # the worker may have ended already and removed it
        self._leash.settimeout(None)

    def is_there(self) -> bool:
        try:
            return self._leash.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def first_words(self) -> bytes:
        with self._leash.makefile("rb") as said:
            return said.readline()

    def ask_to_grow(self, place: Place) -> None:
        self._leash.sendall(_line(place))

    def stop(self) -> None:
        pid, _, _ = struct.unpack("3i", self._leash.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        with self._leash, contextlib.suppress(OSError):
            self._leash.shutdown(socket.SHUT_WR)
            self._leash.settimeout(_STOP_SECONDS)
            try:
                while self._leash.recv(1):
                    pass
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)


def _line(place: Place) -> bytes:
    return json.dumps({"folder": str(place.folder), "level": place.level}).encode() + b"\n"


class Pool:
    """A warm worker process that forks children for any number of judges; `ensure` waits until it is warm.

    Parameters
    ----------
    walls
        The walls that are raised around every child.
    level
        How much the worker imports before it forks, from `autograder.sandbox.levels.LEVELS`.
    base
        A pool of a lower level with the same walls. This pool's worker is forked from that one's, so that both share
        what it has imported. If that fails, it is started as a program.
    """

    def __init__(self, walls: tuple[str, ...], level: str = "torch", base: Pool | None = None) -> None:
        self.walls = walls
        self.level = level
        self.folder = Path(tempfile.mkdtemp(prefix="autograder-"))
        self._base = base
        self._worker: _Launched | _Grown | None = None
        self._warm = False
        self._start()

    def ensure(self) -> None:
        """Return once a worker is running and warm; one that ended is started again.

        Raises
        ------
        LibraryMissingError
            If it says that it can't import what it should.
        WorkerUnavailableError
            If it does not start.
        """
        for _ in range(_STARTS):
            # Its folder may be gone too, in a temporary folder that the system tidies up.
            if self._worker is None or not self._worker.is_there() or not self.folder.is_dir():
                self._stop()
                self._start()
            if self._warm:
                return
            assert self._worker is not None
            said = self._worker.first_words().decode(errors="replace").strip()
            if said == READY:
                self._warm = True
                return
            self._stop()
            if said:
                raise LibraryMissingError(f"{said}; `autograder doctor` says what to do")
        raise WorkerUnavailableError("the worker ended while it started; run `autograder doctor`")

    def _start(self) -> None:
        self._warm = False
        self.folder.mkdir(exist_ok=True)  # a worker that ended normally has removed it
        self.folder.chmod(0o711)  # children of a root grader run as other users and must reach their own slot
        (self.folder / "worker.sock").unlink(missing_ok=True)
        place = Place(self.folder, self.level)
        if self._base is not None:
            with contextlib.suppress(OSError, WorkerUnavailableError):
                self._base.ensure()
                assert self._base._worker is not None
                self._worker = _Grown(place, self._base._worker)
                return
        self._worker = _Launched(place, self.walls)

    def close(self) -> None:
        """Stop the worker and every child, and remove their folder."""
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Pools:
    """One pool for each level that is needed; other levels are never started. Several threads may share them."""

    def __init__(self, walls: tuple[str, ...]) -> None:
        self.walls = walls
        self._pools: dict[str, Pool] = {}
        self._missing: dict[str, LibraryMissingError] = {}
        self._one_at_a_time = threading.RLock()

    def start(self, level: str) -> None:
        """Let the worker of `level` begin to warm up, unless it will be forked from one that is already warming up."""
        with self._one_at_a_time:
            if level not in self._pools and self._base(level) is None:
                self._pools[level] = Pool(self.walls, level)

    def folder(self, level: str) -> Path:
        """Return the folder of the worker of `level` once it is warm.

        Raises
        ------
        LibraryMissingError
            If it can't import what it should, and each time after that.
        WorkerUnavailableError
            If it does not start.
        """
        with self._one_at_a_time:
            if level in self._missing:
                raise self._missing[level]
            if level not in self._pools:
                self._pools[level] = Pool(self.walls, level, self._base(level))
            try:
                self._pools[level].ensure()
            except LibraryMissingError as error:
                self._missing[level] = error
                raise
            return self._pools[level].folder

    def _base(self, level: str) -> Pool | None:
        """Return the pool of the highest level below `level`, if there is one."""
        below = list(LEVELS)[: list(LEVELS).index(level)]
        lower = [other for other in below if other in self._pools and other not in self._missing]
        return self._pools[lower[-1]] if lower else None

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
