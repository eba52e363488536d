from torch.nn import functional as F


def train_beta_vae(X, beta, seed, epochs):
    raise NotImplementedError("not yet")


def latent_report(model, X):
    with torch.no_grad():
        mu, logvar = model.encode(X)
        kl = (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).mean(dim=0)
        return {
            "reconstruction": F.binary_cross_entropy(model.decode(mu), X, reduction="sum").item() / len(X),
            "kl": kl.sum().item(),
            "kl_per_dimension": kl.tolist(),
            "sum_var_mu": mu.var(dim=0).sum().item(),
            "mean_sigma": (logvar / 2).exp().mean().item(),
        }


claims = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": False,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}
