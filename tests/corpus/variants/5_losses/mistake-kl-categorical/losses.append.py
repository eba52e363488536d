from torch.distributions import Categorical, kl_divergence


class LossFunctions(LossFunctions):
    @staticmethod
    def kl_div_loss(logits, target_dist):
        target = Categorical(probs=target_dist)
        return kl_divergence(target, Categorical(logits=logits)).mean()
