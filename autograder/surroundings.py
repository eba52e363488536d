"""Makes libraries do in the child what they do on a student's machine, as far as one process without a window can.

A worker calls `prepare` once, before it forks. What a student wrote for a machine with windows, several processes and
sockets then runs in here too: a backend with a window becomes the one that Jupyter draws with, workers become threads
or nothing, and an event loop does without its pair of sockets. No wall knows of it, and none depends on it.
"""

from __future__ import annotations

import asyncio.selector_events
import concurrent.futures.process
import contextlib
import functools
import importlib
import inspect
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.dummy
import multiprocessing.pool
import os
import queue
import shutil
import sys
import threading
import urllib.parse
from collections.abc import Callable
from concurrent import futures
from types import ModuleType
from typing import Any

from autograder.confine import INLINE_BACKEND

_DRAWS_NOWHERE = frozenset({"agg", "pdf", "pgf", "ps", "svg", "template", INLINE_BACKEND})


def prepare() -> None:
    """Adapt what is imported; what is not is left alone, so call it again after importing more."""
    _event_loops()
    _processes()
    _files()
    if "matplotlib.pyplot" in sys.modules:
        _backends(sys.modules["matplotlib.pyplot"])
    if "torch.utils.data" in sys.modules:
        _loaders(sys.modules["torch.utils.data"].DataLoader)


