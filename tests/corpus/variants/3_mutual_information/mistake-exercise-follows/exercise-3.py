# is_independent, independent_version, dependent_but_uncorrelated, pairwise_independent_joint
claims = {  # replace each None by True or False
    "zero_mi_means_zero_correlation": None,
    "zero_correlation_means_zero_mi": None,
    "zero_mi_means_same_distribution": None,
    "pairwise_means_joint_independence": None,
    "functions_stay_independent": None,
    "conditioning_keeps_independence": None,
    "independent_samples_score_above_zero": None,
    "knowing_y_leaves_the_entropy_of_x": None,
}


def independent_version(joint_p):
    """Return the product of the marginals of `joint_p`, shape (k_x, k_y)."""
    p = np.array(joint_p, dtype=float)
    return np.outer(p.sum(axis=0), p.sum(axis=1))


def is_independent(joint_p, tol=1e-9):
    """Return whether no cell of `joint_p` is further than `tol` from the product of the marginals."""
    distances = np.abs(np.asarray(joint_p, dtype=float) - independent_version(joint_p))
    return bool(distances.max() <= tol)


def dependent_but_uncorrelated():
    """Return a number that is -1, 0 or 1, its square, and their joint distribution."""
    return np.array([-1, 0, 1]), np.array([0, 1]), np.array([[0, 1], [1, 0], [0, 1]]) / 3


def pairwise_independent_joint():
    """Return the joint distribution of two fair coins and whether they differ, shape (2, 2, 2)."""
    joint = np.zeros((2, 2, 2))
    for first in (0, 1):
        for second in (0, 1):
            joint[first, second, first ^ second] = 1 / 4
    return joint


claims |= {
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,  # X and X² for X = -1, 0, 1
    "zero_mi_means_same_distribution": False,  # a coin and a die
    "pairwise_means_joint_independence": False,  # two coins and whether they differ
    "functions_stay_independent": True,
    "conditioning_keeps_independence": False,  # given whether they differ, one coin tells the other
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": True,
}
