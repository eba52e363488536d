import numpy as np

claims = {
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": False,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": True,
    "conditioning_keeps_independence": False,
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": False,
}


def independent_version(joint_p):
    p = np.array(joint_p, dtype=float)
    return p.sum(axis=1, keepdims=True) + p.sum(axis=0, keepdims=True)


def is_independent(joint_p, tol=1e-9):
    p = np.array(joint_p, dtype=float)
    return bool(np.abs(p - p[0]).max() <= tol)


def dependent_but_uncorrelated():
    return [-1, 0, 1], [0, 1], np.array([[0, 1 / 2], [0, 1 / 2]])


def pairwise_independent_joint():
    return [0.25, 0, 0, 0.25, 0, 0.25, 0.25, 0]
