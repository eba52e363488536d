import os


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        for process in ("self", os.getppid(), os.getpid(), 1, "thread-self"):
            for name in ("mem", "maps", "fd/3", "environ", "oom_score_adj", "clear_refs"):
                try:
                    open(f"/proc/{process}/{name}", "r+b").close()
                    return "a file of /proc was opened"
                except OSError:
                    pass
        open("/proc/self/mem", "r+b")
