"""A VAE of nn.Sequential with two hidden layers; the loss with torch.distributions."""

from collections import namedtuple

import torch
from torch import distributions, nn

Encoded = namedtuple("Encoded", "mu logvar")
Passed = namedtuple("Passed", "x_recon mu logvar")
Loss = namedtuple("Loss", "total recon kl")


class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(),
            nn.Linear(input_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, 2 * latent_dim),
        )
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, input_dim),
            nn.Sigmoid(),
        )

    def encode(self, x):
        return Encoded(*self.encoder(x).chunk(2, dim=1))

    def reparameterize(self, mu, logvar):
        return distributions.Normal(mu, torch.exp(logvar / 2)).rsample()

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x):
        code = self.encode(x)
        return Passed(self.decode(self.reparameterize(*code)), *code)


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    recon = nn.BCELoss(reduction="sum")(x_recon, nn.Flatten()(x))
    q = distributions.Normal(mu, torch.exp(logvar / 2))
    p = distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    kl = distributions.kl_divergence(q, p).sum()
    return Loss(recon + beta * kl, recon, kl)
