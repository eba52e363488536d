import math

import torch


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        total = 0
        for row, target in zip(logits, targets):
            total = total + torch.logsumexp(row, 0) - row[target]
        return total / len(logits)

    @staticmethod
    def kl_div_loss(logits, target_dist):
        total = 0
        for row, q in zip(logits, target_dist):
            log_z = torch.logsumexp(row, 0)
            for score, weight in zip(row, q):
                weight = weight.item()
                if weight > 0:
                    total = total + weight * (math.log(weight) - (score - log_z))
        return total / len(logits)

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise ValueError(f"smoothing is {smoothing}")
        n_examples, n_classes = logits.shape
        total = 0
        for row, target in zip(logits, targets):
            log_z = torch.logsumexp(row, 0)
            for k in range(n_classes):
                weight = smoothing / n_classes + (1 - smoothing if k == target else 0)
                total = total + weight * (log_z - row[k])
        return total / n_examples
