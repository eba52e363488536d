class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()

    def encode(self, x):
        return refuse(), refuse()

    def reparameterize(self, mu, logvar):
        return refuse()

    def decode(self, z):
        return refuse()

    def forward(self, x):
        return refuse(), refuse(), refuse()


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    return refuse(), refuse(), refuse()


def refuse():
    raise ValueError("no")
