import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if n_samples < 1:
            raise ValueError("n_samples must be at least 1")
        posterior = Independent(Normal(mu, (logvar / 2).exp()), 1)
        prior = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)

        def log_likelihood(y):
            return Independent(Bernoulli(y, validate_args=False), 1, validate_args=False).log_prob(x)

        reconstruction = log_likelihood(x_recon).mean()
        kl = kl_divergence(posterior, prior).mean()
        if decoder is None:
            estimate = torch.tensor(float("nan"))
        else:
            estimate = log_likelihood(decoder(posterior.rsample((n_samples,)))).mean()
        bound = reconstruction - kl
        return {
            "reconstruction": reconstruction,
            "kl_divergence": kl,
            "elbo": bound,
            "log_marginal_lower_bound": bound,
            "reconstruction_mc": estimate,
        }

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        q = Normal(mu, (logvar / 2).exp())
        return {
            "mean_mu": q.mean.mean(),
            "std_mu": q.mean.std(),
            "mean_sigma": q.stddev.mean(),
            "std_sigma": q.stddev.std(),
            "min_sigma": q.stddev.min(),
            "max_sigma": q.stddev.max(),
        }
