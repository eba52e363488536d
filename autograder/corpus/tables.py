"""The tables of a ``sample.toml``, read key by key; every error names the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

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


class Table:
    """A ``sample.toml``, or one of the tables in it; unknown keys are refused."""

    def __init__(self, path: Path, keys: Mapping[str, Any], name: str = "") -> None:
        self.path = path
        self._keys = keys
        if unknown := sorted(set(keys) - KEYS[name]):
            where = f"the table `{name}`" if name else "the sample"
            self.fail(f"{where} has the unknown key `{unknown[0]}`; known are {', '.join(sorted(KEYS[name]))}")

    @classmethod
    def read(cls, path: Path) -> Table:
        """Return the whole of the file at `path`."""
        try:
            return cls(path, tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise SampleError(f"{path} is missing") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SampleError(f"{path} is not valid TOML: {error}") from error

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def fail(self, message: str, cause: Exception | None = None) -> NoReturn:
        """Refuse the file, for the reason in `message`."""
        raise SampleError(f"{self.path}: {message}") from cause

    def value(self, key: str, kind: type, default: Any = None) -> Any:
        """Return the value of `key`, which is of type `kind`; without a `default` it must be there."""
        value = self._keys.get(key, default)
        if value is None:
            self.fail(f"the key `{key}` is missing")
        if not isinstance(value, kind):
            self.fail(f"`{key}` must be of type {kind.__name__}; got {value!r}")
        return value

    def table(self, name: str) -> Table:
        """Return the table ``[name]``, which may be left out."""
        return Table(self.path, self.value(name, dict, default={}), name)

    def tables(self, name: str) -> list[Table]:
        """Return the tables ``[[name]]``."""
        entries = self.value(name, list, default=[])
        for entry in entries:
            if not isinstance(entry, dict):
                self.fail(f"[[{name}]] must be a table; got {entry!r}")
        return [Table(self.path, entry, name) for entry in entries]

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
