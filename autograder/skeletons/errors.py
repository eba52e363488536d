"""What may be wrong with what is to be made."""

from __future__ import annotations


class SkeletonError(Exception):
    """Nothing was written; the message says why and what to do."""
