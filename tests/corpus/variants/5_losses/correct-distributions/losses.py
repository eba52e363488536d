from dataclasses import dataclass

import torch
from torch.distributions import Categorical, kl_divergence


@dataclass(frozen=True)
class Smoothing:
    eps: float

    def __post_init__(self):
        if self.eps > 1:
            raise ValueError(f"the mass to be spread is at most 1, not {self.eps}")

    def of(self, hard, uniform):
        return (1 - self.eps) * hard + self.eps * uniform


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return -Categorical(logits=logits).log_prob(targets).mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        prediction = Categorical(logits=logits)
        own = torch.xlogy(target_dist, target_dist)
        other = torch.where(target_dist == 0, 0.0, target_dist * prediction.logits)
        return torch.sum(own - other, dim=1).mean()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        smooth = Smoothing(smoothing)
        prediction = Categorical(logits=logits)
        every = torch.arange(logits.shape[1])[:, None].expand(-1, logits.shape[0])
        uniform = -prediction.log_prob(every).mean()
        return smooth.of(LossFunctions.cross_entropy_loss(logits, targets), uniform)
