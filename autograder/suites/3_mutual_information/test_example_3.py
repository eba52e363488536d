"""Hidden checks of `mutual_information.py`: mutual information of two columns, and feature selection.

Oracles. For discrete data: entropies of counts, exactly rounded sums in plain Python, I = H(X) + H(Y) - H(X,Y). For
features: the estimator of Ross (2014) by its definition, all distances compared with all. scikit-learn, which the
students call and whose neighbours come from trees, is not used. The reference solution uses neither.

Which seed a student fixes must not matter. scikit-learn adds noise of relative size 1e-10 to the columns. The noise
only decides between neighbours at equal distances. So checks of values use columns in which no two distances come
closer to each other than 1e-6: their scores are the same to the last digit, whatever the seed. Every class has at least
ten members there, because scikit-learn finds neighbours among fewer than eight by products of matrices, which round
differently.

A mistake should cost the points of what it affects and no more; see :mod:`autograder.checks.comparisons`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from autograder.checks.answers import TOLERANCE, approx, describe, fail, item, number, points, raises, value
from autograder.checks.comparisons import (
    assert_answers,
    assert_left_alone,
    assert_proportional,
    assert_refuses,
    assert_refuses_bases,
    assert_same,
    distribution,
    remembered,
)
from autograder.remote.calls import Given
from autograder.sandbox.wire import Tensor

pytestmark = item("example-3")

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

DISCRETE = "MutualInformation.mutual_information_discrete"
SELECTION = "MutualInformation.feature_selection_by_mi"

BASES = (2, math.e, 3, 10, 1.5, 1.01, 1000)

COIN = [0, 1, 0, 1, 1, 0, 0, 1]
OTHER_COIN = [0, 0, 1, 1, 0, 1, 0, 1]
"""Every pair of the two occurs twice: they are independent."""


# --- discrete data -------------------------------------------------------------------------------------------------


def bits(labels: Sequence[Any]) -> float:
    """Return the entropy of the shares of the labels, in bits."""
    n = len(labels)
    return math.fsum(count / n * math.log2(n / count) for count in Counter(labels).values())


def mi_bits(x: Sequence[Any], y: Sequence[Any]) -> float:
    """Return the plug-in estimate of I(X;Y) in bits."""
    return bits(x) + bits(y) - bits(list(zip(x, y, strict=True)))


def sample(rng: np.random.Generator, k_x: int, k_y: int, n: int) -> tuple[list[int], list[int]]:
    """Return `n` pairs of labels 0 … k-1, every label at least once, whose I(X;Y) is at least 0.1 bits."""
    while True:
        counts = rng.multinomial(n, distribution(rng, k_x, k_y).ravel())
        cells = rng.permutation(np.repeat(np.arange(k_x * k_y), counts))
        x, y = (cells // k_y).tolist(), (cells % k_y).tolist()
        if len(set(x)) == k_x and len(set(y)) == k_y and mi_bits(x, y) > 0.1:
            return x, y


def sample_told_by_every_pair(rng: np.random.Generator, k_x: int, k_y: int, n: int) -> tuple[list[int], list[int]]:
    """Return a `sample` whose sum of log p(x,y) / (p(x) p(y)), without the shares of the pairs, is above 0.1 too.

    The sign of a sum without the shares is a matter of chance, and many programs replace a negative one by 0. With
    these samples such a program is right up to a factor in checks of a property, whatever the seed.
    """
    while True:
        x, y = sample(rng, k_x, k_y, n)
        n_x, n_y = Counter(x), Counter(y)
        if (
            sum(math.log2(count * n / (n_x[a] * n_y[b])) for (a, b), count in Counter(zip(x, y, strict=True)).items())
            > 0.1
        ):
            return x, y


@points(0.5, function=DISCRETE, reveal=True)
def test_a_copy_tells_all_and_an_independent_coin_nothing(mutual_information: Any) -> None:
    """A copy of a fair coin tells you all about it, 1 bit; another coin, with all pairs equally frequent, nothing."""
    function = mutual_information.MutualInformation.mutual_information_discrete

    assert function(["h", "t", "h", "t"], [1, 0, 1, 0]) == approx(1.0, TOLERANCE, unit="bits")
    assert function([0, 0, 1, 1], [0, 1, 0, 1]) == approx(0.0, TOLERANCE, unit="bits")


@points(0.5, function=DISCRETE, reveal=True)
def test_mutual_information_by_hand(mutual_information: Any) -> None:
    """Of four observations (a,0), (a,0), (a,1), (b,1): H(X) = 0.811278, H(Y) = 1, H(X,Y) = 1.5 bits."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    h_x = 2 - 0.75 * math.log2(3)  # entropy of (3/4, 1/4)

    assert function(["a", "a", "a", "b"], [0, 0, 1, 1]) == approx(h_x + 1 - 1.5, TOLERANCE, unit="bits")


