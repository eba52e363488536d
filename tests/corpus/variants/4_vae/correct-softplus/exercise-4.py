def train_beta_vae(X, beta, seed, epochs):
    torch.manual_seed(seed)
    net = vae.VAE(64, 128, 8)
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for i in range(epochs):
        for x in X[torch.randperm(X.size(0))].split(100):
            out, mu, logvar = net(x)
            total, recon, kl = vae.vae_loss(x, out, mu, logvar, beta)
            opt.zero_grad()
            (total / x.size(0)).backward()
            opt.step()
    return net


def latent_report(model, X):
    with torch.no_grad():
        mu, logvar = model.encode(X)
        recon = [vae.vae_loss(X, model.decode(model.reparameterize(mu, logvar)), mu, logvar)[1] for _ in range(5)]
        kls = [
            vae.vae_loss(X, X, mu[:, j : j + 1], logvar[:, j : j + 1])[2].item() / len(X) for j in range(mu.shape[1])
        ]
    return {
        "reconstruction": float(sum(recon)) / 5 / len(X),
        "kl": sum(kls),
        "kl_per_dimension": tuple(kls),
        "sum_var_mu": sum(float(np.var(mu[:, j].numpy())) for j in range(mu.shape[1])),
        "mean_sigma": float(torch.sqrt(torch.exp(logvar)).mean()),
    }


claims = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": False,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}
