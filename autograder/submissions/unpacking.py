"""Adds the files of archives to what a submission holds."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from contextlib import closing
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from autograder.submissions import archives, files, limits
from autograder.submissions.archives import ArchiveError
from autograder.submissions.files import Chunks, TooLargeError, megabytes, read
from autograder.submissions.folders import kind_of, opened_in
from autograder.submissions.found import Entry, Found, UnreadableError
from autograder.submissions.near_names import ARCHIVES, CLOSED
from autograder.submissions.paths import archive_kind, bad_path, is_junk, is_notebook
from autograder.text import UNPRINTABLE, printable, quoted


def add_archive(home: int, name: str, below: str, found: Found) -> None:
    """Add the files of the archive `name`, or a note and no files, all of their paths with `below` in front."""
    before = len(found.entries)
    try:
        status = os.stat(name, dir_fd=home, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            kind = "a zip file" if name.endswith(".zip") else "an archive"
            found.notes.add(f"{quoted(name)} is {kind_of(status.st_mode)}, not {kind}; none of it was read.")
            return
        open_archive(found.resources.enter_context(opened_in(home, name)), name, found)
    except (OSError, UnreadableError) as error:
        found.notes.add(f"{quoted(name)} could not be read: {getattr(error, 'strerror', None) or error}.")
    strip_section(found, before)
    found.entries[before:] = [replace(entry, path=below + entry.path) for entry in found.entries[before:]]


def open_archive(file: IO[bytes], name: str, found: Found, below: str = "", level: int = 0) -> None:
    """Add the files of an open archive."""
    kind = archive_kind(name)
    if kind in CLOSED:
        found.notes.add(f"{quoted(name)} can't be opened here; hand in the folder, or a zip of it.")
        return
    if kind not in ARCHIVES:
        found.notes.add(f"{quoted(name)} is a file, not a folder; none of it was read.")
        return
    before = len(found.entries)
    try:
        (unzip if kind == ".zip" else untar)(file, found, below, level)
    except ArchiveError as error:
        found.notes.add(f"{quoted(name)} {error}; hand in the folder, or zip it again.")
    if len(found.entries) - before > limits.MAX_ENTRIES:
        found.entries[before:] = [entry for entry in found.entries[before:] if entry.meant][: limits.MAX_ENTRIES]
        found.notes.add(
            f"{quoted(name)} holds more than {limits.MAX_ENTRIES} files; only those that are asked for were read."
        )


def open_inner(entry: Entry, found: Found) -> None:
    """Add the files of an archive inside the submission, named as if the archive were a folder."""
    try:
        if archive_kind(entry.path) in CLOSED:
            file: IO[bytes] = BytesIO()
        elif entry.opened is not None:
            file = found.resources.enter_context(entry.opened())
        elif entry.size > found.memory:
            found.notes.add(f"{quoted(entry.path)} was not opened: it is larger than {megabytes(found.memory)}.")
            return
        else:
            found.memory -= entry.size
            with closing(entry.chunks(entry.size)) as chunks:
                file = BytesIO(b"".join(chunks))
        open_archive(file, entry.path, found, f"{entry.path}/", entry.level + 1)
    except (OSError, UnreadableError) as error:
        found.notes.add(f"{quoted(entry.path)} was not opened: it {getattr(error, 'strerror', None) or error}.")


def strip_section(found: Found, before: int) -> None:
    """Treat an archive of the section's folder as if it held only what is in that folder."""
    prefix = f"{found.section.id}/"
    if all(entry.path.startswith(prefix) for entry in found.entries[before:]):
        found.entries[before:] = [
            replace(entry, path=entry.path.removeprefix(prefix)) for entry in found.entries[before:]
        ]


