import torch


def stable(logits):
    top, _ = torch.max(logits, dim=1, keepdim=True)
    shifted = logits - top.detach()
    return shifted - torch.log(torch.sum(torch.exp(shifted), dim=1, keepdim=True))


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        mask = torch.arange(logits.shape[1]) == targets[:, None]
        return -torch.masked_select(stable(logits), mask).mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        total = 0.0
        for log_p, q in zip(stable(logits), target_dist):
            there = q > 0
            total = total + torch.dot(q[there], torch.log(q[there]) - log_p[there])
        return total / logits.shape[0]

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise ValueError("smoothing")
        share = smoothing / logits.shape[1]
        q = torch.full_like(logits, share, requires_grad=False)
        q.scatter_add_(1, targets[:, None], torch.full_like(q[:, :1], 1 - smoothing))
        return -(q * stable(logits)).sum() / logits.shape[0]
