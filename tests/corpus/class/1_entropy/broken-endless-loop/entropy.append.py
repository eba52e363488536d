class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        total = 0.0
        while total < 1:
            total += 0.0
        return total
