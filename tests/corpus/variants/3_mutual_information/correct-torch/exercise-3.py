import torch

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
    p = torch.tensor(joint_p, dtype=torch.float64)
    return torch.outer(p.sum(1), p.sum(0))


def is_independent(joint_p, tol=1e-9):
    return bool((torch.tensor(joint_p, dtype=torch.float64) - independent_version(joint_p)).abs().max() <= tol)


def dependent_but_uncorrelated():
    return torch.tensor([-1.0, 0, 1]), torch.tensor([0.0, 1]), torch.tensor([[0, 0.25], [0.5, 0], [0, 0.25]])


def pairwise_independent_joint():
    p = torch.zeros(2, 2, 2, dtype=torch.float64)
    p[0, 0, 0] = p[0, 1, 1] = p[1, 0, 1] = p[1, 1, 0] = 1
    return p / p.sum()
