"""One hash for several files, in which neither names nor contents can run into each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def of_files(files: Mapping[str, bytes]) -> str:
    """Return a hash (SHA-256, hexadecimal) that is equal for equal files with equal names, in any order."""
    found = hashlib.sha256()
    for name, content in sorted(files.items()):
        for part in (name.encode("utf-8", "surrogateescape"), content):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()
