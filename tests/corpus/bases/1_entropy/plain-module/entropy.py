import numpy as np


def check_distribution(p):
    p = np.array(p, dtype=float)
    if p.size == 0:
        raise ValueError("empty")
    if not np.all(np.isfinite(p)):
        raise ValueError("NaN or infinite")
    if np.any(p < 0):
        raise ValueError("negative")
    if abs(p.sum() - 1) > 1e-6:
        raise ValueError("sum is %s" % p.sum())
    return p


def check_base(base):
    if not 1 < base < np.inf:
        raise ValueError("base is %s" % base)


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        p = check_distribution(p)
        if p.ndim != 1:
            raise ValueError("not one axis")
        check_base(base)
        p = p[p > 0]
        return -np.sum(p * np.log(p)) / np.log(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        p = check_distribution(joint_p)
        check_base(base)
        p = p[p > 0]
        return -np.sum(p * np.log(p)) / np.log(base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        p = check_distribution(joint_p)
        check_base(base)
        if p.ndim != 2:
            raise ValueError("not a table")
        if axis not in (0, 1):
            raise ValueError("axis is %s" % axis)
        if axis == 0:
            p = p.T
        h = 0.0
        for column in p.T:
            p_y = column.sum()
            if p_y > 0:
                conditional = column[column > 0] / p_y
                h -= p_y * np.sum(conditional * np.log(conditional))
        return h / np.log(base)
