from functools import partial

import numpy as np
from sklearn.feature_selection import SelectKBest, mutual_info_classif
from sklearn.metrics import mutual_info_score


def numbered(labels):
    """Number the labels in the order in which they come; NumPy would make one type of them."""
    seen = {}
    return [seen.setdefault(label, len(seen)) for label in labels]


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        if not 1 < base < float("inf"):
            raise ValueError("base must be greater than 1")
        if len(x) != len(y):
            raise ValueError("columns of different length")
        if len(x) < 1:
            raise ValueError("empty columns")
        return mutual_info_score(numbered(x), numbered(y)) / np.log(base)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        X = np.array(X, dtype=float)
        if not 1 <= n_features <= X.shape[1]:
            raise ValueError("n_features is out of range")
        best = SelectKBest(partial(mutual_info_classif, random_state=0), k=n_features).fit(X, y)
        ranking = np.argsort(-best.scores_, kind="mergesort")
        return ranking[:n_features], best.scores_
