import itertools
from collections import namedtuple

import numpy as np

claims = dict({
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": False,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": True,
    "conditioning_keeps_independence": False,
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": True,
})


def independent_version(joint_p):
    p_x = [sum(row) for row in joint_p]
    p_y = [sum(column) for column in zip(*joint_p)]
    return [[a * b for b in p_y] for a in p_x]


def is_independent(joint_p, tol=1e-9):
    pairs = zip(itertools.chain(*joint_p), itertools.chain(*independent_version(joint_p)))
    return max(abs(p - q) for p, q in pairs) <= tol


Example = namedtuple("Example", "x_values y_values joint_p")


def dependent_but_uncorrelated():
    return Example([-2, -1, 1, 2], (1, 4), [[0, 0.25], [0.25, 0], [0.25, 0], [0, 0.25]])


def pairwise_independent_joint():
    return [[[(1 - (-1) ** (a + b + c)) / 8 for c in (0, 1)] for b in (0, 1)] for a in (0, 1)]
