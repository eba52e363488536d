"""What somebody probably meant by a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the one of the `known` names that looks most like `name`, or None if none does.

    A beginning that only one of them has is enough: ``3`` is near to ``3_mutual_information``.
    """
    names = sorted(known)
    by_case = {each.casefold(): each for each in reversed(names)}
    if found := difflib.get_close_matches(name.casefold(), by_case, 1):
        return by_case[found[0]]
    begun = [each for each in by_case if name and each.startswith(name.casefold())]
    return by_case[begun[0]] if len(begun) == 1 else None


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """Return the question whether a near name was meant; what to say instead if there is none is `otherwise`."""
    found = nearest(name, known)
    return otherwise if found is None else f"did you mean `{found}`?"
