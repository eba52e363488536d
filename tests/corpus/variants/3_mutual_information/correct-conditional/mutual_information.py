import math
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
from sklearn.feature_selection import mutual_info_classif


def nats(labels):
    shares = [Fraction(count, len(labels)) for count in Counter(labels).values()]
    return -math.fsum(float(share) * (math.log(share.numerator) - math.log(share.denominator)) for share in shares)


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        if len(x) != len(y):
            raise ValueError("len(x) != len(y)")
        if len(y) == 0:
            raise ValueError("nothing to count")
        if not isinstance(base, (int, float)) or not 1 < base < float("inf"):
            raise ValueError("base")
        groups = defaultdict(list)
        for a, b in zip(x, y):
            groups[a].append(b)
        left = sum(len(group) / len(y) * nats(group) for group in groups.values())
        return np.clip(nats(list(y)) - left, 0, None) / math.log(base)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        features = np.asarray(X, dtype=float)
        if n_features < 1:
            raise ValueError("at least one feature")
        if n_features > features.shape[1]:
            raise ValueError("too many features")
        state = np.random.get_state()
        np.random.seed(11)
        mi_scores = mutual_info_classif(features, y)
        np.random.set_state(state)
        ranked = []
        left = list(enumerate(mi_scores))
        while len(ranked) < n_features:
            best = max(left, key=lambda entry: entry[1])
            left.remove(best)
            ranked.append(best[0])
        return ranked, tuple(mi_scores)
