def train_beta_vae(X, beta, seed, epochs):
    return vae.VAE(64, 128, 8)


def latent_report(model, X):
    return {"reconstruction": 0.0, "kl": 0.0, "kl_per_dimension": [0.0] * 8, "sum_var_mu": 0.0, "mean_sigma": 0.0}


claims = {}
