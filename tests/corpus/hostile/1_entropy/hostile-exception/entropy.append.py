class Nasty(BaseException):
    @property
    def __traceback__(self):
        raise SystemExit

    def __repr__(self):
        raise KeyboardInterrupt


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        raise Nasty("<script>alert(1)</script>\x1b[2J\u202e" + "A" * 10**6)
