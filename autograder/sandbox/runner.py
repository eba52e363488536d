"""What runs inside the confined child: imports modules, executes cells, calls functions, and sends back values.

Nothing here is trusted: student code shares this process and can change every line of it. It holds no expected values
and no checks, so a hostile student can do no more than make up the answers of their own code.
"""

from __future__ import annotations

import builtins
import errno
import functools
import importlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from autograder.sandbox import wire
from autograder.sandbox.live_objects import Held, Live, seed_generators
from autograder.sandbox.requests import LIVE, NOTEBOOK
from autograder.sandbox.shell import Notebook
from autograder.sandbox.stand_in import StandIn, rebinding
from autograder.sandbox.walls import name_process

MAX_MESSAGE = 500
_RESERVE_BYTES = 2**22
_PATIENCE_SECONDS = 0.02
_ENOUGH_BYTES = 2**16
_STAND_IN = "__stand_in__"
_BUILTIN = {
    kind: kind.__name__
    for kind in vars(builtins).values()
    if isinstance(kind, type) and issubclass(kind, BaseException)
} | {object: "object"}
_STARTS_PROGRAMS = frozenset({"subprocess", "multiprocessing.popen_fork", "multiprocessing.util", "pty"})


def serve(descriptor: int, submission: str, seed: int) -> NoReturn:
    """Answer requests that arrive on the socket `descriptor` until it is closed; never returns.

    The working folder gets a copy of the submission, because a student's notebook runs in the folder with its files.
    What is written there is gone when this process ends.
    """
    seed_generators(seed)
    _copy(Path(submission), Path.cwd())
    sys.path.insert(0, str(Path.cwd()))
    runner = Runner(submission, descriptor)
    _write(descriptor, wire.encode(wire.Frame(0, "confined", None)))
    while True:
        header = _read(descriptor, wire.HEADER.size)
        request = wire.decode(_read(descriptor, wire.body_length(header)), trusted=True)
        for replies in _replies(runner, request):
            _write(descriptor, replies)


def _copy(source: Path, target: Path) -> None:
    """Copy the files below `source`, without their modes, which the walls don't let this process change."""
    for entry in os.scandir(source):
        if entry.is_dir():
            (target / entry.name).mkdir(exist_ok=True)
            _copy(Path(entry.path), target / entry.name)
        else:
            shutil.copyfile(entry.path, target / entry.name)


def _replies(runner: Runner, request: wire.Frame) -> Iterator[bytes]:
    """Yield the replies to `request`, one for each of its calls, several at a time.

    The judge measures each call by when its reply arrives, so no reply waits long for those after it.
    """
    ready = bytearray()
    since = monotonic()
    reply = b""
    runner.flooded = False
    for asked in _single_requests(request):
        if not runner.flooded:  # a call that printed as much as it may would do so each time, and that takes long
            reply = _reply(runner, asked)
            runner.discard_output()
        ready += reply
        if monotonic() - since > _PATIENCE_SECONDS or len(ready) > _ENOUGH_BYTES:
            yield bytes(ready)
            ready.clear()
            since = monotonic()
    if ready:
        yield bytes(ready)


def _single_requests(request: wire.Frame) -> Iterator[wire.Frame]:
    if request.kind != "calls":
        yield request
        return
    each = request.body.pop("each")
    for args, kwargs in each:
        yield wire.Frame(request.token, "call", {**request.body, "args": args, "kwargs": kwargs})


def _reply(runner: Runner, request: wire.Frame) -> bytes:
    runner.token = request.token
    try:
        value = runner.answer(request)
        return wire.encode(wire.Frame(request.token, "value", value), runner.keep)
    except _NotThereError as error:
        body: dict[str, Any] = {"missing": str(error)}
    except BaseException as error:  # noqa: BLE001  whatever student code raises, even SystemExit, is an answer
        if isinstance(error, MemoryError):
            runner.reserve = b""  # so that there is memory for the reply
        body = _describe(error, runner.homes)
        runner.flooded = body["errno"] == errno.EFBIG
    return wire.encode(wire.Frame(request.token, "error", body))


class _NotThereError(Exception):
    """A name that the request asks for does not exist."""


