import numpy as np

claims = {
    "zero_mi_means_zero_correlation": "True",
    "zero_correlation_means_zero_mi": "False",
    "zero_mi_means_same_distribution": "False",
    "pairwise_means_joint_independence": "False",
    "functions_stay_independent": "True",
    "conditioning_keeps_independence": "False",
    "independent_samples_score_above_zero": "True",
    "knowing_y_leaves_the_entropy_of_x": "True",
}


def independent_version(joint_p):
    p = np.array(joint_p, dtype=float)
    product = np.outer(p.sum(axis=1), p.sum(axis=0))
    return np.where(product > 0, p / np.where(product > 0, product, 1), 0)


def is_independent(joint_p, tol=1e-9):
    p = np.array(joint_p, dtype=float)
    return p.shape == p.T.shape and bool(np.abs(p - p.T).max() <= tol)


def dependent_but_uncorrelated():
    return [-1, 0, 1], [1], np.full((3, 1), 1 / 3)


def pairwise_independent_joint():
    p = np.zeros((2, 2, 2))
    p[0, 0, 0] = p[0, 1, 1] = p[1, 0, 1] = p[1, 1, 0] = 1
    return p
