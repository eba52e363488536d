from scipy.spatial.distance import jensenshannon


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return jensenshannon(p, q, base)
