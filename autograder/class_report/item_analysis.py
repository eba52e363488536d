"""Classical item analysis: how difficult an item is, and whether it tells strong students from weak ones.

The difficulty index of an item is the share of its points that students won. Its discrimination is the corrected
item-total correlation: Pearson's r between the points for the item and the points for everything else, so that an item
is not compared with itself. For a check, which is won or lost, Pearson's r is the point-biserial correlation

    r = (m1 - m0) / s * sqrt(q (1 - q)),

with m1 and m0 the means of the rest among those who won and who lost, s its standard deviation (divided by n, not
n - 1), and q the share that won.

Source: Henrysson, S. (1963). Correction of item-total correlations in item analysis. Psychometrika 28, 211-218. The
interval is Fisher's: atanh(r) has a standard error of about 1 / sqrt(n - 3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST = 10
"""With fewer students no correlation is given: its interval holds nearly everything."""

FEW = 30
"""With fewer students a correlation is given with a warning, and no check is suspected."""

LEAST_OF_EACH = 5
"""How many students have to win, and how many to lose, a check that is suspected."""

_SURE, _VERY_SURE = 1.959964, 2.575829  # quantiles of the normal distribution: two-sided 95 % and 99 %


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of `n` students, with its 95 % interval."""

    r: float
    low: float
    high: float
    n: int


def correlation(won: Sequence[float], rest: Sequence[float]) -> Correlation | None:
    """Return the correlation of what students `won` of an item with the `rest` that they won; one entry a student.

    It is None for fewer than `LEAST` students, and where one of the two is the same for all.
    """
    n = len(won)
    if n < LEAST:
        return None
    # Sums of points differ in their last digits with the order of the terms.
    x, y = np.round(np.asarray(won, dtype=float), 9), np.round(np.asarray(rest, dtype=float), 9)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    x, y = x - x.mean(), y - y.mean()
    r = float(np.clip((x @ y) / math.sqrt((x @ x) * (y @ y)), -1.0, 1.0))
    return Correlation(r, *interval(r, n), n)


def interval(r: float, n: int, quantile: float = _SURE) -> tuple[float, float]:
    """Return Fisher's interval for the correlation `r` of `n` students: of 95 %, unless another quantile is given."""
    if n <= 3:
        return -1.0, 1.0
    centre = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, r)))
    half = quantile / math.sqrt(n - 3)
    return math.tanh(centre - half), math.tanh(centre + half)


def works_backwards(found: Correlation | None, winners: int) -> bool:
    """Return whether strong students clearly lose a check more often than weak ones.

    Clearly: with at least `FEW` students, at least `LEAST_OF_EACH` of whom won and lost it, the 99 % interval of the
    correlation lies below 0.
    """
    if found is None or found.n < FEW or min(winners, found.n - winners) < LEAST_OF_EACH:
        return False
    return interval(found.r, found.n, _VERY_SURE)[1] < 0
