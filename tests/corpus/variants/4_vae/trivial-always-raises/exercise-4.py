def refuse():
    raise ValueError("no")


def train_beta_vae(X, beta, seed, epochs):
    return refuse()


def latent_report(model, X):
    return refuse()
