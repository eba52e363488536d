def gaussian_kl(mu1, sigma1, mu2, sigma2):
    raise ValueError("no")


kl_forward = kl_reverse = kl_forward_std2 = gaussian_kl(0, 1, 2, 2)
