import math


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=math.e)
        return sum(x * math.log(x / y) for x, y in zip(p, q))
