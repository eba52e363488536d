import torch
import torch.nn.functional as F


def soft_cross_entropy(logits, target):
    return (target * (logits.logsumexp(1, keepdim=True) - logits)).sum(1).mean()


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return soft_cross_entropy(logits, F.one_hot(targets, logits.shape[1]))

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return soft_cross_entropy(logits, target_dist) - torch.special.entr(target_dist).sum(1).mean()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        assert smoothing <= 1
        n_classes = logits.shape[1]
        target = torch.full_like(logits, smoothing / n_classes)
        target[torch.arange(len(targets)), targets] += 1 - smoothing
        return soft_cross_entropy(logits, target)
