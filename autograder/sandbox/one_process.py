"""Replaces processes by threads, because students start processes and the child is not allowed to.

What `multiprocessing`, executors and PyTorch offer for processes keeps its names and behaviour. There is one
difference: variables that a worker process would change only for itself are changed for all. No verdict depends on it.
"""

from __future__ import annotations

import concurrent.futures.process
import contextlib
import functools
import inspect
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.dummy
import multiprocessing.heap
import multiprocessing.pool
import queue
import sys
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any


class Process(multiprocessing.dummy.DummyProcess):
    """A thread that behaves like a process. After `terminate` it reports that it has ended, but still runs on."""

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Any = (),
        kwargs: Any = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        super().__init__(group, target, name, args, kwargs or {})
        self._ended = threading.Event()
        self._said: int | None = None
        self._asked_for_daemon = bool(daemon)

    @property
    def daemon(self) -> bool:
        """What was asked for; the thread itself never keeps the child from ending."""
        return self._asked_for_daemon

    @daemon.setter
    def daemon(self, daemon: bool) -> None:
        self._asked_for_daemon = daemon

    @property
    def pid(self) -> int | None:
        """The thread's number, once it was started."""
        return self.native_id

    def run(self) -> None:
        """Do the work, and remember the exit code that a process would have ended with."""
        try:
            super().run()
            self._said = 0
        except SystemExit as error:
            self._said = error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            self._said = 1
            raise
        finally:
            self._ended.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until it is done."""
        if self.ident is not None:
            self._ended.wait(timeout)

    def is_alive(self) -> bool:
        """Whether it was started and is not done."""
        return self.ident is not None and not self._ended.is_set()

    @property
    def exitcode(self) -> int | None:  # type: ignore[override]
        """None until it is done, then its exit code."""
        return self._said if self._ended.is_set() else None

    def terminate(self) -> None:
        """Report it as ended from now on."""
        if not self._ended.is_set():
            self._said = -15
            self._ended.set()

    kill = terminate

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


class Queue(queue.Queue[Any]):
    """A queue that can be closed."""

    def close(self) -> None:
        """Do nothing: there is no pipe to close."""

    join_thread = cancel_join_thread = close


class SimpleQueue(queue.SimpleQueue[Any]):
    """A queue that can be closed, with a pipe that becomes readable when there are items."""

    def __init__(self) -> None:
        super().__init__()
        self._reader, self._writer = multiprocessing.connection.Pipe(duplex=False)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put `item`, and a byte into the pipe."""
        super().put(item, block, timeout)
        self._writer.send_bytes(b"x")

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Take a byte out of the pipe, and the item."""
        self._reader.recv_bytes()
        return super().get(block, timeout)

    def close(self) -> None:
        """Do nothing: the pipe is closed with the queue."""


class Pool(multiprocessing.pool.ThreadPool):
    """A pool of one thread; several threads would share one random generator, in an order that differs each time."""

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., object] | None = None,
        initargs: Any = (),
        maxtasksperchild: int | None = None,
        context: Any = None,
    ) -> None:
        del processes, maxtasksperchild, context
        super().__init__(1, initializer, initargs)


class Manager:
    """Stands for the manager through which processes share objects; threads share them as they are."""

    def __getattr__(self, name: str) -> Any:
        return getattr(multiprocessing.dummy, name)

    def __enter__(self) -> Manager:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()

    def start(self) -> None:
        """Do nothing: there is nothing to start."""

    def shutdown(self) -> None:
        """Do nothing: nothing was started."""


class Executor(futures.ThreadPoolExecutor):
    """One thread with the interface of an executor with processes."""

    def __init__(
        self,
        max_workers: int | None = None,
        mp_context: Any = None,
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
        **_: Any,
    ) -> None:
        del max_workers, mp_context
        super().__init__(1, initializer=initializer, initargs=initargs)


_IN_THEIR_PLACE: dict[str, Callable[..., Any]] = {
    "Lock": threading.Lock, "RLock": threading.RLock, "Condition": threading.Condition, "Event": threading.Event,
    "Semaphore": threading.Semaphore, "BoundedSemaphore": threading.BoundedSemaphore, "Barrier": threading.Barrier,
    "Queue": Queue, "JoinableQueue": Queue, "SimpleQueue": SimpleQueue, "Pool": Pool, "Manager": Manager,
}  # fmt: skip


def prepare() -> None:
    """Replace processes by threads in all modules that are imported by now."""
    contexts: Any = multiprocessing.context
    pools: Any = multiprocessing.pool
    for name, make in _IN_THEIR_PLACE.items():
        setattr(contexts.BaseContext, name, functools.partialmethod(_without_context, make))
    kinds = map(type, contexts._concrete_contexts.values())
    packages = [multiprocessing, *(sys.modules[name] for name in ("torch.multiprocessing",) if name in sys.modules)]
    for where in (contexts, *kinds, *packages):
        where.Process = Process
    for package in packages:  # their functions are methods of the default context
        for name in (*_IN_THEIR_PLACE, "Value", "Array"):
            setattr(package, name, getattr(multiprocessing.get_context(), name))
    pools.Pool.__new__ = _new_pool
    heap: Any = multiprocessing.heap
    heap.Arena._dir_candidates = []  # shared memory must lie in the home and nowhere else
    for executors in (futures, concurrent.futures.process):
        setattr(executors, "ProcessPoolExecutor", Executor)  # noqa: B010  the types forbid it
    if "torch.utils.data" in sys.modules:
        _load_alone(sys.modules["torch.utils.data"].DataLoader)
        tensor = sys.modules["torch"].Tensor
        tensor.share_memory_ = _shared
        tensor.is_shared = lambda self: getattr(self, "_is_shared", False)


def _without_context(_context: Any, make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    kwargs.pop("ctx", None)
    return make(*args, **kwargs)


def _new_pool(kind: type, *_args: Any, **_kwargs: Any) -> Any:
    """Return a pool of threads if the class for pools of processes itself is called."""
    return object.__new__(Pool if kind is multiprocessing.pool.Pool else kind)


def _shared(tensor: Any) -> Any:
    """Return the tensor, which threads share as it is."""
    tensor._is_shared = True
    return tensor


def _load_alone(loader: Any) -> None:
    """Make PyTorch's data loaders load in the process that uses them."""
    original = loader.__init__
    if hasattr(original, "adapted"):
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
        with contextlib.suppress(TypeError):  # the original reports what is wrong with the arguments
            given = signature.bind(*args, **kwargs)
            given.arguments |= {name: value for name, value in alone.items() if name in given.arguments}
            args, kwargs = given.args, given.kwargs
        original(*args, **kwargs)

    adapted.adapted = True  # type: ignore[attr-defined]
    loader.__init__ = adapted
