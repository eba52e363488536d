class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=2):
        p, q = checked_pair(p, q)
        checked_base(base)
        return float(rel_entr(p, q).sum()) / math.log(base)

    @staticmethod
    def cross_entropy(p, q, base=2):
        p, q = checked_pair(p, q)
        checked_base(base)
        return -float(xlogy(p, q).sum()) / math.log(base)

    @staticmethod
    def js_divergence(p, q, base=2):
        p, q = checked_pair(p, q)
        checked_base(base)
        m = (p + q) / 2
        return float((rel_entr(p, m) + rel_entr(q, m)).sum()) / 2 / math.log(base)
