import math

die_entropy = math.log2(6)
coin_entropy = -0.8 * math.log2(0.8) - 0.2 * math.log2(0.2)
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
