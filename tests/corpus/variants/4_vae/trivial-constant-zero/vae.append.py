class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()

    def encode(self, x):
        return torch.zeros(()), torch.zeros(())

    def reparameterize(self, mu, logvar):
        return torch.zeros(())

    def decode(self, z):
        return torch.zeros(())

    def forward(self, x):
        return torch.zeros(()), torch.zeros(()), torch.zeros(())


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    return torch.zeros(()), torch.zeros(()), torch.zeros(())
