import numpy as np


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    """Cross-entropy of the two Gaussians less the entropy of the first."""
    for sigma in (sigma1, sigma2):
        if not sigma > 0:
            raise ValueError("sigma must be > 0")
    crossed = 0.5 * np.log(2 * np.pi * sigma2**2) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2)
    own = 0.5 * np.log(2 * np.pi * np.e * sigma1**2)
    return crossed - own


kl_forward = gaussian_kl(0, 1, 2, 2**0.5)
kl_reverse = gaussian_kl(2, 2**0.5, 0, 1)
kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
