class LossFunctions(LossFunctions):
    @staticmethod
    def cross_entropy_loss(logits, targets):
        powers = logits.exp()
        p = powers / powers.sum(dim=1, keepdim=True)
        return -p[torch.arange(len(targets)), targets].log().mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        powers = logits.exp()
        log_p = (powers / powers.sum(dim=1, keepdim=True)).log()
        return (torch.xlogy(target_dist, target_dist) - target_dist * log_p).sum(dim=1).mean()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise ValueError(smoothing)
        powers = logits.exp()
        log_p = (powers / powers.sum(dim=1, keepdim=True)).log()
        hard = -log_p[torch.arange(len(targets)), targets]
        return ((1 - smoothing) * hard - smoothing * log_p.mean(dim=1)).mean()
