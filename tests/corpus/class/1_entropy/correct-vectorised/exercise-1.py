from entropy import InformationMeasures as im

die_entropy = im.entropy([1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6, 1 / 6])
coin_entropy = im.entropy((0.8, 0.2))
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
