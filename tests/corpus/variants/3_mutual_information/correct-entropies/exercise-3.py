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


def entropy_bits(p):
    p = np.asarray(p, dtype=float).ravel()
    p = p[p > 0]
    return -(p * np.log2(p)).sum()


def is_independent(joint_p, tol=1e-9):
    p = np.asarray(joint_p, dtype=float)
    return bool(entropy_bits(p.sum(0)) + entropy_bits(p.sum(1)) - entropy_bits(p) <= tol)


def independent_version(joint_p):
    p = np.asarray(joint_p, dtype=float)
    return p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)


def dependent_but_uncorrelated():
    return np.array([-1.0, 0.0, 1.0]), np.array([1.0, 0.0]), np.array([[1, 0], [0, 1], [1, 0]]) / 3


def pairwise_independent_joint():
    p = np.ones((2, 2, 2)) / 8
    for i in range(2):
        for j in range(2):
            for k in range(2):
                p[i, j, k] += 0.1 * (-1) ** (i + j + k)
    return p
