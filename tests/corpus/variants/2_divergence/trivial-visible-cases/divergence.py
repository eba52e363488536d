import math

KL = {((0.5, 0.5), (0.25, 0.75)): 0.143841036, ((0.25, 0.75), (0.5, 0.5)): 0.130812036}


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        key = tuple(p), tuple(q)
        if key not in KL:
            raise ValueError("not one of the cases that are checked")
        return KL[key] / math.log(base)

    cross_entropy = js_divergence = kl_divergence
