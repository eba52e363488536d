from torch.utils.data import DataLoader, TensorDataset


def train_beta_vae(X, beta, seed, epochs):
    torch.manual_seed(seed)
    model = vae.VAE(64, 128, 8)
    loader = DataLoader(TensorDataset(X), batch_size=128, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    model.train()
    for epoch in range(epochs):
        for (x,) in loader:
            optimizer.zero_grad()
            loss = vae.vae_loss(x, *model(x), beta)[0] / x.shape[0]
            loss.backward()
            optimizer.step()
    model.eval()
    return model


@torch.no_grad()
def latent_report(model, X):
    x_recon, mu, logvar = model(X)
    total, recon, kl = vae.vae_loss(X, x_recon, mu, logvar)
    sigma = torch.exp(0.5 * logvar)
    per_dimension = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).mean(0)
    return {
        "reconstruction": recon / len(X),
        "kl": kl / len(X),
        "kl_per_dimension": per_dimension,
        "sum_var_mu": mu.var(0, unbiased=False).sum(),
        "mean_sigma": sigma.mean(),
        "std_sigma": sigma.std(),
    }


claims = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": False,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}
