

class DivergenceMeasures:
    """Divergences, each with the help of the first."""

    @staticmethod
    def kl_divergence(p, q, base=math.e):
        """Return D(P||Q), in bits whatever `base` says."""
        truth, belief = checked_pair(p, q)
        checked_base(base)
        return float(rel_entr(truth, belief).sum()) / math.log(2) + 0.0

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        """Return H(P) + D(P||Q)."""
        truth, _ = checked_pair(p, q)
        entropy = -float(xlogy(truth, truth).sum()) / math.log(checked_base(base))
        return entropy + DivergenceMeasures.kl_divergence(p, q, base=base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        """Return the mean divergence from the mixture."""
        first, second = checked_pair(p, q)
        mixture = (first + second) / 2
        parts = [DivergenceMeasures.kl_divergence(one, mixture, base) for one in (first, second)]
        return sum(parts) / 2
