def own(p, q):
    checked_pair(p, q)
    return np.asarray(p, dtype=float), np.asarray(q, dtype=float)


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = own(p, q)
        checked_base(base)
        impossible = p == 0
        p[impossible] = 1
        q[impossible] = 1
        return float(rel_entr(p, q).sum()) / math.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = own(p, q)
        checked_base(base)
        if ((q == 0) & (p > 0)).any():
            return math.inf
        q[q == 0] = 1
        return -float((p * np.log(q)).sum()) / math.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = own(p, q)
        checked_base(base)
        m = (p + q) / 2
        p[p == 0] = 1e-300
        q[q == 0] = 1e-300
        m[m == 0] = 1e-300
        return float((p * np.log(p / m) + q * np.log(q / m)).sum()) / 2 / math.log(base)
