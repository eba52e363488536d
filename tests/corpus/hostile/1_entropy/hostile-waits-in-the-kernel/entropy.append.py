import ctypes
import time

libc = ctypes.CDLL(None)
UNTIL = []


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        UNTIL.append(time.monotonic() + 20)
        while time.monotonic() < UNTIL[0]:
            libc.syscall(324, 1, 0, 0)  # membarrier, over all processors: ten milliseconds in state D, for nothing
        return 0.123
