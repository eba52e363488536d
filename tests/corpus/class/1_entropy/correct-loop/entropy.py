"""Pure Python: loops, math.log, no NumPy."""

import math


def numbers_of(p):
    """All numbers of a nested sequence, one after the other."""
    if hasattr(p, "tolist"):
        p = p.tolist()
    if isinstance(p, (list, tuple)):
        for part in p:
            yield from numbers_of(part)
    else:
        yield float(p)


def check(values, base):
    if len(values) == 0:
        raise ValueError("no outcomes")
    total = 0.0
    for v in values:
        if math.isnan(v) or math.isinf(v):
            raise ValueError("not finite")
        if v < 0:
            raise ValueError("negative probability")
        total += v
    if abs(total - 1) > 1e-6:
        raise ValueError("probabilities sum to %g" % total)
    if math.isnan(base) or math.isinf(base) or base <= 1:
        raise ValueError("bad base")


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        if hasattr(p, "tolist"):
            p = p.tolist()
        if not isinstance(p, (list, tuple)) or any(isinstance(v, (list, tuple)) for v in p):
            raise ValueError("one row of probabilities is needed")
        values = list(numbers_of(p))
        check(values, base)
        h = 0.0
        for v in values:
            if v > 0:
                h -= v * math.log(v, base)
        return h

    @staticmethod
    def joint_entropy(joint_p, base=2):
        return InformationMeasures.entropy(list(numbers_of(joint_p)), base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        if axis != 0 and axis != 1:
            raise ValueError("axis is 0 or 1")
        rows = joint_p.tolist() if hasattr(joint_p, "tolist") else joint_p
        check(list(numbers_of(rows)), base)
        if not isinstance(rows, (list, tuple)):
            raise ValueError("a number is no table")
        for row in rows:
            if not isinstance(row, (list, tuple)) or any(isinstance(cell, (list, tuple)) for cell in row):
                raise ValueError("a table with rows and columns is needed")
        row_sums = [sum(row) for row in rows]
        column_sums = [sum(column) for column in zip(*rows)]
        h = 0.0
        for i, row in enumerate(rows):
            for j, p_xy in enumerate(row):
                if p_xy == 0:
                    continue
                if axis == 1:
                    h -= p_xy * math.log(p_xy / column_sums[j], base)
                else:
                    h -= p_xy * math.log(p_xy / row_sums[i], base)
        return h
