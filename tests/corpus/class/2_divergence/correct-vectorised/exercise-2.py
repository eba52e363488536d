import numpy as np


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if np.any(np.array([sigma1, sigma2]) <= 0):
        raise ValueError(f"standard deviations must be positive, not {sigma1} and {sigma2}")
    ratio = sigma1 / sigma2
    return np.array((ratio**2 + ((mu1 - mu2) / sigma2) ** 2 - 1) / 2 - np.log(ratio))


s = np.sqrt(2.0)  # N(2, 2): variance 2
kl_forward = gaussian_kl(0.0, 1.0, 2.0, s)
kl_reverse = gaussian_kl(2.0, s, 0.0, 1.0)
kl_forward_std2 = gaussian_kl(0.0, 1.0, 2.0, 2.0)

assert kl_reverse > kl_forward
