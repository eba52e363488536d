"""Opens archives that anybody may have made: the directory of a zip, and tars as streams, within stated bounds.

Nothing in a zip is trusted. `zipfile` parses its directory only if that is small, because each entry costs memory, and
reads it through a file object that returns no more than that at once. A tar is read once, from beginning to end, and
never beyond `MAX_STREAM_BYTES` of what it unpacks to.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Protocol

MAX_DIRECTORY_BYTES = 4 << 20  # of a zip's directory: 30,000 ordinary entries, or 90,000 with the shortest names
MAX_STREAM_BYTES = 128 << 20  # that a tar unpacks to

_BLOCK = 512
_CHUNK = 1 << 16
_MAX_HEADER_BYTES = 1 << 16  # of a long name
_MAX_XZ_MEMORY = 128 << 20
_RECORD = re.compile(rb"(\d{1,6}) ")
_MAX_STREAMS = 256  # in a row in a compressed file, as some programs that use several cores write them


@dataclass
class Allowance:
    """Bytes that all archives of one submission may still take: of directories, and of what tars unpack to."""

    directories: int = field(default_factory=lambda: MAX_DIRECTORY_BYTES)
    streams: int = field(default_factory=lambda: MAX_STREAM_BYTES)


class ArchiveError(Exception):
    """An archive can't be read any further; the message completes a sentence that begins with its name."""


# Zips


class _Bounded(io.RawIOBase):
    """A file that returns at most a directory's bound at once, and repairs names in a zip's directory if asked to."""

    def __init__(self, file: IO[bytes], limit: int, repair: bool) -> None:
        self._file = file
        self._limit = max(limit, 2 * _CHUNK)  # other reads are smaller
        self._repair = repair
        self.directory = 0
        self._size = file.seek(0, io.SEEK_END)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(0, self._size - self._file.tell())
        size = left if size is None or size < 0 else min(size, left)
        if size > self._limit:
            raise ArchiveError("lists too many files")
        data = self._file.read(size)
        self.directory = max(self.directory, size)
        return _without_false_utf8(data) if self._repair and data.startswith(b"PK\x01\x02") else data


def open_zip(file: IO[bytes], allowance: Allowance) -> zipfile.ZipFile:
    """Return the zip, whose directory has been read.

    Raises
    ------
    ArchiveError
        If it is damaged, is not a zip, or has too large a directory.
    """
    try:
        try:
            bounded = _Bounded(file, allowance.directories, repair=False)
            archive = zipfile.ZipFile(bounded)
        except UnicodeDecodeError:
            bounded = _Bounded(file, allowance.directories, repair=True)
            archive = zipfile.ZipFile(bounded)
        allowance.directories -= bounded.directory
        # Several entries may claim the same bytes.
        if sum(info.compress_size for info in archive.infolist()) > file.seek(0, io.SEEK_END):
            raise ArchiveError("is damaged: its entries overlap")
        return archive
    except ArchiveError:
        raise
    except Exception as error:  # a parser of hostile bytes: struct.error, OverflowError, NotImplementedError, …
        raise ArchiveError(_why_no_zip(file)) from error


def _without_false_utf8(data: bytes) -> bytes:
    """Clear the UTF-8 flag of names in the zip's directory that are not UTF-8.

    `zipfile` gives up on the whole archive for one such name; this way only its own file is lost.
    """
    fixed = bytearray(data)
    for match in re.finditer(rb"PK\x01\x02", data):
        at = match.start()
        if at + 46 > len(data):
            break
        flags, length = struct.unpack_from("<8xH18xH", data, at)
        try:
            data[at + 46 : at + 46 + length].decode("utf-8")
        except UnicodeDecodeError:
            struct.pack_into("<H", fixed, at + 8, flags & ~0x800)
    return bytes(fixed)


def _why_no_zip(file: IO[bytes]) -> str:
    file.seek(0)
    data = file.read(_BLOCK)
    if not data:
        return "is empty"
    if data.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")) or data[257:262] == b"ustar":
        return "is an archive of another kind, only named like a zip"
    if data.startswith(b"PK"):
        return "is damaged or was cut off on the way"
    return "is not a zip file"


# Tars


@dataclass(frozen=True)
class Member:
    """An entry of a tar: what it is called, how many bytes it holds, and what kind of thing it is."""

    path: str
    size: int
    kind: str  # "file", "folder", "link", "device" or "other"


