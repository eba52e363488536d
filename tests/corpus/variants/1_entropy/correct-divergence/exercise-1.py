import torch

weights = torch.tensor([0.8, 0.2], dtype=torch.float64, requires_grad=True)
die_entropy = torch.tensor(6.0, dtype=torch.float64, requires_grad=True).log2()
coin_entropy = -(weights * weights.log2()).sum()
difference = die_entropy - coin_entropy
tosses_per_roll = (die_entropy / coin_entropy).reshape(1)
