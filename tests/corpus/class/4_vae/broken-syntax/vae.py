import torch
from torch import nn


class VAE(nn.Module)
    pass
