from fractions import Fraction
from math import inf, isfinite, log

import numpy as np
from scipy.special import digamma


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        if not isfinite(base) or base <= 1:
            raise ValueError("base")
        n = len(x)
        if n != len(y) or n < 1:
            raise ValueError("x and y")
        counts = {}
        for pair in zip(x, y):
            counts[pair] = counts.get(pair, 0) + 1
        along_x, along_y = {}, {}
        for (a, b), count in counts.items():
            along_x[a] = along_x.get(a, 0) + count
            along_y[b] = along_y.get(b, 0) + count
        total = 0.0
        for (a, b), count in counts.items():
            ratio = Fraction(count * n, along_x[a] * along_y[b])
            total += count * (log(ratio.numerator) - log(ratio.denominator))
        return abs(total) / n / log(base)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        X, y = np.asarray(X, dtype=float), np.asarray(y)
        if not 0 < n_features < X.shape[1] + 1:
            raise ValueError("n_features")
        rng = np.random.default_rng(3)
        mi_scores = []
        for column in X.T:
            spread = column.std() or 1.0
            scaled = column / spread
            scaled = scaled + 1e-10 * max(1, np.abs(scaled).mean()) * rng.standard_normal(len(y))
            mi_scores.append(max(0.0, information(scaled, y)))
        mi_scores = np.array(mi_scores)
        best, scores = [], mi_scores.copy()
        for _ in range(n_features):
            best.append(scores.argmax())
            scores[best[-1]] = -inf
        return np.array(best), mi_scores


def information(values, y, k=3):
    own, near = [], []
    for value, label in zip(values, y):
        radius = np.partition(np.abs(values[y == label] - value), k)[k]
        own.append((y == label).sum())
        near.append((np.abs(values - value) < radius).sum())
    return digamma(len(y)) + digamma(k) - digamma(own).mean() - digamma(near).mean()
