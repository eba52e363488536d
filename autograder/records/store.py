"""The store of records: one JSON file per judged attempt. It is the cache, the journal and the point of resumption.

A record is found under a key made of everything that decides it: the attempt, the suite, the seed, the grader and
the walls. Files appear whole or not at all, so a grader that is killed loses only what it was judging.
"""

from __future__ import annotations

import json
from pathlib import Path

from autograder import atomic
from autograder.records.record import Record, RecordError, Status


class StoreError(Exception):
    """The store can't be read or written; the message names the place and the remedy."""


class Store:
    """Records in `folder`, which is made on the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Record | None:
        """Return the record under `key`, or None; also if the file is not a record, so that it is judged again."""
        try:
            record = decode(self._path(key).read_bytes())
        except (FileNotFoundError, RecordError):
            return None
        except OSError as error:
            raise StoreError(f"{self._path(key)} cannot be read: {error.strerror}; check its permissions") from error
        return None if record.status is Status.NOT_JUDGED else record

    def put(self, key: str, record: Record) -> None:
        """Write `record` under `key`, atomically."""
        path = self._path(key)
        try:
            atomic.write(path, encode(record), durable=True)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written: {error.strerror}; "
                "free some space or correct the permissions, then run again"
            ) from error

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def encode(record: Record) -> bytes:
    """Return a record as bytes, always the same for the same record."""
    return json.dumps(record.to_json(), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"


def decode(content: bytes) -> Record:
    """Return the record that `encode` made `content` of.

    Raises
    ------
    RecordError
        If it is not a record.
    """
    try:
        return Record.from_json(json.loads(content, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        raise RecordError(f"not a record: {error}") from error


def _refuse(constant: str) -> None:
    raise RecordError(f"{constant} is not a number of points")
