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


def marginals(joint_p):
    rows = [sum(row) for row in joint_p]
    columns = [sum(row[j] for row in joint_p) for j in range(len(joint_p[0]))]
    return rows, columns


def independent_version(joint_p):
    rows, columns = marginals(joint_p)
    return [[r * c for c in columns] for r in rows]


def is_independent(joint_p, tol=1e-9):
    product = independent_version(joint_p)
    for i in range(len(product)):
        for j in range(len(product[0])):
            if abs(joint_p[i][j] - product[i][j]) > tol:
                return False
    return True


def dependent_but_uncorrelated():
    return (-2, -1, 1, 2), (1, 4), [[0, 0.25], [0.25, 0], [0.25, 0], [0, 0.25]]


def pairwise_independent_joint():
    # the third coin shows heads if the first two agree
    return [[[0, 0.25], [0.25, 0]], [[0.25, 0], [0, 0.25]]]
