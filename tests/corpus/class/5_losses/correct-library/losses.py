import torch.nn.functional as F


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return F.cross_entropy(logits, targets)

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return F.kl_div(F.log_softmax(logits, dim=1), target_dist, reduction="batchmean")

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        return F.cross_entropy(logits, targets, label_smoothing=smoothing)
