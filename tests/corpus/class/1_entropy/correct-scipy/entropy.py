import numpy as np
from scipy import stats


def _check(p, base):
    p = np.array(p, dtype=float)
    if p.size == 0:
        raise ValueError("empty distribution")
    if np.any(~np.isfinite(p)) or np.any(p < 0):
        raise ValueError("probabilities must be finite and not negative")
    if not np.isclose(p.sum(), 1.0, rtol=0, atol=1e-6):
        raise ValueError(f"probabilities must sum to 1, not {p.sum()}")
    if not 1 < base < np.inf:
        raise ValueError("base must be greater than 1 and finite")
    return p


class InformationMeasures:
    """Entropies with scipy.stats.entropy, which gives numpy floats."""

    @staticmethod
    def entropy(p, base=2):
        p = _check(p, base)
        if p.ndim != 1:
            raise ValueError(f"p has shape {p.shape}")
        return stats.entropy(p, base=base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        return stats.entropy(_check(joint_p, base).flatten(), base=base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        p = _check(joint_p, base)
        if p.ndim != 2 or axis not in (0, 1):
            raise ValueError("joint_p must be a table and axis 0 or 1")
        condition = p.sum(axis=1 - axis)
        return stats.entropy(p.ravel(), base=base) - stats.entropy(condition, base=base)
