import torch
from torch.distributions import Categorical


def smoothed_target(n_classes, target, smoothing):
    uniform = torch.ones(n_classes, dtype=torch.float64) / n_classes
    return torch.nn.functional.one_hot(torch.tensor(target), n_classes) * (1 - smoothing) + smoothing * uniform


def optimal_gap(n_classes, smoothing):
    q = smoothed_target(n_classes, 0, smoothing)
    return torch.log(q[0] / q[1])


def minimum_loss(n_classes, smoothing):
    return torch.special.entr(smoothed_target(n_classes, 0, smoothing)).sum()


def decompose(logits, target, smoothing):
    prediction = Categorical(logits=torch.as_tensor(logits))
    classes = len(logits)
    uniform = Categorical(logits=torch.zeros(classes, dtype=torch.float64))
    divergence = torch.distributions.kl_divergence(uniform, prediction)
    hard = -prediction.log_prob(torch.tensor(target))
    return torch.stack([hard, divergence, smoothing * torch.log(torch.tensor(float(classes), dtype=torch.float64))])
