import numpy as np


def entropy(p):
    nonzero = np.where(p > 0, p, 1.0)
    return -np.sum(p * np.log2(nonzero))


class DivergenceMeasures:
    """Everything from entropies: D(P||Q) = H(P, Q) - H(P) and JS = H(M) - (H(P) + H(Q))/2."""

    @staticmethod
    def _pair(p, q, base):
        p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
        if p.ndim != 1 or p.shape != q.shape:
            raise ValueError("p and q need one axis of the same length")
        for d in (p, q):
            if not np.all((d >= 0) & (d <= 1.000001)) or not abs(d.sum() - 1) <= 1e-6:
                raise ValueError("no distribution")
        if not np.isscalar(base) or not np.greater(base, 1) or np.isinf(base):
            raise ValueError("base must be above 1")
        return p, q

    @staticmethod
    def cross_entropy(p, q, base=np.e):
        p, q = DivergenceMeasures._pair(p, q, base)
        if np.any((q == 0) & (p > 0)):
            return np.array(np.inf)
        return np.array(-np.sum(p * np.log2(np.where(q > 0, q, 1.0))) / np.log2(base))

    @staticmethod
    def kl_divergence(p, q, base=np.e):
        p, q = DivergenceMeasures._pair(p, q, base)
        return np.subtract(DivergenceMeasures.cross_entropy(p, q, base), entropy(p) / np.log2(base))

    @staticmethod
    def js_divergence(p, q, base=np.e):
        p, q = DivergenceMeasures._pair(p, q, base)
        bits = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
        return np.array(bits / np.log2(base))
