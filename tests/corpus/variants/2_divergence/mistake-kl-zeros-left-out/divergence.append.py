class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        both = (p > 0) & (q > 0)
        p, q = p[both], q[both]
        return float(np.sum(p * np.log(p / q))) / math.log(base)
