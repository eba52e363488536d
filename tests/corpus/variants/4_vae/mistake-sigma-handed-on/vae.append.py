class VAE(VAE):
    def forward(self, x):
        mu, logvar = self.encode(x.flatten(1))
        sigma = torch.exp(0.5 * logvar)
        return self.decode(self.reparameterize(mu, sigma)), mu, logvar
