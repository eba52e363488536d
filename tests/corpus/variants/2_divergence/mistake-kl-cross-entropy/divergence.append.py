class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        return DivergenceMeasures.cross_entropy(p, q, base)
