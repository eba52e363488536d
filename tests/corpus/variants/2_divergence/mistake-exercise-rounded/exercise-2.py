import math


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if sigma1 <= 0 or sigma2 <= 0:
        raise ValueError("standard deviations must be positive")
    return math.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


kl_forward = 1.10
kl_reverse = 2.15
kl_forward_std2 = 0.82
