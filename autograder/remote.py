"""The judge's side of the wire: a session with one attempt, and names that read like the student's module.

`Session` starts a confined child on demand, holds every call to its limits, replaces a child that died, and remembers
which function killed it. `RemotePath` makes ``entropy.InformationMeasures.entropy(p)`` one round trip.

Trust: nothing that arrives from the child is trusted. A reply that is no answer to the request just sent ends the
child, and the check gets a verdict.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import hashlib
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, cast

from autograder import wire
from autograder.course import Limits
from autograder.runner import LIVE, NOTEBOOK
from autograder.verdict import Verdict
from autograder.worker import receive, socket_path

# How often a running call is looked at; bounds by how much a limit can be overrun.
_TICK_SECONDS = 0.05
_READ_BYTES = 2**18
_START_SECONDS = 60.0
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
_SLOT = re.compile(r"/[^\s'\"]*/slot-[0-9]+/(submission|scratch)")
_MAX_MESSAGE = 300
_MAX_TYPES = 16
_MAX_SEARCHED = 1000  # the pattern of paths takes quadratic time
# What one attempt may leave in the judge's memory, and on the disk: bytes, files.
_MAX_KEPT = 2**28
_MAX_LITTER = 2**28
_MAX_FILES = 20_000
_MISSING_PACKAGE = "ModuleNotFoundError"
_MAX_PLACE = 40
_MAX_LINE = 100_000
_MAX_HANDLE = 2**32
_BUILTIN_EXCEPTIONS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
)


class WorkerUnavailableError(Exception):
    """The warm worker is gone or cannot confine a child: a fault of ours, never the student's."""


class LitterError(Exception):
    """An attempt wrote more files than a disk can bear."""


class RemoteFault(Exception):  # noqa: N818  it is no error of the program that meets it
    """A call that gave no value; `verdict` says why, `message` says it to the student.

    The words of an exception are the student's and may quote the input, hidden or not; `guarded` is the message
    without them.
    """

    def __init__(self, verdict: Verdict, message: str, types: Sequence[str] = (), guarded: str | None = None) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.message = message
        self.types = tuple(types)
        self.guarded = message if guarded is None else guarded

    def told(self, reveal: bool) -> str:
        """Return the message for a check that may or may not reveal its input."""
        return self.message if reveal else self.guarded


@dataclass(frozen=True)
class Call:
    """One call of the student's code as the judge saw it. `fault` is set where there is no `result`."""

    function: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    result: Any = None
    fault: RemoteFault | None = None


@dataclass(frozen=True)
class CellFault:
    """A notebook cell that failed when it was run."""

    label: str
    verdict: Verdict
    message: str
    unfinished: bool = False


@dataclass
class Clock:
    """Processor seconds of one attempt: what the children used in all, and in calls alone."""

    calls: float = 0.0
    children: float = 0.0


