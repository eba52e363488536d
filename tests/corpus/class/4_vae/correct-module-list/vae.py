import math

import torch
import torch.nn.functional as F
from torch import nn


class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        widths = [input_dim, hidden_dim, hidden_dim]
        self.down = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.heads = nn.ModuleDict(
            {"mean": nn.Linear(hidden_dim, latent_dim), "spread": nn.Linear(hidden_dim, latent_dim)}
        )
        self.up = nn.ModuleList([nn.Linear(latent_dim, hidden_dim), nn.Linear(hidden_dim, hidden_dim)])
        self.out_weight = nn.Parameter(torch.empty(input_dim, hidden_dim))
        self.out_bias = nn.Parameter(torch.zeros(input_dim))
        nn.init.xavier_uniform_(self.out_weight)

    def encode(self, x):
        for layer in self.down:
            x = F.leaky_relu(layer(x))
        return self.heads["mean"](x), self.heads["spread"](x)

    def reparameterize(self, mu, logvar):
        noise = torch.randn(mu.shape, dtype=mu.dtype, device=mu.device)
        return torch.addcmul(mu, torch.sqrt(torch.exp(logvar)), noise)

    def decode(self, z):
        for layer in self.up:
            z = F.leaky_relu(layer(z))
        return F.linear(z, self.out_weight, self.out_bias).sigmoid()

    def forward(self, x):
        mu, logvar = self.encode(torch.flatten(x, 1))
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    logits = torch.logit(x_recon, eps=1e-7)
    recon = F.binary_cross_entropy_with_logits(logits, torch.flatten(x, 1), reduction="sum")
    var = logvar.exp()
    kl = (torch.einsum("bl,bl->", mu, mu) + var.sum() - logvar.sum() - math.prod(mu.shape)) / 2
    return torch.stack([recon + beta * kl, recon, kl]).unbind()
