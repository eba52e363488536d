import numpy as np


def check_distribution(p):
    p = np.array(p, dtype=float)
    return p


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        p = check_distribution(p)
        p = p[p > 0]
        return -np.sum(p * np.log(p)) / np.log(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        p = check_distribution(joint_p)
        p = p[p > 0]
        return -np.sum(p * np.log(p)) / np.log(base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        p = check_distribution(joint_p)
        if axis == 0:
            p = p.T
        h = 0.0
        for column in p.T:
            p_y = column.sum()
            if p_y > 0:
                conditional = column[column > 0] / p_y
                h -= p_y * np.sum(conditional * np.log(conditional))
        return h / np.log(base)
