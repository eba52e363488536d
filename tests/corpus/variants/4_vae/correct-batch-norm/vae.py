import torch
from torch import nn


class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(input_dim, hidden_dim), nn.BatchNorm1d(hidden_dim), nn.SiLU())
        self.mu, self.lv = nn.Linear(hidden_dim, latent_dim), nn.Linear(hidden_dim, latent_dim)
        self.dec = nn.Sequential(nn.Linear(latent_dim, hidden_dim), nn.ELU(), nn.Linear(hidden_dim, input_dim))

    def encode(self, x):
        h = self.enc(x)
        return self.mu(h), self.lv(h)

    def reparameterize(self, mu, logvar):
        return torch.randn(*mu.size()) * torch.exp(logvar / 2) + mu

    def decode(self, z):
        return torch.sigmoid(self.dec(z))

    def forward(self, x):
        mu, logvar = self.encode(x.flatten(1))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    bce = nn.functional.binary_cross_entropy(x_recon, x.reshape(x_recon.shape), reduction="none").sum()
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + beta * kld, bce, kld
