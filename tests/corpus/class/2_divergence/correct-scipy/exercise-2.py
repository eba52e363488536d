import numpy as np
from scipy import integrate


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    """By numerical integration."""
    if not sigma1 > 0 or not sigma2 > 0:
        raise ValueError("sigma must be positive")

    def log_density(x, mu, sigma):
        return -0.5 * ((x - mu) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)

    def integrand(x):
        log_p = log_density(x, mu1, sigma1)
        return np.exp(log_p) * (log_p - log_density(x, mu2, sigma2))

    value, _ = integrate.quad(integrand, mu1 - 12 * sigma1, mu1 + 12 * sigma1, epsabs=1e-10)
    return value


kl_forward = gaussian_kl(0, 1, 2, np.sqrt(2))
kl_reverse = gaussian_kl(2, np.sqrt(2), 0, 1)
kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
