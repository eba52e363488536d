"""Rows of terms, and where they match among the tokens of a sentence.

The rules of :mod:`autograder.prose.rules` contain them. A row is made of words, gaps, and choices between rows.
Nothing here depends on what a row means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Word:
    """A token, or any of several; ``prefixes`` are those that were written with a star.

    Compared by identity, like `Choice`, so that a match found for it once is reused for all rows that contain it.
    """

    exact: frozenset[str]
    prefixes: tuple[str, ...]

    def fits(self, token: str) -> bool:
        """Return whether `token` is one of them."""
        return token in self.exact or bool(self.prefixes and token.startswith(self.prefixes))


@dataclass(frozen=True)
class Gap:
    """Up to ``longest`` tokens, whatever they are."""

    longest: int


@dataclass(frozen=True, eq=False)
class Choice:
    """Any of several rows."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """Terms that follow one another; the first and the last are not gaps."""

    terms: tuple[Word | Gap | Choice, ...]


@dataclass(frozen=True)
class Way:
    """One way to say something: rows of terms that must all appear in a sentence."""

    text: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Match:
    """Where a row appears: from ``start`` up to ``end``, and the tokens in between that are its terms."""

    start: int
    end: int
    held: frozenset[int]


class Finder:
    """Finds rows of terms among the tokens of one sentence and remembers the results."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tuple(tokens)
        self._starts: dict[Word | Choice, frozenset[int]] = {}
        self._matches: dict[Row, list[Match]] = {}
        self._ends: dict[tuple[Choice, int], dict[int, frozenset[int]]] = {}

    def matches(self, row: Row) -> list[Match]:
        """Return the tight matches of `row`: those that contain no other."""
        if row not in self._matches:
            found = self._matches[row] = []
            for start in sorted(self._starts_of_row(row)):
                ends = self._ends_of(row, start)
                if ends:
                    end = min(ends)
                    while found and found[-1].end >= end:
                        found.pop()
                    found.append(Match(start, end, ends[end]))
        return self._matches[row]

    def _starts_of_row(self, row: Row) -> frozenset[int]:
        """Return where `row` may begin; nowhere if the sentence lacks one of its terms, as nearly all sentences do."""
        first, *others = [term for term in row.terms if not isinstance(term, Gap)]
        starts = self._starts_of(first)
        return starts if starts and all(map(self._starts_of, others)) else frozenset()

    def _starts_of(self, term: Word | Choice) -> frozenset[int]:
        if term not in self._starts:
            if isinstance(term, Word):
                places = frozenset(place for place, token in enumerate(self.tokens) if term.fits(token))
            else:
                places = frozenset().union(*map(self._starts_of_row, term.rows))
            self._starts[term] = places
        return self._starts[term]

    def _ends_of(self, row: Row, start: int) -> dict[int, frozenset[int]]:
        """Return where a match of `row` that begins at `start` may end, each with the tokens that are its terms."""
        reached = {start: frozenset[int]()}
        for term in row.terms:
            following: dict[int, frozenset[int]] = {}
            for place, held in reached.items():
                if isinstance(term, Gap):
                    for end in range(place, min(place + term.longest, len(self.tokens)) + 1):
                        if end > place and self.tokens[end - 1] == ";":
                            break
                        following.setdefault(end, held)
                elif place == len(self.tokens):
                    continue
                elif isinstance(term, Word):
                    if place in self._starts_of(term):
                        following.setdefault(place + 1, held | {place})
                else:
                    for end, more in self._ends_of_any(term, place).items():
                        following.setdefault(end, held | more)
            if not following:
                return {}
            reached = following
        return reached

    def _ends_of_any(self, choice: Choice, start: int) -> dict[int, frozenset[int]]:
        key = (choice, start)
        if key not in self._ends:
            found = self._ends[key] = {}
            for row in choice.rows:
                if start in self._starts_of_row(row):
                    for end, held in self._ends_of(row, start).items():
                        found.setdefault(end, held)
        return self._ends[key]
