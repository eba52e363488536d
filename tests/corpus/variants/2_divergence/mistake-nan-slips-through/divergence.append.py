def tested(p, q, base):
    p, q = np.array(p, dtype=float), np.array(q, dtype=float)
    if p.ndim != 1 or p.shape != q.shape or p.size == 0:
        raise ValueError("shapes")
    for d in (p, q):
        if (d < 0).any() or (d > 1.1).any() or abs(d.sum() - 1) > 1e-6:
            raise ValueError("no distribution")
    if base <= 1:
        raise ValueError("base")
    return p, q


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = tested(p, q, base)
        return float(rel_entr(p, q).sum()) / np.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = tested(p, q, base)
        return -float(xlogy(p, q).sum()) / np.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = tested(p, q, base)
        m = (p + q) / 2
        return float((rel_entr(p, m) + rel_entr(q, m)).sum()) / 2 / np.log(base)