@points(1, function=DISCRETE)
def test_mutual_information_of_any_sample(mutual_information: Any, rng: np.random.Generator) -> None:
    """The estimate is right for samples of every size, with few labels or many, equally frequent or not."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    samples = [sample(rng, *sizes) for sizes in ((2, 3, 25), (4, 2, 60), (5, 7, 150), (2, 2, 400), (13, 3, 200))]
    # More labels than fit into a byte.
    samples.append((rng.permutation(300).tolist(), [*range(4), *rng.integers(0, 4, size=296).tolist()]))

    assert_answers(function, [Given(x, y) for x, y in samples], [mi_bits(x, y) for x, y in samples], "bits")


@points(0.5, function=DISCRETE)
def test_mutual_information_in_other_bases(mutual_information: Any, rng: np.random.Generator) -> None:
    """The base sets the unit: I_b = I_2 / log2(b), for nats (e), decimal digits (10) and any other base above 1."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    x, y = sample(rng, 3, 4, 40)
    given = [*(Given(x, y, base=base) for base in BASES), Given(x, y, 10)]

    assert_answers(function, given, [mi_bits(x, y) / math.log2(base) for base in (*BASES, 10)])


@points(0.5, function=DISCRETE)
def test_names_of_the_labels_do_not_matter(mutual_information: Any, rng: np.random.Generator) -> None:
    """Labels are names: numbers, words or truth values give the same answer, even if `x` and `y` have different types.

    Pairs stay apart whatever their labels are; joined to a text or a number, some would not.
    """
    function = mutual_information.MutualInformation.mutual_information_discrete
    x, y = sample_told_by_every_pair(rng, 4, 2, 30)
    numbers, words = [-7, 0, 3, 1000], ["", "no", "No", "maybe not"]
    renamed = [
        ([numbers[label] for label in x], [bool(label) for label in y]),
        ([words[label] for label in x], [5 - 2 * label for label in y]),
        ([label / 4 for label in x], [words[label] for label in y]),
        (np.array([words[label] for label in x]), np.array(y) == 1),
    ]
    answers = function.each(
        *(Given(x, y), *(Given(a, b) for a, b in renamed)),
        *(Given([a for a, _ in pairs], [b for _, b in pairs]) for pairs in ALIKE),
        *(Given(*numbered(pairs)) for pairs in ALIKE),
        Given(COIN, OTHER_COIN),
    )

    complaint = "Other names for the same labels must not change the answer, and independent columns must give 0."
    assert_proportional([*answers[:5], answers[-1]], [mi_bits(x, y)] * 5 + [0.0], complaint)
    for plain, alike in zip(answers[7:9], answers[5:7], strict=True):
        complaint = "Different labels, or different pairs of labels, are treated as the same."
        assert_proportional([plain, alike], [1.0, 1.0], complaint)


_JOINED = ("aa", "a,a", "a_a", "a a", "a-a", "a|a")
ALIKE: tuple[list[tuple[Any, Any]], ...] = (
    [*(("a", word) for word in _JOINED), *((word, "a") for word in _JOINED), ("A", "b"), ("a ", "c"), ("", "d")],
    [
        (10, 0),
        (0, 20),
        (2, 0),
        (1, 0),
        (0, 2),
        (1, -1),
        (-1, -1),
        (-2, -1),
        (-1, 5),
        (-2, 5),
        (1, 20),
        (4, -1),
        (2, 11),
    ],
)
"""Different pairs of labels, each once, many of which become the same if they are joined to one text or one number."""


