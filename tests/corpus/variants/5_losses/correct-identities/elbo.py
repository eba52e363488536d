import torch
import torch.nn.functional as F


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        if n_samples < 1:
            raise ValueError("n_samples")
        x = x.flatten(1)
        sigma = torch.exp(logvar / 2)
        q = torch.distributions.Normal(mu, sigma)
        prior = torch.distributions.Normal(0.0, 1.0)
        divergence = torch.distributions.kl_divergence(q, prior).sum() / mu.size(0)
        loss = F.binary_cross_entropy_with_logits(torch.logit(x_recon), x, reduction="sum") / x.size(0)
        result = {"reconstruction": -loss, "kl_divergence": divergence}
        result["elbo"] = result["reconstruction"] - result["kl_divergence"]
        result["log_marginal_lower_bound"] = result["elbo"]
        result["reconstruction_mc"] = torch.nan
        if decoder:
            z = q.sample((n_samples,)).flatten(0, 1)
            many = x.repeat(n_samples, 1)
            result["reconstruction_mc"] = -F.binary_cross_entropy(decoder(z), many, reduction="none").sum(1).mean()
        return {name: float(value) for name, value in result.items()}

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        sigma = torch.exp(logvar).pow(0.5).flatten().sort().values
        n = sigma.numel()
        mean_mu, mean_sigma = mu.sum() / n, sigma.sum() / n
        return {
            "mean_mu": float(mean_mu),
            "std_mu": float(((mu - mean_mu) ** 2).sum().div(n - 1).sqrt()),
            "mean_sigma": float(mean_sigma),
            "std_sigma": float(((sigma - mean_sigma) ** 2).sum().div(n - 1).sqrt()),
            "min_sigma": float(sigma[0]),
            "max_sigma": float(sigma[-1]),
        }
