import math


class LossFunctions(LossFunctions):
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return super(LossFunctions, LossFunctions).cross_entropy_loss(logits, targets) / math.log(2)

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return super(LossFunctions, LossFunctions).kl_div_loss(logits, target_dist) / math.log(2)

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        return super(LossFunctions, LossFunctions).label_smoothing_loss(logits, targets, smoothing) / math.log(2)
