import numpy as np


def is_independent(joint_p, tol=1e-9):
    return np.ones(400_000, dtype=bool)


def independent_version(joint_p):
    return np.zeros((500, 500))


def dependent_but_uncorrelated():
    n = 1100
    return np.arange(n), np.arange(n), np.full((n, n), 1 / n**2)


def pairwise_independent_joint():
    return [[[0.125] * 30_000] * 2] * 2


claims = {str(i): True for i in range(4000)}
