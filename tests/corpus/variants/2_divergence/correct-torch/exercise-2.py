import torch
from torch.distributions import Normal, kl_divergence


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    return kl_divergence(Normal(mu1, sigma1), Normal(mu2, sigma2))


root = torch.tensor(2.0).sqrt()
kl_forward = gaussian_kl(torch.tensor(0.0), torch.tensor(1.0), torch.tensor(2.0), root)
kl_reverse = gaussian_kl(torch.tensor(2.0), root, torch.tensor(0.0), torch.tensor(1.0))
kl_forward_std2 = gaussian_kl(0.0, 1.0, 2.0, 2.0)
