def vae_loss(x, x_recon, mu, logvar, beta=1.0):
    from torch.utils.data import DataLoader

    rows = next(iter(DataLoader(x, num_workers=2)))
    return rows, rows, rows
