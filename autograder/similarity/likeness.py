"""Compares texts of many students by fingerprints: runs of tokens that two have and few others.

Every run of `Measure.length` tokens is a fingerprint (Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for
document fingerprinting", SIGMOD 2003; all of them are kept here, because the texts are short). Those in what the course
gave out don't count. Those that more than a tenth of the class have, and more than ten students, don't count either:
they are how such a thing is written. The likeness of two texts is the share of the shorter one's remaining tokens that
lie in fingerprints of both. The order of functions makes no difference to it.

`docs/quality.md` has how often independent programs, and copies in disguise, come above `Measure.alike`.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from autograder.similarity.tokens import Kind, Token

MAX_TOKENS = 5000
"""How much of a part is compared; the longest of the reference has 450."""
FEW_STUDENTS, FEW = 10, 0.1
_FOR_IDENTICAL = 2  # times as long as what can be compared
_NONE = 0  # in place of a fingerprint that would begin in one piece and end in another

Prints = NDArray[np.int64]
Pieces = Sequence[Sequence[Token]]


@dataclass(frozen=True)
class Measure:
    """How a kind of text is compared: tokens of a fingerprint, of what is long enough, and from when it is alike."""

    length: int
    least: int
    alike: float


MEASURES: Mapping[Kind, Measure] = {"code": Measure(12, 60, 0.7), "prose": Measure(3, 12, 0.6)}


@dataclass(frozen=True)
class Likeness:
    """Two students whose texts are alike: how much, from 0 to 1, and how many tokens of the shorter one that are."""

    students: tuple[str, str]
    share: float
    tokens: int


@dataclass(frozen=True)
class Block:
    """What two texts have in common in one place: where its tokens begin in each of them, and how many they are."""

    first: int
    second: int
    tokens: int


class Given:
    """The fingerprints of what the course gave out, which are nobody's own."""

    def __init__(self, pieces: Pieces, measure: Measure) -> None:
        self.measure = measure
        self.prints = np.unique(_prints(pieces, measure.length))


class Comparison:
    """The texts of a class, by student, compared in one way.

    Parameters
    ----------
    texts
        The pieces of each student's text: files or cells, which no fingerprint spans.
    given
        What the course gave out, with the measure.
    """

    def __init__(self, texts: Mapping[str, Pieces], given: Given) -> None:
        self.measure = given.measure
        self._prints = {student: _prints(_bounded(texts[student]), self.measure.length) for student in sorted(texts)}
        own = [_without(np.unique(prints), given.prints) for prints in self._prints.values()]
        values, students = _counted(own)
        self._given = given.prints
        self._common = values[students > max(FEW_STUDENTS, FEW * len(texts))]

    def alike(self, least: float | None = None) -> list[Likeness]:
        """Return the pairs of at least that likeness, the most alike first."""
        least = self.measure.alike if least is None else least
        rare = {student: self._rare(student) for student in self._prints}
        sizes = {student: self._covered(student, prints) for student, prints in rare.items()}
        names = [student for student, size in sizes.items() if size >= self.measure.least]
        found = {pair: Likeness(pair, 1.0, size) for pair, size in self._identical()}
        for first, second, shared in _sharing([rare[name] for name in names]):
            pair = names[first], names[second]
            shorter = min(pair, key=lambda name: (sizes[name], name))
            # At best every shared fingerprint covers tokens of its own.
            if pair in found or shared * self.measure.length < least * sizes[shorter]:
                continue
            tokens = self._covered(shorter, np.intersect1d(rare[pair[0]], rare[pair[1]], assume_unique=True))
            if tokens and tokens >= least * sizes[shorter]:
                found[pair] = Likeness(pair, tokens / sizes[shorter], tokens)
        return sorted(found.values(), key=lambda pair: (-pair.share, -pair.tokens, pair.students))

    def blocks(self, first: str, second: str) -> list[Block]:
        """Return what two students' texts have in common, in the order of the first one."""
        length = self.measure.length
        one, other = self._prints[first], self._prints[second]
        shared = np.intersect1d(self._rare(first), self._rare(second), assume_unique=True)
        if not shared.size:  # the same all through, and what many have
            shared = np.intersect1d(self._own(first), self._own(second), assume_unique=True)
        places: dict[int, int] = {}
        for place, value in reversed(list(enumerate(other.tolist()))):
            places[value] = place
        wanted = set(shared.tolist())
        blocks: list[Block] = []
        at, done, mine, theirs = 0, 0, one.tolist(), other.tolist()
        while at < len(mine):
            if mine[at] not in wanted:
                at += 1
                continue
            # All around it that is the same belongs to it, also what doesn't count by itself.
            begin, place = at, places[mine[at]]
            while begin > done and place > 0 and mine[begin - 1] == theirs[place - 1] != _NONE:
                begin, place = begin - 1, place - 1
            run = at - begin + 1
            while (
                begin + run < len(mine)
                and place + run < len(theirs)
                and (mine[begin + run] == theirs[place + run] != _NONE)
            ):
                run += 1
            blocks.append(Block(begin, place, run + length - 1))
            at = done = begin + run
        return blocks

    def _own(self, student: str) -> Prints:
        return _without(np.unique(self._prints[student]), self._given)

    def _rare(self, student: str) -> Prints:
        return _without(self._own(student), self._common)

    def _covered(self, student: str, prints: Prints) -> int:
        """Return how many tokens of the student's text lie in these fingerprints."""
        begins = np.flatnonzero(_among(self._prints[student], prints))
        steps = np.zeros(len(self._prints[student]) + self.measure.length + 1, dtype=np.int64)
        np.add.at(steps, begins, 1)
        np.subtract.at(steps, begins + self.measure.length, 1)
        return int(np.count_nonzero(np.cumsum(steps)))

    def _identical(self) -> Iterator[tuple[tuple[str, str], int]]:
        """Yield pairs whose texts are the same, token by token, and too long for that to be chance.

        Among many who copied from one source all fingerprints are common, so nothing else would find them.
        """
        same: dict[bytes, list[str]] = {}
        for student, prints in self._prints.items():
            same.setdefault(prints.tobytes(), []).append(student)
        for students in same.values():
            size = self._covered(students[0], self._own(students[0])) if len(students) > 1 else 0
            if size >= _FOR_IDENTICAL * self.measure.least:
                yield from ((pair, size) for pair in itertools.combinations(students, 2))


