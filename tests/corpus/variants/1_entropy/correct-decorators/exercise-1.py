die_entropy = measures.entropy(np.full(6, 1 / 6))
coin_entropy = measures.entropy(np.array([0.2, 0.8]))
difference = np.subtract(die_entropy, coin_entropy)
tosses_per_roll = np.divide(die_entropy, coin_entropy)