class Link:
    """A judge's connection to the warm worker: one slot with one child at a time."""

    def __init__(self, folder: Path) -> None:
        self._control = socket.socket(socket.AF_UNIX)
        try:
            self._control.settimeout(60)
            self._control.connect(str(socket_path(folder)))
            self._folder = Path(receive(self._control).body["folder"])
        except (OSError, EOFError, wire.WireError) as error:
            self._control.close()
            raise WorkerUnavailableError(f"the worker does not answer: {error}") from error
        self._data: socket.socket | None = None
        self._poll = select.poll()
        self._unread = bytearray()
        self._cpu_clock = 0
        self._free = (0, 0)

    def place(self, files: Mapping[str, bytes]) -> None:
        """Put the files of an attempt into the slot, and nothing else."""
        self.end()
        self._empty("submission")
        self._empty("scratch")
        self._free = self._disk()
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
        """Fork a confined child."""
        bounds = {
            "memory_mb": int(limits.memory_mb),
            "cpu_seconds": int(limits.attempt_wall_seconds) + 1,
            "file_mb": int(limits.file_mb),
        }
        try:
            self._control.sendall(wire.encode(wire.Frame(0, "fork", {"bounds": bounds, "seed": seed})))
            message, descriptors, _, _ = socket.recv_fds(self._control, 4096, 1)
            pid = int(wire.decode(message[wire.HEADER.size :]).body["pid"])
            self._data = socket.socket(fileno=descriptors[0])
        except (OSError, EOFError, IndexError, wire.WireError) as error:
            raise WorkerUnavailableError(f"the worker did not fork: {error}") from error
        self._data.setblocking(False)
        self._poll = select.poll()
        self._poll.register(self._data, select.POLLIN)
        self._unread.clear()
        self._cpu_clock = (~pid << 3) | 2  # the processor-time clock of another process, clock_getcpuclockid(3)
        self._await_confinement()

    def _await_confinement(self) -> None:
        """Read the child's first frame, which it sends behind its walls and before it touches student code."""
        deadline = time.monotonic() + _START_SECONDS

        def alive() -> None:
            if time.monotonic() > deadline:
                raise EOFError("it does not answer")

        try:
            first = wire.decode(self.receive(wire.body_length(self.receive(wire.HEADER.size, alive)), alive))
        except (EOFError, wire.WireError) as error:
            raise WorkerUnavailableError(f"the child did not start: {error}") from error
        if first.kind != "confined":
            raise WorkerUnavailableError(f"the child could not be confined: {first.body!s:.300}")

    def cpu_seconds(self) -> float:
        """Return the processor time that the child has used so far; 0 once it is gone."""
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return 0.0

    def end_and_sweep(self) -> tuple[int, float]:
        """End the child and remove what it wrote; return what `end` returns."""
        ending = self.end()
        self._empty("scratch")
        return ending

    def _empty(self, name: str) -> None:
        for entry in os.scandir(self._folder / name):
            _remove(Path(entry.path), is_folder=entry.is_dir(follow_symlinks=False))

    def check_litter(self) -> None:
        """Raise `LitterError` if the attempt fills the disk.

        The kernel has no limit for it. Free space is cheap to ask for, and only where much of it went away are the
        attempt's own files counted: others write to the same disk.
        """
        free = self._disk()
        if self._free[0] - free[0] < _MAX_LITTER // 2 and self._free[1] - free[1] < _MAX_FILES // 2:
            self._free = max(free[0], self._free[0]), max(free[1], self._free[1])
            return
        self._free = free
        scratch = self._folder / "scratch"
        _open_up(scratch)
        used, files = (
            _count(["/usr/bin/du", "-sx", *options, "--", str(scratch)]) for options in (["-B1"], ["--inodes"])
        )
        if used > _MAX_LITTER or files > _MAX_FILES:
            raise LitterError

    def _disk(self) -> tuple[int, int]:
        """Return the bytes and the files that the disk has room for."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize, disk.f_favail

    def send(self, data: bytes, deadline: float) -> None:
        """Send `data` before `deadline` (monotonic); a child that does not read lets it pass."""
        assert self._data is not None
        view = memoryview(data)
        while view:
            try:
                view = view[self._data.send(view) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError from None
                select.select([], [self._data], [], _TICK_SECONDS)
            except OSError as error:
                raise EOFError(str(error)) from error

    def receive(self, count: int, alive: Callable[[], None]) -> bytes:
        """Read exactly `count` bytes; `alive` is called at every tick and raises when the child's time is up."""
        assert self._data is not None
        while len(self._unread) < count:
            if not self._poll.poll(_TICK_SECONDS * 1000):
                alive()
                continue
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
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken

    @property
    def pending(self) -> bool:
        """Whether bytes have arrived that nobody has asked for."""
        return bool(self._unread) or bool(self._poll.poll(0))

    def end(self) -> tuple[int, float]:
        """End the child, if there is one; return its wait status and the processor seconds that it used."""
        if self._data is None:
            return 0, 0.0
        self._data.close()
        self._data = None
        try:
            self._control.sendall(wire.encode(wire.Frame(0, "kill", None)))
            body = receive(self._control).body
        except (OSError, EOFError, wire.WireError) as error:
            raise WorkerUnavailableError(f"the worker did not end the child: {error}") from error
        return int(body["status"]), float(body["cpu_seconds"])

    def close(self) -> None:
        """Give the slot back."""
        with contextlib.suppress(WorkerUnavailableError):
            self.end()
        self._control.close()


