import torch


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    mu1, sigma1, mu2, sigma2 = (
        torch.tensor(float(value), dtype=torch.float64, requires_grad=True) for value in (mu1, sigma1, mu2, sigma2)
    )
    if sigma1 <= 0 or sigma2 <= 0:
        raise ValueError("standard deviations are positive")
    ratio = (sigma1 / sigma2).square()
    return 0.5 * (ratio - ratio.log() - 1 + ((mu1 - mu2) / sigma2).square())


kl_forward = gaussian_kl(0, 1, 2, 2**0.5)
kl_reverse = gaussian_kl(2, 2**0.5, 0, 1)
kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
