class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = np.array(p, dtype=float), np.array(q, dtype=float)
        return float(rel_entr(p, q).sum()) / np.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = np.array(p, dtype=float), np.array(q, dtype=float)
        return -float(xlogy(p, q).sum()) / np.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = np.array(p, dtype=float), np.array(q, dtype=float)
        m = (p + q) / 2
        return float((rel_entr(p, m) + rel_entr(q, m)).sum()) / 2 / np.log(base)
