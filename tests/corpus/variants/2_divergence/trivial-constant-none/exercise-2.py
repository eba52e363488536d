def gaussian_kl(mu1, sigma1, mu2, sigma2):
    pass


kl_forward = kl_reverse = kl_forward_std2 = None
