class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def js_divergence(p, q, base=math.e):
        raise RuntimeError(f"the hidden input is {p!r} and {q!r}")