def unzip(file: IO[bytes], found: Found, below: str, level: int) -> None:
    """Add the files of a zip."""
    archive = archives.open_zip(file, found.allowance)
    found.budget = min(found.budget, 2 * limits.MAX_TOTAL_BYTES)
    entries: dict[str, Entry] = {}
    for info in archive.infolist():
        # Some Windows tools write backslashes; taken as separators, `..\\` is refused like `../`.
        path = info.orig_filename.replace("\\", "/")
        if path.endswith("/") or any(is_junk(part) for part in path.split("/")):
            continue
        meant, complaint = found.meant(path), _bad_entry(info, path)
        if complaint and not (meant and complaint == f"its name {UNPRINTABLE}"):
            found.notes.add(f"{quoted(path)} in the zip was left out: {complaint}.")
            continue
        if len(entries) > limits.MAX_ENTRIES * (1 + bool(meant)):  # too many files: only those asked for are read
            continue
        path = str(PurePosixPath(printable(path, limits.MAX_PATH_BYTES)))
        if path in entries:
            found.notes.add(f"{quoted(path)} is in the zip more than once; the last one was taken.")
        chunks = partial(_unpacked, archive, info)
        complaint = UNPRINTABLE if complaint else None
        entries[path] = Entry(below + path, info.file_size, chunks, level, None, meant, complaint)
    found.entries += entries.values()


def untar(file: IO[bytes], found: Found, below: str, level: int) -> None:
    """Add the files of a tar, with their contents: it is read once, from its beginning."""
    entries: dict[str, Entry] = {}
    try:
        for member, chunks in archives.members(files.chunks_of(file, archives.MAX_STREAM_BYTES + 1), found.allowance):
            path = member.path
            if member.kind == "folder" or any(is_junk(part) for part in path.split("/")):
                continue
            meant, complaint = found.meant(path), bad_path(path)
            if complaint and not (meant and complaint == UNPRINTABLE):
                found.notes.add(f"{quoted(path)} in the archive was left out: its name {complaint}.")
                continue
            if member.kind != "file":
                what = {"link": "a link", "device": "a device"}.get(member.kind, "no plain file")
                found.notes.add(f"{quoted(path)} in the archive was left out: it is {what}.")
                continue
            path = str(PurePosixPath(printable(path, limits.MAX_PATH_BYTES)))
            if len(entries) > limits.MAX_ENTRIES * (1 + bool(meant)):
                continue
            entries[path] = _in_memory(Entry(below + path, member.size, chunks, level, None, meant, complaint), found)
    finally:
        found.entries += entries.values()


def _in_memory(entry: Entry, found: Found) -> Entry:
    """Return an entry of a tar with its content, so that it can be read again, or with why it can't be read."""
    if limits.MAX_FILE_BYTES < entry.size <= found.notebooks and is_notebook(entry.path):
        found.notebooks -= entry.size
        try:
            content = read(entry.path, entry.size, entry.chunks)
        except TooLargeError as error:
            return replace(entry, chunks=partial(_refused, error))
        return replace(entry, size=len(content), chunks=partial(_again, content))
    if entry.size > limits.MAX_FILE_BYTES:  # the reader compares its size first
        return replace(entry, chunks=partial(_refused, UnreadableError("is too large")))
    if entry.meant and entry.size <= found.reserve:  # it fits, no matter what comes before it
        found.reserve -= entry.size
    elif entry.size <= found.memory:
        found.memory -= entry.size
    else:
        return replace(entry, chunks=partial(_refused, UnreadableError("comes after more than may be unpacked")))
    content = b"".join(entry.chunks(entry.size))
    if len(content) < entry.size:
        return replace(entry, chunks=partial(_refused, UnreadableError("is damaged in the archive")))
    return replace(entry, chunks=partial(_again, content))


def _again(content: bytes, size: int) -> Chunks:
    yield content[:size]


def _refused(error: Exception, size: int) -> Chunks:
    raise error


def _bad_entry(info: zipfile.ZipInfo, path: str) -> str | None:
    """Return why an entry of a zip is not read, or None."""
    mode = info.external_attr >> 16
    if complaint := bad_path(path):
        return f"its name {complaint}"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return f"it is {kind_of(mode)}"
    if info.flag_bits & 0x1:
        return "it is encrypted; zip the folder without a password"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed by an unusual method; zip the folder again with your system's own tool"
    return None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> Chunks:
    """Yield at most `size` bytes of an entry of a zip."""
    try:
        with archive.open(info) as file:
            # Reading to the end checks the checksum of the entry, which finds one with a false size.
            yield from files.chunks_of(file, size)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnreadableError("is damaged in the zip") from error
    except Exception as error:
        raise UnreadableError("can't be unpacked") from error
