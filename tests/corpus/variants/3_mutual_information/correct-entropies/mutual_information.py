from collections import Counter
from heapq import nlargest
from itertools import starmap

import numpy as np
from scipy.stats import entropy
from sklearn.feature_selection import mutual_info_classif


class MutualInformation:
    """I(X;Y) = H(X) + H(Y) - H(X,Y)."""

    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        pairs = list(zip(x, y, strict=True))
        if not pairs or not 1 < base < float("inf"):
            raise ValueError("no pairs, or no base")
        h_x, h_y, h_xy = (
            entropy(list(Counter(labels).values()), base=base)
            for labels in ([a for a, _ in pairs], [b for _, b in pairs], pairs)
        )
        return max(h_x + h_y - h_xy, 0)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        n_columns = len(X[0])
        if n_features <= 0 or n_features > n_columns:
            raise ValueError("n_features must be between 1 and the number of columns")
        scores = mutual_info_classif(np.array(X), np.array(y), random_state=np.random.RandomState(2026))
        best = nlargest(n_features, zip(scores, range(0, -n_columns, -1)))
        return np.array([-minus for _, minus in best]), list(scores)
