class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        table = np.ones(50 * 2**30 // 8)
        return float(table.sum())
