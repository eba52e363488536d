import math
from dataclasses import asdict, dataclass, field

import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence


@dataclass
class Components:
    reconstruction: float
    kl_divergence: float
    reconstruction_mc: float = math.nan
    elbo: float = field(init=False)
    log_marginal_lower_bound: float = field(init=False)

    def __post_init__(self):
        self.elbo = self.reconstruction - self.kl_divergence
        self.log_marginal_lower_bound = self.elbo


def posterior(mu, logvar):
    return Independent(Normal(mu, (0.5 * logvar).exp()), 1)


def prior(mu):
    return Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)


def log_p(x, means):
    return Independent(Bernoulli(probs=means, validate_args=False), 1).log_prob(x)


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        if not n_samples >= 1:
            raise ValueError(n_samples)
        pixels = x.reshape(x_recon.shape)
        q = posterior(mu, logvar)
        found = Components(log_p(pixels, x_recon).mean().item(), kl_divergence(q, prior(mu)).mean().item())
        if decoder is not None:
            found.reconstruction_mc = log_p(pixels, decoder(q.rsample((n_samples,)))).mean().item()
        return asdict(found)

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        q = posterior(mu, logvar).base_dist
        summary = {"kl_per_dimension": kl_divergence(q, prior(mu).base_dist).mean(0).tolist()}
        for name, values in (("mu", q.mean), ("sigma", q.stddev)):
            summary |= {f"{of}_{name}": getattr(values, of)().item() for of in ("mean", "std", "min", "max")}
        return summary
