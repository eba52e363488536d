class VAE(VAE):
    def reparameterize(self, mu, logvar):
        return mu
