"""Does many small pieces of work on several processes, forked from this one for the purpose."""

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
"""Fewer items are done faster than processes are forked."""

_work: list[tuple[Callable[[Any], None], Sequence[Any]]] = []


def spread(work: Callable[[_Item], None], items: Sequence[_Item], processes: int) -> None:
    """Call `work` with every one of `items`, in no particular order; it must return nothing and share nothing.

    Raises
    ------
    Exception
        What `work` raised first. Other items may have been done or not.
    """
    if processes < 2 or len(items) < _LEAST:
        for item in items:
            work(item)
        return
    _work.append((work, items))  # the processes are copies of this one: nothing is sent to them but a number
    gc.freeze()  # they need not look through what they got from here
    try:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), end_with_parent) as executor:
            for share in [executor.submit(_do, first, processes) for first in range(processes)]:
                share.result()
    finally:
        gc.unfreeze()
        _work.pop()


def end_with_parent() -> None:
    """Let this process end when the one that asked for it does, however that ends.

    A pool's processes hold the pipes of one another: without this, those of a grader that was killed would wait for
    work for ever.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a process of a pool has somebody to end with"
    sentinel = parent.sentinel

    def watch() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _do(first: int, step: int) -> None:
    work, items = _work[-1]
    for item in items[first::step]:
        work(item)