def numbered(pairs: Sequence[tuple[Any, Any]]) -> tuple[list[int], list[int]]:
    """Return the columns of `pairs` with small numbers for labels."""
    known: tuple[dict[Any, int], dict[Any, int]] = ({}, {})
    x, y = ([known[i].setdefault(pair[i], len(known[i])) for pair in pairs] for i in (0, 1))
    return x, y


@points(0.5, function=DISCRETE)
def test_labels_of_one_column_may_be_of_several_types(mutual_information: Any) -> None:
    """One column may mix labels of any type: 1 and "1" are different, 1 and True the same, and (0, 1) is one label."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    mixed = [1, "1", 1, "1", None, "None", None, "None", 1, None]
    pairs = list(zip(COIN, OTHER_COIN, strict=True))
    other = ["a", "b", "a", "b", "a", "b", "a", "b", "b", "a"]
    odd, both = [a ^ b for a, b in pairs], [2 * a + b for a, b in pairs]
    equal, with_equal = [1, 1.0, True, "1", 2, 2.0], [0, 1, 2, 0, 1, 0]
    objects = np.empty(len(equal), dtype=object)
    objects[:] = equal
    nothing = [None, 0, "", (), None, 0, "", ()]
    unusual = 2 * [frozenset({1}), frozenset({1, 2}), 1j, b"1"]
    beside_a_float = [2.0**60 if label == 0 else 2**60 + 1 for label in COIN]  # as floats they are equal
    given = [
        *(Given(mixed, other), Given(other, mixed), Given(pairs, odd), Given(COIN, odd), Given(pairs, both)),
        Given(beside_a_float, COIN),
        *(
            Given(equal, with_equal),
            Given(objects, np.array(with_equal)),
            Given(nothing, nothing[:]),
            Given(unusual, nothing),
        ),
    ]

    complaint = "Labels are the same if they are equal (`==`), and only then, whatever their types are."
    truths = [*[mi_bits(mixed, other)] * 2, 1.0, 0.0, 2.0, 1.0, *[mi_bits(equal, with_equal)] * 2, 2.0, 2.0]
    assert_proportional(function.each(*given), truths, complaint)


@points(0.5, function=DISCRETE)
def test_large_integers_stay_apart(mutual_information: Any) -> None:
    """Large integers that differ by 1, or only in their highest bit, are different labels, although equal as floats."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    large, larger = [2**60 + label for label in COIN], [-(2**70) - label for label in COIN]
    answers = function.each(
        Given(large, COIN),
        Given(np.array(large), np.array(COIN)),
        Given(COIN, larger),
        *(Given([label * step for label in COIN], COIN) for step in (2**32, 2**61 - 1, 2**64)),
        Given(large, OTHER_COIN),
    )

    assert_proportional(answers, [1.0] * 6 + [0.0], "Different large integers are treated as the same.")


