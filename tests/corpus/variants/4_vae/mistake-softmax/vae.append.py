class VAE(VAE):
    def decode(self, z):
        return torch.softmax(self.to_logits(torch.relu(self.from_latent(z))), dim=1)
