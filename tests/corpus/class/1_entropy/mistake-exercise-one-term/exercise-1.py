import math

die_entropy = sum(-1 / 6 * math.log2(1 / 6) for side in range(6))
coin_entropy = -0.8 * math.log2(0.8)
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
