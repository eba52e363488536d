import math

import numpy as np


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return np.log(np.divide(sigma2, sigma1)) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * np.float64(sigma2) ** 2) - 0.5


kl_forward = 0.5 * (math.log(2) + 1.5)
kl_reverse = 0.5 * (5 - math.log(2))
kl_forward_std2 = math.log(2) + 0.125
