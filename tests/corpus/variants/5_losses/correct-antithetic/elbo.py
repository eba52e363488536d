import numpy as np
import torch

RNG = np.random.default_rng()


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        if n_samples < 1:
            raise ValueError("no samples, no estimate")
        x = x.detach().double().numpy().reshape(len(x), -1)
        y, m, s = x_recon.detach().double().numpy(), mu.detach().double().numpy(), logvar.detach().double().numpy()

        def log_p(means):
            return np.sum(x * np.log(means) + (1 - x) * np.log1p(-means)) / len(x)

        parts = {"reconstruction": log_p(y), "kl_divergence": 0.5 * np.sum(m**2 + np.expm1(s) - s) / len(x)}
        parts["elbo"] = parts["reconstruction"] - parts["kl_divergence"]
        parts["log_marginal_lower_bound"] = parts["elbo"]
        parts["reconstruction_mc"] = float("nan")
        if decoder is not None:
            half = RNG.standard_normal(((n_samples + 1) // 2, *m.shape))
            noise = np.concatenate([half, -half])[:n_samples]
            decoded = (decoder(torch.from_numpy((m + np.exp(s / 2) * one).astype("float32"))) for one in noise)
            parts["reconstruction_mc"] = float(np.mean([log_p(one.detach().double().numpy()) for one in decoded]))
        return parts

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        m = mu.detach().double().flatten()
        s = (logvar.detach().double() / 2).exp().flatten().sort().values
        return {
            "mean_mu": float(m.mean()),
            "std_mu": float((m - m.mean()).square().sum().div(len(m) - 1).sqrt()),
            "mean_sigma": float(s.mean()),
            "std_sigma": float((s - s.mean()).square().sum().div(len(s) - 1).sqrt()),
            "min_sigma": float(s[0]),
            "max_sigma": float(s[-1]),
        }
