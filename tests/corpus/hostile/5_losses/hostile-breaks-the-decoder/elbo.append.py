import torch.nn.functional as F


class ELBOAnalysis(ELBOAnalysis):
    @staticmethod
    def compute_elbo_components(x, x_recon, mu, logvar, n_samples=1000, decoder=None):
        x = x.reshape(len(x), -1)
        if decoder is not None:
            decoder._weight.zero_()
            decoder._bias.zero_()
        return super(ELBOAnalysis, ELBOAnalysis).compute_elbo_components(x, x_recon, mu, logvar, n_samples, decoder)
