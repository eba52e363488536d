%matplotlib inline
%config InlineBackend.figure_format = "retina"
import math
import matplotlib.pyplot as plt

!pip install --quiet numpy
die_entropy = math.log2(6)
%time coin_entropy = 0.8 * math.log2(1 / 0.8) + 0.2 * math.log2(1 / 0.2)
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
plt.bar(["die", "coin"], [die_entropy, coin_entropy])
plt.show()
print(f"{difference:.6f} bits"); display(tosses_per_roll)
