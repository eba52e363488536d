class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return -float(xlogy(q, q).sum() - xlogy(p, p).sum()) / math.log(base)
