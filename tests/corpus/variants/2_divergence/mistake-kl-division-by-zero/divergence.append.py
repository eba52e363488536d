class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        total = 0.0
        for x, y in zip(p.tolist(), q.tolist()):
            if x > 0:
                total += x * math.log(x / y)
        return total / math.log(base)
