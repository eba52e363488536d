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
    p = torch.as_tensor(joint_p, dtype=torch.float64).clone().requires_grad_()
    return p.sum(1, keepdim=True) * p.sum(0, keepdim=True)


def is_independent(joint_p, tol=1e-9):
    p = torch.as_tensor(joint_p, dtype=torch.float64)
    return torch.all((p - independent_version(p)).abs() <= tol)


def dependent_but_uncorrelated():
    x = torch.arange(-3.0, 4.0, requires_grad=True)
    y = torch.arange(4.0)
    p = (x[:, None].abs() == y[None, :]).double() / 7
    return [x, y, p]


def pairwise_independent_joint():
    p = torch.zeros(8, dtype=torch.float64)
    p[[0, 3, 5, 6]] = 0.25
    return p.reshape(2, 2, 2)
