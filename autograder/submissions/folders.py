"""Adds the files of folders to what a submission holds.

Links are never followed, and nothing is opened that could block.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import PurePosixPath
from typing import IO

from autograder.submissions import files, limits
from autograder.submissions.files import Chunks
from autograder.submissions.found import Entry, Found, UnreadableError
from autograder.submissions.paths import bad_path, is_junk
from autograder.text import MAX_NAME_BYTES, UNPRINTABLE, printable, quoted

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@contextmanager
def directory(parent: int, name: str) -> Iterator[int]:
    """Open the folder `name` in `parent` for the length of the block; a link is refused by the kernel."""
    descriptor = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def listing(descriptor: int, limit: int | None = None) -> list[str]:
    """Return the names in an open folder, sorted; at most `limit`, and the file system decides which."""
    with os.scandir(descriptor) as entries:
        return sorted((entry.name for entry in islice(entries, limit)), key=os.fsencode)


def is_folder(home: int, name: str) -> bool:
    """Whether `name` in an open folder is a folder, and not a link to one."""
    return stat.S_ISDIR(os.stat(name, dir_fd=home, follow_symlinks=False).st_mode)


def is_there(descriptor: int, name: str) -> bool:
    """Whether there is anything called `name` in an open folder."""
    try:
        os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except OSError:
        return False
    return True


def add_folder(home: int, name: str, below: str, found: Found) -> None:
    """Add the files of the folder `name`, all of their paths with `below` in front."""
    mode = os.stat(name, dir_fd=home, follow_symlinks=False).st_mode
    if not stat.S_ISDIR(mode):
        found.notes.add(f"{quoted(name)} is {kind_of(mode)}, not a folder; none of it was read.")
        return
    before = len(found.entries)
    try:
        with directory(home, name) as descriptor:
            _walk(descriptor, PurePosixPath(), found, partial(_opened_below, home, name))
    except OSError as error:
        found.notes.add(f"{quoted(name)} could not be read: {error.strerror}.")
    if below:
        found.entries[before:] = [replace(entry, path=below + entry.path) for entry in found.entries[before:]]


def _walk(descriptor: int, below: PurePosixPath, found: Found, opened: Callable[[str], IO[bytes]]) -> None:
    """List the regular files in the open folder; names at its own level first, each level sorted."""
    names = listing(descriptor, limits.MAX_LISTED - found.listed + 1)
    found.listed += len(names)
    if found.listed > limits.MAX_LISTED:
        # The file system decides which come first, and the result must not depend on that.
        names = [name for name in found.section.expected_files if is_there(descriptor, name)]
        found.seen = limits.MAX_ENTRIES + 1
    names = [name for name in names if not is_junk(name)]
    found.seen += len(names)
    if found.seen > limits.MAX_ENTRIES:
        names = [name for name in names if found.meant(name)][: limits.MAX_ENTRIES]
        but = ", except the files that are asked for" if names else ""
        where = below if below.parts else found.section.id
        found.notes.add(
            f"{quoted(where)} was left out{but}: there are more than {limits.MAX_ENTRIES} files and folders."
        )
    folders = [name for name in names if add_file(descriptor, name, below, found, opened)]
    for name in folders:
        if len(below.parts) + 1 >= limits.MAX_DEPTH:
            found.notes.add(
                f"{quoted(below / name)} was left out: folders are nested more than {limits.MAX_DEPTH} deep."
            )
            continue
        try:
            with directory(descriptor, name) as inner:
                _walk(inner, below / name, found, opened)
        except OSError as error:
            found.notes.add(f"{quoted(below / name)} could not be read: {error.strerror}.")


def add_file(
    descriptor: int, name: str, below: PurePosixPath, found: Found, opened: Callable[[str], IO[bytes]]
) -> bool:
    """Add a regular file of the open folder, or a note; return whether it is a folder instead."""
    path = below / name
    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    complaint = bad_path(name) or ("contains a backslash" if "\\" in name else None)
    meant = found.meant(name) if stat.S_ISREG(status.st_mode) else None
    if complaint and not (meant and complaint == UNPRINTABLE):
        found.notes.add(f"{quoted(path)} was left out: its name {complaint}.")
    elif stat.S_ISDIR(status.st_mode):
        return True
    elif stat.S_ISREG(status.st_mode):
        opens, shown = partial(opened, str(path)), str(below / printable(name, MAX_NAME_BYTES))
        chunks = partial(_chunks_of, opens)
        found.entries.append(Entry(shown, status.st_size, chunks, 0, opens, meant, complaint))
    else:
        found.notes.add(f"{quoted(path)} is {kind_of(status.st_mode)} and was left out.")
    return False


def opened_in(parent: int, name: str) -> IO[bytes]:
    """Open the regular file `name` in an open folder."""
    file = os.fdopen(os.open(name, _OPEN, dir_fd=parent), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UnreadableError("is no longer a regular file")
    return file


def _opened_below(home: int, top: str, path: str) -> IO[bytes]:
    """Open the regular file `path` without following a link at any step."""
    *folders, name = path.split("/")
    with ExitStack() as opened:
        at = home
        for folder in (top, *folders):
            at = os.open(folder, _OPEN | os.O_DIRECTORY, dir_fd=at)
            opened.callback(os.close, at)
        return opened_in(at, name)


def _chunks_of(opened: Callable[[], IO[bytes]], size: int) -> Chunks:
    """Yield at most `size` bytes of a file, which is open until then."""
    with opened() as file:
        yield from files.chunks_of(file, size)


def kind_of(mode: int) -> str:
    """Return what a file of this mode is, with its article."""
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFBLK: "a device",
        stat.S_IFCHR: "a device",
        stat.S_IFREG: "a file",
        stat.S_IFDIR: "a folder",
    }
    return kinds.get(stat.S_IFMT(mode), "a special file")
