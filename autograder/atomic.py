"""Files that appear whole or not at all: readers see the old one or the new one, and a crash leaves one of them.

And a lock, for changes to more than one file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def write(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Make `content` the file at `path`, in one step; a file that already holds it is left alone.

    Parameters
    ----------
    path
        The destination; its folder is created if it is missing. A link there is replaced, never followed.
    content
        The whole file.
    durable
        Whether it must survive a power cut, which costs milliseconds.

    Raises
    ------
    OSError
        If it can't be written; what was there before is still there.
    """
    try:
        there = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
    else:
        if stat.S_ISREG(there.st_mode) and there.st_size == len(content) and path.read_bytes() == content:
            return
    with _beside(path, content, durable) as temporary:
        temporary.replace(path)


def create(path: Path, content: bytes) -> None:
    """Make `content` the file at `path`, in one step, unless there is one already, which is kept.

    Raises
    ------
    OSError
        If it can't be written.
    """
    with _beside(path, content) as temporary, contextlib.suppress(FileExistsError):
        path.hardlink_to(temporary)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for `folder`, which must exist.

    The lock is on the folder itself, if its disk supports such locks, and leaves no file behind.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def lock(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
    """Hold a lock on the file `path`, which is made if it is missing, for the length of the block.

    Parameters
    ----------
    shared
        Whether others may hold it too, if theirs is shared as well.
    wait
        Whether to wait for it.

    Yields
    ------
    bool
        Whether the block has the lock. It has if the disk does not support locks.

    Raises
    ------
    OSError
        If the file can't be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    is_ours = True
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            is_ours = False
        except OSError:
            pass
        yield is_ours
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _beside(path: Path, content: bytes, durable: bool = False) -> Iterator[Path]:
    """Give the body a file in the folder of `path` that holds all of `content`; it is removed afterwards."""
    prefix = f".{path.name[:40]}."
    _sweep(path.parent, prefix)
    file, temporary = _locked_file(path.parent, prefix)
    try:
        with file:
            file.write(content)
            file.flush()  # before it gets its name, so that it is never seen or left half-written
            if durable:
                os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
            yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _locked_file(folder: Path, prefix: str) -> tuple[IO[bytes], Path]:
    """Return a new file that no other process removes as long as it is open."""
    while True:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=prefix)
        file = os.fdopen(descriptor, "wb")
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(descriptor).st_nlink:  # otherwise it was removed before it was locked
            return file, Path(name)
        file.close()


def _sweep(folder: Path, prefix: str) -> None:
    """Remove files that killed writers left behind; a writer at work holds a lock on its file."""
    for entry in os.scandir(folder):
        if entry.name.startswith(prefix):
            with contextlib.suppress(OSError), Path(entry.path).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Path(entry.path).unlink()
