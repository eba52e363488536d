def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    recon = F.binary_cross_entropy(x_recon, x.flatten(1), reduction="sum")
    kl = 0.5 * torch.sum(mu**2 + logvar**2 - 1 - torch.log(logvar**2))
    return recon + beta * kl, recon, kl
