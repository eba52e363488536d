import numpy as np
from scipy import stats
from scipy.spatial import distance


def _check(p, q, base):
    p, q = np.array(p, dtype=float), np.array(q, dtype=float)
    if p.ndim != 1 or p.shape != q.shape or p.size == 0:
        raise ValueError("two distributions over the same outcomes are needed")
    for d in (p, q):
        if np.any(~np.isfinite(d)) or np.any(d < 0):
            raise ValueError("probabilities must be finite and not negative")
        if not np.isclose(d.sum(), 1.0, rtol=0, atol=1e-6):
            raise ValueError(f"probabilities must sum to 1, not {d.sum()}")
    if not 1 < base < float("inf"):
        raise ValueError("base must be greater than 1")
    return p, q


class DivergenceMeasures:
    """Library calls; scipy.stats.entropy gives the divergence where it is given two distributions."""

    @staticmethod
    def kl_divergence(p, q, base=np.e):
        p, q = _check(p, q, base)
        return stats.entropy(p, q, base=base)

    @staticmethod
    def cross_entropy(p, q, base=np.e):
        p, q = _check(p, q, base)
        return stats.entropy(p, base=base) + stats.entropy(p, q, base=base)

    @staticmethod
    def js_divergence(p, q, base=np.e):
        p, q = _check(p, q, base)
        return distance.jensenshannon(p, q, base=base) ** 2