class Runner:
    """The student's modules, the notebook's namespace, and the objects that handles stand for."""

    def __init__(self, submission: str, descriptor: int = -1) -> None:
        self.submission = submission
        self.descriptor = descriptor
        self.token = 0
        self.stood_in_for: set[str] = set()  # functions that the notebook defines
        self.objects: dict[int, object] = {}
        self.live = Live()
        self.flooded = False
        self.reserve = bytes(_RESERVE_BYTES)
        self.homes = (submission, str(Path.cwd()), "<")  # how file names of the student's code begin
        self.notebook = Notebook(lambda number, line: name_process(f"{number}:{line}"))
        self._handlers: dict[str, Callable[..., object]] = {
            "import": self.import_module,
            "cell": self.run_cell,
            "defer": self.defer_cells,
            "get": self.get,
            "item": self.item,
            "call": self.call,
            "stand_in": self.stand_in,
            "stand_in_for_module": self.stand_in_for_module,
        }

    def answer(self, request: wire.Frame) -> object:
        """Do what `request` asks and return the result."""
        return self._handlers[request.kind](**request.body)

    def import_module(self, name: str) -> None:
        """Import the student's module `name` as it was handed in."""
        sys.path.insert(0, self.submission)
        try:
            importlib.import_module(name)
        finally:
            sys.path.remove(self.submission)

    def run_cell(self, source: str, label: str, skip: Sequence[int] = ()) -> list[str]:
        """Execute one cell in the notebook's namespace; return what it asked for and did not get."""
        rewrite = None
        if self.stood_in_for:
            self.notebook.namespace[_STAND_IN] = lambda name, own: StandIn(name, own, self.ask)
            rewrite = functools.partial(rebinding, names=self.stood_in_for, hook=_STAND_IN)
        return ["commands"] if self.notebook.run(source, label, skip, rewrite) else []

    def defer_cells(self, cells: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Keep released cells, with the names that each defines, for later cells that use these names."""
        for source, names in cells:
            self.notebook.defer(source, names)

    def stand_in(self, root: str, path: list[str]) -> None:
        """From now on, let the function that `path` names ask the judge for its answers."""
        if root == NOTEBOOK:
            self.stood_in_for.add(path[0])
            return
        owner = self._resolve(root, path[:-1])
        stand_in = StandIn(".".join(path), self._resolve(root, path), self.ask)
        setattr(owner, path[-1], staticmethod(stand_in) if isinstance(owner, type) else stand_in)

    def stand_in_for_module(self, name: str, functions: Sequence[str]) -> None:
        """Create a module `name` with only `functions`, which ask the judge for their answers."""
        module = sys.modules[name] = ModuleType(name)
        for function in functions:
            *owners, last = function.split(".")
            inside: Any = module
            for owner in owners:
                inside = vars(inside).get(owner) or _set(inside, owner, type(owner, (), {}))
            stand_in = StandIn(function, _not_there, self.ask)
            setattr(inside, last, staticmethod(stand_in) if owners else stand_in)

    def ask(self, name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, Any]:
        """Ask the judge, in the middle of a request, what the function `name` has to answer.

        If the result is empty, the function itself has to answer, as it has to if its arguments are not data.
        """
        body = {"function": name, "args": list(args), "kwargs": dict(kwargs)}
        try:
            question = wire.encode(wire.Frame(self.token, "ask", body))
        except wire.WireError:
            return {}
        _write(self.descriptor, question)
        header = _read(self.descriptor, wire.HEADER.size)
        told = wire.decode(_read(self.descriptor, wire.body_length(header)), trusted=True)
        return {key: self._live(value) for key, value in told.body.items()}

    def get(self, root: str | int, path: list[str], hold: bool = False) -> object:
        """Return what `path` names; with `hold`, a handle to it."""
        return self._given(self._resolve(root, path), hold)

    def item(self, root: int, key: int | str) -> object:
        """Return a handle to the element `key` of the object `root`."""
        container: Any = self.objects[root]
        try:
            return self.keep(container[key])
        except (LookupError, TypeError):
            raise _NotThereError(f"[{key!r}]") from None

    def call(
        self,
        root: str | int,
        path: list[str],
        args: list[object],
        kwargs: dict[str, object],
        back: bool = False,
        hold: bool = False,
    ) -> object:
        """Call what `path` names; with `back`, return ``(result, arguments after the call)``; with `hold`, a handle."""
        function = self._resolve(root, path)
        live = tuple(self._live(value) for value in args)
        result = function(*live, **{name: self._live(value) for name, value in kwargs.items()})
        return (result, live) if back else self._given(result, hold)

    def _given(self, value: object, hold: bool) -> object:
        if isinstance(value, Held):
            return self.keep(value.value)
        return self.keep(value) if hold else value

    def keep(self, value: object) -> wire.Handle:
        """Keep an object that can't be sent by value; return the handle that stands for it."""
        number = len(self.objects) + 1
        self.objects[number] = value
        return wire.Handle(number, type(value).__name__[:MAX_MESSAGE])

    def discard_output(self) -> None:
        """Discard what the last call printed, so that much output of one function does not affect the next."""
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            try:
                getattr(sys, name).flush()
            except Exception:  # noqa: BLE001  a stream that student code closed, replaced or overfilled
                setattr(sys, name, io.TextIOWrapper(open(descriptor, "wb", closefd=False), line_buffering=True))  # noqa: SIM115
        if os.fstat(1).st_size:
            os.ftruncate(1, 0)

    def _live(self, value: Any) -> Any:
        """Return an argument as the student's function must see it, with handles and tensors as real objects."""
        if type(value) in wire.PLAIN or (type(value) in (list, tuple) and wire.PLAIN.issuperset(map(type, value))):
            return value
        match value:
            case wire.Handle():
                return self.objects[value.number]
            case wire.Tensor():
                torch = sys.modules["torch"]
                return torch.from_numpy(value.array).to(getattr(torch, value.dtype))
            case list() | tuple():
                return type(value)(self._live(element) for element in value)
            case dict():
                return {key: self._live(element) for key, element in value.items()}
        return value

    def _resolve(self, root: str | int, path: list[str]) -> Any:
        rest = list(path)
        if isinstance(root, int):
            found: Any = self.objects[root]
        elif root == NOTEBOOK:
            name = rest.pop(0)
            if name not in self.notebook.namespace:
                raise _NotThereError(name)
            found = self.notebook.namespace[name]
        elif root == LIVE:
            found = self.live
        else:
            found = sys.modules[root]
        for position, name in enumerate(rest):
            try:
                found = getattr(found, name)
            except AttributeError:
                raise _NotThereError(".".join(rest[: position + 1])) from None
        return found


def _not_there(*_args: object, **_kwargs: object) -> NoReturn:
    raise NotImplementedError


def _set(owner: Any, name: str, value: Any) -> Any:
    setattr(owner, name, value)
    return value


def _describe(error: BaseException, homes: tuple[str, ...]) -> dict[str, Any]:
    """Return what the judge may know about an exception: its types, its message, and where it was raised."""
    try:
        message = str(error)
    except BaseException:  # noqa: BLE001  __str__ may be the student's
        message = ""
    where: list[object] | None
    if isinstance(error, SyntaxError):
        where = [_short(str(error.filename), homes), error.lineno if isinstance(error.lineno, int) else 0, ""]
        message = error.msg if isinstance(error.msg, str) else message
    else:
        where = _where(error.__traceback__, homes)
    return {
        "types": [_qualified(kind)[:MAX_MESSAGE] for kind in type(error).__mro__[:16]],
        "message": message[:MAX_MESSAGE],
        "where": where,
        "errno": error.errno if isinstance(error, OSError) and isinstance(error.errno, int) else None,
        "name": error.name[:MAX_MESSAGE] if isinstance(error, ImportError) and isinstance(error.name, str) else None,
        "closed": _closed(error),
    }


def _closed(error: BaseException) -> str | None:
    """Return which restriction of the sandbox caused an exception, if that can be seen, for the student's message."""
    for _ in range(8):
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        module = trace.tb_frame.f_globals.get("__name__") if trace is not None else None
        if isinstance(error, OSError):
            if module == "socket" or type(error).__name__ in ("gaierror", "herror"):
                return "network"
            if isinstance(error, PermissionError):
                function = trace.tb_frame.f_code.co_name if trace is not None else ""
                if module in _STARTS_PROGRAMS or (module == "os" and function.startswith(("_exec", "_spawn", "popen"))):
                    return "programs"
                return "files" if isinstance(error.filename, (str, bytes)) else "other"
        reason = getattr(error, "reason", None)
        inner = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__
        if inner is None:
            return None
        error = inner
    return None


def _where(trace: TracebackType | None, homes: tuple[str, ...]) -> list[object] | None:
    """Return file, line and function of the innermost frame in the student's files or cells.

    The `traceback` module would also read the source lines of every file on the way.
    """
    where: list[object] | None = None
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith(homes) and not code.co_filename.startswith("<frozen"):
            where = [_short(code.co_filename, homes), trace.tb_lineno or 0, code.co_name]
        trace = trace.tb_next
    return where


def _short(filename: str, homes: tuple[str, ...]) -> str:
    for home in homes:
        filename = filename.removeprefix(home)
    return filename.strip("/<>")[:MAX_MESSAGE]


def _qualified(kind: type) -> str:
    if type(kind) is type and kind in _BUILTIN:  # the hash of others may be the student's code
        return _BUILTIN[kind]
    module = str(kind.__module__)
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read(descriptor: int, count: int) -> bytes:
    """Read exactly `count` bytes; the end of the stream is the end of this process."""
    parts = []
    while count:
        part = os.read(descriptor, min(count, 2**20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