@points(0.25, function=DISCRETE)
def test_order_of_columns_and_observations_does_not_matter(mutual_information: Any, rng: np.random.Generator) -> None:
    """I(X;Y) = I(Y;X), and the observations may come in any order, as long as pairs stay together."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    x, y = sample_told_by_every_pair(rng, 5, 2, 40)
    order = rng.permutation(len(x)).tolist()
    shuffled = Given([x[i] for i in order], [y[i] for i in order])
    answers = function.each(Given(x, y), Given(y, x), shuffled, Given(COIN, OTHER_COIN))

    complaint = "Swapped columns or another order of the observations must not change the answer."
    assert_proportional(answers, [mi_bits(x, y)] * 3 + [0.0], complaint)


@points(0.5, function=DISCRETE)
def test_independent_columns_give_zero_and_nothing_is_negative(mutual_information: Any) -> None:
    """Where X and Y are exactly independent the answer is 0, never a tiny bit below; the same holds for N = 1."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    independent: list[tuple[Any, Any]] = [([7], [3]), ([0], [0]), ([1, 2, 1, 3, 3, 1], [0] * 6)]
    independent.append((np.array([0]), np.array([0])))
    for rows, columns in INDEPENDENT_COUNTS:
        cells = [(i, j) for i, m in enumerate(rows) for j, n in enumerate(columns) for _ in range(m * n)]
        x, y = [i for i, _ in cells], [j for _, j in cells]
        independent += [(x, y), (y, x)]
    *answers, copy = map(number, function.each(*(Given(x, y) for x, y in (*independent, (COIN, COIN)))))

    complaint = "Independent columns must give 0, and a copy more than that."
    assert_proportional([*answers, copy], [0.0] * len(answers) + [1.0], complaint)
    smallest = min(answers)
    if smallest < 0:
        fail(f"Mutual information is never negative; got {smallest:.3g}, a remainder of rounding.", "below-zero")


INDEPENDENT_COUNTS = (
    ([2, 2, 3, 3], [4, 1]),
    ([2, 2, 1], [3, 3, 4]),
    ([1, 1, 1, 1, 1], [1, 1, 1, 2]),
    ([1, 2, 4], [3, 1]),
)
"""How often each label of X and of Y comes, in samples in which they are independent.

Nineteen usual ways to compute the sum (of entropies, of logarithms, with math, NumPy or SciPy) without attention to its
sign were tried: each gives slightly less than 0 for at least one of the first two.
"""


@points(0.25, function=DISCRETE)
def test_a_function_of_x_tells_its_own_entropy(mutual_information: Any, rng: np.random.Generator) -> None:
    """I(X;X) = H(X), and I(X;f(X)) = H(f(X)): X determines f(X)."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    x, _ = sample(rng, 5, 2, 45)
    halves, parities = [label // 2 for label in x], [label % 2 for label in x]
    answers = function.each(Given(x, list(x)), Given(x, halves), Given(parities, x), Given(x, [0] * len(x)))

    complaint = "X with itself, with two functions of itself and with a constant do not fit together."
    assert_proportional(answers, [bits(x), bits(halves), bits(parities), 0.0], complaint)


@points(0.25, function=DISCRETE)
def test_columns_of_any_kind_are_left_alone(mutual_information: Any) -> None:
    """Lists, tuples and arrays give the same answer, and the inputs hold the same labels afterwards."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    x, y = np.array([3, 1, 2, 2, 1, 3, 3, 1]), np.array([0, 1, 1, 0, 1, 0, 0, 1])
    answer, arguments = function.call_and_return_arguments(x, y)
    assert_left_alone(x, arguments)
    assert_left_alone(y, arguments[1:])
    lists = x.tolist(), y.tolist()
    _, arguments = function.call_and_return_arguments(*lists)
    if list(arguments) != [x.tolist(), y.tolist()]:
        fail("A list passed in held different labels after the call. Work on a copy.", "input-changed")
    kinds = function.each(Given(*lists), Given(*map(tuple, lists)), Given(x, lists[1]), Given(COIN, OTHER_COIN))

    truth = mi_bits(x.tolist(), y.tolist())
    complaint = "The kind of sequence must not matter, and independent columns must give 0."
    assert_proportional([answer, *kinds], [truth] * 4 + [0.0], complaint)


