"""Archives of hostile make: what tars hold as tarfile writes them, and bounds on what is read of them."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions import archives
from autograder.submissions.archives import Allowance, ArchiveError, members, open_zip

PLAIN = {"a.py": b"a" * 700, "folder/b.csv": b"", "c" * 150 + "/d.txt": b"d" * 512, "\u00fc.py": b"u"}


def tarred(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def pieces(data: bytes, size: int = 1000) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def read(data: bytes, allowance: Allowance | None = None) -> dict[str, bytes]:
    return {
        member.path: b"".join(chunks(member.size)) for member, chunks in members(pieces(data), allowance or Allowance())
    }


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tars_of_every_form_are_read(form: int) -> None:
    files = {name: content for name, content in PLAIN.items() if form != tarfile.USTAR_FORMAT or len(name) < 100}

    assert read(tarred(files, form)) == files


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_tars_are_read_also_in_several_streams(compress) -> None:  # type: ignore[no-untyped-def]
    data = tarred(PLAIN)

    assert read(compress(data)) == PLAIN
    assert read(compress(data[:1000]) + compress(data[1000:])) == PLAIN


def test_entries_that_nobody_reads_are_passed_over() -> None:
    assert [member.path for member, _ in members(pieces(tarred(PLAIN)), Allowance())] == list(PLAIN)


@given(
    st.dictionaries(
        st.text("ab/\u00fc", min_size=1, max_size=120).filter(lambda n: n.strip("/")), st.binary(max_size=1500)
    )
)
@settings(deadline=None)
def test_what_tarfile_writes_is_read(files: dict[str, bytes]) -> None:
    files = {f"x{name.rstrip('/')}": content for name, content in files.items()}
    if files:
        assert read(tarred(files)) == files


@given(st.binary(max_size=2000))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"):
        with contextlib.suppress(ArchiveError):
            read(start + data)


def test_the_stream_has_a_bound() -> None:
    with pytest.raises(ArchiveError, match="unpacks to more than"):
        read(gzip.compress(tarred({"a": bytes(10 << 20)})), Allowance(streams=1 << 20))


def test_a_bomb_takes_no_memory() -> None:
    bomb = gzip.compress(bytes(64 << 20))
    bomb = gzip.compress(tarred({"a": b"x"})[:512] + bytes(64 << 20)) + bomb
    tracemalloc.start()

    for _ in members(pieces(bomb, 1 << 16), Allowance()):
        pass

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


def test_many_small_streams_are_refused() -> None:
    with pytest.raises(ArchiveError, match="too many pieces"):
        read(gzip.compress(b"") * 10_000)


def test_a_name_of_any_length_is_not_held() -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 20
    data = info.tobuf() + bytes(1 << 20) + tarred({"a": b"x"})

    assert read(data) == {"a": b"x"}


def test_kinds_are_told_apart() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, b"S"):
            info = tarfile.TarInfo("x")
            info.type = kind
            archive.addfile(info)

    kinds = [member.kind for member, _ in members(pieces(buffer.getvalue()), Allowance())]
    assert kinds == ["link", "link", "device", "device", "folder", "other"]


def test_directories_of_zips_have_a_bound_all_together() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(2000):
            archive.writestr(f"{number:0100}", b"")
    allowance = Allowance(directories=500_000)

    open_zip(buffer, allowance)
    with pytest.raises(ArchiveError, match="lists too many files"):
        open_zip(buffer, allowance)


def test_the_largest_directory_takes_a_stated_amount_of_memory() -> None:
    count = archives.MAX_DIRECTORY_BYTES // 47
    entry = b"PK\x01\x02" + bytes(24) + b"\x01\x00" + bytes(16) + b"a"
    end = b"PK\x05\x06" + bytes(4) + b"\xff\xff\xff\xff"
    size = (count * len(entry)).to_bytes(4, "little")
    data = entry * count + end + size + bytes(6)
    tracemalloc.start()

    archive = open_zip(io.BytesIO(data), Allowance())

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(archive.infolist()) == count
    assert peak < 100 << 20
