from math import log2


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        try:
            length = len(p)
        except TypeError:
            raise ValueError("not a list: " + str(p))
        if length == 0 or not 1 < base < float("inf"):
            raise ValueError
        total, h = 0, 0
        for x in p:
            if hasattr(x, "__len__"):
                raise ValueError("a list in a list: " + str(x))
            x = float(x)
            if not 0 <= x <= 1 + 1e-6:
                raise ValueError("not a probability: " + str(x))
            total += x
            if x != 0:
                h += x * log2(1 / x)
        if total < 1 - 1e-6 or total > 1 + 1e-6:
            raise ValueError("sum: " + str(total))
        return h / log2(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        cells = [joint_p]
        while any(hasattr(cell, "__len__") for cell in cells):
            cells = [part for cell in cells for part in cell]
        return InformationMeasures.entropy(cells, base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        try:
            InformationMeasures.joint_entropy(joint_p, base)
            rows, columns = len(joint_p), len(joint_p[0])
            joint = [[joint_p[i][j] for j in range(columns)] for i in range(rows)]
        except TypeError:
            raise ValueError("joint_p is no table, or base no number")
        if hasattr(joint[0][0], "__len__"):
            raise ValueError("joint_p has more than two axes")
        h = 0
        for i in range(rows):
            for j in range(columns):
                if axis == 1:
                    marginal = 0
                    for k in range(rows):
                        marginal += joint[k][j]
                elif axis == 0:
                    marginal = 0
                    for k in range(columns):
                        marginal += joint[i][k]
                else:
                    raise ValueError("no such axis: " + str(axis))
                if joint[i][j] > 0:
                    h -= joint[i][j] * log2(joint[i][j] / marginal)
        return h / log2(base)
