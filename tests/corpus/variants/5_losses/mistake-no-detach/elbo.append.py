import numpy as np
import torch.nn.functional as F


class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        parts = super(ELBOAnalysis, ELBOAnalysis).compute_elbo_components(x, x_recon, mu, logvar, n_samples, decoder)
        m, v = mu.numpy(), logvar.numpy()
        return parts | {"kl_divergence": float(0.5 * np.sum(m**2 + np.exp(v) - 1 - v, axis=1).mean())}

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        m, s = mu.numpy(), np.exp(logvar.numpy() / 2)
        return dict(
            mean_mu=m.mean(),
            std_mu=m.std(),
            mean_sigma=s.mean(),
            std_sigma=s.std(),
            min_sigma=s.min(),
            max_sigma=s.max(),
        )
