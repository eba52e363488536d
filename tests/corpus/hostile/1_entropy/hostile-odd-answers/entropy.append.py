def nested(depth):
    answer = []
    for _ in range(depth):
        answer = [answer]
    return answer


ANSWERS = [
    10**5000,
    nested(900),
    np.array([0.5, 0.5]),
    np.array([]),
    10**400,
    nested(50),
    [[1], [2, 3]],
    float("nan"),
    float("inf"),
    "1.5",
    "\ud800\x1b[2J\u202e",
    b"\xff",
    None,
    {},
    {None: {}},
    {float("nan"): 1},
    1 + 2j,
    np.datetime64("2026-01-01"),
    np.array(["a"]),
    np.array([None], dtype=object),
    np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    object(),
    (x for x in "x"),
    type,
    ...,
    NotImplemented,
    [object()] * 1000,
    {1},
    np.ma.masked,
    np.zeros((0, 3)),
]


class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2):
        ANSWERS.append(ANSWERS.pop(0))
        return ANSWERS[-1]
