"""Puts the memory of a warm worker into huge pages, so that a fork of it has less to copy and to take down.

A fork copies a table entry for every page that its parent has written, and takes it down again at its end: a worker
with torch has 50,000 of them. In huge pages of 2 MiB it has some hundred, and what a child writes is still copied in
small ones. Fork and end of an idle child take 6 ms in place of 26 with torch, 5 in place of 8 with NumPy and SciPy.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

_HUGE = 2**21
_MADV_COLLAPSE = 25  # madvise(2), Linux 6.1


def collapse() -> int:
    """Collapse the anonymous memory of this process, where the kernel can; return how many bytes it did."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    done = 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights != "rw-p" or (name and name[0] != "[heap]"):
            continue
        start, end = (int(address, 16) for address in span.split("-"))
        start, end = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if start < end and madvise(start, end - start, _MADV_COLLAPSE) == 0:
            done += end - start
    return done
