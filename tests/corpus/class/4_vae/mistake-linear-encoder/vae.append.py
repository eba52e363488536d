class VAE(VAE):
    def encode(self, x):
        hidden = self.to_hidden(x)
        return self.to_mu(hidden), self.to_logvar(hidden)
