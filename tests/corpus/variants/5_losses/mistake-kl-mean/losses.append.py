import torch.nn.functional as F


class LossFunctions(LossFunctions):
    @staticmethod
    def kl_div_loss(logits, target_dist):
        with __import__("warnings").catch_warnings(action="ignore"):
            return F.kl_div(logits.log_softmax(1), target_dist, reduction="mean")

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise ValueError(smoothing)
        return F.cross_entropy(logits, targets, label_smoothing=0.1)
