class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        while True:
            print(joint_p, "x" * 10_000)
