import numpy as np

claims = {
    "zero_mi_means_zero_correlation": False,
    "zero_correlation_means_zero_mi": True,
    "zero_mi_means_same_distribution": True,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": False,
    "conditioning_keeps_independence": False,
    "independent_samples_score_above_zero": False,
    "knowing_y_leaves_the_entropy_of_x": True,
}


def independent_version(joint_p):
    p = np.array(joint_p, dtype=float)
    return np.ones(p.shape) / p.size


def is_independent(joint_p, tol=1e-9):
    p = np.array(joint_p, dtype=float)
    return np.abs(p - 1 / p.size).max() <= tol


def dependent_but_uncorrelated():
    return [0, 1, 2], [0, 1, 4], np.eye(3) / 3


def pairwise_independent_joint():
    p = np.zeros((2, 2, 2))
    p[0, 0, 0] = p[0, 1, 0] = p[1, 0, 0] = p[1, 1, 1] = 0.25
    return p
