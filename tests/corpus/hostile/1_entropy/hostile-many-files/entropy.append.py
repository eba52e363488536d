class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        number = 0
        while True:
            open(str(number), 'w').close()
            number += 1
