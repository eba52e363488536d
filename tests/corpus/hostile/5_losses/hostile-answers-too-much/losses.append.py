class LossFunctions(LossFunctions):
    @staticmethod
    def kl_div_loss(logits, target_dist):
        return torch.zeros(()).expand(5_000_000)
