die_entropy = [1 / 6] * 6
coin_entropy = [0.8, 0.2]
difference = coin_entropy
tosses_per_roll = die_entropy
