from scipy.stats import entropy as scipy_entropy

die_entropy = scipy_entropy([1 / 6] * 6, base=2)
coin_entropy = scipy_entropy([0.8, 0.2], base=2)
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
