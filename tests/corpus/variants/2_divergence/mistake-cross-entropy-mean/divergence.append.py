class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return -float(xlogy(p, q).mean()) / math.log(base)
