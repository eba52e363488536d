import torch.nn.functional as F


class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if n_samples < 1:
            raise ValueError(n_samples)
        mu, logvar, x_recon = mu.detach(), logvar.detach(), x_recon.detach()
        reconstruction = -F.binary_cross_entropy(x_recon, x, reduction="sum").item() / len(x)
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum().item() / len(x)
        elbo = reconstruction - kl
        estimate = math.nan
        if decoder is not None:
            z = mu + (logvar / 2).exp() * torch.randn(1, *mu.shape)
            y = decoder(z).clamp(1e-7, 1 - 1e-7)
            estimate = -F.binary_cross_entropy(y, x.expand_as(y), reduction="none").sum(-1).mean().item()
        return {
            "reconstruction": reconstruction,
            "kl_divergence": kl,
            "elbo": elbo,
            "log_marginal_lower_bound": elbo,
            "reconstruction_mc": estimate,
        }

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        mu, logvar = mu.detach(), logvar.detach()
        sigma = (logvar / 2).exp()
        return {
            "mean_mu": mu.mean().item(),
            "std_mu": mu.std().item(),
            "mean_sigma": (logvar.mean() / 2).exp().item(),
            "std_sigma": sigma.std().item(),
            "min_sigma": sigma.min().item(),
            "max_sigma": sigma.max().item(),
        }
