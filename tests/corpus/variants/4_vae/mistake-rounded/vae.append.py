class VAE(VAE):
    def decode(self, z):
        return torch.round(torch.sigmoid(self.to_logits(torch.relu(self.from_latent(z)))))
