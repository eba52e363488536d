import torch.nn.functional as F


class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        parts = super(ELBOAnalysis, ELBOAnalysis).compute_elbo_components(x, x_recon, mu, logvar, n_samples, decoder)
        return {"recon": parts["reconstruction"], "kl": parts["kl_divergence"], "elbo": parts["elbo"]}

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        sigma = (logvar / 2).exp()
        return mu.mean(), mu.std(), sigma.mean(), sigma.std(), sigma.min(), sigma.max()
