CACHE = []


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        while True:
            CACHE.append(bytes(2**22))
