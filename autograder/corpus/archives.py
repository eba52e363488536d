"""Packs the files of a sample: ordinary archives, and zips that no normal tool would make."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence

from autograder.corpus.tables import Table

_DATE = (2026, 1, 1, 0, 0, 0)
_COMPRESSED: Mapping[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "gz": functools.partial(gzip.compress, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def packed(table: Table, name: str, files: Mapping[str, bytes]) -> bytes:
    """Return `files` as the archive `name`, whose ending gives its kind; the sample's `table` reports errors."""
    buffer = io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, content in sorted(files.items()):
                archive.writestr(_zip_info(path), content)
        return buffer.getvalue()
    compress = _COMPRESSED.get(name.rpartition(".")[2])
    if compress is None:
        table.fail(f"`pack` can make a zip or a tar, not {name!r}")
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in sorted(files.items()):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return compress(buffer.getvalue())


def zipped(table: Table, files: Mapping[str, bytes], entries: Sequence[Table]) -> bytes:
    """Return the zip that the sample's `table` describes: `files`, additional `entries`, and damage."""
    buffer = io.BytesIO()
    top = table.value("zip_top", str, default="")
    with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # warns of a name that appears twice
        for name, content in sorted(files.items()):
            archive.writestr(_zip_info(f"{top}/{name}" if top else name), content)
        for entry in entries:
            name = entry.value("name", str)
            if "symlink" in entry:
                info = _zip_info(name)
                info.external_attr = 0o120777 << 16
                archive.writestr(info, entry.value("symlink", str))
                continue
            content = entry.content()
            for number in range(entry.value("count", int, default=1)):
                archive.writestr(_zip_info(name.replace("{}", str(number))), content)
    whole = buffer.getvalue()
    for pair in table.value("zip_replace", list, default=[]):
        try:
            old, new = map(bytes.fromhex, pair)
        except (ValueError, TypeError) as error:
            table.fail(f"`zip_replace` holds pairs of hex; got {pair!r}", error)
        if old not in whole:
            table.fail(f"the zip does not hold the bytes {pair[0]} that `zip_replace` names")
        whole = whole.replace(old, new)
    cut = table.value("zip_cut", int, default=0)
    return whole[: -cut or None]


def _zip_info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("entry", _DATE)
    info.filename = name  # set afterwards, because the constructor would clean it
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    return info
