class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return -float((xlogy(p, q) + xlogy(1 - p, 1 - q)).sum()) / math.log(base)
