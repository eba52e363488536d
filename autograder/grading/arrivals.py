"""Notices what arrives in a folder, and waits until it is whole.

It looks, again and again, rather than being told by the kernel: inotify tells nothing about what another machine writes
to a shared disk, and submissions often lie on one. To look costs little, because at each look only the first two levels
are asked when they changed: a folder changes when a file in it comes, goes or is replaced. Files are asked where
something changed lately, and else in turn, since a file that is overwritten leaves no trace in its folder.

Whatever lies there was written by students: links are not followed, and nothing is opened that could block.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from autograder.submissions.paths import is_junk

QUIET_SECONDS = 0.15
"""How long nothing may have changed before what looks whole is taken."""
PATIENT_SECONDS = 3.0
"""The same for what looks as if more were to come: a file is missing, or a text ends without the end of a line."""
STALLED_SECONDS = 15.0
"""The same for what is certainly not whole: an archive without its end, an empty folder or file that is asked for."""

_HOT_SECONDS = 10.0  # how long after a change its files are looked at each time
_TURNS = 16  # looks after which every file has been looked at
_MOST = 2000  # names that are looked at in one folder of the first level; the rest is too much to be work
_TAIL = 64
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_Signature = int


@dataclass
class _Entry:
    """What is known about a name: its signatures, when it last changed, and what was taken."""

    folders: _Signature
    files: _Signature
    changed: float
    taken: tuple[_Signature, _Signature] | None = None

    @property
    def signature(self) -> tuple[_Signature, _Signature]:
        return self.folders, self.files


class Arrivals:
    """What arrives in `folder`, by the names in it, such as the folders of students.

    Parameters
    ----------
    folder
        The folder; it may be missing, and may come later.
    expected
        Returns the files that belong into a folder of a name, such as those of a section; a folder that lacks some
        looks as if more were to come.
    """

    def __init__(self, folder: Path, expected: Callable[[str], Collection[str]] = lambda _: ()) -> None:
        self.folder = folder
        self._expected = expected
        self._entries: dict[str, _Entry] = {}
        self._look = 0

    def take_all(self, now: float) -> None:
        """Take everything that is there as known already."""
        self._notice(now, every=True)
        for entry in self._entries.values():
            entry.taken = entry.signature

    def take(self, now: float) -> dict[str, float]:
        """Look once; return the names that arrived or changed and are whole now, with the time of their last change."""
        self._notice(now)
        taken = {}
        for name, entry in self._entries.items():
            if entry.taken == entry.signature or now - entry.changed < QUIET_SECONDS:
                continue
            patience = max(QUIET_SECONDS, self._patience(self.folder / name))
            if now - entry.changed >= patience:
                entry.taken = entry.signature
                taken[name] = entry.changed
        return taken

    @property
    def waits(self) -> bool:
        """Whether something has arrived and is not taken yet."""
        return any(entry.taken != entry.signature for entry in self._entries.values())

    def _notice(self, now: float, *, every: bool = False) -> None:
        self._look += 1
        try:
            with os.scandir(self.folder) as found:
                names = sorted(entry.name for entry in found if not is_junk(entry.name))
        except OSError:  # it is not there (any more); what is gone is nothing to judge
            names = []
        for gone in self._entries.keys() - set(names):
            del self._entries[gone]
        for place, name in enumerate(names):
            path = self.folder / name
            folders = _signature(path, deep=False)
            entry = self._entries.get(name)
            is_hot = entry is None or entry.folders != folders or now - entry.changed < _HOT_SECONDS
            if entry is not None and not (every or is_hot or place % _TURNS == self._look % _TURNS):
                continue
            files = _signature(path, deep=True)
            if entry is None:
                self._entries[name] = _Entry(folders, files, now)
            elif entry.signature != (folders, files):
                entry.folders, entry.files, entry.changed = folders, files, now

    def _patience(self, path: Path) -> float:
        """Return how long `path` must not have changed, by what it looks like."""
        longest = QUIET_SECONDS
        left = _MOST

        def visit(path: Path, depth: int, is_expected: bool) -> None:
            nonlocal longest, left
            try:
                if not stat.S_ISDIR(os.lstat(path).st_mode):
                    if is_expected or path.suffix.lower() == ".zip":
                        longest = max(longest, _patience_for(path))
                    return
                with os.scandir(path) as found:
                    names = [entry.name for entry in islice(found, left) if not is_junk(entry.name)]
            except OSError:
                return
            left -= len(names)
            if not names:
                longest = max(longest, STALLED_SECONDS)
            expected = set(self._expected(path.name))
            if not expected <= set(names):
                longest = max(longest, PATIENT_SECONDS)
            for name in names if depth < 2 else ():
                visit(path / name, depth + 1, name in expected)

        visit(path, 0, is_expected=False)
        return longest


def _signature(path: Path, *, deep: bool) -> _Signature:
    """Return a number that changes with what is at `path`: names, sizes and times of two levels, or of all."""
    seen: list[tuple[object, ...]] = []
    waiting = [(str(path), 0)]
    while waiting and len(seen) < _MOST:
        at, depth = waiting.pop()
        try:
            status = os.lstat(at)
            seen.append((at, status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
            if stat.S_ISDIR(status.st_mode) and depth < (1 if not deep else 8):
                with os.scandir(at) as found:
                    inner = sorted(entry.path for entry in islice(found, _MOST))
                waiting += [(name, depth + 1) for name in inner]
        except OSError as error:
            seen.append((at, error.errno))
    return hash(tuple(seen))


def _patience_for(path: Path) -> float:
    """Return how long a file must not have changed: longer if it looks as if its end had not arrived."""
    suffix = path.suffix.lower()
    try:
        with os.fdopen(os.open(path, _OPEN), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return QUIET_SECONDS
            if not status.st_size:
                return STALLED_SECONDS
            if suffix == ".zip":
                return QUIET_SECONDS if zipfile.is_zipfile(file) else STALLED_SECONDS
            file.seek(max(0, status.st_size - _TAIL))
            end = file.read(_TAIL)
    except OSError:
        return QUIET_SECONDS
    ends: Mapping[str, Callable[[bytes], bool]] = {
        ".py": lambda text: text.endswith((b"\n", b"\r")),
        ".ipynb": lambda text: text.rstrip().endswith(b"}"),
    }
    return PATIENT_SECONDS if suffix in ends and not ends[suffix](end) else QUIET_SECONDS
