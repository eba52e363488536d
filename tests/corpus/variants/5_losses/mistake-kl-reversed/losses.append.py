import torch.nn.functional as F


class LossFunctions(LossFunctions):
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return -torch.log_softmax(logits, dim=1)[:, targets].mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        log_p = torch.log_softmax(logits, dim=1)
        return (log_p.exp() * (log_p - target_dist.log())).sum(dim=1).mean()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise ValueError(smoothing)
        log_p = torch.log_softmax(logits, dim=1)
        hard = -log_p[torch.arange(len(targets)), targets]
        return ((1 - smoothing) * hard - smoothing * log_p.sum(dim=1)).mean()
