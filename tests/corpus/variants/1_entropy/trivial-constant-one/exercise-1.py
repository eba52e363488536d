die_entropy = coin_entropy = difference = tosses_per_roll = 1