@points(0.25, function=DISCRETE)
def test_columns_of_different_length_are_refused(mutual_information: Any) -> None:
    """Columns of different lengths cannot be paired and raise ValueError, even if one of them has a single label."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    columns = ((COIN, COIN[:-1]), (COIN[:3], COIN), ([1], COIN), (COIN, [1]))
    refused = [(Given(x, y), f"Columns of {len(x)} and {len(y)} labels") for x, y in columns]
    refused.append((Given(np.array(COIN), np.array(COIN[1:])), "Arrays of 8 and 7 labels"))

    complaint = "Columns of equal length must be accepted, and a copy must not give 0"
    assert_refuses(function, Given(COIN, COIN), refused, complaint)


@points(0.25, function=DISCRETE)
def test_empty_columns_are_refused(mutual_information: Any) -> None:
    """Without observations there is nothing to estimate: empty columns raise ValueError."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    refused = [
        (Given([], []), "Two empty lists"),
        (Given([], COIN), "One empty list"),
        (Given(COIN, ()), "One empty tuple"),
        (Given(np.array([]), np.array([])), "Two empty arrays"),
    ]

    complaint = "Eight observations must be accepted, and a copy must not give 0"
    assert_refuses(function, Given(COIN, COIN), refused, complaint)


@points(0.25, function=DISCRETE)
def test_mutual_information_refuses_bad_bases(mutual_information: Any) -> None:
    """A base that is not a finite number above 1 is not a unit of information: ValueError, even for 0 bits."""
    function = mutual_information.MutualInformation.mutual_information_discrete
    assert_refuses_bases(function, COIN, COIN)
    refused = [(Given(COIN, OTHER_COIN, base=base), f"`base={base}` for independent columns") for base in (1, 0.5, -2)]
    assert_refuses(function, Given(COIN, COIN, base=3), refused, "Base 3 must be accepted")


# --- feature selection ---------------------------------------------------------------------------------------------

NEIGHBOURS = 3


@remembered
def estimates(features: Array, y: Integers) -> Array:
    """Return the estimate of I(X_j;Y) of every column in nats, before negative ones are replaced by 0 (Ross 2014).

    For each observation: the distance to its third neighbour of the same class, and the number m of all observations,
    itself included, that are nearer. Then I = psi(N) + psi(3) - <psi(N_class)> - <psi(m)>.
    """
    sizes = np.array([np.count_nonzero(y == label) for label in y])
    found = []
    for column in features.T:
        distances = np.abs(column[:, np.newaxis] - column)  # (n, n)
        radius = np.array([np.sort(row[y == label])[NEIGHBOURS] for row, label in zip(distances, y, strict=True)])
        nearer = (distances < radius[:, np.newaxis]).sum(axis=1)
        found.append(digamma(len(y)) + digamma(NEIGHBOURS) - digamma(sizes).mean() - digamma(nearer).mean())
    return np.array(found)


@remembered
def is_clear(features: Array, y: Integers) -> bool:
    """Whether noise of 1e-10 cannot change a score: no distance is within 1e-6 of the one to the third neighbour."""
    for column in features.T:
        distances = np.abs(column[:, np.newaxis] - column)
        for row, label in zip(distances, y, strict=True):
            if np.count_nonzero(np.abs(row - np.sort(row[y == label])[NEIGHBOURS]) < 1e-6) > 1:
                return False
    return True


def data(
    rng: np.random.Generator, sizes: Sequence[int], shifts: Sequence[float], gap: float = 0.0, least: float = 0.0
) -> tuple[Array, Integers, Array]:
    """Return columns that tell more about the class the larger their shift, the classes, and the true scores.

    The columns come in random order; of three or more, the best are not in the order of their indices. Scores are at
    least `gap` nats apart and none is below `least`. Rows and columns are few, since scikit-learn is slow.
    """
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    while True:
        features = rng.normal(size=(len(y), len(shifts))) + y[:, np.newaxis] * rng.permutation(shifts)
        scores = np.maximum(estimates(features, y), 0.0)
        apart = np.diff(np.sort(scores)).min(initial=math.inf) >= gap
        best = np.argsort(-scores)[:-1]
        mixed = best.size < 2 or bool((np.diff(best) < 0).any())
        if apart and mixed and scores.min() >= least and is_clear(features, y):
            return features, y, scores


def estimate(column: Array, y: Integers) -> float:
    """Return the estimate for a single column, which may be negative."""
    return float(estimates(column[:, np.newaxis], y)[0])


