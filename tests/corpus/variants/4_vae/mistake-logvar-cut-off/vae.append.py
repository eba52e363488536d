class VAE(VAE):
    def reparameterize(self, mu, logvar):
        return mu + torch.exp(0.5 * logvar.clamp(-10, 10)) * torch.randn_like(mu)
