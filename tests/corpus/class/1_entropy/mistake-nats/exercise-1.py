import numpy as np
from entropy import InformationMeasures

die_entropy = InformationMeasures.entropy(np.ones(6) / 6)
coin_entropy = InformationMeasures.entropy([0.8, 0.2])
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
