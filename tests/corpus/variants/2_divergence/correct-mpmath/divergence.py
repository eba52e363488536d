"""Thirty digits with mpmath; results are mpf numbers."""

import mpmath
import numpy as np


def checked(p, q, base):
    pair = []
    for d in (p, q):
        array = np.array(d, dtype=float)
        if array.ndim != 1:
            raise ValueError("need lists")
        cells = [mpmath.mpf(float(x)) for x in array]
        if len(cells) == 0 or any(not mpmath.isfinite(x) or x < 0 for x in cells):
            raise ValueError("need finite, non-negative probabilities")
        if abs(mpmath.fsum(cells) - 1) > mpmath.mpf("1e-6"):
            raise ValueError("need probabilities that sum to 1")
        pair.append(cells)
    if len(pair[0]) != len(pair[1]):
        raise ValueError("need the same outcomes")
    if not 1 < base < mpmath.inf:
        raise ValueError("need a base above 1")
    return pair


def divergence(p, q):
    if any(x > 0 and y == 0 for x, y in zip(p, q)):
        return mpmath.inf
    return mpmath.fsum(x * mpmath.log(x / y) for x, y in zip(p, q) if x)


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=mpmath.e):
        p, q = checked(p, q, base)
        return divergence(p, q) / mpmath.log(base)

    @staticmethod
    def cross_entropy(p, q, base=mpmath.e):
        p, q = checked(p, q, base)
        return (divergence(p, q) - mpmath.fsum(x * mpmath.log(x) for x in p if x)) / mpmath.log(base)

    @staticmethod
    def js_divergence(p, q, base=mpmath.e):
        p, q = checked(p, q, base)
        m = [(x + y) / 2 for x, y in zip(p, q)]
        return (divergence(p, m) + divergence(q, m)) / 2 / mpmath.log(base)
