class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        return InformationMeasures.joint_entropy(joint_p, base)
