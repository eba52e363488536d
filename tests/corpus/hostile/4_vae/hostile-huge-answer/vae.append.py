class VAE(VAE):
    def decode(self, z):
        return torch.empty(len(z), 30_000_000)  # reserved and never written
