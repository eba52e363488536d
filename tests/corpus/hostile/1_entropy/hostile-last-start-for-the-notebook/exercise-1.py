die_entropy = math.log2(6)
coin_entropy = math.log2(5) - 1.6
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
