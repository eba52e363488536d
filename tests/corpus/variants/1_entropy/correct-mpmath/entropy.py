"""Thirty digits with mpmath; results are mpf numbers."""

import mpmath
import numpy as np


def checked(p, base):
    array = np.array(p, dtype=float)
    cells = [mpmath.mpf(float(x)) for x in array.flat]
    if len(cells) == 0 or any(not mpmath.isfinite(x) or x < 0 for x in cells):
        raise ValueError("need finite, non-negative probabilities")
    if abs(mpmath.fsum(cells) - 1) > mpmath.mpf("1e-6"):
        raise ValueError("need probabilities that sum to 1")
    if not 1 < base < mpmath.inf:
        raise ValueError("need a base above 1")
    return array, cells


def minus_p_log_p(cells):
    return mpmath.fsum(-x * mpmath.log(x) for x in cells if x)


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        array, cells = checked(p, base)
        if array.ndim != 1:
            raise ValueError("need a list of probabilities")
        return minus_p_log_p(cells) / mpmath.log(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        _, cells = checked(joint_p, base)
        return minus_p_log_p(cells) / mpmath.log(base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        table, cells = checked(joint_p, base)
        if table.ndim != 2:
            raise ValueError("need a table")
        if axis not in (0, 1):
            raise ValueError("need axis 0 or 1")
        condition = [mpmath.mpf(float(x)) for x in table.sum(axis=0 if axis == 1 else 1)]
        return (minus_p_log_p(cells) - minus_p_log_p(condition)) / mpmath.log(base)
