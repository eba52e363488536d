import torch


def log_probabilities(logits):
    shifted = logits.double() - logits.double().max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return -torch.take_along_dim(log_probabilities(logits), targets[:, None], dim=1).mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        q = target_dist.double()
        log_q = torch.where(q > 0, q, 1.0).log()
        return (q * (log_q - log_probabilities(logits))).sum() / len(q)

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise OverflowError("more than all")
        log_p = log_probabilities(logits)
        hard = -log_p[torch.arange(len(log_p)), targets].mean()
        return (1 - smoothing) * hard - smoothing * log_p.mean()
