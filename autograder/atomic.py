"""Files that appear whole or not at all: readers see the old one or the new one, and a crash leaves one of them.

And a lock, for what takes more than one file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def write(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Make `content` the file at `path`, in one step; a file that already holds it is left alone.

    Parameters
    ----------
    path
        Where to; its folder is made if it is missing. A link there is replaced, never followed.
    content
        The whole file.
    durable
        Whether it must survive a power cut, which costs milliseconds.

    Raises
    ------
    OSError
        If it can't be written; what was there before is still there.
    """
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path, content, durable) as temporary:
        temporary.replace(path)


def create(path: Path, content: bytes) -> None:
    """Make `content` the file at `path`, in one step, unless there is one already: that one stays.

    Raises
    ------
    OSError
        If it can't be written.
    """
    with _beside(path, content) as temporary, contextlib.suppress(FileExistsError):
        path.hardlink_to(temporary)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else who asks for `folder`, which is there, is in such a block.

    The lock is on the folder itself, where the disk has such locks, and leaves nothing.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _beside(path: Path, content: bytes, durable: bool = False) -> Iterator[Path]:
    """Give the body a file in the folder of `path` that holds all of `content`; it is gone afterwards."""
    prefix = f".{path.name[:40]}."
    _sweep(path.parent, prefix)
    file, temporary = _locked_file(path.parent, prefix)
    try:
        with file:
            file.write(content)
            file.flush()  # before it gets its name: nobody may see half of it, nor a full disk leave it so
            if durable:
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _locked_file(folder: Path, prefix: str) -> tuple[IO[bytes], Path]:
    """Return a new file that nobody sweeps away as long as it is open."""
    while True:
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=prefix)
        file = os.fdopen(descriptor, "wb")
        fcntl.flock(file, fcntl.LOCK_SH)
        if os.fstat(descriptor).st_nlink:  # otherwise it was swept away before it was locked
            return file, Path(name)
        file.close()


def _sweep(folder: Path, prefix: str) -> None:
    """Remove what a writer that was killed left behind; one that is at work holds a lock on its file."""
    for entry in os.scandir(folder):
        if entry.name.startswith(prefix):
            with contextlib.suppress(OSError), Path(entry.path).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Path(entry.path).unlink()
