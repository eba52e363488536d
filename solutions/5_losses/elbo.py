"""The evidence lower bound of a variational autoencoder, taken apart, and its posterior, looked at.

Write the bodies in this order; the notebook `5_losses.ipynb` explains each one and checks it at once:

1. ``ELBOAnalysis.compute_elbo_components``
2. ``ELBOAnalysis.analyze_latent_distribution``

Each unfinished body raises ``NotImplementedError`` and says what to do. Replace that line by your code.

The posterior of example i is q(z|x_i) = N(mu_i, diag(sigma_i^2)) with sigma = exp(logvar / 2), and the prior is
p(z) = N(0, I). All tensors are float32. Those that come from a network (a reconstruction, `mu`, `logvar`, what a
decoder returns) may be part of a graph; nothing that is given is changed, and what is returned needs no gradients.

Source: D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes", ICLR (2014).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


class ELBOAnalysis:
    """The parts of the evidence lower bound L = E_q[log p(x|z)] - D(q(z|x) || p(z)), in nats per example."""

    @staticmethod
    def compute_elbo_components(
        x: Tensor,
        x_recon: Tensor,
        mu: Tensor,
        logvar: Tensor,
        n_samples: int = 1000,
        decoder: Callable[[Tensor], Tensor] | None = None,
    ) -> dict[str, float]:
        """Return the parts of the evidence lower bound of a batch; every number is a mean over its B examples.

        With log p(x|z) = sum_d [x_d log y_d + (1 - x_d) log(1 - y_d)], y = decoder(z), which is minus the binary
        cross-entropy BCE(y, x) summed over the D pixels, and
        D(q(z|x) || p(z)) = -1/2 sum_j (1 + logvar_j - mu_j^2 - exp(logvar_j)).

        Parameters
        ----------
        x : torch.Tensor of float32, shape (B, ...)
            Examples of D pixels each, in a row or in any other shape, (B, height, width) for one. Each pixel is between
            0 and 1 (grey ones too).
        x_recon : torch.Tensor of float32, shape (B, D)
            A reconstruction of `x`, its pixels in the same order: Bernoulli means between 1e-6 and 1 - 1e-6.
        mu, logvar : torch.Tensor of float32, shape (B, J)
            Mean and logarithm of the variance of the posterior of each example; `logvar` between -80 and 80.
        n_samples : int, default 1000
            How many z are drawn from the posterior of each example for ``reconstruction_mc``, at least 1.
        decoder : callable, optional
            Maps a tensor z of shape (..., J) to Bernoulli means of shape (..., D), between 1e-6 and 1 - 1e-6 too.

        Returns
        -------
        dict of str to float
            ``reconstruction``: -BCE(x_recon, x), summed over the pixels;
            ``kl_divergence``: D(q(z|x) || p(z)), summed over the J dimensions;
            ``elbo``: reconstruction - kl_divergence;
            ``log_marginal_lower_bound``: the same number under the name that says what it bounds;
            ``reconstruction_mc``: Monte Carlo estimate of E_q[log p(x|z)], the average over `n_samples` fresh draws
            z ~ q(z|x) of -BCE(decoder(z), x), drawn for each example anew; NaN without a `decoder`. It does not use
            `x_recon`.
            Each is in nats, mean over the batch: a float, or what ``float()`` takes. Only ``reconstruction_mc`` depends
            on `decoder`. More keys may be there, with values of any kind.

        Raises
        ------
        ValueError
            If `n_samples` is less than 1, with a `decoder` or without.

        References
        ----------
        Kingma and Welling (2014), equations 3 and 10 and appendix B.

        Examples
        --------
        >>> half, origin = torch.tensor([[0.5, 0.5]]), torch.zeros(1, 1)
        >>> parts = ELBOAnalysis.compute_elbo_components(torch.tensor([[1.0, 0.0]]), half, origin, origin)
        >>> round(parts["reconstruction"], 4), round(parts["kl_divergence"], 4)
        (-1.3863, 0.0)
        """
        if n_samples < 1:
            raise ValueError(f"`n_samples` must be at least 1; got {n_samples!r}")
        batch = x.shape[0]
        pixels = x.reshape(batch, -1)  # (B, D)
        with torch.no_grad():
            reconstruction = -functional.binary_cross_entropy(x_recon, pixels, reduction="sum").item() / batch
            kl_divergence = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum().item() / batch
            reconstruction_mc = math.nan
            if decoder is not None:
                sigma = torch.exp(0.5 * logvar)  # (B, J)
                drawn = 0.0
                for _ in range(n_samples):
                    y = decoder(mu + sigma * torch.randn_like(sigma))  # (B, D)
                    drawn -= functional.binary_cross_entropy(y, pixels, reduction="sum").item()
                reconstruction_mc = drawn / (n_samples * batch)
        elbo = reconstruction - kl_divergence
        return {
            "reconstruction": reconstruction,
            "kl_divergence": kl_divergence,
            "elbo": elbo,
            "log_marginal_lower_bound": elbo,
            "reconstruction_mc": reconstruction_mc,
        }

    @staticmethod
    def analyze_latent_distribution(mu: Tensor, logvar: Tensor) -> dict[str, float]:
        """Return mean and spread of mu and sigma = exp(logvar / 2) over all examples and dimensions together.

        Parameters
        ----------
        mu, logvar : torch.Tensor of float32, shape (B, J)
            Mean and logarithm of the variance of the posterior of each example; `logvar` between -80 and 80.

        Returns
        -------
        dict of str to float
            ``mean_mu``, ``std_mu``, ``mean_sigma``, ``std_sigma``, ``min_sigma``, ``max_sigma``: over all B J elements,
            each a float, or what ``float()`` takes. Standard deviations have N - 1 in the denominator, where N = B J;
            they need be right within 1 % only, so for 64 elements or more N will do. More keys are welcome, with values
            of any kind: numbers of all dimensions pooled hide a dimension that has collapsed.

        References
        ----------
        Kingma and Welling (2014), section 3.

        Examples
        --------
        >>> ELBOAnalysis.analyze_latent_distribution(torch.tensor([[-1.0, 1.0]]), torch.zeros(1, 2))["max_sigma"]
        1.0
        """
        sigma = torch.exp(0.5 * logvar)
        return {
            "mean_mu": mu.mean().item(),
            "std_mu": mu.std().item(),
            "mean_sigma": sigma.mean().item(),
            "std_sigma": sigma.std().item(),
            "min_sigma": sigma.min().item(),
            "max_sigma": sigma.max().item(),
        }
