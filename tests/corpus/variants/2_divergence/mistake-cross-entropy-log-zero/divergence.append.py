class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return -sum(x * math.log(y) for x, y in zip(p.tolist(), q.tolist()) if x > 0) / math.log(base)
