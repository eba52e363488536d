"""Does many small pieces of work in several processes, which are forked from this one for it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection
from typing import Any, TypeVar

_Item = TypeVar("_Item")

_LEAST = 32
"""With fewer items, the work is faster than forking processes."""

_work: list[tuple[Callable[[Any], None], Sequence[Any]]] = []


def spread(work: Callable[[_Item], None], items: Sequence[_Item], processes: int) -> None:
    """Call `work` with each of `items`, in no particular order; it must not return or share anything.

    Raises
    ------
    Exception
        The first exception that `work` raised. Other items may or may not have been done.
    """
    if processes < 2 or len(items) < _LEAST:
        for item in items:
            work(item)
        return
    _work.append((work, items))  # the processes are copies of this one, so only a number is sent to them
    gc.freeze()  # the processes need not scan the objects inherited from here
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), end_with_parent) as executor:
            for share in [executor.submit(_do, first, processes) for first in range(processes)]:
                share.result()
    finally:
        gc.unfreeze()
        _work.pop()


def end_with_parent() -> None:
    """Make this process end when the one that started it ends, for whatever reason.

    A pool's processes hold each other's pipes: without this, those of a grader that was killed would wait for work
    forever.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a process of a pool has a parent to end with"
    sentinel = parent.sentinel

    def watch() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _do(first: int, step: int) -> None:
    work, items = _work[-1]
    for item in items[first::step]:
        work(item)
