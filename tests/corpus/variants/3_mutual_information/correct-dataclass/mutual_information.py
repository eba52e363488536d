from __future__ import annotations

import functools
import math
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.feature_selection import mutual_info_classif


def demand(truth, text):
    if not truth:
        raise ValueError(text)


def checked(function):
    @functools.wraps(function)
    def call(x, y, base=2):
        demand(len(x) == len(y) > 0, f"{len(x)} labels in x, {len(y)} in y")
        demand(base > 1 and math.isfinite(base), f"base={base}")
        return function(tuple(x), tuple(y), base)

    return call


@dataclass(frozen=True)
class Table:
    joint: Counter
    rows: Counter
    columns: Counter
    n: int

    @classmethod
    def of(cls, x, y):
        return cls(Counter(zip(x, y)), Counter(x), Counter(y), len(x))

    def ratio(self, pair):
        return self.joint[pair] * self.n / (self.rows[pair[0]] * self.columns[pair[1]])

    def nats(self):
        return sum(count * math.log(self.ratio(pair)) for pair, count in self.joint.items()) / self.n


class Selection(NamedTuple):
    selected_indices: list
    mi_scores: list


class MutualInformation:
    @staticmethod
    @checked
    def mutual_information_discrete(x, y, base=2):
        bits = Table.of(x, y).nats() / math.log(base)
        return bits if bits > 0 else 0.0

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        scores = mutual_info_classif(X, y, random_state=1)
        demand(n_features in range(1, len(scores) + 1), "n_features")
        order = np.lexsort((range(len(scores)), -scores))
        return Selection([np.array(j) for j in order[:n_features]], [np.array(s) for s in scores])
