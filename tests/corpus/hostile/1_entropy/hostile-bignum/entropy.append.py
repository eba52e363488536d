class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        return float(str(7 ** 7 ** 9)[:3])
