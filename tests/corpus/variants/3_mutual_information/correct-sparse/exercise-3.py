import numpy as np
from scipy.special import rel_entr

claims = dict({
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": False,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": True,
    "conditioning_keeps_independence": False,
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": True,
})


def independent_version(joint_p):
    p = np.asarray(joint_p, dtype=float)
    return np.einsum("ij,kl->il", p, p)


def is_independent(joint_p, tol=1e-9):
    # the mutual information in nats, held against the tolerance
    p = np.asarray(joint_p, dtype=float)
    return np.array(rel_entr(p, independent_version(p)).sum() <= tol)


def dependent_but_uncorrelated():
    p = np.zeros((5, 5))
    for x, y in ((0, 2), (2, 0), (2, 4), (4, 2)):
        p[x, y] = 0.25
    return np.linspace(-1, 1, 5), np.linspace(-1, 1, 5), p


def pairwise_independent_joint():
    a, b, c = np.indices((2, 2, 2))
    return ((a + b + c) % 2 == 0) / 4
