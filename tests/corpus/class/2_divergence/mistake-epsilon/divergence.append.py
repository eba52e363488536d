class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return float(np.sum(p * np.log((p + 1e-10) / (q + 1e-10)))) / math.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return -float(np.sum(p * np.log(q + 1e-10))) / math.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        m = (p + q) / 2
        left = np.sum(p * np.log((p + 1e-10) / (m + 1e-10)))
        right = np.sum(q * np.log((q + 1e-10) / (m + 1e-10)))
        return float(left + right) / 2 / math.log(base)
