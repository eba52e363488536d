# worked out on paper and with a pocket calculator that shows six decimals
die_entropy = 2.584963
coin_entropy = 0.721928
difference = 1.863034
tosses_per_roll = 3.580637
