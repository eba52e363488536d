import torch.nn.functional as F


class LossFunctions(LossFunctions):
    @staticmethod
    def cross_entropy_loss(logits, targets):
        logits.data -= logits.data.max()
        return F.cross_entropy(logits, targets)

    @staticmethod
    def kl_div_loss(logits, target_dist):
        logits.data.sub_(logits.data.max(dim=1, keepdim=True).values)
        return F.kl_div(logits.log_softmax(1), target_dist, reduction="batchmean")

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        logits.data -= 1
        return F.cross_entropy(logits, targets, label_smoothing=smoothing)
