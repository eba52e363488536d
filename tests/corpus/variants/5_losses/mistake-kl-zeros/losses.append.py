class LossFunctions(LossFunctions):
    @staticmethod
    def kl_div_loss(logits, target_dist):
        log_p = torch.log_softmax(logits, dim=1)
        return (target_dist * (torch.log(target_dist) - log_p)).sum(dim=1).mean()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        log_p = torch.log_softmax(logits, dim=1)
        hard = -log_p[torch.arange(len(targets)), targets]
        return ((1 - smoothing) * hard - smoothing * log_p.mean(dim=1)).mean()
