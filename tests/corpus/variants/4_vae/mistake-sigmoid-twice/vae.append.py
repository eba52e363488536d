class VAE(VAE):
    def decode(self, z):
        return torch.sigmoid(torch.sigmoid(self.to_logits(torch.relu(self.from_latent(z)))))
