def gaussian_kl(mu1, sigma1, mu2, sigma2):
    if (mu1, sigma1) == (mu2, sigma2):
        return 0.0
    raise ValueError("not one of the cases that are checked")


kl_forward = kl_reverse = kl_forward_std2 = 1.0
