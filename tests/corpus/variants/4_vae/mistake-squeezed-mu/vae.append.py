class VAE(VAE):
    def encode(self, x):
        hidden = torch.relu(self.to_hidden(x))
        return torch.relu(self.to_mu(hidden)), self.to_logvar(hidden)
