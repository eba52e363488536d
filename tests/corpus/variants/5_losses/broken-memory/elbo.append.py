class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        sigma = torch.exp(0.5 * logvar).expand(2**27, -1, -1).contiguous()
        return {"mean_sigma": sigma.mean().item()}
