import decimal
import itertools
import math
from decimal import Decimal

import numpy as np

decimal.getcontext().prec = 30
MILLIONTH = Decimal("1e-6")


def exact(d, name):
    a = np.asarray(d)
    if a.ndim != 1:
        raise ValueError(f"{name}: one axis wanted, not {a.ndim}")
    out = [Decimal(float(x)) for x in a.tolist()]
    if any(not x.is_finite() for x in out):
        raise ValueError(f"{name}: NaN or infinity")
    if any(x < 0 for x in out):
        raise ValueError(f"{name}: negative")
    if not abs(sum(out) - 1) <= MILLIONTH:
        raise ValueError(f"{name}: sum {sum(out)}")
    return out


def prepared(p, q, base):
    p, q = exact(p, "p"), exact(q, "q")
    if len(p) != len(q):
        raise ValueError("lengths")
    if not (base > 1 and base != float("inf")):
        raise ValueError("base")
    return p, q, Decimal(base).ln()


class DivergenceMeasures:
    """Answers are Python floats."""

    def kl_divergence(p, q, base=math.e):
        p, q, unit = prepared(p, q, base)
        happens = [x > 0 for x in p]
        p, q = list(itertools.compress(p, happens)), list(itertools.compress(q, happens))
        if not all(q):
            return math.inf
        return float(sum(x * (x.ln() - y.ln()) for x, y in zip(p, q)) / unit)

    def cross_entropy(p, q, base=math.e):
        p, q, unit = prepared(p, q, base)
        happens = [x > 0 for x in p]
        p, q = list(itertools.compress(p, happens)), list(itertools.compress(q, happens))
        if not all(q):
            return math.inf
        return float(-sum(x * y.ln() for x, y in zip(p, q)) / unit)

    def js_divergence(p, q, base=math.e):
        p, q, unit = prepared(p, q, base)
        nats = Decimal(0)
        for x, y in zip(p, q):
            m = (x + y) / 2
            nats += sum((z * (z / m).ln() for z in (x, y) if z), Decimal(0)) / 2
        return float(nats / unit)
