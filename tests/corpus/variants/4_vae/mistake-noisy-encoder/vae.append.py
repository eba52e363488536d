class VAE(VAE):
    def encode(self, x):
        hidden = torch.relu(self.to_hidden(x))
        mu, logvar = self.to_mu(hidden), self.to_logvar(hidden)
        return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu), logvar
