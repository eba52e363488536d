"""The tables of a ``sample.toml``, read key by key; every error names the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from autograder import tables
from autograder.corpus.samples import SampleError

MAKE_KINDS = ("symlink", "fifo", "file", "socket", "device", "hardlink", "sparse")
KEYS = {
    "": {
        "student", "about", "by_the_clock", "base", "remove", "rename", "released", "pack", "called", "replace", "cell",
        "notebook_metadata", "make", "zip", "zip_top", "zip_cut", "zip_replace", "zip_entry", "expect",
    },
    "replace": {"in", "text", "by", "times"},
    "cell": {
        "at", "before", "after", "remove", "source", "source_of", "type", "grade_id", "tags", "output", "repeat",
    },
    "make": {*MAKE_KINDS, "target", "text", "hex", "repeat", "count", "size", "latin1"},
    "zip_entry": {"name", "symlink", "text", "hex", "repeat", "count"},
    "expect": {
        "all_of", "functions", "checks", "points", "misconceptions", "follows", "notes", "status", "suggestion",
    },
}  # fmt: skip
"""The keys of a ``sample.toml`` and of the tables in it."""


class Table(tables.Table):
    """A ``sample.toml``, or one of the tables in it; unknown keys are refused."""

    @classmethod
    def read(cls, path: Path, error: type[Exception] = SampleError) -> Self:
        """Return the whole of the file at `path`."""
        sample = super().read(path, error)
        sample.only(KEYS[""])
        return sample

    def table(self, key: str, default: Mapping[str, Any] = MappingProxyType({})) -> Self:
        """Return the table ``[key]``, which may be left out."""
        found = super().table(key, default)
        found.only(KEYS[key])
        return found

    def tables(self, key: str, default: Sequence[Mapping[str, Any]] = ()) -> list[Self]:
        """Return the tables ``[[key]]``, of which there may be none."""
        found = super().tables(key, default)
        for entry in found:
            entry.only(KEYS[key])
        return found

    def one_of(self, keys: tuple[str, ...], where: str) -> str:
        """Return the one of `keys` that the table has."""
        found = [key for key in keys if key in self]
        if len(found) != 1:
            self.fail(f"a {where} needs one of {', '.join(f'`{key}`' for key in keys)}")
        return found[0]

    def content(self) -> bytes:
        """Return the bytes that ``text`` or ``hex`` and ``repeat`` describe."""
        kind = self.one_of(("text", "hex"), "file that is made")
        try:
            content = self.value(kind, str).encode() if kind == "text" else bytes.fromhex(self.value(kind, str))
        except ValueError as error:
            self.fail(f"`{kind}` can't be read: {error}", error)
        repeat: int = self.value("repeat", int, default=1)
        return content * repeat
