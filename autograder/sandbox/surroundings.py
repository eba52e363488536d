"""Makes libraries behave in the child as on a student's machine, as far as one process without a window allows.

A worker calls `prepare` once, before it forks. Code that was written for a machine with windows, several processes and
sockets then runs here too: Jupyter's backend replaces backends with a window, workers become threads or are left out,
and an event loop does without its pair of sockets. The walls do not depend on any of this.
"""

from __future__ import annotations

import asyncio.selector_events
import functools
import importlib
import os
import pwd
import shutil
import sys
import urllib.parse
from collections.abc import Callable
from types import ModuleType
from typing import Any

from autograder.sandbox import one_process
from autograder.sandbox.walls import INLINE_BACKEND

_DRAWS_NOWHERE = frozenset({"agg", "pdf", "pgf", "ps", "svg", "template", INLINE_BACKEND})


def prepare() -> None:
    """Adapt the modules that are imported by now; to be called again after importing more."""
    one_process.prepare()
    _event_loops()
    _files()
    _user()
    if "matplotlib.pyplot" in sys.modules:
        _backends(sys.modules["matplotlib.pyplot"])


def _files() -> None:
    """Ignore requests to change the mode or times of the process's own files, and open databases without locks.

    The walls refuse both. No other process uses these files, so neither is needed.
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
    """One end of a pipe, with the methods of a socket that an event loop needs to wake itself up."""

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


def _user() -> None:
    """Give the user of the process the name in the environment if the machine does not know that user."""
    known = pwd.getpwuid
    if hasattr(known, "adapted"):
        return

    @functools.wraps(known)
    def adapted(uid: int) -> pwd.struct_passwd:
        try:
            return known(uid)
        except KeyError:
            if uid != os.getuid():
                raise
            name, home = os.environ.get("USER", ""), os.environ.get("HOME", "")
            return pwd.struct_passwd((name, "x", uid, os.getgid(), "", home, "/bin/sh"))

    adapted.adapted = True  # type: ignore[attr-defined]
    pwd.getpwuid = adapted


def _backends(pyplot: ModuleType) -> None:
    """Replace every backend that needs a window by Jupyter's own, which draws for a notebook."""
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
    inline._fetch_figure_metadata = lambda _figure: None  # colours of ticks, for a picture that is never drawn
