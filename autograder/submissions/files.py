"""Reads one untrusted file, up to a limit."""

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
"""A file in small pieces; it must be closed if it is not read to its end."""


class TooLargeError(Exception):
    """A file is larger than allowed; the message completes a sentence that begins with its name."""


def read(name: str, size: int, chunks: Callable[[int], Chunks]) -> bytes:
    """Return the content of an untrusted file; a notebook that is not small comes without its outputs.

    Parameters
    ----------
    name, size
        The file's name and the size that it claims to have.
    chunks
        Reads up to a number of bytes of it, from its beginning each time that it is called.

    Raises
    ------
    TooLargeError
        If that is more than a file may hold. Exceptions of `chunks` pass through.
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
    """Yield at most `size` bytes of an open file, in small pieces."""
    while size > 0 and (chunk := file.read(min(_CHUNK, size))):
        size -= len(chunk)
        yield chunk


def is_large_notebook(path: str, size: int) -> bool:
    """Whether outputs of a file are dropped while it is read."""
    return size > limits.SMALL_NOTEBOOK_BYTES and is_notebook(path)


def megabytes(size: int) -> str:
    """Return a limit as messages show it."""
    return f"{size >> 20} MB"
