import math

# by hand: six faces of 1/6, heads 0.8 and tails 0.2
die_entropy = -(1 / 6 * math.log2(1 / 6)) * 6
coin_entropy = -(0.8 * math.log2(0.8) + 0.2 * math.log2(0.2))
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
print(f"A roll is worth {tosses_per_roll:.2f} tosses")