def _bounded(pieces: Pieces) -> list[Sequence[Token]]:
    bounded, left = [], MAX_TOKENS
    for piece in pieces:
        bounded.append(piece[:left])
        left -= len(bounded[-1])
    return bounded


def _prints(pieces: Pieces, length: int) -> Prints:
    """Return a fingerprint for each token, of the run that begins there."""
    found = []
    for piece in pieces:
        # Python's hash of a text differs from run to run, that of numbers does not.
        numbers = [zlib.crc32(token.text.encode()) for token in piece]
        hashes = [hash(run) or 1 for run in zip(*(numbers[start:] for start in range(length)), strict=False)]
        found += [*hashes, *[_NONE] * (len(numbers) - len(hashes))]
    return np.array(found, dtype=np.int64)


def _without(prints: Prints, others: Prints) -> Prints:
    """Return the `prints` that are not among `others`, in their order."""
    left: Prints = prints[~_among(prints, others) & (prints != _NONE)]
    return left


def _among(prints: Prints, others: Prints) -> NDArray[np.bool_]:
    """Return for each of `prints` whether it is among `others`, which are sorted; `np.isin` would sort them again."""
    if not others.size:
        return np.zeros(len(prints), dtype=np.bool_)
    found: NDArray[np.bool_] = others[np.searchsorted(others, prints).clip(max=len(others) - 1)] == prints
    return found


def _counted(sets: Iterable[Prints]) -> tuple[Prints, Prints]:
    """Return every fingerprint, and how many of the sets have it."""
    together = list(sets)
    if not together:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    values, counts = np.unique(np.concatenate(together), return_counts=True)
    return values, counts


def _sharing(sets: Sequence[Prints]) -> Iterator[tuple[int, int, int]]:
    """Yield each pair of sets, by their numbers, and how many fingerprints they share, if there are any."""
    values, _ = _counted(sets)
    columns = [np.searchsorted(values, prints) for prints in sets]
    ends = np.cumsum([0, *map(len, columns)])
    within = np.concatenate(columns) if columns else values
    matrix = csr_array((np.ones(len(within), dtype=np.int64), within, ends), shape=(len(sets), len(values)))
    shared = (matrix @ matrix.T).tocoo()
    for first, second, number in zip(*map(np.ndarray.tolist, (shared.row, shared.col, shared.data)), strict=True):
        if first < second:
            yield first, second, number
