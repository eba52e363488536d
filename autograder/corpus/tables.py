"""The tables of a ``sample.toml``, read key by key; every complaint names the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from autograder.corpus.samples import SampleError


class Table:
    """A table of a ``sample.toml``."""

    def __init__(self, path: Path, keys: Mapping[str, Any]) -> None:
        self.path = path
        self._keys = keys

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
        """Refuse the file, for the reason that `message` says."""
        raise SampleError(f"{self.path}: {message}") from cause

    def has_only(self, keys: set[str], where: str) -> None:
        """Refuse keys that nobody reads; `where` says in the message what the table is."""
        if unknown := sorted(set(self._keys) - keys):
            self.fail(f"{where} has the unknown key `{unknown[0]}`; known are {', '.join(sorted(keys))}")

    def value(self, key: str, kind: type, default: Any = None) -> Any:
        """Return the value of `key`, which is of type `kind`; without a `default` it must be there."""
        value = self._keys.get(key, default)
        if value is None:
            self.fail(f"the key `{key}` is missing")
        if not isinstance(value, kind):
            self.fail(f"`{key}` must be of type {kind.__name__}; got {value!r}")
        return value

    def table(self, key: str, keys: set[str]) -> Table:
        """Return the table ``[key]``, which may be left out, with no keys but `keys`."""
        table = Table(self.path, self.value(key, dict, default={}))
        table.has_only(keys, f"[{key}]")
        return table

    def tables(self, key: str, keys: set[str]) -> list[Table]:
        """Return the tables ``[[key]]``, which have no keys but `keys`."""
        tables = []
        for entry in self.value(key, list, default=[]):
            if not isinstance(entry, dict):
                self.fail(f"[[{key}]] must be a table; got {entry!r}")
            tables.append(Table(self.path, entry))
            tables[-1].has_only(keys, f"[[{key}]]")
        return tables

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
