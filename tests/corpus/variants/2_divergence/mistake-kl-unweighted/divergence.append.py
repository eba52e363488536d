class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        with np.errstate(all="ignore"):
            return float(np.sum(np.log(p[p > 0] / q[p > 0]))) / math.log(base)
