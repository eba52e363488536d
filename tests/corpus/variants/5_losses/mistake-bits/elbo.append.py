class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        parts = super(ELBOAnalysis, ELBOAnalysis).compute_elbo_components(x, x_recon, mu, logvar, n_samples, decoder)
        return {name: value / math.log(2) for name, value in parts.items()}
