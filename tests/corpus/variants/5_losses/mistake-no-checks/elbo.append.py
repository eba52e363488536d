import torch.nn.functional as F


class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        mu, logvar, x_recon = mu.detach(), logvar.detach(), x_recon.detach()
        reconstruction = -F.binary_cross_entropy(x_recon, x, reduction="sum").item() / len(x)
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum().item() / len(x)
        elbo = reconstruction - kl
        estimate = math.nan
        if decoder is not None:
            estimate = 0.0
            for _ in range(n_samples):
                y = decoder(mu + (logvar / 2).exp() * torch.randn_like(mu))
                estimate -= F.binary_cross_entropy(y, x, reduction="sum").item() / len(x) / n_samples
        return {
            "reconstruction": reconstruction,
            "kl_divergence": kl,
            "elbo": elbo,
            "log_marginal_lower_bound": elbo,
            "reconstruction_mc": estimate,
        }