class Session:
    """One attempt under judgement.

    Parameters
    ----------
    link
        The slot to use.
    files
        The attempt's files.
    cells
        The notebook's code cells in the order in which they run, as ``(label, source)``; or the fault that
        explains why there are none.
    limits, seed
        From the course.
    """

    def __init__(
        self,
        link: Link,
        files: Mapping[str, bytes],
        cells: Sequence[tuple[str, str]] | RemoteFault,
        limits: Limits,
        seed: int,
    ) -> None:
        self._link = link
        self._files = files
        self._cells = cells
        self._limits = limits
        # Hidden inputs are drawn from the seed: the child gets another one, from which it can't be told.
        self._seed = int.from_bytes(hashlib.sha256(f"child {seed}".encode()).digest()[:4], "big")
        self._barred: dict[str, RemoteFault] = {}
        self._imported: set[str] = set()
        self._notebook_ran = False
        self._called = False
        self._starts = 0
        self._cpu_start = 0.0
        self._kept = 0
        self._tokens = _random_numbers()
        self._closed = False
        self._children = 0
        self._last = ("", "The code")
        self._deadline = time.monotonic() + limits.attempt_wall_seconds
        self.about: str | None = None  # what the check at work is about; its messages name that
        self.calls: list[Call] = []
        self._made: dict[str, Any] = {}
        self.cell_faults: dict[str, CellFault] = {}
        self.clock = Clock()
        link.place(files)

    def module(self, filename: str) -> RemotePath:
        """Return the student's module in `filename` (``entropy.py``)."""
        return RemotePath(self, filename.removesuffix(".py"))

    def notebook(self) -> RemotePath:
        """Return the namespace that the notebook's cells leave behind."""
        return RemotePath(self, NOTEBOOK)

    def live(self) -> RemotePath:
        """Return the operations on live objects, :class:`autograder.live.Live`."""
        return RemotePath(self, LIVE)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, or raise the fault or verdict that it raises; it is run once per attempt.

        For what is dear and what several checks look at, such as a trained model.
        """
        if name not in self._made:
            try:
                self._made[name] = make()
            except (RemoteFault, AssertionError) as error:
                self._made[name] = error
        made = self._made[name]
        if isinstance(made, Exception):
            raise made
        return made

    def prepare(self, filenames: Sequence[str]) -> None:
        """Import the modules and run the notebook's cells, before any check has called anything.

        Cells fail with words of their own, which feedback shows: they must not have seen a hidden input. What goes
        wrong here is met again by the checks that need it.
        """
        for filename in filenames:
            with contextlib.suppress(RemoteFault):
                self._ready(filename.removesuffix(".py"))
        with contextlib.suppress(RemoteFault):
            self._ready(NOTEBOOK)

    def close(self) -> None:
        """End the child, for good: what is asked of the student's code from now on is not run."""
        self._closed = True
        _, used = self._link.end()
        self.clock.children += used

    def call(
        self,
        function: RemotePath,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        back: bool = False,
        hold: bool = False,
    ) -> Any:
        """Call the student's `function` and return its value; every call of student code is recorded in `calls`."""
        name = function._name
        try:
            body: dict[str, Any] = {
                "path": list(function._path),
                "args": [self._sendable(value) for value in args],
                "kwargs": {key: self._sendable(value) for key, value in kwargs.items()},
            }
            body.update({name: True for name, wanted in (("back", back), ("hold", hold)) if wanted})
            result = self._request("call", body, function)
            if back and not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], tuple)):
                raise _no_answer(f"`{name}`")
        except RemoteFault as fault:
            self._record(function, Call(name, args, kwargs, fault=fault))
            raise
        self._record(function, Call(name, args, kwargs, result=result[0] if back else result))
        return result

    def get(self, path: RemotePath, hold: bool = False) -> Any:
        """Return the value of the student's name at `path`; with `hold`, an object behind a handle."""
        try:
            result = self._request("get", {"path": list(path._path), "hold": hold}, path)
        except RemoteFault as fault:
            self._record(path, Call(path._name, (), {}, fault=fault))
            raise
        self._record(path, Call(path._name, (), {}, result=result))
        return result

    def item(self, container: RemotePath, key: int | str) -> Any:
        """Return the element `key` of an object behind a handle, behind a handle too."""
        return self._request("item", {"key": key}, container)

    def _record(self, path: RemotePath, call: Call) -> None:
        if path._root != LIVE:
            self.calls.append(call)

    def _sendable(self, value: Any) -> Any:
        """Return an argument as it crosses the wire: a handle for an object that stays in the child."""
        match value:
            case RemotePath():
                held = value if isinstance(value._root, int) and not value._path else self.get(value, hold=True)
                if not isinstance(held, RemotePath) or not isinstance(held._root, int):
                    raise _no_answer(f"`{value._name}`")
                return wire.Handle(self._number(held._root), "")
            case list() | tuple():
                return type(value)(self._sendable(element) for element in value)
            case dict():
                return {key: self._sendable(element) for key, element in value.items()}
        return value

    def _number(self, root: int) -> int:
        """Return the child's number of the object `root`, which is gone with the child that held it."""
        self._refuse_if_over()
        children, number = divmod(root, _MAX_HANDLE)
        if children != self._children or not self._link.running:
            raise RemoteFault(Verdict.CRASHED, "Not run: the object was lost with the process that held it.")
        return number

    def _request(self, kind: str, body: dict[str, Any], path: RemotePath) -> Any:
        root, name = path._root, path._name
        home = path._home
        subject = f"`{name}`"
        if home == LIVE:  # our own operations: what goes wrong there is laid at the door of the check's function
            subject = f"`{self.about or name}`"
            home = f"{LIVE} {self.about}"
        key = f"{home}:{name}"
        self._settle()
        if key in self._barred:
            raise self._barred[key]
        if isinstance(root, int):
            body["root"] = self._number(root)
        else:
            self._ready(root)
            body["root"] = root
        self._last = key, subject
        self._called = True
        limits = self._limits
        slow = limits.slow_calls.get(name)
        cpu_seconds, wall_seconds = (slow, 3 * slow) if slow else (limits.call_cpu_seconds, limits.call_wall_seconds)
        return self._live(self._exchange(kind, body, key, subject, cpu_seconds, wall_seconds), path)

    def _settle(self) -> None:
        """End a child that went on sending after its answer, and bar the call that it did so for."""
        if self._link.running and self._link.pending:
            key, subject = self._last
            self._lost(key, RemoteFault(Verdict.REFUSED, f"{subject} sent more than one answer."))

    def _ready(self, root: str) -> None:
        """Have a child in which `root` is there: the module imported, or the notebook's cells run."""
        self._start()
        if root == NOTEBOOK:
            self._run_notebook()
        elif root != LIVE:
            self._import(root)

    def _refuse_if_over(self) -> None:
        if self._closed:
            raise RemoteFault(Verdict.CRASHED, "Not run: grading is over.")
        if time.monotonic() > self._deadline:
            seconds = self._limits.attempt_wall_seconds
            raise RemoteFault(
                Verdict.TIME_LIMIT, f"Not run: the code before it took more than {seconds:g} seconds in all."
            )

    def _start(self) -> None:
        self._refuse_if_over()
        if self._link.running:
            return
        if self._starts > self._limits.replacements:
            raise RemoteFault(
                Verdict.CRASHED,
                f"Not run: the code before it had to be stopped {self._starts} times, and that is where grading ends.",
            )
        self._link.start(self._limits, self._seed)
        self._starts += 1
        self._children += 1
        self._imported.clear()
        self._notebook_ran = False
        self._called = False

    def _renew(self) -> None:
        """Go on in a new child, which has not seen a hidden input."""
        _, used = self._link.end_and_sweep()
        self.clock.children += used
        self._starts -= 1
        self._start()

    def _import(self, name: str) -> None:
        if name in self._imported:
            return
        key = f"{name}:"
        if key in self._barred:
            raise self._barred[key]
        if f"{name}.py" not in self._files:
            self._barred[key] = RemoteFault(Verdict.MISSING, f"The file `{name}.py` is not in the submission.")
            raise self._barred[key]
        try:
            limits = self._limits
            subject = f"Importing `{name}.py`"
            self._exchange(
                "import", {"name": name}, key, subject, limits.import_cpu_seconds, 5 * limits.import_cpu_seconds
            )
        except RemoteFault as fault:
            self._barred[key] = fault
            raise
        self._imported.add(name)

    def _run_notebook(self) -> None:
        """Run the cells in order; a cell that fails is noted and passed over, one that kills the child is left out."""
        if isinstance(self._cells, RemoteFault):
            raise self._cells
        if self._called and not self._notebook_ran:
            self._renew()
        while not self._notebook_ran:
            self._start()
            self._notebook_ran = all(self._run_cell(label, source) for label, source in self._cells)

    def _run_cell(self, label: str, source: str) -> bool:
        """Run one cell; return whether the child is still there."""
        key = f"{NOTEBOOK}:cell:{label}"
        if key in self._barred:
            return True
        limits = self._limits
        try:
            body = {"source": source, "label": label}
            self._exchange("cell", body, key, "The cell", limits.cell_cpu_seconds, limits.call_wall_seconds)
        except RemoteFault as fault:
            unfinished = "NotImplementedError" in fault.types
            self.cell_faults[label] = CellFault(label, fault.verdict, fault.message, unfinished)
            return self._link.running
        return True

    def _exchange(
        self, kind: str, body: dict[str, Any], key: str, subject: str, cpu_seconds: float, wall_seconds: float
    ) -> Any:
        """Send one request, wait for its reply within the limits, and return the value."""
        token = next(self._tokens)
        request = wire.encode(wire.Frame(token, kind, body))
        root = body.get("root")
        place = "the notebook" if root == NOTEBOOK else f"`{root}.py`" if isinstance(root, str) else "the object"
        cpu_start = self._cpu_start = self._link.cpu_seconds()
        wall_end = min(time.monotonic() + wall_seconds, self._deadline)

        def alive() -> None:
            used = self._link.cpu_seconds() - cpu_start
            if used > cpu_seconds:
                raise TimeoutError(f"{subject} was stopped after {cpu_seconds:g} seconds of computing.")
            if time.monotonic() > wall_end:
                raise TimeoutError(f"{subject} was stopped after {wall_seconds:g} seconds of waiting.")
            self._link.check_litter()

        try:
            self._link.send(request, wall_end)
            header = self._link.receive(wire.HEADER.size, alive)
            reply = wire.decode(self._link.receive(wire.body_length(header), alive))
            if reply.token != token:
                raise wire.WireError("the reply is to another request")
            self._link.check_litter()
        except TimeoutError as error:
            message = str(error) or f"{subject} did not take its input in time."
            raise self._lost(key, RemoteFault(Verdict.TIME_LIMIT, message)) from None
        except wire.WireError:
            raise self._lost(key, _no_answer(subject)) from None
        except LitterError:
            raise self._lost(key, RemoteFault(Verdict.REFUSED, f"{subject} left too many files.")) from None
        except EOFError:
            raise self._lost(key, None, subject) from None
        if self._kept + reply.weight > _MAX_KEPT:
            fault = RemoteFault(Verdict.REFUSED, f"{subject} and the calls before it answered with too much data.")
            raise self._lost(key, fault)
        self._kept += reply.weight
        self.clock.calls += max(0.0, self._link.cpu_seconds() - cpu_start)
        if reply.kind == "value":
            return reply.body
        if reply.kind == "error" and isinstance(reply.body, dict):
            fault = _fault(reply.body, subject, place)
            if reply.body.get("errno") == errno.EFBIG:  # it would take its time to print as much again, and again
                self._barred[key] = fault
            raise fault
        raise self._lost(key, _no_answer(subject))

    def _lost(self, key: str, fault: RemoteFault | None, subject: str = "") -> RemoteFault:
        """End the child after a call that it did not survive; bar that call for the rest of the attempt."""
        status, used = self._link.end_and_sweep()
        self.clock.children += used
        self.clock.calls += max(0.0, used - self._cpu_start)
        fault = fault or _ending(status, subject)
        self._barred[key] = fault
        return fault

    def _live(self, value: Any, origin: RemotePath) -> Any:
        """Return `value` with every handle in it as a name that can be called; `origin` is what gave it."""
        match value:
            case wire.Handle():
                if not 0 <= value.number < _MAX_HANDLE:
                    raise _no_answer(f"`{origin._name}`")
                root = self._children * _MAX_HANDLE + value.number
                return RemotePath(self, root, (), _text(value.type_name), origin._home, origin._name)
            case list() | tuple():
                return type(value)(self._live(element, origin) for element in value)
            case dict():
                return {key: self._live(element, origin) for key, element in value.items()}
        return value


