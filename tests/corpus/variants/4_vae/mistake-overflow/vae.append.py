def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    recon = F.binary_cross_entropy(x_recon, x.flatten(1), reduction="sum")
    kl = 0.5 * torch.sum(mu**2 + torch.sqrt(torch.exp(logvar) ** 2) - 1 - logvar)
    return recon + beta * kl, recon, kl
