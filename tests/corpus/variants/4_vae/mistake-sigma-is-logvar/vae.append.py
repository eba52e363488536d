class VAE(VAE):
    def reparameterize(self, mu, logvar):
        return mu + logvar * torch.randn_like(mu)
