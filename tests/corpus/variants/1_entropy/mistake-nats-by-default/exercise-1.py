import numpy as np

p_die = np.full(6, 1 / 6)
p_coin = np.array([0.8, 0.2])
die_entropy = -np.sum(p_die * np.log2(p_die))
coin_entropy = -np.sum(p_coin * np.log2(p_coin))
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
