class VAE(VAE):
    def encode(self, x):
        hidden = torch.relu(self.to_hidden(x))
        return self.to_mu(hidden), F.softplus(self.to_logvar(hidden))
