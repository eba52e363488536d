class VAE(VAE):
    def decode(self, z):
        return torch.tanh(self.to_logits(torch.relu(self.from_latent(z))))
