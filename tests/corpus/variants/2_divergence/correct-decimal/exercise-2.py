from decimal import Decimal


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    m1, s1, m2, s2 = (Decimal(float(x)) for x in (mu1, sigma1, mu2, sigma2))
    if min(s1, s2) <= 0:
        raise ValueError("standard deviations must be above 0")
    v1, v2 = s1 * s1, s2 * s2
    return float((v2.ln() - v1.ln() + (v1 + (m1 - m2) ** 2) / v2 - 1) / 2)


two = Decimal(2)
kl_forward = float((two.ln() + Decimal("1.5")) / 2)
kl_reverse = float((5 - two.ln()) / 2)
kl_forward_std2 = float(two.ln() + Decimal("0.125"))
