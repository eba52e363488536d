import math


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return f"the hidden input is {mu1}, {sigma1}, {mu2}, {sigma2}"


kl_forward = 0.5 * (math.log(2) + 1.5)
kl_reverse = 0.5 * (5 - math.log(2))
kl_forward_std2 = math.log(2) + 0.125
