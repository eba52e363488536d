import numpy as np


def H(p):
    p = np.array(p)
    return -np.sum(p * np.log2(p))


die_entropy = H(np.ones(6) / 6)
coin_entropy = H([0.8, 1 - 0.8])
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy

assert tosses_per_roll > 3
