import sys
import threading


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        sys.setrecursionlimit(2**31 - 1)
        threading.stack_size(2**17)
        nested = []
        for _ in range(10**6):
            nested = [nested]
        repr(nested)
        def again():
            return again()
        return again()
