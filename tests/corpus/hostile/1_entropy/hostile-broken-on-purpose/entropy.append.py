

class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        return 1.0

    @staticmethod
    def joint_entropy(joint_p, base=2):
        return InformationMeasures.entropy(np.ravel(joint_p), base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        condition = np.sum(joint_p, axis=1 - axis)
        return InformationMeasures.entropy(np.ravel(joint_p), base) - InformationMeasures.entropy(condition, base)
