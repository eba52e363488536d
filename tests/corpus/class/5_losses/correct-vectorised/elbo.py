import numpy as np
import torch
from scipy.special import xlogy


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if not n_samples >= 1:
            raise ValueError(n_samples)
        x, y, m, v = (tensor.detach().numpy().astype(np.float64) for tensor in (x, x_recon, mu, logvar))
        per_dimension = 0.5 * (m**2 + np.exp(v) - 1 - v).mean(axis=0)
        reconstruction = (xlogy(x, y) + xlogy(1 - x, 1 - y)).sum(axis=1).mean()
        estimate = np.nan
        if decoder is not None:
            z = torch.normal(mu.detach().expand(n_samples, -1, -1), logvar.detach().div(2).exp())
            y = decoder(z).detach().numpy().astype(np.float64)
            estimate = (xlogy(x, y) + xlogy(1 - x, 1 - y)).sum(axis=2).mean()
        kl = per_dimension.sum()
        return {
            "reconstruction": reconstruction,
            "kl_divergence": kl,
            "elbo": reconstruction - kl,
            "log_marginal_lower_bound": reconstruction - kl,
            "reconstruction_mc": np.float32(estimate),
            "kl_per_dimension": per_dimension,
        }

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        mu = mu.detach().numpy()
        sigma = np.sqrt(np.exp(logvar.detach().numpy()))
        statistics = {
            f"{statistic}_{name}": getattr(np, statistic)(values)
            for name, values in (("mu", mu), ("sigma", sigma))
            for statistic in ("mean", "std", "min", "max")
        }
        return statistics | {"kl_per_dimension": (0.5 * (mu**2 + sigma**2 - 1) - np.log(sigma)).mean(axis=0)}
