class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        return DivergenceMeasures.kl_divergence(p, q, base)