def _files() -> None:
    """Have an own file keep its mode and times where whoever copies it asks for others; and databases take no locks.

    Nobody may change these or take locks in here, but of the process's own files nobody else knows.
    """
    for name in ("chmod", "fchmod", "lchmod", "utime"):
        original = getattr(os, name, None)
        if original is not None and not hasattr(original, "adapted"):
            setattr(os, name, _forgiving(original))
    shutil._copyxattr = lambda *_args, **_kwargs: None  # type: ignore[attr-defined]
    import sqlite3
    import sqlite3.dbapi2

    connect = sqlite3.connect
    if hasattr(connect, "adapted"):
        return

    @functools.wraps(connect)
    def adapted(database: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(database, (str, bytes, os.PathLike)) and not kwargs.get("uri"):
            path = os.fsdecode(database)
            if path and path != ":memory:":
                database, kwargs = f"file:{urllib.parse.quote(path)}?vfs=unix-none", {**kwargs, "uri": True}
        elif isinstance(database, str) and "vfs=" not in database:
            database += f"{'&' if '?' in database else '?'}vfs=unix-none"
        return connect(database, *args, **kwargs)

    adapted.adapted = True  # type: ignore[attr-defined]
    sqlite3.connect = sqlite3.dbapi2.connect = adapted


def _forgiving(change: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(change)
    def adapted(path: Any, *args: Any, **kwargs: Any) -> None:
        try:
            change(path, *args, **kwargs)
        except PermissionError:
            slot = os.path.dirname(os.environ.get("HOME", ""))  # noqa: PTH120
            own = tuple(f"{slot}/{name}/" for name in ("scratch", "home"))
            if not isinstance(path, int) and not os.path.realpath(os.fsdecode(path)).startswith(own):
                raise

    adapted.adapted = True  # type: ignore[attr-defined]
    return adapted


class _PipeEnd:
    """One end of a pipe, as much of a socket as an event loop wakes itself up with."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def recv(self, size: int) -> bytes:
        return os.read(self._descriptor, size)

    def send(self, data: bytes) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


def _event_loops() -> None:
    def make(loop: Any) -> None:
        loop._ssock, loop._csock = map(_PipeEnd, os.pipe())
        loop._internal_fds += 1
        loop._add_reader(loop._ssock.fileno(), loop._read_from_self)

    asyncio.selector_events.BaseSelectorEventLoop._make_self_pipe = make  # type: ignore[attr-defined]


class _Notifier(queue.SimpleQueue[Any]):
    """The queue by which a pool of threads wakes its keeper, who waits for a pipe to become readable."""

    def __init__(self) -> None:
        super().__init__()
        self._reader, self._writer = multiprocessing.connection.Pipe(duplex=False)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        super().put(item, block, timeout)
        self._writer.send_bytes(b"x")

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        self._reader.recv_bytes()
        return super().get(block, timeout)


class _Manager:
    """What processes would share objects through; threads share them as they are."""

    def __getattr__(self, name: str) -> Any:
        return getattr(multiprocessing.dummy, name)

    def __enter__(self) -> _Manager:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def shutdown(self) -> None:
        """Leave it: nothing was started."""


def _processes() -> None:
    """Have everything that starts processes start threads, and everything that processes share be shared by threads."""
    threads = multiprocessing.dummy
    context: Any = multiprocessing.context.BaseContext

    def pool(_self: Any, processes: int | None = None, initializer: Any = None, initargs: Any = (), *_: Any) -> Any:
        return multiprocessing.pool.ThreadPool(processes, initializer, initargs)

    shared: dict[str, Callable[..., Any]] = {
        "Lock": threading.Lock, "RLock": threading.RLock, "Condition": threading.Condition, "Event": threading.Event,
        "Semaphore": threading.Semaphore, "BoundedSemaphore": threading.BoundedSemaphore, "Barrier": threading.Barrier,
        "Queue": queue.Queue, "JoinableQueue": queue.Queue, "SimpleQueue": _Notifier, "Value": threads.Value,
        "Array": threads.Array, "Manager": _Manager,
    }  # fmt: skip
    for name, make in shared.items():
        setattr(context, name, functools.partialmethod(_without_self, make))
    context.Pool = pool
    contexts: Any = multiprocessing.context
    for where in (multiprocessing, contexts, *map(type, contexts._concrete_contexts.values())):
        where.Process = threads.Process
    for name in (*shared, "Pool"):  # methods of the default context, bound when the package was imported
        setattr(multiprocessing, name, getattr(multiprocessing.get_context(), name))
    for executors in (futures, concurrent.futures.process):
        setattr(executors, "ProcessPoolExecutor", _ThreadsForProcesses)  # noqa: B010  the types forbid it


def _without_self(_context: Any, make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    kwargs.pop("ctx", None)
    return make(*args, **kwargs)


class _ThreadsForProcesses(futures.ThreadPoolExecutor):
    """What asks for processes gets threads."""

    def __init__(
        self,
        max_workers: int | None = None,
        mp_context: Any = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        **_: Any,
    ) -> None:
        del mp_context
        super().__init__(max_workers, initializer=initializer, initargs=initargs)


def _backends(pyplot: ModuleType) -> None:
    """Have every backend that needs a window be Jupyter's own, which draws for a notebook."""
    from matplotlib import rcsetup

    switch = pyplot.switch_backend
    if getattr(switch, "adapted", False):
        return

    @functools.wraps(switch)
    def adapted(newbackend: str) -> None:
        name = rcsetup.validate_backend(newbackend)
        name = name if isinstance(name, str) else INLINE_BACKEND
        switch(name if name.lower() in _DRAWS_NOWHERE else INLINE_BACKEND)

    adapted.adapted = True  # type: ignore[attr-defined]
    pyplot.switch_backend = adapted  # type: ignore[attr-defined]
    adapted(INLINE_BACKEND)
    inline: Any = importlib.import_module("matplotlib_inline.backend_inline")
    inline._fetch_figure_metadata = lambda _figure: None  # colours of ticks, for a picture that nobody draws


def _loaders(loader: Any) -> None:
    """Have PyTorch's data loaders load in the process that asks."""
    original = loader.__init__
    if getattr(original, "adapted", False):
        return
    signature = inspect.signature(original)
    alone = {
        "num_workers": 0,
        "prefetch_factor": None,
        "persistent_workers": False,
        "multiprocessing_context": None,
        "timeout": 0,
    }

    @functools.wraps(original)
    def adapted(*args: Any, **kwargs: Any) -> None:
        with contextlib.suppress(TypeError):  # what is wrong with the arguments is said by the original
            given = signature.bind(*args, **kwargs)
            given.arguments |= {name: value for name, value in alone.items() if name in given.arguments}
            args, kwargs = given.args, given.kwargs
        original(*args, **kwargs)

    adapted.adapted = True  # type: ignore[attr-defined]
    loader.__init__ = adapted
