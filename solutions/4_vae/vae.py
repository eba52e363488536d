"""A variational autoencoder for data with values between 0 and 1, and its loss, the negative ELBO.

Write the bodies in this order; the notebook `4_vae.ipynb` explains each one and checks it at once:

1. ``vae_loss``, at the end of this file
2. ``VAE.__init__`` and ``VAE.encode``
3. ``VAE.reparameterize``
4. ``VAE.decode``
5. ``VAE.forward``

Each unfinished body raises ``NotImplementedError`` and says what to do. Replace that line by your code.
B is the number of examples in a batch in all shapes. All tensors are float32. All information is measured in nats. No
function changes the tensors that it is given.

Sources: D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes" (2013), arXiv:1312.6114: the bound in
section 2.2, the reparameterisation in section 2.4, the Gaussian encoder and the Bernoulli decoder in appendix C.
I. Higgins et al., "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework", ICLR 2017:
the factor `beta`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class VAE(nn.Module):
    """Encoder q(z|x) = N(mu(x), diag exp(logvar(x))), prior p(z) = N(0, I), and decoder p(x|z) of Bernoulli means.

    Parameters
    ----------
    input_dim : int, default 784
        Values per example. (28 x 28 pixels make 784; other data have other sizes.)
    hidden_dim : int, default 400
        Units of a hidden layer.
    latent_dim : int, default 20
        Dimensions of the code z.

    Notes
    -----
    How many hidden layers there are, their activation, their names and batch normalisation are up to you, but
    encoder and decoder each have at least one hidden layer with an activation that is not linear. All sizes can be any
    positive number. Every layer is an attribute of the module, directly or inside ``nn.Sequential``, ``nn.ModuleList``
    or the like: ``parameters()`` does not look into plain lists, and only what it finds is trained. No layer is left
    over or frozen: each parameter has an influence on what the methods return, unless an activation happens to switch
    it off. Samples are drawn after ``eval()`` as they are in training.
    """

    def __init__(self, input_dim: int = 784, hidden_dim: int = 400, latent_dim: int = 20) -> None:
        super().__init__()
        self.to_hidden = nn.Linear(input_dim, hidden_dim)
        self.to_mu = nn.Linear(hidden_dim, latent_dim)
        self.to_logvar = nn.Linear(hidden_dim, latent_dim)
        self.from_latent = nn.Linear(latent_dim, hidden_dim)
        self.to_logits = nn.Linear(hidden_dim, input_dim)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean mu(x) and the logarithm of the variance, logvar(x) = log sigma(x)^2, of q(z|x).

        Parameters
        ----------
        x : Tensor, shape (B, input_dim)
            Values between 0 and 1.

        Returns
        -------
        mu, logvar : Tensor, each of shape (B, latent_dim)
            Any real numbers: nothing squeezes or cuts off the last layer. The same `x` gives the same answer; there
            is no noise in here. Gradients pass to `x` and to the layers.

        References
        ----------
        Kingma and Welling (2013), appendix C.2.
        """
        hidden = torch.relu(self.to_hidden(x))  # (B, hidden_dim)
        return self.to_mu(hidden), self.to_logvar(hidden)

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """Return a sample z = mu + exp(logvar / 2) * eps of q(z|x), with eps ~ N(0, I) drawn anew in each call.

        The noise does not depend on the parameters, so gradients pass: dz/dmu = 1 and dz/dlogvar = (z - mu) / 2.

        Parameters
        ----------
        mu, logvar : Tensor, each of shape (B, latent_dim)
            Mean and logarithm of the variance.

        Returns
        -------
        Tensor, shape (B, latent_dim)
            One sample for each row: every element gets noise of its own, from torch's global generator, in training
            and after ``eval()`` alike. For any logvar between -80 and 80 the spread is right.

        References
        ----------
        Kingma and Welling (2013), section 2.4.
        """
        sigma = torch.exp(0.5 * logvar)
        return mu + sigma * torch.randn_like(sigma)

    def decode(self, z: Tensor) -> Tensor:
        """Return the Bernoulli mean of each value of x given z, a probability between 0 and 1.

        Parameters
        ----------
        z : Tensor, shape (B, latent_dim)
            Codes.

        Returns
        -------
        Tensor, shape (B, input_dim)
            Numbers in [0, 1], each pixel by itself: they do not sum to 1. All from 0.001 to 0.999 can come out, and
            they have slopes in `z`. The same `z` gives the same answer.

        References
        ----------
        Kingma and Welling (2013), appendix C.1.
        """
        hidden = torch.relu(self.from_latent(z))  # (B, hidden_dim)
        return torch.sigmoid(self.to_logits(hidden))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Encode `x`, draw one code for each example, and decode it.

        Parameters
        ----------
        x : Tensor, shape (B, ...)
            Values between 0 and 1, `input_dim` of them for each example; images of shape (B, 1, 28, 28) are fine.

        Returns
        -------
        x_recon : Tensor, shape (B, input_dim)
            Decoded from a sample, not from the mean, in training and after ``eval()`` alike; gradients reach the
            encoder through it.
        mu, logvar : Tensor, each of shape (B, latent_dim)
            What ``encode`` says of `x`.
        """
        mu, logvar = self.encode(x.flatten(start_dim=1))
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def vae_loss(
    x: Tensor, x_recon: Tensor, mu: Tensor, logvar: Tensor, beta: float = 1.0
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the loss recon + beta * kl of a batch with its two parts, in nats.

    recon = -sum [x log x_recon + (1 - x) log(1 - x_recon)] over the batch and all pixels, the binary cross-entropy.
    kl = -1/2 sum [1 + logvar - mu^2 - exp(logvar)] over the batch and all latent dimensions, which is
    D(q(z|x) || N(0, I)) summed over the batch.

    Parameters
    ----------
    x : Tensor, shape (B, ...)
        Data, values between 0 and 1, `input_dim` of them for each example, as ``forward`` takes them.
    x_recon : Tensor, shape (B, input_dim)
        Bernoulli means from the decoder, above 0 and below 1; none from 3e-4 to 1 - 3e-4 is clipped. (A sigmoid can
        round to exactly 0 or 1; what that costs is up to you.)
    mu, logvar : Tensor, each of shape (B, latent_dim)
        Mean and logarithm of the variance of q(z|x).
    beta : float, default 1.0
        Weight of `kl` in the total, not negative. For 1 the total is the negative ELBO, estimated with one sample of z.

    Returns
    -------
    total, recon, kl : Tensor, each with no dimensions
        Sums, not means. `kl` is not multiplied by `beta`. All are finite for logvar between -80 and 80, and can be
        differentiated with respect to `x_recon`, `mu` and `logvar`.

    References
    ----------
    Kingma and Welling (2013), equation 10 and appendices B and C; Higgins et al. (2017), equation 4.

    Examples
    --------
    >>> x, x_recon = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.5, 0.5]])
    >>> mu, logvar = torch.tensor([[1.0, -1.0]]), torch.zeros(1, 2)
    >>> [round(part.item(), 4) for part in vae_loss(x, x_recon, mu, logvar, beta=2.0)]
    [3.3863, 1.3863, 1.0]
    """
    recon = F.binary_cross_entropy(x_recon, x.flatten(start_dim=1), reduction="sum")
    kl = -0.5 * torch.sum(1 + logvar - mu**2 - torch.exp(logvar))
    return recon + beta * kl, recon, kl
