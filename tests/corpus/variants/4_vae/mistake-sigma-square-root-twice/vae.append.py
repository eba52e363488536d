class VAE(VAE):
    def reparameterize(self, mu, logvar):
        return mu + torch.exp(0.25 * logvar) * torch.randn_like(mu)
