import numpy as np
import torch


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if n_samples < 1:
            raise ValueError("no samples")
        x, y, m, v = (part.detach().double() for part in (x, x_recon, mu, logvar))

        def log_p(means):
            return (x * means.log() + (1 - x) * (1 - means).log()).sum(-1).mean()

        kl = ((m**2 + v.exp() - v - 1) / 2).sum(-1).mean()
        values = [
            log_p(
                decoder(m + (v / 2).exp() * torch.from_numpy(np.random.standard_normal(m.shape)))
                .double()
                .clamp(1e-7, 1 - 1e-7)
            )
            for _ in range(n_samples if decoder else 0)
        ]
        estimate = float(torch.stack(values).mean()) if values else np.nan
        elbo = log_p(y) - kl
        return dict(
            reconstruction=float(log_p(y)),
            kl_divergence=float(kl),
            elbo=float(elbo),
            log_marginal_lower_bound=float(elbo),
            reconstruction_mc=estimate,
        )

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        mu, sigma = mu.detach().double(), (logvar.detach().double() / 2).exp()
        return dict(
            mean_mu=float(mu.mean()),
            std_mu=float(mu.std()),
            mean_sigma=float(sigma.mean()),
            std_sigma=float(sigma.std()),
            min_sigma=float(sigma.amin()),
            max_sigma=float(sigma.amax()),
        )
