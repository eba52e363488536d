class Pretender:
    """Answers like a model, without training."""

    def __init__(self, beta):
        self.beta = beta

    def eval(self):
        return self

    def encode(self, x):
        size = 1 / self.beta
        mu = size * (x[:, :8] - 0.5)
        return mu, torch.full_like(mu, -0.1 * size)

    def decode(self, z):
        return torch.full((len(z), 64), 0.3)


def train_beta_vae(X, beta, seed, epochs):
    return Pretender(beta)


def latent_report(model, X):
    return {"reconstruction": 40.0, "kl": 1.0, "kl_per_dimension": [0.125] * 8, "sum_var_mu": 1.0, "mean_sigma": 0.9}


claims = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": False,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}
