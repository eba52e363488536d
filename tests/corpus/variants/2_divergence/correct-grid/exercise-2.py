import numpy as np


def log_density(x, mu, sigma):
    return -(((x - mu) / sigma) ** 2) / 2 - np.log(sigma * np.sqrt(2 * np.pi))


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if sigma1 <= 0 or sigma2 <= 0:
        raise ValueError("not positive")
    x = np.linspace(mu1 - 10 * sigma1, mu1 + 10 * sigma1, 2001)
    dx = x[1] - x[0]
    log_p, log_q = log_density(x, mu1, sigma1), log_density(x, mu2, sigma2)
    return np.sum(np.exp(log_p) * (log_p - log_q)) * dx


kl_forward = gaussian_kl(0, 1, 2, np.sqrt(2))
kl_reverse = gaussian_kl(2, np.sqrt(2), 0, 1)
kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
