class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()

    def encode(self, x):
        return float("nan"), float("nan")

    def reparameterize(self, mu, logvar):
        return float("nan")

    def decode(self, z):
        return float("nan")

    def forward(self, x):
        return float("nan"), float("nan"), float("nan")


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    return float("nan"), float("nan"), float("nan")
