class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return -float(np.sum(p[q > 0] * np.log(q[q > 0]))) / math.log(base)
