import math
import statistics

import torch


def log_likelihood(x, y):
    pairs = zip(x.flatten().tolist(), y.tolist())
    return sum(value * math.log(mean) + (1 - value) * math.log(1 - mean) for value, mean in pairs)


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        if n_samples < 1:
            raise ValueError("at least one sample")
        parts = dict.fromkeys(("reconstruction", "kl_divergence", "elbo", "log_marginal_lower_bound"), 0.0)
        estimate = 0.0
        for image, copy, centre, log_variance in zip(x, x_recon, mu, logvar):
            parts["reconstruction"] += log_likelihood(image, copy) / len(x)
            for m, v in zip(centre.tolist(), log_variance.tolist()):
                parts["kl_divergence"] -= (1 + v - m * m - math.exp(v)) / 2 / len(x)
            if decoder is not None:
                for _ in range(n_samples):
                    z = centre + torch.exp(log_variance / 2) * torch.randn(centre.shape)
                    estimate += log_likelihood(image, decoder(z)) / n_samples / len(x)
        parts["elbo"] = parts["log_marginal_lower_bound"] = parts["reconstruction"] - parts["kl_divergence"]
        parts["reconstruction_mc"] = estimate if decoder is not None else math.nan
        return parts

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        centres = mu.flatten().tolist()
        widths = [math.sqrt(math.exp(v)) for v in logvar.flatten().tolist()]
        return {
            "mean_mu": statistics.fmean(centres),
            "std_mu": statistics.stdev(centres),
            "mean_sigma": statistics.fmean(widths),
            "std_sigma": statistics.stdev(widths),
            "min_sigma": min(widths),
            "max_sigma": max(widths),
        }
