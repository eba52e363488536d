class VAE(VAE):
    def decode(self, z):
        return super().decode(z).clamp(0.01, 0.99)
