import numpy as np

HUGE = float("inf")


def is_independent(joint_p, tol=1e-9):
    return "True"


def independent_version(joint_p):
    return [[0.5], [0.25, 0.25]]


def dependent_but_uncorrelated():
    return ["a"] * 1000, [None, HUGE], [[HUGE, -HUGE], [[1], "x"]]


def pairwise_independent_joint():
    return np.full((2, 2, 2), np.nan)


claims = {None: True, 1.5: False, ("zero_mi_means_zero_correlation",): True, "x" * 10_000: [[]]}
