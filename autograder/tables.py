"""Reads TOML that staff wrote: typed access to its tables, and messages with the file, the table and what to do."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

from autograder.near import did_you_mean

_Choice = TypeVar("_Choice", bound=str)
_NEEDED: Any = object()
_KINDS = {
    bool: "true or false",
    dict: "a table",
    dt.datetime: "a day and a time without quotes, as 2026-11-30T23:59:00",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text in quotes",
}


class Table:
    """One table of a TOML file; all problems raise an `error` that names the file and the table (`where`).

    Parameters
    ----------
    values
        What the table holds.
    path
        The file.
    where
        What messages call the table, such as "section `1_entropy`"; empty for the whole file.
    error
        The exception to raise, with a message of one line.
    """

    def __init__(self, values: Mapping[str, Any], path: Path, where: str = "", error: type[Exception] = ValueError):
        self.values = values
        self.path = path
        self.where = where
        self._error = error

    @classmethod
    def read(cls, path: Path, error: type[Exception]) -> Self:
        """Return the whole of the file at `path`.

        Raises
        ------
        Exception
            An `error`, if it is missing, can't be read, or is not TOML.
        """
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), path, error=error)
        except FileNotFoundError as missing:
            raise error(f"{path} is missing; restore it from version control") from missing
        except OSError as refused:
            raise error(f"{path} can't be read: {refused.strerror}") from refused
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise error(f"{path} is not valid TOML: {broken}") from broken

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def fail(self, message: str, cause: Exception | None = None) -> NoReturn:
        """Raise the error; `message` says what is expected, what was found, and what to do if that is not obvious."""
        raise self._error(f"{self.path}: {self.where}{': ' if self.where else ''}{message}") from cause

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that are not `known`."""
        names = sorted(known)
        if unknown := sorted(set(self.values) - set(names)):
            remedy = did_you_mean(unknown[0], names, f"known are {listed(names)}")
            self._complain(f"has the unknown key `{unknown[0]}`; {remedy}")

    def value(self, key: str, *kinds: type, default: Any = _NEEDED) -> Any:
        """Return the value of `key`, which is of one of the `kinds`; if it is missing, the default or an error."""
        if key not in self.values:
            if default is _NEEDED:
                self._complain(f"lacks the key `{key}`")
            return default
        value = self.values[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self.fail(
                f"`{key}` must be {_KINDS[kinds[-1]]}; got {value if isinstance(value, dt.date) else repr(value)}"
            )
        return value

    def number(self, key: str, default: float = _NEEDED) -> float:
        """Return the value of `key`, which is an integer or a float."""
        return float(self.value(key, int, float, default=default))

    def choice(self, key: str, known: Sequence[_Choice], default: _Choice = _NEEDED) -> _Choice:
        """Return the value of `key`, which is one of the `known` texts."""
        chosen = self.value(key, str, default=default)
        if chosen not in known:
            near = did_you_mean(chosen, known, "")
            self.fail(f"`{key}` must be one of {listed(known)}; got `{chosen}`{near and f'; {near}'}")
        return known[known.index(chosen)]

    def strings(self, key: str, default: Sequence[str] = _NEEDED) -> tuple[str, ...]:
        """Return the list of texts that `key` holds."""
        value = self.value(key, list, default=default)
        if not all(isinstance(entry, str) for entry in value):
            self.fail(f"`{key}` must be a list of texts in quotes; got {value!r}")
        return tuple(value)

    def table(self, key: str, default: Mapping[str, Any] = _NEEDED) -> Self:
        """Return the table that `key` holds."""
        values = self.value(key, dict, default=default)
        return type(self)(values, self.path, ", ".join(filter(None, (self.where, key))), self._error)

    def tables(self, key: str, default: Sequence[Mapping[str, Any]] = _NEEDED) -> list[Self]:
        """Return the tables ``[[key]]``; without a default there must be one.

        Messages name each by its ``id``, or by its number.
        """
        values = self.value(key, list, default=default)
        if not all(isinstance(entry, dict) for entry in values) or not (values or values is default):
            self._complain(f"needs at least one [[{key}]] table")
        names = [f"{key} `{entry['id']}`" if "id" in entry else f"{key} {n}" for n, entry in enumerate(values, start=1)]
        places = [", ".join(filter(None, (self.where, name))) for name in names]
        return [type(self)(entry, self.path, place, self._error) for entry, place in zip(values, places, strict=True)]

    def once(self, names: Iterable[str], what: str) -> None:
        """Refuse `names` if two are the same; `what` says what they are."""
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.fail(f"the {what} `{name}` appears twice")
            seen.add(name)

    def _complain(self, what: str) -> NoReturn:
        raise self._error(f"{self.path}: {self.where or 'the top level'} {what}")


def listed(names: Iterable[str]) -> str:
    """Return names in the form of a list in a message."""
    return ", ".join(f"`{name}`" for name in names)
