"""Pure Python: loops, math.log, no NumPy."""

import math


def numbers_of(p):
    values = []
    for x in p:
        try:
            values.append(float(x))
        except TypeError:
            raise ValueError("a plain list of numbers is needed")
    return values


def check(p, q, base):
    p, q = numbers_of(p), numbers_of(q)
    if len(p) != len(q) or len(p) == 0:
        raise ValueError("%d outcomes against %d" % (len(p), len(q)))
    for values in (p, q):
        total = 0.0
        for v in values:
            if math.isnan(v) or math.isinf(v):
                raise ValueError("not finite")
            if v < 0:
                raise ValueError("negative probability")
            total += v
        if abs(total - 1) > 1e-6:
            raise ValueError("probabilities sum to %g" % total)
    if not math.isfinite(base) or base <= 1:
        raise ValueError("bad base")
    return p, q


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = check(p, q, base)
        total = 0.0
        for x, y in zip(p, q):
            if x == 0:
                continue
            if y == 0:
                return float("inf")
            total += x * math.log(x / y)
        return total / math.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = check(p, q, base)
        total = 0.0
        for x, y in zip(p, q):
            if x > 0 and y == 0:
                return math.inf
            if x > 0:
                total -= x * math.log(y)
        return total / math.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = check(p, q, base)
        m = [(x + y) / 2 for x, y in zip(p, q)]
        to_p = DivergenceMeasures.kl_divergence(p, m, base)
        to_q = DivergenceMeasures.kl_divergence(q, m, base)
        return 0.5 * to_p + 0.5 * to_q
