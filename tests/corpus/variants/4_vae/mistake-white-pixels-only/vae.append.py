def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    recon = -(x.flatten(1) * torch.log(x_recon)).sum()
    kl = -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())
    return recon + beta * kl, recon, kl
