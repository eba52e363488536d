import mpmath


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if min(sigma1, sigma2) <= 0:
        raise ValueError("sigma must be positive")
    mu1, sigma1, mu2, sigma2 = map(mpmath.mpf, (mu1, sigma1, mu2, sigma2))
    return mpmath.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - mpmath.mpf(1) / 2


# worked out on paper and with a pocket calculator that shows six decimals
kl_forward = 1.096574
kl_reverse = 2.153426
kl_forward_std2 = 0.818147
