from dataclasses import dataclass


@dataclass
class Gaussian:
    mu: float
    sigma: float

    def __post_init__(self):
        if self.sigma <= 0:
            raise ValueError(f"sigma = {self.sigma}")

    @property
    def variance(self):
        return self.sigma**2

    def kl_from(self, other):
        ratio = self.variance / other.variance
        return 0.5 * (ratio - 1 - math.log(ratio) + (self.mu - other.mu) ** 2 / other.variance)


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return np.array(Gaussian(mu1, sigma1).kl_from(Gaussian(mu2, sigma2)))


kl_forward = gaussian_kl(0, 1, 2, 2**0.5)
kl_reverse = gaussian_kl(2, 2**0.5, 0, 1)
kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
