import numpy as np


class InformationMeasures:
    """Masks and sums; results are arrays without axes."""

    @staticmethod
    def entropy(p, base=2):
        p = np.asarray(p, dtype=np.float64)
        if p.ndim != 1:
            raise ValueError("p needs one axis")
        return InformationMeasures.joint_entropy(p, base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        p = np.asarray(joint_p, dtype=np.float64)
        if not np.all((p >= 0) & (p <= 1.000001)) or not abs(p.sum() - 1) <= 1e-6:
            raise ValueError("joint_p is no distribution")
        if not np.isscalar(base) or not np.greater(base, 1) or np.isinf(base):
            raise ValueError("base must be above 1, and a number")
        nonzero = np.where(p > 0, p, 1.0)
        return np.array(-np.sum(p * np.log2(nonzero)) / np.log2(base))

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        p = np.asarray(joint_p, dtype=np.float64)
        if p.ndim != 2:
            raise ValueError("joint_p needs two axes")
        if axis == 1:
            marginal = p.sum(axis=0)
        elif axis == 0:
            marginal = p.sum(axis=1)
        else:
            raise ValueError("axis must be 0 or 1")
        return np.subtract(
            InformationMeasures.joint_entropy(p, base), InformationMeasures.joint_entropy(marginal, base)
        )
