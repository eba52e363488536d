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

independent_version = lambda joint_p: np.einsum("ij,kl->il", np.array(joint_p, float), np.array(joint_p, float))


def is_independent(joint_p, tol=1e-9):
    return np.all(np.abs(np.asarray(joint_p) - independent_version(joint_p)) <= tol)


def dependent_but_uncorrelated():
    x = np.linspace(-3, 3, 13)
    p_x = np.exp(-(x**2) / 2)
    p_x = (p_x + p_x[::-1]) / (2 * p_x.sum())
    return x, x**2, np.diag(p_x)


def pairwise_independent_joint():
    signs = np.array([1, -1])
    return (1 + np.einsum("i,j,k->ijk", signs, signs, signs)) / 8
