def train_beta_vae(X, beta, seed, epochs):
    return None


def latent_report(model, X):
    return None


claims = None
