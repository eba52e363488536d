def scaled(p):
    p = np.array(p, dtype=float)
    if p.size == 0 or not np.isfinite(p).all() or (p < 0).any() or p.sum() == 0:
        raise ValueError("no distribution")
    return p / p.sum()


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = scaled(p), scaled(q)
        p, q = checked_pair(p, q)
        checked_base(base)
        return float(rel_entr(p, q).sum()) / math.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = scaled(p), scaled(q)
        p, q = checked_pair(p, q)
        checked_base(base)
        return -float(xlogy(p, q).sum()) / math.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = scaled(p), scaled(q)
        p, q = checked_pair(p, q)
        checked_base(base)
        m = (p + q) / 2
        return float((rel_entr(p, m) + rel_entr(q, m)).sum()) / 2 / math.log(base)