@dataclass(frozen=True)
class RemotePath:
    """A name in the student's code. Attributes extend it, a call crosses the wire; nothing else does.

    The root is a module, the notebook, or the number of an object in the child; such an object remembers the module
    and the call that it came from.
    """

    _session: Session = field(repr=False)
    _root: str | int
    _path: tuple[str, ...] = ()
    _type_name: str | None = None
    _origin_home: str = ""
    _origin: str = ""

    @property
    def _home(self) -> str:
        return self._root if isinstance(self._root, str) else self._origin_home

    @property
    def _name(self) -> str:
        """The name as a student would say it: ``VAE.encode`` for the method of what ``VAE(…)`` returned."""
        return ".".join((self._origin, *self._path) if self._origin else self._path)

    def __getattr__(self, name: str) -> RemotePath:
        if name.startswith("__"):
            raise AttributeError(name)
        path = (*self._path, name)
        return RemotePath(self._session, self._root, path, self._type_name, self._origin_home, self._origin)

    def __getitem__(self, key: int | str) -> RemotePath:
        """Return the element `key` of the object, which stays where it is."""
        return cast(RemotePath, self._session.item(self, key))

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{self!r} can't be iterated; name its elements")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function that the name stands for, and return its value."""
        return self._session.call(self, args, kwargs)

    def call_and_return_arguments(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``(result, arguments)``, the arguments as the call left them."""
        return self._session.call(self, args, kwargs, back=True)

    def call_live(self, *args: Any, **kwargs: Any) -> RemotePath:
        """Call the function and leave its value where it is, with whatever hangs on it; return what stands for it."""
        return cast(RemotePath, self._session.call(self, args, kwargs, hold=True))

    def fetch(self) -> Any:
        """Return the value that the name stands for; what can't travel by value stays a `RemotePath`."""
        return self._session.get(self)

    def __str__(self) -> str:
        if self._path or self._type_name is None:
            return self._name or str(self._root)
        return f"an object of type {self._type_name}"

    def __repr__(self) -> str:
        return f"<{self}>"


def _random_numbers() -> Iterator[int]:
    """Yield numbers of 62 bits that nobody can guess; the system is asked for many at a time."""
    while True:
        for (number,) in struct.iter_unpack(">Q", os.urandom(1024)):
            yield number >> 2


def _no_answer(subject: str) -> RemoteFault:
    """Return the verdict on a reply that no honest child sends."""
    return RemoteFault(Verdict.REFUSED, f"{subject} sent something that is no answer.")


def _fault(body: Mapping[str, Any], subject: str, home: str) -> RemoteFault:
    """Return the verdict on an exception that the child described; `body` may hold anything."""
    if "missing" in body:
        return RemoteFault(Verdict.MISSING, f"There is no `{_text(body['missing'])}` in {home}.", ("missing",))
    types = [kind[:_MAX_MESSAGE] for kind in _sequence(body.get("types"))[:_MAX_TYPES] if isinstance(kind, str)]
    if not types:
        return _no_answer(subject)
    message = _text(body.get("message"))
    file, line = _place(body.get("where"))
    place, guarded_place = (f" ({file}, line {line})", f" (line {line})") if line else ("", "")
    raised = f"{_text(types[0])}: {message}" if message else _text(types[0])
    known = next((kind for kind in types if kind in _BUILTIN_EXCEPTIONS), "an exception")

    def fault(verdict: Verdict, what: str, *, quoted: str = "") -> RemoteFault:
        said = f"{subject} {what}: {quoted}{place}." if quoted else f"{subject} {what}{place}."
        return RemoteFault(verdict, said, types, f"{subject} {what}{guarded_place}.")

    number = body.get("errno")
    if "NotImplementedError" in types:
        return RemoteFault(Verdict.MISSING, f"Not written yet: {subject}{guarded_place}.", types)
    if "MemoryError" in types or "DefaultCPUAllocator" in message:
        return fault(Verdict.MEMORY_LIMIT, "ran out of memory", quoted=raised)
    if "PermissionError" in types:
        return fault(Verdict.REFUSED, "tried something that is closed to it", quoted=raised)
    if type(number) is int and number == errno.EFBIG:
        return fault(Verdict.REFUSED, "printed or wrote too much")
    if _MISSING_PACKAGE in types and isinstance(body.get("name"), str):
        guarded = f"{subject} needs a package that is not installed where grading runs{guarded_place}."
        message = f"{subject} needs `{_text(body['name'])}`, which is not installed where grading runs{place}."
        return RemoteFault(Verdict.ERROR, message, types, guarded)
    return RemoteFault(
        Verdict.ERROR, f"{subject} raised {raised}{place}.", types, f"{subject} raised {known}{guarded_place}."
    )


def _place(where: Any) -> tuple[str, int]:
    """Return file and line of an exception, as far as the child told them in a believable form; else line 0."""
    parts = _sequence(where)
    if len(parts) != 3 or not _is_line(parts[1]):
        return "", 0
    return _text(parts[0])[:_MAX_PLACE], parts[1]


def _ending(status: int, subject: str) -> RemoteFault:
    """Return the verdict on a child that ended by itself in the middle of a call."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return RemoteFault(Verdict.TIME_LIMIT, f"{subject} used up the processor time of the whole attempt.")
        if number == signal.SIGSYS:
            return RemoteFault(Verdict.REFUSED, f"{subject} made a system call that is closed to it.")
        name = signal.Signals(number).name if number in signal.valid_signals() else str(number)
        return RemoteFault(Verdict.CRASHED, f"{subject} ended the Python process (signal {name}).")
    return RemoteFault(Verdict.CRASHED, f"{subject} ended the Python process (exit code {os.WEXITSTATUS(status)}).")


def _is_line(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MAX_LINE


def _sequence(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def on_one_line(text: str) -> str:
    """Return `text` on one line, with blanks for what would act on a terminal and `?` for halves of characters."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def _text(value: Any) -> str:
    """Return hostile text in a form that can be stored and compared: printable, short, without addresses."""
    text = value[:_MAX_SEARCHED] if isinstance(value, str) else ""
    text = on_one_line(_SLOT.sub(r"\1", _ADDRESS.sub("0x…", text)))
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 1] + "…"


def _remove(path: Path, is_folder: bool) -> None:
    """Remove what an attempt left behind, however deep, and closed to its owner; links are removed, never followed."""
    if not is_folder:
        path.unlink()
        return
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):  # these go deeper than Python can
        _open_up(path)
        try:
            subprocess.run(["/bin/rm", "-rf", "--", str(path)], check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        except subprocess.CalledProcessError as error:
            raise WorkerUnavailableError(f"the files of an attempt could not be removed from {path}") from error


def _open_up(folder: Path) -> None:
    """Let the grader into folders that an attempt made closed to its own user; root needs no leave."""
    if os.geteuid() != 0:
        command = ["/bin/chmod", "-R", "u+rwx", "--", str(folder)]
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)  # noqa: S603  our own command


def _count(command: list[str]) -> int:
    """Return the number that a command prints first; 0 if it prints none."""
    printed = subprocess.run(command, check=False, capture_output=True).stdout.split()  # noqa: S603  our own command
    return int(printed[0]) if printed else 0
