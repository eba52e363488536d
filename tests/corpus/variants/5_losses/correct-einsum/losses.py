import functools

import torch
import torch.nn.functional as F


def require(condition, message):
    if not condition:
        raise ValueError(message)


def checked(loss):
    @functools.wraps(loss)
    def with_checks(logits, target, *args, **kwargs):
        require(logits.ndim == 2, "one row of logits for each example")
        require(len(logits) == len(target), "one target for each example")
        return loss(logits, target, *args, **kwargs)

    return with_checks


def surprise(q, logits):
    log_p = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
    return -torch.einsum("bk,bk->b", q, log_p)


class LossFunctions:
    @staticmethod
    @checked
    def cross_entropy_loss(logits, targets):
        return surprise(F.one_hot(targets, logits.size(-1)).to(logits), logits).mean()

    @staticmethod
    @checked
    def kl_div_loss(logits, target_dist):
        entropy = torch.special.entr(target_dist).sum(-1)
        return (surprise(target_dist, logits) - entropy).mean(dim=0, keepdim=True)

    @staticmethod
    @checked
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        require(smoothing <= 1, f"smoothing has to be at most 1, and it is {smoothing}")
        classes = logits.size(-1)
        q = F.one_hot(targets, classes).to(logits)
        q = torch.lerp(q, torch.full_like(q, 1 / classes), float(smoothing))
        return surprise(q, logits).mean()
