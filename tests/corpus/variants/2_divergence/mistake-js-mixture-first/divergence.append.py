class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        m = (p + q) / 2
        return float((rel_entr(m, p) + rel_entr(m, q)).sum()) / 2 / math.log(base)
