from decimal import Decimal

two = Decimal(2).ln()
die_entropy = Decimal(6).ln() / two
coin_entropy = -sum(p * p.ln() for p in (Decimal("0.8"), Decimal("0.2"))) / two
difference = die_entropy - coin_entropy
tosses_per_roll = die_entropy / coin_entropy
