import torch.nn.functional as F


def loss_of(model, x, beta):
    x_recon, mu, logvar = model(x)
    recon = F.binary_cross_entropy(x_recon, x, reduction="none").sum(dim=1)
    kl = 0.5 * (mu**2 + logvar.exp() - logvar - 1).sum(dim=1)
    return (recon + beta * kl).mean()


def train_beta_vae(X, beta, seed, epochs):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = vae.VAE(64, 128, 8)
    adam = torch.optim.Adam(model.parameters(), lr=0.002)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 128):
            loss = loss_of(model, X[order[start : start + 128]], beta)
            adam.zero_grad()
            loss.backward()
            adam.step()
    return model


def latent_report(model, X):
    mu, logvar = (part.detach().numpy().astype(float) for part in model.encode(X))
    p = model.decode(torch.tensor(mu, dtype=torch.float32)).detach().numpy().astype(float)
    x = X.numpy().astype(float)
    kl = 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar)
    return dict(
        reconstruction=-np.mean(np.sum(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)),
        kl=kl.sum(axis=1).mean(),
        kl_per_dimension=kl.mean(axis=0),
        sum_var_mu=np.trace(np.cov(mu.T)),
        mean_sigma=np.mean(np.sqrt(np.exp(logvar))),
    )


claims = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": False,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}
