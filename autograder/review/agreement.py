"""How far tutors agree on texts that were given to two of them: Cohen's weighted kappa.

    κ = 1 − Σ w(i,j) o(i,j) / Σ w(i,j) e(i,j),   w(i,j) = (i − j)²

with the shares o of texts that got points i from one tutor and j from the other, and the shares e that would be
expected if both had given their points independently. Points are ordinal, so a difference of a whole point weighs four
times one of a half (Cohen 1968). 1 is full agreement, 0 no more than by chance. Computed by scikit-learn's
``cohen_kappa_score``. For more than two tutors, the mean over pairs is given (Light 1971).
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.review.explanations import Explanation

FEW = 30
"""Below so many texts, kappa says little: its standard error is then about 0.1 to 0.2."""
_FINEST = 1000  # steps of a scale of points


@dataclass(frozen=True)
class Agreement:
    """How far two tutors agree.

    ``same`` is how many of the `texts` got the same points from both. ``kappa`` is None if it is not defined: both gave
    the same points to every text.
    """

    tutors: tuple[str, str]
    item: str
    texts: int
    same: int
    kappa: float | None


def agreements(explanations: Iterable[Explanation]) -> list[Agreement]:
    """Return the agreement of each pair of tutors on each item, and for a pair with several items on all of them.

    A text that several students wrote counts once.
    """
    of_pair: dict[tuple[str, str], dict[str, dict[str, tuple[Fraction, Fraction]]]] = {}
    for entry in explanations:
        for pair in itertools.combinations(sorted(entry.readings), 2):
            both = tuple(_part(entry.readings[tutor].points, entry.max) for tutor in pair)
            of_item = of_pair.setdefault(pair, {}).setdefault(entry.item, {})
            of_item[entry.prose.answer] = (both[0], both[1])
    found = []
    for pair, items in sorted(of_pair.items()):
        everything = [both for texts in items.values() for both in texts.values()]
        for item, texts in items.items():
            found.append(_agreement(pair, item, list(texts.values())))
        if len(items) > 1:
            found.append(_agreement(pair, "", everything))
    return found


def mean_kappa(found: Sequence[Agreement]) -> dict[str, float]:
    """Return the mean of kappa over pairs, for each item with more than one pair; "" is all items."""
    of_item: dict[str, list[float]] = defaultdict(list)
    for entry in found:
        if entry.kappa is not None:
            of_item[entry.item].append(entry.kappa)
    return {item: statistics.fmean(kappas) for item, kappas in of_item.items() if len(kappas) > 1}


def _agreement(pair: tuple[str, str], item: str, points: Sequence[tuple[Fraction, Fraction]]) -> Agreement:
    same = sum(first == second for first, second in points)
    return Agreement(pair, item, len(points), same, _kappa(points))


def _kappa(points: Sequence[tuple[Fraction, Fraction]]) -> float | None:
    """Return quadratically weighted kappa of parts of the maximum, or None if it is not defined."""
    from sklearn.metrics import cohen_kappa_score

    if len({part for both in points for part in both}) == 1:
        return None
    # scikit-learn weighs by the places of labels, so these are all steps of the scale, also those that nobody gave.
    steps = min(math.lcm(*(part.denominator for both in points for part in both)), _FINEST)
    first, second = ([round(both[tutor] * steps) for both in points] for tutor in (0, 1))
    return float(cohen_kappa_score(first, second, labels=range(steps + 1), weights="quadratic"))


def _part(points: float, most: float) -> Fraction:
    return Fraction(points).limit_denominator(_FINEST) / Fraction(most).limit_denominator(_FINEST)
