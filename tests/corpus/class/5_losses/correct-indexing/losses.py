import torch
from torch import nn


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        log_p = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
        return -log_p[range(len(targets)), targets].mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        loss = nn.KLDivLoss(reduction="none")(nn.LogSoftmax(dim=-1)(logits), target_dist)
        return loss.sum() / loss.shape[0]

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if not 0 <= smoothing <= 1:
            raise ValueError("smoothing must be between 0 and 1")
        k = logits.size(-1)
        target = (1 - smoothing) * torch.eye(k)[targets] + smoothing / k
        return nn.CrossEntropyLoss()(logits, target)
