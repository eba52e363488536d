import torch
from torch import nn


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return nn.CrossEntropyLoss()(logits, targets).reshape(1)

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return nn.KLDivLoss(reduction="batchmean")(nn.LogSoftmax(dim=1)(logits), target_dist)

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        loss = nn.CrossEntropyLoss(label_smoothing=smoothing, reduction="none")
        return torch.mean(loss(logits, targets), 0, keepdim=True)
