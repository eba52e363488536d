class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        raise ValueError("no")

    @staticmethod
    def kl_div_loss(logits, target_dist):
        raise ValueError("no")

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        raise ValueError("no")
