from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product
from math import fsum, inf, isfinite, log

import numpy as np


@dataclass(frozen=True)
class Distribution:
    """Probabilities of outcomes, each a tuple with a value for every variable."""

    probabilities: Counter
    shape: tuple

    def __post_init__(self):
        values = list(self.probabilities.values())
        if not values:
            raise ValueError("no outcomes")
        for value in values:
            if not isfinite(value) or value < 0:
                raise ValueError(f"{value} is no probability")
        if abs(fsum(values) - 1) > 1e-6:
            raise ValueError(f"probabilities sum to {fsum(values)}")

    @classmethod
    def of(cls, numbers):
        table = np.asarray(numbers, dtype=float)
        outcomes = product(*map(range, table.shape))
        return cls(Counter({outcome: float(table[outcome]) for outcome in outcomes}), table.shape)

    def marginal(self, variable):
        total = Counter()
        for outcome, p in self.probabilities.items():
            total[outcome[variable],] += p
        return Distribution(total, self.shape[variable : variable + 1])

    def surprise(self):
        return fsum(p * -log(p) for p in self.probabilities.values() if p > 0)


@dataclass(frozen=True)
class Unit:
    base: float

    def __post_init__(self):
        if isinstance(self.base, str) or self.base is None or not 1 < self.base < inf:
            raise ValueError(f"{self.base!r} is no base")

    def __call__(self, nats):
        return nats / log(self.base)


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        unit, x = Unit(base), Distribution.of(p)
        if len(x.shape) != 1:
            raise ValueError("one variable is needed")
        return unit(x.surprise())

    @staticmethod
    def joint_entropy(joint_p, base=2):
        return Unit(base)(Distribution.of(joint_p).surprise())

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        unit, pair = Unit(base), Distribution.of(joint_p)
        if len(pair.shape) != 2:
            raise ValueError("two variables are needed")
        if axis != 0 and axis != 1:
            raise ValueError("axis 0 or axis 1")
        return unit(pair.surprise() - pair.marginal(axis).surprise())
