from collections import OrderedDict

import numpy as np
import torch
from torch import nn

CHUNK = 128


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        if n_samples <= 0:
            raise ValueError("`n_samples` must be positive")
        bce = nn.BCELoss(reduction="none")
        x = nn.Flatten()(x)
        mu, logvar = mu.data, logvar.data
        found = OrderedDict()
        found["reconstruction"] = -np.mean(bce(x_recon.data, x).sum(1).numpy())
        found["kl_divergence"] = -0.5 * np.mean((1 + logvar - mu**2 - torch.exp(logvar)).sum(1).numpy())
        found["elbo"] = found["log_marginal_lower_bound"] = found["reconstruction"] - found["kl_divergence"]
        found["reconstruction_mc"] = np.nan
        if decoder is not None:
            total, left = 0.0, n_samples
            while left:
                count = min(left, CHUNK)
                z = torch.normal(mu.repeat(count, 1), torch.exp(0.5 * logvar).repeat(count, 1))
                total -= bce(decoder(z).detach(), x.repeat(count, 1)).sum().item()
                left -= count
            found["reconstruction_mc"] = np.asarray(total / n_samples / len(x))
        return found

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        mu, sigma = mu.detach().cpu().numpy(), torch.exp(0.5 * logvar).detach().cpu().numpy()
        return {
            "mean_mu": np.mean(mu),
            "std_mu": np.std(mu, ddof=1),
            "mean_sigma": np.mean(sigma),
            "std_sigma": np.std(sigma, ddof=1),
            "min_sigma": np.min(sigma),
            "max_sigma": np.max(sigma),
            "std_sigma_per_dimension": sigma.std(axis=0),
        }
