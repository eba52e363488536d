import numpy as np
from scipy.special import rel_entr


def validated(p, base, dimensions=()):
    """Return p as floats; whatever is wrong with the arguments is collected first."""
    p = np.asarray(p, dtype=float)
    faults = []
    if dimensions and p.ndim not in dimensions:
        faults.append(f"{p.ndim} dimensions")
    if p.size == 0:
        faults.append("empty")
    elif not np.isfinite(p).all():
        faults.append("not finite")
    elif p.min() < 0 or not np.isclose(p.sum(), 1, rtol=0, atol=1e-6):
        faults.append("no probabilities")
    try:
        if not np.isfinite(base) or base <= 1:
            faults.append("bad base")
    except TypeError:
        faults.append("base is no number")
    if faults:
        raise ValueError(", ".join(faults))
    return p


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        p = validated(p, base, {1})
        uniform = np.full(p.shape, 1 / p.size)
        return (np.log(p.size) * p.sum() - rel_entr(p, uniform).sum()) / np.log(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        cells = validated(joint_p, base).reshape(-1)
        return InformationMeasures.entropy(cells, base=base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        joint = validated(joint_p, base, {2})
        if axis not in {0, 1}:
            raise ValueError("axis")
        other = InformationMeasures.entropy(joint.sum(axis=axis), base)
        independent = np.outer(joint.sum(axis=1), joint.sum(axis=0))
        shared = rel_entr(joint, independent).sum() / np.log(base)
        return max(0.0, float(other - shared))
