"""Pure Python: loops and dicts, and the estimator of Ross (2014) written out."""

import math
import random

from scipy.special import psi


def ross(column, y, k=3):
    n = len(column)
    size = {label: y.count(label) for label in y}
    terms = []
    for i in range(n):
        own = sorted(abs(column[j] - column[i]) for j in range(n) if j != i and y[j] == y[i])
        radius = own[k - 1]
        nearer = sum(abs(value - column[i]) < radius for value in column)  # itself is one of them
        terms.append(psi(k) - psi(size[y[i]]) - psi(nearer))
    return max(0.0, float(psi(n) + sum(terms) / n))


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        if len(x) != len(y) or len(x) == 0:
            raise ValueError("need pairs")
        if math.isnan(base) or math.isinf(base) or base <= 1:
            raise ValueError("bad base")
        n = len(x)
        together, of_x, of_y = {}, {}, {}
        for i in range(n):
            together[x[i], y[i]] = together.get((x[i], y[i]), 0) + 1
            of_x[x[i]] = of_x.get(x[i], 0) + 1
            of_y[y[i]] = of_y.get(y[i], 0) + 1
        bits = 0
        for pair in together:
            p, q = together[pair] / n, of_x[pair[0]] / n * (of_y[pair[1]] / n)
            bits = bits + p * math.log(p / q, base)
        return bits if bits > 0 else 0

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        rows = [[float(value) for value in row] for row in X]
        y = list(y)
        d = len(rows[0])
        if not 1 <= n_features <= d:
            raise ValueError("n_features")
        shaker = random.Random(3)
        scores = []
        for j in range(d):
            # a little noise decides between equal distances, as in scikit-learn
            scores.append(ross([row[j] + 1e-11 * shaker.gauss(0, 1) for row in rows], y))
        best = sorted(range(d), key=scores.__getitem__, reverse=True)  # stable: ties stay in order
        return best[:n_features], scores
