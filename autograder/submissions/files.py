"""Reads one file that anybody may have filled, up to a limit."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import IO

from autograder.submissions import limits
from autograder.submissions.outputs import without_outputs
from autograder.submissions.paths import is_notebook

CLEAR = "clear all outputs of the notebook in Jupyter and hand it in again"

_CHUNK = 1 << 16

Chunks = Generator[bytes, None, None]
"""A file, a little at a time; to be closed where it is not read to its end."""


class TooLargeError(Exception):
    """A file holds more than is taken of one; the message says so after its name."""


def read(name: str, size: int, chunks: Callable[[int], Chunks]) -> bytes:
    """Return the content of a file that anybody may have filled; of a notebook that is not small, without outputs.

    Parameters
    ----------
    name, size
        What the file is called and the size that it claims to have.
    chunks
        Reads at most so many bytes of it, from its beginning each time that it is called.

    Raises
    ------
    TooLargeError
        If that is more than a file may hold. What `chunks` raises passes through.
    """
    if is_large_notebook(name, size) and size <= limits.MAX_NOTEBOOK_BYTES:
        with closing(chunks(limits.MAX_NOTEBOOK_BYTES)) as stream:
            content = without_outputs(stream, limits.MAX_FILE_BYTES)
        if content is not None:
            return content
    if size <= limits.MAX_FILE_BYTES:
        with closing(chunks(limits.MAX_FILE_BYTES + 1)) as stream:
            content = b"".join(stream)
        if len(content) <= limits.MAX_FILE_BYTES:
            return content
    remedy = f"; {CLEAR}" if is_notebook(name) else ""
    raise TooLargeError(f"is larger than {megabytes(limits.MAX_FILE_BYTES)}{remedy}")


def chunks_of(file: IO[bytes], size: int) -> Chunks:
    """Yield at most `size` bytes of an open file, a little at a time."""
    while size > 0 and (chunk := file.read(min(_CHUNK, size))):
        size -= len(chunk)
        yield chunk


def is_large_notebook(path: str, size: int) -> bool:
    """Whether outputs of a file are dropped while it is read."""
    return size > limits.SMALL_NOTEBOOK_BYTES and is_notebook(path)


def megabytes(size: int) -> str:
    """Return a limit as messages name it."""
    return f"{size >> 20} MB"
