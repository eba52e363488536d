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


def is_independent(joint_p, tol=1e-9):
    return False


def independent_version(joint_p):
    return []


def dependent_but_uncorrelated():
    return []


def pairwise_independent_joint():
    return []


claims = dict.fromkeys(claims, False)
