def train_beta_vae(X, beta, seed, epochs):
    return torch.zeros(())


def latent_report(model, X):
    return torch.zeros(())


claims = torch.zeros(())
