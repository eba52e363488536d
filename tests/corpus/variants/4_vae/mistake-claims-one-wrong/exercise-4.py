def train_beta_vae(X, beta, seed, epochs):
    raise NotImplementedError("not yet")


def latent_report(model, X):
    raise NotImplementedError("not yet")


claims = {
    "larger_beta_moves_q_to_the_prior": True,
    "larger_beta_lowers_information_about_x": True,
    "larger_beta_improves_the_elbo": True,
    "beta_below_1_still_bounds_the_likelihood": False,
    "totals_at_different_beta_can_be_ranked": False,
    "kl_of_0_is_perfect_learning": False,
}
