import torch
from torch import nn


class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.input_dim = input_dim
        self.fc1 = nn.Linear(input_dim, hidden_dim)
        self.fc21 = nn.Linear(hidden_dim, latent_dim)
        self.fc22 = nn.Linear(hidden_dim, latent_dim)
        self.fc3 = nn.Linear(latent_dim, hidden_dim)
        self.fc4 = nn.Linear(hidden_dim, input_dim)

    def encode(self, x):
        h = torch.tanh(self.fc1(x))
        return [self.fc21(h), self.fc22(h)]

    def reparameterize(self, mu, logvar):
        std = logvar.mul(0.5).exp_()
        eps = torch.normal(0.0, 1.0, size=mu.shape)
        return eps.mul(std).add_(mu)

    def decode(self, z):
        h = torch.tanh(self.fc3(z))
        return 1 / (1 + torch.exp(-self.fc4(h)))

    def forward(self, x):
        mu, logvar = self.encode(x.view(-1, self.input_dim))
        return [self.decode(self.reparameterize(mu, logvar)), mu, logvar]


def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    eps = 1e-7
    x = x.reshape(len(x), -1)
    recon = torch.zeros(())
    kl = torch.zeros(())
    for i in range(len(x)):
        p = x_recon[i].clamp(eps, 1 - eps)
        recon = recon - (x[i] * p.log() + (1 - x[i]) * (1 - p).log()).sum()
        for j in range(mu.shape[1]):
            kl = kl + 0.5 * (logvar[i, j].exp() + mu[i, j] ** 2 - 1 - logvar[i, j])
    return [recon + beta * kl, recon, kl]
