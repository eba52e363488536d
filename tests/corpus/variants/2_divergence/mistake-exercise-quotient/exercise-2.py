import math


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if sigma1 <= 0 or sigma2 <= 0:
        raise ValueError("standard deviations must be positive")
    return math.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / sigma2**2 - 0.5


kl_forward = 0.5 * (math.log(2) + 1.5)
kl_reverse = 0.5 * (5 - math.log(2))
kl_forward_std2 = math.log(2) + 0.125
