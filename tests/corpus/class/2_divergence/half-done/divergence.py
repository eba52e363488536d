import numpy as np


def checked_pair(p, q):
    p = np.array(p, dtype=float)
    q = np.array(q, dtype=float)
    for d in (p, q):
        if d.ndim != 1 or d.size == 0:
            raise ValueError("not a list")
        if not np.all(np.isfinite(d)):
            raise ValueError("NaN or infinite")
        if np.any(d < 0):
            raise ValueError("negative")
        if abs(d.sum() - 1) > 1e-6:
            raise ValueError("sum is %s" % d.sum())
    if len(p) != len(q):
        raise ValueError("different lengths")
    return p, q


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=np.e):
        p, q = checked_pair(p, q)
        if not 1 < base < np.inf:
            raise ValueError("base is %s" % base)
        possible = p > 0
        p, q = p[possible], q[possible]
        if np.any(q == 0):
            return np.inf
        return np.sum(p * np.log(p / q)) / np.log(base)

    @staticmethod
    def cross_entropy(p, q, base=np.e):
        raise NotImplementedError("cross_entropy: average the surprise under Q with the weights of P")

    @staticmethod
    def js_divergence(p, q, base=np.e):
        raise NotImplementedError("js_divergence: average the divergences from the mixture")
