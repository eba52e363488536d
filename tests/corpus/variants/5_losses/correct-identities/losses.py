import torch
import torch.nn.functional as F


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        true_logit = logits.gather(1, targets.view(-1, 1))
        return (logits - true_logit).logsumexp(dim=1).mean()

    @staticmethod
    def kl_div_loss(logits, target_dist):
        entropy = torch.distributions.Categorical(probs=target_dist).entropy()
        return F.cross_entropy(logits, target_dist) - entropy.mean()

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if smoothing > 1.0:
            raise ValueError
        n_classes = logits.shape[-1]
        uniform = torch.full_like(logits, 1 / n_classes)
        hard = F.nll_loss(F.log_softmax(logits, dim=-1), targets)
        divergence = F.kl_div(F.log_softmax(logits, dim=-1), uniform.log(), reduction="batchmean", log_target=True)
        return (1 - smoothing) * hard + smoothing * (divergence + torch.log(torch.tensor(float(n_classes))))
