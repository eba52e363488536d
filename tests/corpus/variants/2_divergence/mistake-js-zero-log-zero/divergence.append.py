class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        m = (p + q) / 2
        with np.errstate(all="ignore"):
            return float((p * np.log(p / m) + q * np.log(q / m)).sum()) / 2 / math.log(base)
