import math

die_entropy = math.log2(6)
coin_entropy = -0.8 * math.log2(0.8) - 0.2 * math.log2(0.2)
difference = coin_entropy - die_entropy
tosses_per_roll = coin_entropy / die_entropy
