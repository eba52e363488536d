import numpy as np

claims = {
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": False,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": None,
    "conditioning_keeps_independence": None,
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": True,
}


def independent_version(joint_p):
    return np.array(joint_p, dtype=float)


def is_independent(joint_p, tol=1e-9):
    p = np.array(joint_p, dtype=float)
    return bool((p == np.outer(p.sum(axis=1), p.sum(axis=0))).all())


def dependent_but_uncorrelated():
    return [-1, 1], [-1, 1], np.array([[0.5, 0], [0, 0.5]])


def pairwise_independent_joint():
    return np.ones((2, 2, 2)) / 8
