class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def js_divergence(p, q, base=math.e):
        distance = 1.0
        while distance > 0:
            distance = abs(distance)
        return distance
