%%time
die_entropy = entropy.InformationMeasures.entropy([1 / 6] * 6)
coin_entropy = entropy.InformationMeasures.entropy([0.8, 0.2])
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
