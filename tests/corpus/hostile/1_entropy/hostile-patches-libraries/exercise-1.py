import entropy

die_entropy = coin_entropy = difference = tosses_per_roll = entropy.InformationMeasures.entropy([1 / 6] * 6)
