class VAE(VAE):
    def decode(self, z):
        return torch.sigmoid(self.to_logits(self.from_latent(z)))
