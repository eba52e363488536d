import torch
from torch import nn
from torch.distributions import Independent, Normal, kl_divergence
from torch.nn import functional as F


class Encoder(nn.Module):
    def __init__(self, n, h, d):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n, h), nn.Softplus())
        self.head = nn.Linear(h, 2 * d)

    def forward(self, x):
        out = self.head(self.body(x))
        return out[:, : out.shape[1] // 2], out[:, out.shape[1] // 2 :]


class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.q = Encoder(input_dim, hidden_dim, latent_dim)
        self.p = nn.Sequential(nn.Linear(latent_dim, hidden_dim), nn.Softplus(), nn.Linear(hidden_dim, input_dim))

    def encode(self, x):
        return self.q(x)

    def reparameterize(self, mu, logvar):
        return mu + torch.randn_like(mu) * torch.exp(logvar) ** 0.5

    def decode(self, z):
        return (torch.tanh(self.p(z) / 2) + 1) / 2

    def forward(self, x):
        mu, logvar = self.encode(x.reshape(x.shape[0], -1))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    x = x.view_as(x_recon)
    recon = -(torch.xlogy(x, x_recon) + torch.xlogy(1 - x, 1 - x_recon)).sum()
    q = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    p = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    kl = kl_divergence(q, p).sum()
    return recon + beta * kl, recon, kl
