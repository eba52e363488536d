class VAE(VAE):
    def decode(self, z):
        return torch.zeros(10_000_000_000)[: len(z)]
