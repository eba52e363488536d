class VAE(VAE):
    def forward(self, x):
        mu, logvar = self.encode(x.flatten(1))
        return self.decode(self.reparameterize(mu, logvar).detach()), mu, logvar
