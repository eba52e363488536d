import numpy as np

claims = {
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": False,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": True,
    "conditioning_keeps_independence": False,
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": True,
}


def independent_version(joint_p):
    joint_p = np.array(joint_p, dtype=float)
    return np.outer(joint_p.sum(axis=1), joint_p.sum(axis=0))


def is_independent(joint_p, tol=1e-9):
    return np.allclose(joint_p, independent_version(joint_p), rtol=0, atol=tol)


def dependent_but_uncorrelated():
    # a point on a square: left, right, above or below
    p = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / 4
    return [-1, 0, 1], [-1, 0, 1], p


def pairwise_independent_joint():
    p = np.zeros((2, 2, 2))
    p[0, 0, 0] = p[0, 1, 1] = p[1, 0, 1] = p[1, 1, 0] = 0.25
    return p
