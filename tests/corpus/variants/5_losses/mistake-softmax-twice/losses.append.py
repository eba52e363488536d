import torch.nn.functional as F


class LossFunctions(LossFunctions):
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return F.cross_entropy(torch.softmax(logits, dim=1), targets)

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return F.kl_div(F.log_softmax(logits.softmax(dim=1), dim=1), target_dist, reduction="batchmean")

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        return F.cross_entropy(torch.softmax(logits, dim=1), targets, label_smoothing=smoothing)
