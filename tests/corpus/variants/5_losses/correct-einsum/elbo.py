import torch


class ELBOAnalysis:
    @staticmethod
    @torch.no_grad()
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        if n_samples < 1:
            raise ValueError("at least one sample")
        flat = torch.flatten(x, start_dim=1)

        def log_likelihood(y):
            pairs = (flat, y.log()), (1 - flat, (1 - y).log())
            return sum(torch.einsum("bd,...bd->...b", pixels, logarithms) for pixels, logarithms in pairs)

        kl = (torch.einsum("bj,bj->b", mu, mu) + (logvar.exp() - logvar - 1).sum(-1)) / 2
        parts = {
            "reconstruction": log_likelihood(x_recon).mean(),
            "kl_divergence": kl.mean(),
            "reconstruction_mc": torch.tensor(float("nan")),
        }
        parts["elbo"] = parts["reconstruction"] - parts["kl_divergence"]
        parts["log_marginal_lower_bound"] = parts["elbo"]
        if decoder is not None:
            noise = torch.randn(n_samples, *mu.shape, dtype=mu.dtype)
            z = mu + torch.einsum("bj,sbj->sbj", torch.exp(logvar / 2), noise)
            parts["reconstruction_mc"] = log_likelihood(decoder(z)).mean()
        return parts

    @staticmethod
    def analyze_latent_distribution(mu, logvar):
        with torch.no_grad():
            sigma = torch.sqrt(torch.exp(logvar))
            low, high = torch.aminmax(sigma)
            found = {"min_sigma": low, "max_sigma": high}
            for name, values in {"mu": mu, "sigma": sigma}.items():
                found[f"std_{name}"], found[f"mean_{name}"] = torch.std_mean(values)
            return found
