import math
from collections import Counter

import numpy as np
from sklearn.feature_selection import mutual_info_classif


def check_base(base):
    if not 1 < base < float("inf"):
        raise ValueError("base must be above 1, not %r" % base)


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        x, y = list(x), list(y)
        if len(x) != len(y):
            raise ValueError("x and y have different lengths")
        if len(x) == 0:
            raise ValueError("no observations")
        check_base(base)
        n = len(x)
        n_x, n_y, n_xy = Counter(x), Counter(y), Counter(zip(x, y))
        total = 0.0
        for (a, b), count in n_xy.items():
            total += count / n * math.log2(count * n / (n_x[a] * n_y[b]))
        return max(total, 0.0) / math.log2(base)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        X = np.asarray(X)
        if n_features < 1 or n_features > X.shape[1]:
            raise ValueError("cannot select %r of %d columns" % (n_features, X.shape[1]))
        scores = mutual_info_classif(X, y, random_state=42)
        order = sorted(range(len(scores)), key=lambda j: (-scores[j], j))
        return order[:n_features], scores
