import torch.nn.functional as F


class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if n_samples < 1:
            raise ValueError(n_samples)
        mu, logvar, x_recon = mu.detach(), logvar.detach(), x_recon.detach()
        reconstruction = -F.binary_cross_entropy(x_recon, x).item()
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).mean().item()
        elbo = reconstruction - kl
        estimate = math.nan
        if decoder is not None:
            z = mu + (logvar / 2).exp() * torch.randn(n_samples, *mu.shape)
            y = decoder(z).clamp(1e-7, 1 - 1e-7)
            estimate = -F.binary_cross_entropy(y, x.expand_as(y), reduction="none").sum(-1).mean().item() / x.shape[1]
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
            "std_mu": mu.std(dim=0).mean().item(),
            "mean_sigma": sigma.mean().item(),
            "std_sigma": sigma.std(dim=0).mean().item(),
            "min_sigma": sigma.min().item(),
            "max_sigma": sigma.max().item(),
        }
