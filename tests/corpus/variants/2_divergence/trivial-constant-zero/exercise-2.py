def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return 0.0


kl_forward = kl_reverse = kl_forward_std2 = 0.0
