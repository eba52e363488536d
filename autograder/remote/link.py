"""A judge's connection to a warm worker: one slot, one child at a time, what it sends, and the files that it leaves.

Trust: the worker is trusted, the child is not. What the child sends is not interpreted here, and links among the files
that it leaves are never followed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.course import Limits
from autograder.remote.clocks import ChildClock
from autograder.remote.errors import LitterError, WorkerUnavailableError
from autograder.sandbox import wire
from autograder.sandbox.levels import socket_path

# How often a running call is looked at; this bounds how far a limit can be exceeded.
_TICK_SECONDS = 0.05
_READ_BYTES = 2**18
_START_SECONDS = 60.0
_WRITABLE = ("scratch", "home")
# What one attempt may leave on the disk: bytes, files.
_MAX_LITTER = 2**28
_MAX_FILES = 20_000
_LONGEST_TURN_SECONDS = 0.5


class Link:
    """A judge's connection to the warm worker: one slot with one child at a time.

    Parameters
    ----------
    folder
        The worker's folder.

    Attributes
    ----------
    slack
        How many times the usual space may go from the disk before the child is ended to see whether it hides files. If
        it hid none, because something else writes to the disk, the attempt is judged again with more slack.
    """

    slack = 1
    _pid = 0
    _mapped_at_start = 0

    def __init__(self, folder: Path) -> None:
        self._control = socket.socket(socket.AF_UNIX)
        try:
            self._control.settimeout(60)
            self._control.connect(str(socket_path(folder)))
            self._folder = Path(wire.receive(self._control).body["folder"])
        except (OSError, EOFError, wire.WireError) as error:
            self._control.close()
            raise WorkerUnavailableError(f"the worker does not answer: {error}") from error
        self._data: socket.socket | None = None
        self._poll = select.poll()
        self._unread = bytearray()
        self.clock: ChildClock
        self._free = (0, 0)
        self._most_free = (0, 0)
        self._lock: int | None = None
        self.hid_files = False
        self._written = 0

    def put(self, files: Mapping[str, bytes]) -> None:
        """Put the files of an attempt into the slot, and nothing else."""
        self.end()
        for name in ("submission", *_WRITABLE):
            self._empty(name)
        self._free = self._most_free = self._disk()
        for name, content in files.items():
            path = self._folder / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    @property
    def submission(self) -> str:
        """Folder of the attempt, as the child sees it."""
        return str(self._folder / "submission")

    @property
    def running(self) -> bool:
        """Whether there is a child."""
        return self._data is not None

    def start(self, limits: Limits, seed: int) -> None:
        """Fork a confined child; it runs on the cores on which this process may run."""
        bounds = {
            "memory_mb": int(limits.memory_mb),
            "cpu_seconds": int(limits.attempt_cpu_seconds) + 1,
            "file_mb": int(limits.file_mb),
        }
        request = {"bounds": bounds, "seed": seed, "cores": sorted(os.sched_getaffinity(0))}
        try:
            self._control.sendall(wire.encode(wire.Frame(0, "fork", request)))
            message, descriptors, _, _ = socket.recv_fds(self._control, 4096, 1)
            reply = wire.decode(message[wire.HEADER.size :])
            if reply.kind != "forked":
                raise WorkerUnavailableError(f"the worker could not fork: {reply.body}")
            pid = int(reply.body["pid"])
            self._data = socket.socket(fileno=descriptors[0])
        except (OSError, EOFError, IndexError, wire.WireError) as error:
            raise WorkerUnavailableError(f"the worker did not fork: {error}") from error
        self._data.setblocking(False)
        self._poll = select.poll()
        self._poll.register(self._data, select.POLLIN)
        self._unread.clear()
        self._pid = pid
        self.clock = ChildClock(pid)
        self._await_confinement()
        self._mapped_at_start = self._mapped()

    def _await_confinement(self) -> None:
        """Read the child's first frame, which it sends after its walls are up and before it runs student code."""
        deadline = time.monotonic() + _START_SECONDS

        def alive() -> None:
            if time.monotonic() > deadline:
                raise EOFError("it does not answer")

        try:
            first = self.receive(alive)
        except (EOFError, wire.WireError) as error:
            raise WorkerUnavailableError(f"the child did not start: {error}") from error
        if first.kind != "confined":
            raise WorkerUnavailableError(f"the child could not be confined: {first.body!s:.300}")

    def cpu_seconds(self) -> float:
        """Return the processor time that the child has used so far; 0 if there is none."""
        return self.clock.cpu_seconds() if self.running else 0.0

    def where(self) -> str:
        """Return where the child says it is, in the name of its process; this may be any text."""
        try:
            return Path(f"/proc/{self._pid}/comm").read_text(errors="replace").strip()
        except OSError:
            return ""

    def held_bytes(self) -> int:
        """Return how much more memory the child holds now than when it started."""
        return max(0, self._mapped() - self._mapped_at_start)

    def _mapped(self) -> int:
        try:
            return int(Path(f"/proc/{self._pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):  # it is gone, or about to be
            return 0

    def end_and_sweep(self) -> tuple[int, float]:
        """End the child and remove what it wrote; return what `end` returns.

        After a `LitterError` for hidden files, `hid_files` tells whether they were this child's. The kernel counts what
        a process writes to a disk. It does not do so for file systems in memory; there, space that comes back shows it.
        """
        before = self._disk()
        ending = self.end()
        if self._lock is not None:
            given_back = _is_much(self._disk(), before)
            is_in_memory = _file_system(self._folder) == "tmpfs"
            self.hid_files = given_back if is_in_memory else self._written >= _MAX_LITTER // 2
            self._unlock()
        for name in _WRITABLE:
            self._empty(name)
        return ending

    def _empty(self, name: str) -> None:
        for entry in os.scandir(self._folder / name):
            _remove(Path(entry.path), is_folder=entry.is_dir(follow_symlinks=False))

    def check_litter(self) -> None:
        """Raise `LitterError` if the attempt fills the disk.

        The kernel has no limit for this. Free space is cheap to ask for. Only if much of it went away are the attempt's
        own files counted, because others write to the same disk. Space that is gone but that no named file takes was
        taken by another process, or the child holds files open, or mapped, that it has removed. One judge at a time
        finds out which, by ending its child. Judges whose child made the kernel work less wait longer, so that as a
        rule only the guilty child is ended.
        """
        free = self._disk()
        self._most_free = max(free[0], self._most_free[0]), max(free[1], self._most_free[1])
        if not _is_much(self._free, free):
            self._free = max(free[0], self._free[0]), max(free[1], self._free[1])
            return
        self._free = free
        folders = [str(self._folder / name) for name in _WRITABLE]
        for folder in folders:
            _open_up(Path(folder))
        used, files = _used(folders)
        if used > _MAX_LITTER or files > _MAX_FILES:
            raise LitterError
        used, files = _used([str(self._folder.parent)])  # by all judges of this worker
        allowed = self.slack * _MAX_LITTER - _MAX_LITTER // 2, self.slack * _MAX_FILES - _MAX_FILES // 2
        named = self._most_free[0] - used - allowed[0], self._most_free[1] - files - allowed[1]
        if _is_much(named, free):
            time.sleep(max(0.0, _LONGEST_TURN_SECONDS - self._kernel_seconds()))
            self._lock = os.open(self._folder.parent, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if _is_much(named, self._disk()):
                raise LitterError(is_hidden=True)
            self._unlock()

    def _kernel_seconds(self) -> float:
        """Return for how long the kernel has worked for the child; 0 if it is gone."""
        try:
            fields = Path(f"/proc/{self._pid}/stat").read_bytes().rpartition(b")")[2].split()
            return int(fields[12]) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError):
            return 0.0

    def _unlock(self) -> None:
        assert self._lock is not None
        os.close(self._lock)
        self._lock = None

    def _disk(self) -> tuple[int, int]:
        """Return the bytes and the files that the disk has room for."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize, disk.f_favail

    def send(self, data: bytes, alive: Callable[[], None]) -> None:
        """Send `data`; `alive` is called at every tick and raises when the child's time is up before it has read it."""
        assert self._data is not None
        view = memoryview(data)
        while view:
            try:
                view = view[self._data.send(view) :]
            except BlockingIOError:
                alive()
                select.select([], [self._data], [], _TICK_SECONDS)
            except OSError as error:
                raise EOFError(str(error)) from error

    def receive(self, alive: Callable[[], None]) -> wire.Frame:
        """Return the next frame; `alive` is called at every tick and raises when the child's time is up."""
        head, unread = wire.HEADER.size, self._unread
        if len(unread) < head:
            self._read(head, alive)
        end = head + wire.body_length(unread[:head])
        if len(unread) < end:
            self._read(end, alive)
        body = bytes(unread[head:end])
        del unread[:end]
        return wire.decode(body)

    def _read(self, count: int, alive: Callable[[], None]) -> None:
        """Wait until `count` bytes are there."""
        assert self._data is not None
        while len(self._unread) < count:
            while not self._poll.poll(_TICK_SECONDS * 1000):
                alive()
            try:
                part = self._data.recv(_READ_BYTES)
            except BlockingIOError:
                continue
            except OSError as error:
                raise EOFError(str(error)) from error
            if not part:
                raise EOFError("the child closed the connection")
            self._unread += part
            if len(self._unread) < count:
                alive()

    @property
    def pending(self) -> bool:
        """Whether bytes have arrived that were not asked for."""
        return bool(self._unread) or bool(self._poll.poll(0))

    def end(self) -> tuple[int, float]:
        """End the child, if there is one; return its wait status and the processor seconds that it used."""
        if self._data is None:
            return 0, 0.0
        self._data.close()
        self._data = None
        try:
            self._control.sendall(wire.encode(wire.Frame(0, "kill", None)))
            body = wire.receive(self._control).body
        except (OSError, EOFError, wire.WireError) as error:
            raise WorkerUnavailableError(f"the worker did not end the child: {error}") from error
        self._written = int(body["written_bytes"])
        return int(body["status"]), float(body["cpu_seconds"])

    def close(self) -> None:
        """Give the slot back."""
        with contextlib.suppress(WorkerUnavailableError):
            self.end()
        self._control.close()


def _file_system(folder: Path) -> str:
    """Return the type of the file system that `folder` is in, see proc(5); empty if it can't be found out."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(errors="replace").splitlines():
            before, _, after = line.partition(" - ")
            if before.split()[2] == wanted:
                return after.split()[0]
    return ""


def _is_much(free: tuple[int, int], than: tuple[int, int]) -> bool:
    """Whether `free` is so much more than `than` that it is worth a look: by half of what an attempt may leave."""
    return free[0] - than[0] >= _MAX_LITTER // 2 or free[1] - than[1] >= _MAX_FILES // 2


def _remove(path: Path, is_folder: bool) -> None:
    """Remove what an attempt left, even if it is very deep or not readable; links are removed and never followed."""
    if not is_folder:
        path.unlink()
        return
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):  # `rm` can go deeper than Python
        _open_up(path)
        try:
            subprocess.run(["/bin/rm", "-rf", "--", str(path)], check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        except subprocess.CalledProcessError as error:
            raise WorkerUnavailableError(f"the files of an attempt could not be removed from {path}") from error


def _open_up(folder: Path) -> None:
    """Let the grader into folders that an attempt closed to its own user; root needs no permission."""
    if os.geteuid() != 0:
        command = ["/bin/chmod", "-R", "u+rwx", "--", str(folder)]
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)  # noqa: S603  our own command


def _used(folders: list[str]) -> tuple[int, int]:
    """Return the bytes and the number of all files in `folders`."""
    counts = []
    for options in (["-B1"], ["--inodes"]):
        command = ["/usr/bin/du", "-scx", *options, "--", *folders]
        printed = subprocess.run(command, check=False, capture_output=True).stdout.splitlines()  # noqa: S603  our own
        counts.append(int(printed[-1].split()[0]) if printed else 0)
    return counts[0], counts[1]
