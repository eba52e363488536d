import numpy as np

claims = {key: np.bool_(answer) for key, answer in {
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": False,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": True,
    "conditioning_keeps_independence": False,
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": True,
}.items()}


def independent_version(joint_p):
    p = np.matrix(joint_p, dtype=float)
    return np.asarray(p.sum(axis=1) @ p.sum(axis=0))


def is_independent(joint_p, tol=1e-9):
    p = np.asarray(joint_p, dtype=float)
    for i, row in enumerate(p):
        for j, cell in enumerate(row):
            if abs(cell - p[i].sum() * p[:, j].sum()) > tol:
                return np.False_
    return np.True_


def dependent_but_uncorrelated():
    angles = np.arange(4) * np.pi / 2
    return np.round(np.cos(angles), 12), np.round(np.sin(angles), 12), np.eye(4) / 4


def pairwise_independent_joint():
    p = np.full((2, 2, 2), 1 / 8)
    for a, b, c in np.ndindex(2, 2, 2):
        p[a, b, c] += (1 if (a + b + c) % 2 else -1) / 16
    return p