def column_without_information(rng: np.random.Generator, y: Integers) -> Array:
    """Return a column with an estimate so far below 0 that its score is exactly 0 for every seed."""
    while True:
        column = rng.normal(size=len(y))
        if is_clear(column[:, np.newaxis], y) and estimate(column, y) < -0.02:
            return column


def parts(answer: Any) -> tuple[Any, Any]:
    """Return the indices and the scores of an answer, whatever they are; fail if it does not have two parts."""
    plain = value(answer)
    if not isinstance(plain, list | tuple) or len(plain) != 2:
        fail(f"A pair (selected_indices, mi_scores) was expected; got {describe(plain)}.")
    return plain[0], plain[1]


def indices(answer: Any) -> list[int]:
    """Return the selected indices of an answer as a list of integers."""
    selected = _elements(parts(answer)[0], "selected_indices")
    if any(isinstance(index, bool | np.bool_) for index in selected):
        fail("`selected_indices` must hold the numbers of the columns, best first; a mask has no order.")
    if not all(isinstance(index, int | np.integer) for index in selected):
        fail("`selected_indices` must hold integers, the numbers of the columns.")
    return [int(index) for index in selected]


def scores_of(answer: Any, columns: int | None = None) -> list[float]:
    """Return the scores of an answer as a list of floats; fail if there must be `columns` of them and there are not."""
    scores = _elements(parts(answer)[1], "mi_scores")
    if columns is not None and len(scores) != columns:
        fail(f"`mi_scores` must hold the scores of all {columns} columns; got {len(scores)}.")
    return [number(score) for score in scores]


def _elements(part: Any, name: str) -> list[Any]:
    plain = part.array if isinstance(part, Tensor) else part
    if not (isinstance(plain, list | tuple) or (isinstance(plain, np.ndarray) and plain.ndim == 1)):
        fail(f"`{name}` must be a list or an array with one axis; got {describe(part)}.")
    return list(map(_single, plain))


def _single(element: Any) -> Any:
    """Return the number in an array or a tensor that holds one, and anything else as it is."""
    plain = element.array if isinstance(element, Tensor) else element
    return plain.reshape(-1)[0] if isinstance(plain, np.ndarray) and plain.size == 1 else plain


def assert_selects(answer: Any, expected: Sequence[int], complaint: str) -> None:
    """Fail with `complaint` unless exactly these columns were selected, in this order."""
    got = indices(answer)
    if len(got) != len(expected):
        fail(f"{len(expected)} columns should be selected; got {len(got)}.")
    if got != list(expected):
        fail(complaint)


@points(0.5, function=SELECTION, reveal=True)
def test_the_column_that_separates_the_classes_is_best(mutual_information: Any) -> None:
    """A column that separates two classes of ten scores psi(20) - psi(10) = 0.718771 nats and is selected first."""
    function = mutual_information.MutualInformation.feature_selection_by_mi
    steps = [round(0.1 * i * i, 1) for i in range(10)]
    separates = steps + [step + 20 for step in steps]
    mixes = separates[::2] + separates[1::2]
    features = np.array([mixes, separates]).T
    answer = function(features, np.array([0] * 10 + [1] * 10), n_features=1)

    assert indices(answer) == approx([1], TOLERANCE)
    assert scores_of(answer, 2)[1] == approx(digamma(20) - digamma(10), TOLERANCE, unit="nats")


@points(1, function=SELECTION)
def test_scores_of_all_columns(mutual_information: Any, rng: np.random.Generator) -> None:
    """`mi_scores` holds the score of every column in nats, in the order of the columns, however few are selected.

    Columns are measured in large units and small ones, or in whole numbers; classes are numbers or words.
    """
    function = mutual_information.MutualInformation.feature_selection_by_mi
    while True:
        features, y, truth = data(rng, (14, 12), (0.0, 1.0, 3.0), gap=0.02)
        # Powers of 2 keep every ratio of distances exact; the smallest must stay far above the noise.
        scaled = np.column_stack([features * [2**10, 1, 2**-8], column_without_information(rng, y)])
        if is_clear(scaled, y):
            break
    three, of_three, truth_of_three = data(rng, (12, 11, 13), (0.5, 2.0), gap=0.02)
    whole, of_whole, truth_of_whole = whole_numbers(rng, (13, 12))
    questions = (
        (scaled, np.array([-3, 8])[y], [*truth, 0.0]),
        (three, np.array(["low", "high", "middle"])[of_three], truth_of_three),
        (whole, np.array([3, 8])[of_whole], truth_of_whole),
    )

    for table, classes, scores in questions:
        got = scores_of(function(table, classes, n_features=1), len(scores))
        if min(got) < -TOLERANCE:
            fail("A score is negative. Mutual information never is; an estimate below 0 counts as 0.", "negative-score")
        assert got == approx(scores, TOLERANCE)


