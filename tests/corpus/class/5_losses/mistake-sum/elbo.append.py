import torch.nn.functional as F


class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if n_samples < 1:
            raise ValueError(n_samples)
        reconstruction = -F.binary_cross_entropy(x_recon, x, reduction="sum").item()
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum().item()
        estimate = math.nan
        if decoder is not None:
            with torch.no_grad():
                z = mu + (logvar / 2).exp() * torch.randn(n_samples, *mu.shape)
                y = decoder(z)
                estimate = -F.binary_cross_entropy(y, x.expand_as(y), reduction="sum").item() / n_samples
        return {
            "reconstruction": reconstruction,
            "kl_divergence": kl,
            "elbo": reconstruction - kl,
            "log_marginal_lower_bound": reconstruction - kl,
            "reconstruction_mc": estimate,
        }
