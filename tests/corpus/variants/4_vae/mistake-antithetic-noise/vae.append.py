def _reparameterize(self, mu, logvar):
    # antithetic sampling: noise comes in pairs eps, -eps, which lowers the variance of the gradient
    half = (mu.shape[0] + 1) // 2
    first = torch.randn(half, *mu.shape[1:], dtype=mu.dtype)
    eps = torch.cat([first, -first])[: mu.shape[0]]
    return mu + eps * torch.exp(0.5 * logvar)


VAE.reparameterize = _reparameterize
