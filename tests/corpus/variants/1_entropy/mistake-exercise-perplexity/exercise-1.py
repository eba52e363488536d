die_entropy = 6
coin_entropy = 2 ** (-(0.8 * np.log2(0.8) + 0.2 * np.log2(0.2)))
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