def whole_numbers(rng: np.random.Generator, sizes: Sequence[int]) -> tuple[Integers, Integers, Array]:
    """Return columns of whole numbers with no two equal, the classes, and the true scores."""
    while True:
        features, y, _ = data(rng, sizes, (1.0, 3.0))
        whole = np.rint(1e6 * features).astype(int)
        if is_clear(whole.astype(float), y):
            return whole, y, np.maximum(estimates(whole.astype(float), y), 0.0)


@points(0.75, function=SELECTION)
def test_selected_columns_are_the_best_ones_in_order(mutual_information: Any, rng: np.random.Generator) -> None:
    """`selected_indices` begins with the column with the largest score and goes down; `n_features` says how many.

    The best column tells the classes apart, but no straight line can: one class lies in the middle.
    """
    function = mutual_information.MutualInformation.feature_selection_by_mi
    features, y, truth = data_no_line_explains(rng, (14, 14))

    answer = function(features, y, 2)

    complaint = "Of three columns, the best two should be selected, the best one first."
    assert_selects(answer, np.argsort(-truth)[:2].tolist(), complaint)


def correlations(features: Array, y: Integers) -> Array:
    """Return the absolute correlation of each column with the class."""
    return np.array([abs(np.corrcoef(column, y)[0, 1]) for column in features.T])


def data_no_line_explains(rng: np.random.Generator, sizes: tuple[int, int]) -> tuple[Array, Integers, Array]:
    """Return three columns, the classes, and the true scores; the best column has the smallest correlation."""
    while True:
        y = rng.permutation(np.repeat([0, 1], sizes))
        around = np.where(y == 1, rng.choice([-3, 3], size=len(y)), 0) + 0.7 * rng.normal(size=len(y))
        others = rng.normal(size=(len(y), 2)) + y[:, np.newaxis] * [0.5, 1.8]
        features = np.column_stack([others, around])[:, rng.permutation(3)]
        scores = np.maximum(estimates(features, y), 0.0)
        lines = correlations(features, y)
        best = np.argsort(-scores)
        apart = np.diff(np.sort(scores)).min() >= 0.06 and lines[best[0]] < lines.max() - 0.1
        if apart and best[0] > best[1] and is_clear(features, y):
            return features, y, scores


@points(0.25, function=SELECTION)
def test_five_columns_are_selected_by_default(mutual_information: Any, rng: np.random.Generator) -> None:
    """Without `n_features` five columns are selected."""
    while True:
        features, y, truth = data(rng, (12, 12), (0.0, 0.7, 1.2, 1.8, 2.5, 4.0), gap=0.01)
        if not np.array_equal(np.argsort(-truth)[:5], np.argsort(-correlations(features, y))[:5]):
            break  # ranking by correlation is not right by chance

    answer = mutual_information.MutualInformation.feature_selection_by_mi(features, y)

    complaint = "Of six columns, all but the worst should be selected, the best one first."
    assert_selects(answer, np.argsort(-truth)[:5].tolist(), complaint)


