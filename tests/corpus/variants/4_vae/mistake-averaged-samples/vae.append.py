def _forward(self, x):
    mu, logvar = self.encode(x.flatten(start_dim=1))
    draws = [self.decode(self.reparameterize(mu, logvar)) for _ in range(8)]
    return torch.stack(draws).mean(dim=0), mu, logvar


VAE.forward = _forward
