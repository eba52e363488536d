import torch.nn.functional as F


class LossFunctions(LossFunctions):
    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise ValueError(smoothing)
        log_p = torch.log_softmax(logits, dim=1)
        entropy = -(log_p.exp() * log_p).sum(dim=1).mean()
        return F.cross_entropy(logits, targets) - smoothing * entropy
