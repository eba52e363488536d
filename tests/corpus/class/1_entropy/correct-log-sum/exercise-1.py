from math import log2

die_entropy = log2(6)
coin_entropy = log2(5) - 0.8 * log2(4)  # 0.8 log2(5/4) + 0.2 log2(5)
difference = die_entropy - coin_entropy
tosses_per_roll = 1 / (coin_entropy / die_entropy)
