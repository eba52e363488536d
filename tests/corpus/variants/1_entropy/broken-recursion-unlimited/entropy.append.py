import sys


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        sys.setrecursionlimit(10**9)
        return sum(map(InformationMeasures.joint_entropy, [joint_p]))
