"""Rows of terms, and where they stand among the tokens of a sentence.

The rules of :mod:`autograder.prose.explanations` hold them. A row is made of words, gaps, and choices between rows.
Nothing here knows what a row means.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Word:
    """A token, or any of several; ``prefixes`` are those that were written with a star.

    ``bit`` stands for it in the sets of terms that a row needs and that a sentence has.
    """

    exact: frozenset[str]
    prefixes: tuple[str, ...]
    bit: int = 0

    def fits(self, token: str) -> bool:
        """Return whether `token` is one of them."""
        return token in self.exact or bool(self.prefixes and token.startswith(self.prefixes))


@dataclass(frozen=True)
class Gap:
    """Up to ``longest`` tokens, whatever they are."""

    longest: int


@dataclass(frozen=True, eq=False)
class Choice:
    """Any of several rows; known by identity, so that what was found for it once holds for all rows that hold it."""

    rows: tuple[Row, ...]
    bit: int


@dataclass(frozen=True, eq=False)
class Row:
    """Terms that stand one after another.

    ``needs`` are the bits of those that a sentence must have for it, ``firsts`` the words that it can begin with.
    """

    terms: tuple[Word | Gap | Choice, ...]
    needs: int
    firsts: frozenset[Word]

    @classmethod
    def of(cls, terms: tuple[Word | Gap | Choice, ...]) -> Row:
        """Return the row of `terms`."""
        first = terms[0] if terms else None
        firsts: Iterable[Word] = ()
        if isinstance(first, Word):
            firsts = (first,)
        elif isinstance(first, Choice):
            firsts = (word for row in first.rows for word in row.firsts)
        return cls(terms, _together(term.bit for term in terms if not isinstance(term, Gap)), frozenset(firsts))


@dataclass(frozen=True)
class Way:
    """One way to say something: rows of terms that must all stand in a sentence."""

    text: str
    rows: tuple[Row, ...]
    needs: int

    @classmethod
    def of(cls, text: str, rows: tuple[Row, ...]) -> Way:
        """Return the way that is written `text` and made of `rows`."""
        return cls(text, rows, _together(row.needs for row in rows))


class Lexicon:
    """The words and choices of a set of rules, each of them once, and which of them a sentence has.

    Nearly all ways to say something fail for a word that the sentence lacks. What it has is one number, a bit for each
    word and choice, so that this is seen at once.
    """

    def __init__(self) -> None:
        self._words: dict[tuple[frozenset[str], tuple[str, ...]], Word] = {}
        self._exact: dict[str, list[Word]] = {}
        self._stems: dict[str, list[Word]] = {}
        self._longest_stem = 0
        self._choices: list[Choice] = []
        self._bits = 0

    def word(self, exact: frozenset[str], prefixes: tuple[str, ...]) -> Word:
        """Return the one word of its kind."""
        key = (exact, prefixes)
        if key not in self._words:
            word = self._words[key] = Word(exact, prefixes, self._bit())
            for text in exact:
                self._exact.setdefault(text, []).append(word)
            for text in prefixes:
                self._stems.setdefault(text, []).append(word)
                self._longest_stem = max(self._longest_stem, len(text))
        return self._words[key]

    def choice(self, rows: tuple[Row, ...]) -> Choice:
        """Return a choice between `rows`, whose own choices were made before it."""
        self._choices.append(Choice(rows, self._bit()))
        return self._choices[-1]

    def fitting(self, token: str) -> set[Word]:
        """Return the words that fit `token`."""
        longest = min(len(token), self._longest_stem)
        stems = (self._stems.get(token[:end], ()) for end in range(1, longest + 1))
        return {*self._exact.get(token, ()), *itertools.chain.from_iterable(stems)}

    def bits(self, words: Iterable[Word]) -> int:
        """Return the bits of `words`, and of all choices that can stand in a sentence that has these words only."""
        has = _together(word.bit for word in words)
        for choice in self._choices:
            if any(row.needs & has == row.needs for row in choice.rows):
                has |= choice.bit
        return has

    def _bit(self) -> int:
        self._bits += 1
        return 1 << self._bits


@dataclass(frozen=True)
class Match:
    """Where a row stands: from ``start`` up to ``end``, and the tokens in between that are terms of it."""

    start: int
    end: int
    held: frozenset[int]


class Finder:
    """Finds rows of terms among the tokens of one sentence; what was looked for once is remembered."""

    def __init__(self, tokens: Sequence[str], lexicon: Lexicon) -> None:
        self.tokens = tuple(tokens)
        self._words = [lexicon.fitting(token) for token in self.tokens]
        self._has = lexicon.bits(set().union(*self._words))
        self._matches: dict[Row, list[Match]] = {}
        self._ends: dict[tuple[Choice, int], dict[int, frozenset[int]]] = {}

    def has(self, needs: int) -> bool:
        """Return whether every term of these bits can be in the sentence."""
        return needs & self._has == needs

    def matches(self, row: Row) -> list[Match]:
        """Return the tight matches of `row`: those that hold no other."""
        if not self.has(row.needs):
            return []
        if row not in self._matches:
            found = self._matches[row] = []
            for start in range(len(self.tokens)):
                ends = self.ends(row, start)
                if ends:
                    end = min(ends)
                    while found and found[-1].end >= end:
                        found.pop()
                    found.append(Match(start, end, ends[end]))
        return self._matches[row]

    def ends(self, row: Row, start: int) -> dict[int, frozenset[int]]:
        """Return where a match of `row` that begins at `start` may end, each with the tokens that are its terms."""
        if row.firsts.isdisjoint(self._words[start]) or not self.has(row.needs):
            return {}
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
                    if term in self._words[place]:
                        following.setdefault(place + 1, held | {place})
                else:
                    for end, more in self._choice(term, place).items():
                        following.setdefault(end, held | more)
            reached = following
            if not reached:
                break
        return reached

    def _choice(self, choice: Choice, start: int) -> dict[int, frozenset[int]]:
        key = (choice, start)
        if key not in self._ends:
            found: dict[int, frozenset[int]] = {}
            for row in choice.rows:
                for end, held in self.ends(row, start).items():
                    found.setdefault(end, held)
            self._ends[key] = found
        return self._ends[key]


def _together(bits: Iterable[int]) -> int:
    return functools.reduce(operator.or_, bits, 0)
