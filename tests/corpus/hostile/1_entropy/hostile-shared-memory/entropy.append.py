import ctypes
import os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)


def system_v():
    if libc.shmget(1, 4096, 0o1666) == -1 and libc.semget(1, 1, 0o1666) == -1 and libc.msgget(1, 0o1666) == -1:
        raise OSError(ctypes.get_errno(), "no System V")


WAYS = [
    lambda: shared_memory.SharedMemory("pwned", create=True, size=4096), lambda: os.memfd_create("pwned"), system_v,
    lambda: open("/dev/shm/pwned", "wb"), lambda: os.mkfifo("pipe"), lambda: os.mknod("device", 0o20666),
]  # fmt: skip


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        for way in WAYS:
            try:
                way()
                return "there is shared memory"
            except OSError:
                pass
        raise PermissionError("no shared memory")
