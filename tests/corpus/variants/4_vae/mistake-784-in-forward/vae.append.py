class VAE(VAE):
    def forward(self, x):
        mu, logvar = self.encode(x.reshape(-1, 784))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar
