import math

die_entropy = round(math.log2(6), 2)
coin_entropy = 0.72
difference = die_entropy - coin_entropy
tosses_per_roll = math.ceil(die_entropy / coin_entropy)
