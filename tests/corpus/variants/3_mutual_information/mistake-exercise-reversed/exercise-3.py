import numpy as np

claims = {
    "zero_mi_means_zero_correlation": False,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": True,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": True,
    "conditioning_keeps_independence": True,
    "independent_samples_score_above_zero": False,
    "knowing_y_leaves_the_entropy_of_x": True,
}


def independent_version(joint_p):
    p = np.array(joint_p, dtype=float)
    rows = p.sum(axis=1, keepdims=True)
    return p / np.where(rows > 0, rows, 1)


def is_independent(joint_p, tol=1e-9):
    return not np.allclose(joint_p, np.outer(np.sum(joint_p, axis=1), np.sum(joint_p, axis=0)), rtol=0, atol=tol)


def dependent_but_uncorrelated():
    e = 0.02
    return (
        [-1, 0, 1],
        [0, 1],
        np.array([[1 / 6 - e, 1 / 6 + e], [1 / 6 + 2 * e, 1 / 6 - 2 * e], [1 / 6 - e, 1 / 6 + e]]),
    )


def pairwise_independent_joint():
    p = np.zeros((2, 2, 2))
    p[0, 0, 0] = p[0, 1, 0] = p[1, 0, 1] = p[1, 1, 1] = 0.25
    return p
