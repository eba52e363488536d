class LossFunctions(LossFunctions):
    @staticmethod
    def cross_entropy_loss(logits, targets):
        p = torch.softmax(logits, dim=1) + 1e-8
        return -torch.log(p[torch.arange(len(targets)), targets]).mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        p = torch.softmax(logits, dim=1)
        return (target_dist * torch.log((target_dist + 1e-8) / (p + 1e-8))).sum(dim=1).mean()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1:
            raise ValueError(smoothing)
        k = logits.shape[1]
        target = (1 - smoothing) * torch.eye(k)[targets] + smoothing / k
        return -(target * torch.log(torch.softmax(logits, dim=1) + 1e-8)).sum(dim=1).mean()
