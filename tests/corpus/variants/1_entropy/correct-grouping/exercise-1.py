from fractions import Fraction


def h(*weights):
    total = sum(weights)
    return math.fsum(w / total * math.log2(Fraction(total, w)) for w in weights)


die_entropy = h(1, 1, 1, 1, 1, 1)
coin_entropy = np.float64(h(4, 1))
difference = np.array(die_entropy - coin_entropy)
tosses_per_roll = np.longdouble(die_entropy) / np.longdouble(coin_entropy)
