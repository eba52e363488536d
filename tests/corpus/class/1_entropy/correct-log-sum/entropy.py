import math

import numpy as np
from scipy.special import xlogy


def as_probabilities(p, base, ndim=None):
    p = np.array(p, dtype=float, copy=True)
    problems = {
        "it is empty": p.size == 0,
        "it has the wrong number of axes": ndim is not None and p.ndim != ndim,
        "it holds numbers that are no probabilities": not (np.isfinite(p).all() and (p >= 0).all()),
        "it does not sum to 1": not math.isclose(math.fsum(p.flat), 1, abs_tol=1e-6, rel_tol=0),
        "the base is not above 1": not (isinstance(base, (int, float)) and 1 < base < math.inf),
    }
    for problem, found in problems.items():
        if found:
            raise ValueError(f"cannot compute an entropy: {problem}")
    return p


class InformationMeasures:
    """H = log W - (1/W) sum of w log w for weights w of sum W, which is the entropy of w/W."""

    @staticmethod
    def entropy(p, base=2):
        w = as_probabilities(p, base, ndim=1)
        total = w.sum()
        return (math.log(total) - xlogy(w, w).sum() / total) / math.log(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        w = as_probabilities(joint_p, base)
        return -xlogy(w, w).sum() / np.log(base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        joint = as_probabilities(joint_p, base, ndim=2)
        if axis not in (0, 1):
            raise ValueError("axis: 0 or 1")
        if axis == 0:
            joint = joint.T
        h = 0
        for column in joint.T:
            weight = column.sum()
            if weight == 0:
                continue
            h = h + math.log(weight) * weight - xlogy(column, column).sum()
        return h / math.log(base)
