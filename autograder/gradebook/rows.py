"""Rows of nbgrader's tables, read and written in bulk, within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_CHUNK = 500  # SQLite takes a limited number of values in one query


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Yield `values` in lists that are short enough for one query each."""
    listed = list(values)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


class Rows:
    """Some rows of one table by their keys, as they are when this object is made; `put` writes.

    Parameters
    ----------
    db
        A session of the gradebook. Nothing is committed.
    model
        nbgrader's class for the table.
    key : sequence of str
        The columns that identify a row. The first one holds one of `among`.
    columns : sequence of str
        What else is read of each row.
    among : iterable of str
        The values of the first key; other rows are left alone.
    **equal : str
        Values that other columns have in all of these rows.
    """

    def __init__(
        self, db: Any, model: Any, key: Sequence[str], columns: Sequence[str], among: Iterable[str], **equal: str
    ) -> None:
        from sqlalchemy import select

        self._db, self._model, self._key = db, model, tuple(key)
        self.there: dict[tuple[str, ...], Any] = {}
        chosen = [getattr(model, name) for name in dict.fromkeys(("id", *key, *columns))]
        conditions = [getattr(model, name) == value for name, value in equal.items()]
        for some in chunks(among):
            for row in db.execute(select(*chosen).where(getattr(model, key[0]).in_(some), *conditions)).all():
                self.there[tuple(getattr(row, name) for name in key)] = row

    def put(self, wanted: Mapping[Any, Mapping[str, Any]]) -> dict[tuple[str, ...], str]:
        """Write the `wanted` values: missing rows are added, and rows that differ are changed.

        Keys are tuples, and every entry names the same columns. Returns the ids of the wanted rows, by key.
        """
        from sqlalchemy import insert, update

        from autograder.nbgrader_seam import new_uuid

        added, changed, ids = [], [], {}
        for key, values in wanted.items():
            row = self.there.get(key)
            if row is None:
                added.append({"id": new_uuid(), **dict(zip(self._key, key, strict=True)), **values})
                ids[key] = added[-1]["id"]
                continue
            ids[key] = row.id
            if any(getattr(row, column) != value for column, value in values.items()):
                changed.append({"id": row.id, **values})
        for statement, entries in ((insert(self._model), added), (update(self._model), changed)):
            if entries:
                self._db.execute(statement, entries)
        return ids
