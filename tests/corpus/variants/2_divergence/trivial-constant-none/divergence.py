class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=2.718281828459045):
        pass

    @staticmethod
    def cross_entropy(p, q, base=2.718281828459045):
        pass

    @staticmethod
    def js_divergence(p, q, base=2.718281828459045):
        pass
