"""Sentences that state something: whether a way to say it occurs in one, and whether a negation turns it round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.prose import sentences
from autograder.prose.patterns import Finder, Match, Way
from autograder.prose.sentences import Sentence

_NEGATIONS = frozenset({"not", "no", "never", "neither", "nor", "without", "nothing", "none", "nobody"})
_CONTRASTS = frozenset({"unlike", "contrary", "contrast", "opposed", "rather", "instead"})
_BEYOND_NOT = sentences.words("true correct right case what mean imply follow say guarantee prove show conclude")
_REFUTED = sentences.words("false incorrect misconception myth fallacy untrue wrong mistake")
_TURNS = sentences.words(
    ", ; : but because since so therefore hence thus whereas while although though which if when whenever unless iff "
    "implies and it they"
)
_HARD_TURNS = frozenset({";", ":", "but", "whereas", "however"})


class Statement:
    """A sentence that states something, with its negations."""

    def __init__(self, sentence: Sentence, tokens: tuple[str, ...]) -> None:
        self.sentence = sentence
        self.tokens = tokens
        self.finder = Finder(tokens)
        self.wide = {place for place, word in enumerate(tokens) if self._is_wide(place, word)}
        self.narrow = {
            place
            for place, token in enumerate(tokens)
            if token in _NEGATIONS
            and place not in self.wide
            and not (token in ("nor",) and "neither" in tokens[:place])
        }
        self.backward = {place for place in self.wide if self._is_backward(place)}
        self.contrasts = {place for place, token in enumerate(tokens) if token in _CONTRASTS}

    def says(self, way: Way, unless: Sequence[Way] = (), anywhere: bool = False) -> Iterator[tuple[bool, bool]]:
        """Yield for each match of `way` whether it is turned round, and whether anything speaks against it.

        The first means an odd number of negations, the second any negation or contrast. A match does not count if
        a way of `unless` comes just before it, or anywhere in the sentence if `anywhere` is set.
        """
        rows = [self.finder.matches(row) for row in way.rows]
        if not all(rows):
            return
        anchor, *others = rows
        chosen = [min(matches, key=lambda match: len(self._against(match, self.narrow | self.wide)))
                  for matches in others]  # fmt: skip
        for match in anchor:
            matches = [match, *chosen]
            held = frozenset().union(*(part.held for part in matches))
            if any(self._voids(other, match, anywhere) for other in unless):
                continue
            negations = {place for part in matches for place in self._against(part, (self.narrow | self.wide) - held)}
            contrasts = {place for part in matches for place in self._against(part, self.contrasts - held)}
            yield len(negations) % 2 == 1, bool(negations or contrasts)

    def holds(self, way: Way) -> bool:
        """Return whether `way` occurs anywhere in the sentence, turned round or not."""
        return all(self.finder.matches(row) for row in way.rows)

    def _against(self, match: Match, negations: Iterable[int]) -> set[int]:
        """Return the negations that reach `match`."""
        found = set()
        for place in negations:
            if place in match.held:
                continue
            after = min((held for held in match.held if held > place), default=None)
            if after is None:
                if place in self.backward and self._ends_on(place, match):
                    found.add(place)
                continue
            between = self.tokens[place + 1 : after]
            turns = _HARD_TURNS if place in self.wide else _TURNS
            if not turns.intersection(between):
                found.add(place)
        return found

    def _ends_on(self, place: int, match: Match) -> bool:
        """Return whether the sentence says that `match`, which comes before, is false."""
        named = self.tokens[max(place - 2, 0)] in ("this", "that")
        return match.end <= place and (named or not _HARD_TURNS.intersection(self.tokens[match.end : place]))

    def _is_backward(self, place: int) -> bool:
        """Return whether the negation at `place` refers to what comes before it: "… is wrong", "… is not true"."""
        before, after = self.tokens[max(place - 1, 0)], self.tokens[place + 1 : place + 2]
        return self.tokens[place] in _REFUTED or (
            before in ("is", "are", "was") and bool(after) and after[0] in ("true", "correct", "right", "what", "case")
        )

    def _is_wide(self, place: int, word: str) -> bool:
        before = self.tokens[place - 1] if place else ""
        after = self.tokens[place + 1 : place + 4]
        if word in ("misconception", "myth", "fallacy", "untrue"):
            return True
        if word in _REFUTED:
            said = before in ("is", "be", "was", "are", "common") or (bool(after) and after[0] in ("to", "that", ":"))
            return said and not (after and after[0].startswith(("class", "label", "one", "categor")))
        if word == "no":
            return bool(after) and after[0] in ("way", "case", "chance", "situation", "sense")
        if word != "not":
            return False
        return any(beyond in _BEYOND_NOT for beyond in after)

    def _voids(self, way: Way, match: Match, anywhere: bool) -> bool:
        if anywhere:
            return self.holds(way)
        first = max(match.start - 10, 0)
        for place in range(match.start - 1, first - 1, -1):
            ends_contrast = self.tokens[place] == "," and _CONTRASTS.intersection(
                self.tokens[max(place - 6, 0) : place]
            )
            if self.tokens[place] in _HARD_TURNS or ends_contrast:
                first = place + 1
                break
        window = range(first, match.end)
        return all(
            any(found.start in window and found.end - 1 in window for found in self.finder.matches(row))
            for row in way.rows
        )


def takes_back(tokens: Sequence[str]) -> bool:
    """Return whether a sentence says that the one before it is wrong: "But this is not true."."""
    start = tokens[1:] if tokens[:1] in (("but",), ("however",)) else tokens
    start = start[1:] if start[:1] == (",",) else start
    if not (start[:1] in (("this",), ("that",)) and start[1:2] in (("is",), ("was",), ("would",))):
        return False
    said = start[2:5]
    return bool(_REFUTED.intersection(said)) or ("not" in said and bool({"true", "correct", "right"} & set(start[2:6])))
