class VAE(VAE):
    def reparameterize(self, mu, logvar):
        return torch.normal(mu, torch.exp(0.5 * logvar))