class _Decompressor(Protocol):
    """What `bz2` and `lzma` offer."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """`zlib` with the interface of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._more = False  # it may hold output for which there was no room

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not (self._more or self._inner.unconsumed_tail or self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        piece = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._more = len(piece) == max_length
        return piece


Reader = Callable[[int], Generator[bytes, None, None]]


def members(chunks: Iterator[bytes], allowance: Allowance) -> Iterator[tuple[Member, Reader]]:
    """Yield each entry of a tar, compressed or not, with a function that reads up to a number of bytes of it.

    An entry must be read before the next is asked for, and only once.

    Raises
    ------
    ArchiveError
        Where it is damaged, is not a tar, or is too long; the entries before that were yielded.
    """
    stream = _Stream(_unpacked(chunks, allowance))
    longer: dict[str, str] = {}
    found = False
    while header := stream.take(_BLOCK):
        if not header.strip(b"\0"):
            break
        if len(header) < _BLOCK or not _is_header(header):
            raise ArchiveError("is damaged or was cut off on the way" if found else "is not a tar file")
        found = True
        size, type_ = _number(header[124:136]), header[156:157]
        if type_ in (b"L", b"x") and size <= _MAX_HEADER_BYTES:
            data = stream.take(size)
            stream.skip(-size % _BLOCK)
            longer |= {"path": _text(data.rstrip(b"\0"))} if type_ == b"L" else _extended(data)
            continue
        if type_ in (b"g", b"K", b"L", b"x"):
            stream.skip(size + -size % _BLOCK)
            continue
        if longer.get("size", "").isdecimal():
            size = int(longer["size"][:15])
        prefix = _text(header[345:500].split(b"\0")[0]) if header[257:263] == b"ustar\0" else ""
        name = _text(header[:100].split(b"\0")[0])
        path = longer.get("path") or (f"{prefix}/{name}" if prefix else name)
        longer = {}
        kinds = {b"0": "file", b"\0": "file", b"7": "file", b"5": "folder", b"1": "link", b"2": "link"}
        kind = kinds.get(type_, "device" if type_ in b"346" else "other")
        if kind == "file" and path.endswith("/"):
            kind = "folder"
        end = stream.position + size
        yield Member(path, size, kind), partial(_read_until, stream, end)
        stream.skip(end - stream.position + -size % _BLOCK)
    if not found:
        raise ArchiveError("is empty or not a tar file")


def _read_until(stream: _Stream, end: int, limit: int) -> Generator[bytes, None, None]:
    yield from stream.read(min(limit, end - stream.position))


class _Stream:
    """Bytes that come in pieces of one size and are read in pieces of another."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._at = 0
        self.position = 0

    def read(self, size: int) -> Generator[bytes, None, None]:
        while size > 0:
            if self._at == len(self._held):
                self._held, self._at = next(self._chunks, b""), 0
                if not self._held:
                    return
            piece = self._held[self._at : self._at + size]
            self._at += len(piece)
            self.position += len(piece)
            size -= len(piece)
            yield piece

    def take(self, size: int) -> bytes:
        return b"".join(self.read(size))

    def skip(self, size: int) -> None:
        for _ in self.read(size):
            pass


def _unpacked(chunks: Iterator[bytes], allowance: Allowance) -> Iterator[bytes]:
    """Yield what a compressed stream holds, or the stream itself, in small pieces and within a limit."""
    for piece in _decompressed(chunks):
        allowance.streams -= len(piece)
        if allowance.streams < 0:
            raise ArchiveError(f"unpacks to more than {MAX_STREAM_BYTES >> 20} MB; the rest was not read")
        yield piece


def _decompressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    make: Callable[[], _Decompressor]
    if first.startswith(b"\x1f\x8b"):
        make = _Gzip
    elif first.startswith(b"BZh"):
        make = bz2.BZ2Decompressor
    elif first.startswith(b"\xfd7zXZ"):
        make = _xz
    else:
        yield first
        yield from chunks
        return
    decompressor, data, streams = make(), first, 1
    try:
        while True:
            piece = decompressor.decompress(data, _CHUNK)
            if piece:
                yield piece
            data = b""
            if decompressor.eof:
                data = decompressor.unused_data or next(chunks, b"")
                if not data.strip(b"\0"):  # zeros pad a tape, or a block of xz
                    return
                streams += 1
                if streams > _MAX_STREAMS:
                    raise ArchiveError("is compressed in too many pieces")
                decompressor = make()
            elif decompressor.needs_input:
                data = next(chunks, b"")
                if not data:
                    raise ArchiveError("is damaged or was cut off on the way")
    except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError, MemoryError) as error:
        raise ArchiveError("is damaged or was cut off on the way") from error


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_MAX_XZ_MEMORY)


def _is_header(header: bytes) -> bool:
    expected = sum(header) - sum(header[148:156]) + 8 * 32
    return _number(header[148:156]) == expected


def _number(field: bytes) -> int:
    if field[:1] == b"\x80":  # large numbers are written in binary
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else 0


def _extended(data: bytes) -> dict[str, str]:
    """Return what matters in a POSIX header: lines of `<length> <key>=<value>`."""
    found, at = {}, 0
    while match := _RECORD.match(data, at):
        length = int(match[1])
        if length <= len(match[0]):
            break
        key, _, value = data[match.end() : at + length - 1].partition(b"=")
        if key in (b"path", b"size"):
            found[key.decode()] = _text(value)
        at += length
    return found


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
