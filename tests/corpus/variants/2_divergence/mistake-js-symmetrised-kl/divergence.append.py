class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return float((rel_entr(p, q) + rel_entr(q, p)).sum()) / 2 / math.log(base)
