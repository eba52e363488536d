from scipy import stats

die, coin = stats.randint(1, 7), stats.bernoulli(0.8)
die_entropy, coin_entropy = (float(variable.entropy()) / math.log(2) for variable in (die, coin))
difference = die_entropy - coin_entropy
tosses_per_roll = [die_entropy, coin_entropy][0] / coin_entropy
