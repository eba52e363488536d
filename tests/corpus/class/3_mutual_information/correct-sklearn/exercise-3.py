import numpy as np
from scipy.stats.contingency import expected_freq
from scipy.special import rel_entr

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
    return expected_freq(np.asarray(joint_p, dtype=float))


def is_independent(joint_p, tol=1e-9):
    information = rel_entr(np.asarray(joint_p, dtype=float), independent_version(joint_p)).sum() / np.log(2)
    return information <= tol


def dependent_but_uncorrelated():
    angles = 2 * np.pi * np.arange(8) / 8
    x_values = np.unique(np.cos(angles).round(9))
    y_values = np.unique(np.sin(angles).round(9))
    joint_p = np.zeros((len(x_values), len(y_values)))
    for angle in angles:
        joint_p[np.abs(x_values - np.cos(angle)).argmin(), np.abs(y_values - np.sin(angle)).argmin()] = 1 / 8
    return x_values, y_values, joint_p


def pairwise_independent_joint():
    a, b = np.indices((2, 2))
    joint_p = np.full((2, 2, 2), 0.05)
    joint_p[a, b, a ^ b] = 0.2
    return joint_p
