import torch
from torch import nn


class ELBOAnalysis:
    @staticmethod
    @torch.no_grad()
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if n_samples <= 0:
            raise ValueError("n_samples must be positive")
        bce = nn.BCELoss(reduction="none")
        parts = {}
        parts["reconstruction"] = -bce(x_recon, x).sum(-1).mean().item()
        parts["kl_divergence"] = (-0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(-1)).mean().item()
        parts["elbo"] = parts["reconstruction"] - parts["kl_divergence"]
        parts["log_marginal_lower_bound"] = parts["elbo"]
        parts["reconstruction_mc"] = float("nan")
        if decoder is not None:
            half = torch.randn(((n_samples + 1) // 2, *mu.shape))
            noise = torch.cat([half, -half])[:n_samples]
            y = decoder(mu + logvar.mul(0.5).exp() * noise)
            parts["reconstruction_mc"] = -bce(y, x.expand_as(y)).sum(-1).mean().item()
        return parts

    @staticmethod
    @torch.no_grad()
    def analyze_latent_distribution(mu, logvar):
        sigma = logvar.exp().sqrt()
        found = {"min_sigma": sigma.min().item(), "max_sigma": sigma.max().item()}
        for name, values in (("mu", mu), ("sigma", sigma)):
            variance, mean = torch.var_mean(values, correction=0)
            found |= {f"mean_{name}": mean.item(), f"std_{name}": variance.sqrt().item()}
        return found
