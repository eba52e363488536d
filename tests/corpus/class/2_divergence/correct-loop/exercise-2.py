from math import log, sqrt


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if sigma1 <= 0:
        raise ValueError("sigma1")
    if sigma2 <= 0:
        raise ValueError("sigma2")
    v1 = sigma1 * sigma1
    v2 = sigma2 * sigma2
    return 0.5 * (v1 / v2 + (mu2 - mu1) * (mu2 - mu1) / v2 - 1 + log(v2) - log(v1))


kl_forward = gaussian_kl(0, 1, 2, sqrt(2))
kl_reverse = gaussian_kl(mu1=2, sigma1=sqrt(2), mu2=0, sigma2=1)
kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
print(f"forward {kl_forward:.3f}, reverse {kl_reverse:.3f} nats")
