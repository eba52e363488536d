def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    while True:
        pass
