"""Files that appear whole or not at all: readers see the old one or the new one, and a crash leaves one of them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


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
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
