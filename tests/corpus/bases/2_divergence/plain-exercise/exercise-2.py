import math


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if sigma1 <= 0 or sigma2 <= 0:
        raise ValueError("standard deviations must be positive")
    return math.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


kl_forward = gaussian_kl(0, 1, 2, math.sqrt(2))
kl_reverse = gaussian_kl(2, math.sqrt(2), 0, 1)
kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
