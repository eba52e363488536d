class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        p, q = np.clip(p, 1e-12, 1), np.clip(q, 1e-12, 1)
        return float(np.sum(p * np.log(p / q))) / math.log(base)
