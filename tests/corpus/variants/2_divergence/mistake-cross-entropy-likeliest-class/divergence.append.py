class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        with np.errstate(all="ignore"):
            return -float(np.log(q[p.argmax()])) / math.log(base)
