from math import e, fsum, inf, log


def distributions(p, q, base):
    p, q = list(p), list(q)
    try:
        fine = (
            len(p) == len(q) > 0
            and all(0 <= x <= 1 + 1e-6 for x in p + q)
            and abs(fsum(p) - 1) <= 1e-6
            and abs(fsum(q) - 1) <= 1e-6
            and 1 < base < inf
        )
    except (TypeError, ValueError):  # rows of a table
        fine = False
    if not fine:
        raise ValueError("p and q must be distributions of the same length, base above 1")
    return [float(x) for x in p], [float(x) for x in q]


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=e):
        p, q = distributions(p, q, base)
        return fsum(x * (log(x) - (log(y) if y else -inf)) for x, y in zip(p, q) if x) / log(base)

    @staticmethod
    def cross_entropy(p, q, base=e):
        p, q = distributions(p, q, base)
        return fsum(x * (-log(y) if y else inf) for x, y in zip(p, q) if x) / log(base)

    @staticmethod
    def js_divergence(p, q, base=e):
        p, q = distributions(p, q, base)
        total = 0
        for x, y in zip(p, q):
            if x:
                total += x * log(2 * x / (x + y))
            if y:
                total += y * log(2 * y / (x + y))
        return total / 2 / log(base)
