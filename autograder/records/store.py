"""The store of records: one JSON file per judged attempt. It is the cache, the journal and the point of resumption.

A record is found under a key made of everything that decides it: the attempt, the suite, the seed, the grader and
the walls. Files appear whole or not at all, so a grader that is killed loses only what it was judging.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder import atomic


class StoreError(Exception):
    """The store can't be read or written; the message names the place and the remedy."""


class Store:
    """Records in `folder`, which is made on the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> dict[str, Any] | None:
        """Return the record under `key`, or None. A file that is no record counts as none: it is judged again."""
        try:
            record = json.loads(self._path(key).read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            return None
        except OSError as error:
            raise StoreError(f"{self._path(key)} cannot be read: {error.strerror}; check its permissions") from error
        return record if isinstance(record, dict) and record.get("status") in ("judged", "needs review") else None

    def put(self, key: str, record: dict[str, Any]) -> None:
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


def encode(record: dict[str, Any]) -> bytes:
    """Return the one byte form of a record."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
