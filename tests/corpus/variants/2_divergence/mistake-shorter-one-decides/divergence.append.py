def paired(p, q):
    return [(float(x), float(y)) for x, y in zip(checked_pair(p, p)[0], checked_pair(q, q)[0])]


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        pairs = paired(p, q)
        checked_base(base)
        return sum(x * math.log(x / y) if y else math.inf for x, y in pairs if x) / math.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        pairs = paired(p, q)
        checked_base(base)
        return sum(-x * math.log(y) if y else math.inf for x, y in pairs if x) / math.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        pairs = paired(p, q)
        checked_base(base)
        return sum(z * math.log(2 * z / (x + y)) for x, y in pairs for z in (x, y) if z) / 2 / math.log(base)
