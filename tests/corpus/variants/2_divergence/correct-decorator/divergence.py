import functools
import inspect
import math
from collections.abc import Iterable
from numbers import Real


def measured(function):
    """Give `function` two lists of floats, and turn its nats into the unit of `base`."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        p, q, base = bound.arguments["p"], bound.arguments["q"], bound.arguments["base"]
        if not isinstance(base, Real) or not 1 < base < math.inf:
            raise ValueError(f"base must be a finite number above 1, not {base!r}")
        p, q = numbers(p), numbers(q)
        if len(p) != len(q):
            raise ValueError("p and q have different lengths")
        return function(p, q) / math.log(base)

    return wrapper


def numbers(values):
    if not isinstance(values, Iterable):
        raise ValueError("not a sequence")
    values = [float(value) if not hasattr(value, "__len__") else math.nan for value in values]
    if not values or not all(0 <= value < math.inf for value in values) or not math.isclose(sum(values), 1, abs_tol=1e-6):
        raise ValueError("not a distribution")
    return values


def ratio_log(x, y):
    match (x, y):
        case (0, _):
            return 0.0
        case (_, 0):
            return math.inf
    return math.log(x) - math.log(y)


class DivergenceMeasures:
    @staticmethod
    @measured
    def kl_divergence(p, q, base=math.e):
        return sum(x * ratio_log(x, y) if x else 0.0 for x, y in zip(p, q, strict=True))

    @staticmethod
    @measured
    def cross_entropy(p, q, base=math.e):
        return sum(x * ratio_log(1.0, y) if x else 0.0 for x, y in zip(p, q, strict=True))

    @staticmethod
    @measured
    def js_divergence(p, q, base=math.e):
        return sum(z * ratio_log(2 * z, x + y) / 2 for x, y in zip(p, q, strict=True) for z in (x, y) if z)
