from scipy.integrate import quad


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    for sigma in (sigma1, sigma2):
        if not sigma > 0:
            raise ValueError("a width must be positive")

    def log_density(x, mu, sigma):
        return -0.5 * ((x - mu) / sigma) ** 2 - math.log(sigma) - 0.5 * math.log(2 * math.pi)

    def integrand(z):
        x = mu1 + sigma1 * z
        log_p = log_density(x, mu1, sigma1)
        return sigma1 * math.exp(log_p) * (log_p - log_density(x, mu2, sigma2))

    return quad(integrand, -12, 12, epsabs=1e-12, epsrel=1e-12, limit=200)[0]


numbers = {
    "kl_forward": gaussian_kl(0, 1, 2, math.sqrt(2)),
    "kl_reverse": gaussian_kl(2, math.sqrt(2), 0, 1),
    "kl_forward_std2": gaussian_kl(0, 1, 2, 2),
}
globals().update(numbers)
kl_forward, kl_reverse, kl_forward_std2 = numbers.values()
