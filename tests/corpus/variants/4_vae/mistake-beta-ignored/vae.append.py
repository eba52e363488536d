def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    recon = F.binary_cross_entropy(x_recon, x.flatten(1), reduction="sum")
    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())
    return recon + kl, recon, kl
