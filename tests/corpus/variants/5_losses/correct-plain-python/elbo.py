import math
import random
import statistics
from collections import Counter

import torch


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        if n_samples < 1:
            raise ValueError("n_samples < 1")
        images = [image.flatten().tolist() for image in x]
        count = len(images)

        def likelihood(means):
            return sum(
                pixel * math.log(y) + (1 - pixel) * math.log(1 - y)
                for image, row in zip(images, means.tolist())
                for pixel, y in zip(image, row)
            )

        parts = Counter(reconstruction=likelihood(x_recon) / count)
        for m_row, s_row in zip(mu.tolist(), logvar.tolist()):
            parts["kl_divergence"] += sum((m * m + math.exp(s) - 1 - s) / 2 for m, s in zip(m_row, s_row)) / count
        parts["elbo"] = parts["reconstruction"] - parts["kl_divergence"]
        parts["log_marginal_lower_bound"] = parts["elbo"]
        if decoder is None:
            return dict(parts) | {"reconstruction_mc": math.nan}
        centres = list(zip(mu.tolist(), logvar.tolist()))
        for _ in range(n_samples):
            z = [[random.gauss(m, math.exp(s / 2)) for m, s in zip(*rows)] for rows in centres]
            parts["reconstruction_mc"] += likelihood(decoder(torch.tensor(z))) / n_samples / count
        return dict(parts)

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        places = mu.flatten().tolist()
        widths = [math.sqrt(math.exp(s)) for s in logvar.flatten().tolist()]
        return {
            "mean_mu": statistics.fmean(places),
            "std_mu": statistics.stdev(places),
            "mean_sigma": statistics.fmean(widths),
            "std_sigma": statistics.stdev(widths),
            "min_sigma": min(widths),
            "max_sigma": max(widths),
            "median_sigma": statistics.median(widths),
        }
