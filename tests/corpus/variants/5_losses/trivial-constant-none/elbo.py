import math


class ELBOAnalysis:
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        return None

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        return None
