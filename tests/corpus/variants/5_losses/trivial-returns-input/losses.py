class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return logits.sum()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return logits.sum()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        return logits.sum()
