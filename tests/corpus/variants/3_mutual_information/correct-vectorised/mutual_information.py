import numpy as np
from sklearn.feature_selection import mutual_info_classif


def codes(labels):
    order = dict.fromkeys(labels)
    number = {label: i for i, label in enumerate(order)}
    return np.fromiter((number[label] for label in labels), dtype=int)


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        if not (np.greater(base, 1) and np.isfinite(base)):
            raise ValueError("base")
        i, j = codes(x), codes(y)
        if i.shape != j.shape or i.size == 0:
            raise ValueError("x and y must be equally long and not empty")
        p = np.zeros((i.max() + 1, j.max() + 1))
        np.add.at(p, (i, j), 1 / i.size)
        q = p.sum(axis=1, keepdims=True) @ p.sum(axis=0, keepdims=True)
        cells = p > 0
        return np.maximum(0.0, np.sum(p[cells] * np.log(p[cells] / q[cells]))) / np.log(base)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        X = np.asarray(X, dtype=float)
        d = X.shape[1]
        if n_features not in range(1, d + 1):
            raise ValueError("n_features")
        mi_scores = np.array([mutual_info_classif(X[:, [j]], y, random_state=7)[0] for j in range(d)])
        selected_indices = np.lexsort((np.arange(d), -mi_scores))[:n_features]
        return selected_indices, mi_scores
