class VAE(VAE):
    @torch.no_grad()
    def encode(self, x):
        hidden = torch.relu(self.to_hidden(x))
        return self.to_mu(hidden), self.to_logvar(hidden)
