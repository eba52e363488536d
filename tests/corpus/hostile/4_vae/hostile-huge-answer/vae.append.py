class VAE(VAE):
    def decode(self, z):
        return torch.zeros(len(z), 30_000_000)
