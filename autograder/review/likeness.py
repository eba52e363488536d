"""Puts explanations that are alike into groups, so that a person can decide on them at once.

Texts are in one group if they are alike *and* the judge found the same ideas and wrong claims in them. The second
condition matters: "X and Y are independent" and "X and Y are not independent" are nearly the same sentence. Every text
of a group is at least as alike to every other as the threshold says (complete linkage), so a group can't drift from
one answer to another over a chain of neighbours.

Where the extra ``prose`` is installed, likeness is the cosine between the mean sentence vectors of
:mod:`autograder.prose.embeddings`; otherwise, and where the model sees no sentence, between TF-IDF vectors of words and
pairs of words (Salton and Buckley 1988). Nothing depends on the names of students, not even an order.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder import atomic
from autograder.prose import embeddings, sentences
from autograder.review.explanations import Explanation

# Chosen on the graded answers beside the rules: with these, two answers of a group differ by at most half a point in
# 96 % of all pairs, and tests/test_likeness.py holds them to it.
BY_MEANING, BY_WORDS = 0.6, 0.4


@dataclass(frozen=True)
class Text:
    """One text, with the explanations that consist of exactly it."""

    explanations: tuple[Explanation, ...]

    @property
    def first(self) -> Explanation:
        """One of them, to show."""
        return self.explanations[0]


@dataclass(frozen=True)
class Group:
    """Texts of one item that are alike; neighbours are most alike."""

    texts: tuple[Text, ...]

    @property
    def first(self) -> Explanation:
        """One of its explanations, to show."""
        return self.texts[0].first

    @property
    def explanations(self) -> list[Explanation]:
        """The explanations of all its texts."""
        return [explanation for text in self.texts for explanation in text.explanations]


def grouped(explanations: Iterable[Explanation], cache: Path | None = None) -> list[Group]:
    """Return `explanations` in groups, by item as they come; those with the same findings follow each other.

    `cache` is a folder that keeps what the model computed, which takes some 0.03 seconds for each text.
    """
    of_item: dict[tuple[str, str], list[Explanation]] = defaultdict(list)
    for explanation in explanations:
        of_item[explanation.section, explanation.item].append(explanation)
    return [group for several in of_item.values() for group in _of_item(several, cache)]


def _of_item(explanations: Iterable[Explanation], cache: Path | None) -> list[Group]:
    same: dict[tuple[str, ...], list[Explanation]] = defaultdict(list)
    for explanation in sorted(explanations, key=lambda entry: (entry.prose.answer, entry.id)):
        # Where part of an answer may be elsewhere, that part is not compared.
        alone = (explanation.id,) if explanation.prose.elsewhere else ()
        same[explanation.prose.answer, *alone].append(explanation)
    alike: dict[Any, list[Text]] = defaultdict(list)
    for several in same.values():
        alike[_found(several[0])].append(Text(tuple(several)))
    groups: list[Group] = []
    for texts in sorted(alike.values(), key=_most_first):
        groups += _alike(texts, cache)
    return groups


def _most_first(texts: Sequence[Text]) -> tuple[int, str]:
    return -sum(len(text.explanations) for text in texts), texts[0].first.prose.answer


def _found(explanation: Explanation) -> tuple[Any, ...]:
    """Return what the judge found, which a group has in common."""
    found = explanation.prose.found
    ideas, wrong = (frozenset(entry.id for entry in of) for of in (found.concepts, found.wrong_claims))
    return explanation.suggested, ideas, wrong


def _alike(texts: Sequence[Text], cache: Path | None) -> list[Group]:
    """Return groups of texts in which the judge found the same, in the order of a tree of likeness."""
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(texts) == 1:
        return [Group(tuple(texts))]
    distances = 1 - _likeness([text.first.text for text in texts], cache)
    alone = np.array([bool(text.first.prose.elsewhere) for text in texts])
    distances[alone | alone[:, None]] = 2
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "complete")
    numbers = fcluster(tree, 1, "distance")
    groups: dict[int, list[Text]] = defaultdict(list)
    for place in leaves_list(tree):
        groups[numbers[place]].append(texts[place])
    return [Group(tuple(several)) for several in groups.values()]


def _likeness(texts: Sequence[str], cache: Path | None) -> NDArray[np.float64]:
    """Return how alike texts are, shape (n, n): 0 where just alike enough for a group, 1 where the same.

    The two measures have different thresholds, so each is scaled by its own.
    """
    found = (_by_words(texts) - BY_WORDS) / (1 - BY_WORDS)
    if embeddings.version() is not None:
        meanings = np.array([_meaning(text, cache) for text in texts])
        known = np.linalg.norm(meanings, axis=1) > 0
        of_model = (meanings @ meanings.T - BY_MEANING) / (1 - BY_MEANING)
        found = np.where(known & known[:, None], of_model, found)
    return np.clip((found + found.T) / 2, -1, 1)


def _meaning(text: str, cache: Path | None) -> NDArray[np.float64]:
    """Return the mean of the text's sentence vectors, of length 1; of length 0 if there are no sentences."""
    read = [sentence.text for sentence in sentences.read(text).sentences]
    asked = json.dumps([embeddings.PACKAGE, embeddings.version(), *read]).encode()
    path = cache / f"{hashlib.sha256(asked).hexdigest()[:32]}.f64" if cache else None
    if path is not None:
        with contextlib.suppress(OSError, ValueError):
            kept = np.frombuffer(path.read_bytes())
            if kept.shape == (embeddings.WIDTH,):
                return kept
    mean: NDArray[np.float64] = embeddings.vectors(read).sum(axis=0, dtype=np.float64)
    mean /= np.linalg.norm(mean) or 1
    if path is not None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(path, mean.tobytes())
    return mean


def _by_words(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the cosine between TF-IDF vectors of words and pairs of words, shape (n, n); 0 without words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    def terms(text: str) -> list[str]:
        words = sentences.tokens_of(sentences.cut(text, sentences.MAX_CHARACTERS))
        return [*words, *(f"{first} {second}" for first, second in itertools.pairwise(words))]

    try:
        vectors = TfidfVectorizer(analyzer=terms, sublinear_tf=True).fit_transform(texts)
    except ValueError:  # there is not a single word
        return np.zeros((len(texts), len(texts)))
    cosine: NDArray[np.float64] = (vectors @ vectors.T).toarray()
    return cosine
