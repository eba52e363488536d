from __future__ import annotations

import math

import numpy as np
from scipy.special import entr, kl_div, xlogy


class DivergenceMeasures:
    """scipy.special.kl_div has -p + q in every term, which sums to 0."""

    @staticmethod
    def _validate(p, q, base: float) -> tuple[np.ndarray, np.ndarray]:
        p, q = np.asarray(p), np.asarray(q)
        if p.shape != q.shape or p.ndim != 1 or not p.size:
            raise ValueError("shapes")
        for d in (p, q):
            if np.isnan(d).any() or np.isinf(d).any():
                raise ValueError("NaN or inf")
            if (d < 0).any():
                raise ValueError("negative entries")
            if abs(1 - d.sum()) >= 1e-6:
                raise ValueError("does not sum to one")
        if not math.isfinite(base) or base <= 1:
            raise ValueError("base must be > 1")
        return p, q

    @staticmethod
    def kl_divergence(p, q, base: float = math.e) -> float:
        p, q = DivergenceMeasures._validate(p, q, base)
        return kl_div(p, q).sum() / np.log(base)

    @staticmethod
    def cross_entropy(p, q, base: float = math.e) -> float:
        p, q = DivergenceMeasures._validate(p, q, base)
        return float(-xlogy(p, q).sum() / np.log(base))

    @staticmethod
    def js_divergence(p, q, base: float = math.e) -> float:
        p, q = DivergenceMeasures._validate(p, q, base)
        m = 0.5 * p + 0.5 * q
        return float((entr(m).sum() - 0.5 * entr(p).sum() - 0.5 * entr(q).sum()) / np.log(base))