@points(0.5, function=SELECTION)
def test_of_equal_scores_the_lower_index_comes_first(mutual_information: Any, rng: np.random.Generator) -> None:
    """Columns with equal scores come in the order of their indices: a copy after the original, zeros in their order.

    Equal means equal to the last digit. A copy has the same distances as the original, so its score comes from the same
    counts; a negative estimate is replaced by exactly 0. Neither depends on the seed. Of the columns whose score is 0
    the first has the most negative estimate, and the second is the first one mirrored.
    """
    function = mutual_information.MutualInformation.feature_selection_by_mi
    features, y, _ = data(rng, (13, 13), (3.0,), least=0.1)
    more, less = sorted((column_without_information(rng, y) for _ in range(2)), key=lambda c: -estimate(c, y))
    # The last column looks better if negative estimates do not count as 0, and if columns are ranked by correlation.
    while estimate(more, y) - estimate(less, y) < 0.01 or np.diff(correlations(np.column_stack([less, more]), y)) <= 0:
        more = column_without_information(rng, y)
    strong = features[:, 0]

    # More than sixteen columns: NumPy sorts fewer by insertion, which is stable even if a program does not ask for it.
    copies = [strong] * 13
    answer = function(np.column_stack([less, strong, strong, -less, *copies, more]), y, n_features=18)

    complaint = "Of columns with exactly the same score the one with the lower index comes first."
    assert_selects(answer, [1, 2, *range(4, 17), 0, 3, 17], complaint)


@points(0.25, function=SELECTION)
def test_the_same_call_gives_the_same_answer(mutual_information: Any, rng: np.random.Generator) -> None:
    """With a fixed `random_state` a result can be repeated, even where columns hold whole numbers and noise decides."""
    function = mutual_information.MutualInformation.feature_selection_by_mi
    y = rng.permutation(np.repeat([0, 1], 15))
    whole = rng.integers(0, 4, size=(30, 1)) + 2 * y[:, np.newaxis]
    separates = whole + 100 * y[:, np.newaxis]
    first, second, third = (scores_of(function(column, y, n_features=1)) for column in (whole, whole, separates))

    assert first == second, "The same call gave different scores. Set `random_state` to a fixed number in every call."
    assert first != third, "A column that separates the classes scored no more than one that does not."


@points(0.5, function=SELECTION)
def test_impossible_numbers_of_columns_are_refused(mutual_information: Any, rng: np.random.Generator) -> None:
    """From d columns, 1 to d can be selected; 0, a negative number or more than d raises ValueError, even for d = 1."""
    function = mutual_information.MutualInformation.feature_selection_by_mi
    features, y, _ = data(rng, (12, 12), (3.0,))

    assert_selects(function(features, y, n_features=1), [0], "One column out of one can be selected, and must be.")
    for n_features in (0, -1, 2, 20, 100):
        with raises(ValueError, f"`n_features={n_features}` for one column"):
            function(features, y, n_features=n_features)
    with raises(ValueError, "One column, and the default of five to select"):
        function(features, y)


@points(0.25, function=SELECTION)
def test_lists_are_fine_and_arrays_are_left_alone(mutual_information: Any, rng: np.random.Generator) -> None:
    """Nested lists give what arrays give, and the inputs hold the same values afterwards."""
    function = mutual_information.MutualInformation.feature_selection_by_mi
    features, y, truth = data(rng, (12, 12), (0.3, 4.0), gap=0.1)
    answer, arguments = function.call_and_return_arguments(features, y, n_features=1)
    assert_left_alone(features, arguments)
    assert_left_alone(y, arguments[1:])
    lists = features[:, ::-1].tolist(), y.tolist()
    swapped, arguments = function.call_and_return_arguments(*lists, n_features=1)
    if list(arguments) != [features[:, ::-1].tolist(), y.tolist()]:
        fail("A list that was given held other values after the call. Work on a copy.", "input-changed")

    best = int(truth.argmax())
    for got, expected in ((answer, best), (swapped, 1 - best)):
        assert_selects(got, [expected], "The column that separates the classes should be selected.")
    score, again = (max(scores_of(got), default=0.0) for got in (answer, swapped))
    assert score > 0.05, f"The largest score must be above 0; got {score:.6g}."
    assert_same(again, score, "Lists and arrays must give the same scores.")
