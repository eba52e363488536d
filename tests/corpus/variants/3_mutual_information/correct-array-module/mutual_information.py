import numpy as np
from sklearn.feature_selection import mutual_info_classif


def to_objects(labels):
    column = np.empty(len(labels), dtype=object)
    for i, label in enumerate(labels):
        column[i] = label
    return column


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        if base is None or not 1 < base < float("inf"):
            raise ValueError("base must be > 1")
        x, y = to_objects(x), to_objects(y)
        if x.size != y.size or x.size == 0:
            raise ValueError("x and y must be non-empty and of one length")
        information = 0.0
        for a in set(x):
            for b in set(y):
                in_a = np.array([label == a for label in x])
                in_b = np.array([label == b for label in y])
                both = np.mean(in_a & in_b)
                if both > 0:
                    information += both * (np.log(both) - np.log(in_a.mean()) - np.log(in_b.mean()))
        return abs(information) / np.log(base)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        X = np.asarray(X)
        if not (0 < n_features <= X.shape[-1]):
            raise ValueError(f"n_features={n_features}")
        scores = mutual_info_classif(X, y, discrete_features=False, n_neighbors=3, random_state=123, copy=True)
        rank = (-scores).argsort(kind="stable")
        return [rank[:n_features], scores]
