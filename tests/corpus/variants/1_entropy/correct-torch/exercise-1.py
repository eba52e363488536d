import torch

die = torch.full((6,), 1 / 6, dtype=torch.float64)
coin = torch.tensor([0.8, 0.2], dtype=torch.float64)
die_entropy = -(die * die.log2()).sum()
coin_entropy = -(coin * coin.log2()).sum()
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
