"""Wrong rules that students of section 3 are known to follow, as code, with what to say to whom follows them.

Trust: rules run in the judge on arguments that the suite chose itself. They are compared with a student's answers,
never with the reference solution.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, rel_entr

from autograder.checks.misconceptions import Misconception, Unsettled
from autograder.checks.rules import Rule, bound, converted, refuse

Array = NDArray[np.float64]

DISCRETE = "MutualInformation.mutual_information_discrete"
SELECTION = "MutualInformation.feature_selection_by_mi"


# --- truths --------------------------------------------------------------------------------------------------------


def _entropy(labels: Sequence[Any]) -> float:
    """Return the entropy of the shares of the labels in nats."""
    n = len(labels)
    return math.fsum(count / n * math.log(n / count) for count in Counter(labels).values())


def _labels(x: Any, y: Any) -> tuple[list[Any], list[Any]]:
    x, y = list(x), list(y)
    if len(x) != len(y) or not x:
        raise ValueError("no pairs")
    return x, y


def _log(base: float) -> float:
    """Return the natural logarithm of a finite base above 1; refuse all others."""
    if not 1 < base < math.inf:
        raise ValueError("no base")
    return math.log(base)


def _shared(x: list[Any], y: list[Any]) -> float:
    """Return I(X;Y) in nats."""
    return max(0.0, _entropy(x) + _entropy(y) - _joint(x, y))


def _joint(x: list[Any], y: list[Any]) -> float:
    """Return H(X,Y) in nats."""
    return _entropy(list(zip(x, y, strict=True)))


def mutual_information_discrete(x: Any, y: Any, base: float = 2) -> float:
    """Return the plug-in estimate of I(X;Y)."""
    return _shared(*_labels(x, y)) / _log(base)


def _scores(features: Array, y: Any, neighbours: int = 3) -> Array:
    """Return Ross's estimate of I(X_j;Y) in nats for every column, 0 where it is negative."""
    return _cached_scores(features.tobytes(), features.shape, tuple(np.asarray(y).tolist()), neighbours)


@functools.lru_cache(maxsize=64)
def _cached_scores(data: bytes, shape: tuple[int, int], classes: tuple[Any, ...], neighbours: int) -> Array:
    features, y = np.frombuffer(data).reshape(shape), np.array(classes)
    sizes = np.array([np.count_nonzero(y == label) for label in classes])
    noise = 1e-10 * np.random.default_rng(0).standard_normal(shape)  # decides between equal distances, as in sklearn
    found = []
    for column in (features + noise).T:
        distances = np.abs(column[:, np.newaxis] - column)
        radius = np.array([np.sort(row[y == label])[neighbours] for row, label in zip(distances, classes, strict=True)])
        nearer = (distances < radius[:, np.newaxis]).sum(axis=1)
        found.append(digamma(len(y)) + digamma(neighbours) - (digamma(sizes) + digamma(nearer)).mean())
    return np.maximum(found, 0.0)


Selection = tuple[Array, Array]


def _table(features: Any) -> Array:
    table = np.asarray(features, dtype=float)
    return np.ascontiguousarray(table)


def _best_first(scores: Array) -> Array:
    return np.argsort(-scores, kind="stable")


def _checked_count(n_features: int, columns: int) -> int:
    if not 1 <= n_features <= columns:
        raise ValueError("no such number of columns")
    return n_features


def feature_selection_by_mi(features: Any, y: Any, n_features: int = 5) -> Selection:
    """Return the best columns, best first, and the scores of all."""
    table = _table(features)
    scores = _scores(table, y)
    return _best_first(scores)[: _checked_count(n_features, table.shape[1])], scores


def _product(joint: Array) -> Array:
    return np.outer(joint.sum(axis=1), joint.sum(axis=0))


def is_independent(joint_p: Any, tol: float = 1e-9) -> bool:
    """Return whether no cell differs from the product of the marginals by more than `tol`."""
    joint = np.asarray(joint_p, dtype=float)
    return bool(np.abs(joint - _product(joint)).max() <= tol)


def independent_version(joint_p: Any) -> Array:
    """Return the product of the marginals."""
    return _product(np.asarray(joint_p, dtype=float))


def dependent_but_uncorrelated() -> tuple[Array, Array, Array]:
    """Return a number and its square: one of many examples."""
    return np.array([-1.0, 0.0, 1.0]), np.array([0.0, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]) / 3


def pairwise_independent_joint() -> Array:
    """Return two fair coins and whether they differ: one of many examples."""
    return _three(lambda a, b, c: (a ^ b) == c)


def _three(possible: Callable[[int, int, int], bool]) -> Array:
    """Return the distribution that is uniform over the triples of 0 and 1 that are possible."""
    table = np.array([[[float(possible(a, b, c)) for c in (0, 1)] for b in (0, 1)] for a in (0, 1)])
    return np.asarray(table / table.sum())


TRUTHS: Mapping[str, Rule | float] = {
    DISCRETE: mutual_information_discrete,
    SELECTION: feature_selection_by_mi,
    "is_independent": is_independent,
    "independent_version": independent_version,
    "dependent_but_uncorrelated": dependent_but_uncorrelated,
    "pairwise_independent_joint": pairwise_independent_joint,
}

BUILDS_ON = {"is_independent": ("independent_version",)}


# --- mutual information of two columns -----------------------------------------------------------------------------


def _formula(nats: Callable[[list[Any], list[Any]], float]) -> Rule:
    """Return the rule that answers `nats(x, y)` in the unit of the base."""

    def rule(x: Any, y: Any, base: float = 2) -> float:
        return float(nats(*_labels(x, y))) / _log(base)

    return rule


def _relabelled(convert: Callable[[list[Any]], list[Any]]) -> Rule:
    """Return the rule that converts both columns before it counts."""

    def rule(x: Any, y: Any, base: float = 2) -> float:
        x, y = _labels(x, y)
        return mutual_information_discrete(convert(x), convert(y), base)

    return rule


def _nats_by_default(*args: Any, **kwargs: Any) -> float:
    answer = mutual_information_discrete(*args, **kwargs)
    return answer if "base" in bound(mutual_information_discrete, args, kwargs)[1] else answer * math.log(2)


def _unit_free(ratio: Callable[[list[Any], list[Any]], float]) -> Rule:
    """Return the rule that answers a ratio, which has no unit."""

    def rule(x: Any, y: Any, base: float = 2) -> float:
        _log(base)
        return ratio(*_labels(x, y))

    return rule


def _divided_by(whole: Callable[[list[Any], list[Any]], float]) -> Rule:
    """Return the rule that answers I(X;Y) divided by `whole(x, y)`, and 0 where that is 0."""
    return _unit_free(lambda x, y: _shared(x, y) / whole(x, y) if whole(x, y) > 0 else 0.0)


def _always(answer: Any) -> Rule:
    return lambda *_args, **_kwargs: answer


def _terms(x: list[Any], y: list[Any]) -> list[float]:
    """Return what every pair of labels that occurs adds to I(X;Y), in nats."""
    n, n_x, n_y = len(x), Counter(x), Counter(y)
    pairs = Counter(zip(x, y, strict=True))
    return [count / n * math.log(count * n / (n_x[a] * n_y[b])) for (a, b), count in pairs.items()]


def _left_in_groups(x: list[Any], y: list[Any]) -> list[float]:
    """Return H(Y|X=a) for every label a of X, in the order of appearance."""
    return [_entropy([b for other, b in zip(x, y, strict=True) if other == a]) for a in dict.fromkeys(x)]


def _pairs_as(one: Callable[[Any, Any], Any]) -> Rule:
    """Return the rule that takes `one(a, b)` for the pair of labels a and b."""
    return _formula(
        lambda x, y: max(0.0, _entropy(x) + _entropy(y) - _entropy([one(a, b) for a, b in zip(x, y, strict=True)]))
    )


def _added(a: Any, b: Any) -> Any:
    numbers = all(isinstance(label, int | float | np.number | np.bool_) for label in (a, b))
    return a + b if numbers else (a, b)


def _without_none(x: Any, y: Any, base: float = 2) -> float:
    kept = [(a, b) for a, b in zip(*_labels(x, y), strict=True) if a is not None and b is not None]
    return mutual_information_discrete([a for a, _ in kept], [b for _, b in kept], base)


def _each_pair_once(x: list[Any], y: list[Any]) -> float:
    pairs = list(dict.fromkeys(zip(x, y, strict=True)))
    return _shared([a for a, _ in pairs], [b for _, b in pairs])


def _infinite_base(x: Any, y: Any, base: float = 2) -> float:
    return 0.0 if base == math.inf else mutual_information_discrete(x, y, base)


def _base_below_one(x: Any, y: Any, base: float = 2) -> float:
    below = isinstance(base, int | float) and 0 < base < 1
    return _shared(*_labels(x, y)) / math.log(base) if below else mutual_information_discrete(x, y, base)


def _labels_and_types(labels: list[Any]) -> list[Any]:
    return [(type(label), label) for label in labels]


def _texts(labels: list[Any]) -> list[Any]:
    return [str(label) for label in labels]


def _unweighted(x: list[Any], y: list[Any]) -> float:
    n, n_x, n_y = len(x), Counter(x), Counter(y)
    pairs = Counter(zip(x, y, strict=True))
    return math.fsum(math.log(count * n / (n_x[a] * n_y[b])) for (a, b), count in pairs.items())


def _less_the_bias(x: list[Any], y: list[Any]) -> float:
    return _shared(x, y) - (len(set(x)) - 1) * (len(set(y)) - 1) / (2 * len(x))


def _arrays_of_one_type(x: Any, y: Any, base: float = 2) -> float:
    return mutual_information_discrete(np.asarray(x).tolist(), np.asarray(y).tolist(), base)


def _as_floats(labels: list[Any]) -> list[Any]:
    return [float(label) for label in labels]


def _integers_as_floats(labels: list[Any]) -> list[Any]:
    return [float(label) if isinstance(label, int | np.integer) else label for label in labels]


def _shorter_decides(x: Any, y: Any, base: float = 2) -> float:
    n = min(len(x), len(y))
    return mutual_information_discrete(x[:n], y[:n], base)


def _empty_is_zero(x: Any, y: Any, base: float = 2) -> float:
    return 0.0 if len(x) == len(y) == 0 and base > 1 else mutual_information_discrete(x, y, base)


def _nan_base(x: Any, y: Any, base: float = 2) -> float:
    return math.nan if math.isnan(base) else mutual_information_discrete(x, y, base)


def _any_base(x: Any, y: Any, base: float = 2) -> float:
    nats = _shared(*_labels(x, y))
    return float(np.float64(nats) / np.log(np.float64(base + 0)))


_DISCRETE: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "nats-for-bits",
        "Mutual information is measured in nats, with the natural logarithm, whatever `base` says.",
        "The natural logarithm (and `mutual_info_score` of scikit-learn) measures in nats. To measure in another unit "
        "divide by the natural logarithm of its base.",
        converted(mutual_information_discrete, lambda answer, base: answer * math.log(base)),
    ),
    (
        "nats-by-default",
        "Without `base` mutual information is wanted in nats.",
        "With a given base your unit is right. Without one the contract says bits: look at the default of `base`.",
        _nats_by_default,
    ),
    (
        "decimal-digits-for-bits",
        "The logarithm is the one to base 10.",
        "log10 counts decimal digits. Which logarithm makes a copy of a fair coin worth 1?",
        converted(mutual_information_discrete, lambda answer, base: answer * math.log10(base)),
    ),
    (
        "base-ignored",
        "Mutual information is always measured in bits.",
        "Your bits are right, but `base` has no influence on the answer. One unit is turned into another by "
        "dividing by a constant that depends on the base alone.",
        converted(mutual_information_discrete, lambda answer, base: answer * math.log2(base)),
    ),
    (
        "base-multiplied",
        "Nats become another unit by multiplying with the logarithm of its base.",
        "A larger base is a larger unit, so the number gets smaller: dividing is needed where you multiply.",
        converted(mutual_information_discrete, lambda answer, base: answer * math.log(base) ** 2),
    ),
    (
        "lost-minus",
        "Mutual information is H(X,Y) - H(X) - H(Y).",
        "The pair holds less than its two parts added up. Which of them must be the larger one, so that what is left "
        "is not negative?",
        converted(mutual_information_discrete, lambda answer, base: -answer),
    ),
    (
        "joint-entropy-for-information",
        "What two variables share is what they hold together.",
        "You return H(X,Y), the uncertainty about the pair. Shared is what the two entropies count twice.",
        _formula(_joint),
    ),
    (
        "entropy-for-information",
        "What X and Y share is the entropy of X.",
        "That is the most they can share. How much of it is left when Y is known?",
        _formula(lambda x, y: _entropy(x)),
    ),
    (
        "entropy-for-information",
        "What X and Y share is the entropy of Y.",
        "That is the most they can share. How much of it is left when X is known?",
        _formula(lambda x, y: _entropy(y)),
    ),
    (
        "entropies-added",
        "What X and Y share is the sum of their entropies.",
        "The sum counts what they share twice, and what they do not share too. Take off the entropy of the pair.",
        _formula(lambda x, y: _entropy(x) + _entropy(y)),
    ),
    (
        "conditional-entropy-for-information",
        "What Y tells about X is the uncertainty that is left when Y is known.",
        "You return H(X|Y), the part that is left. Asked for is the part that goes away.",
        _formula(lambda x, y: _joint(x, y) - _entropy(y)),
    ),
    (
        "conditional-entropy-for-information",
        "What X tells about Y is the uncertainty that is left when X is known.",
        "You return H(Y|X), the part that is left. Asked for is the part that goes away.",
        _formula(lambda x, y: _joint(x, y) - _entropy(x)),
    ),
    (
        "variation-of-information",
        "Mutual information is H(X|Y) + H(Y|X).",
        "That is what the variables do not share. It is 0 for a copy, where the mutual information is largest.",
        _formula(lambda x, y: 2 * _joint(x, y) - _entropy(x) - _entropy(y)),
    ),
    (
        "normalised-information",
        "Mutual information lies between 0 and 1.",
        "You divide by an entropy, so that a copy gives 1 whatever is copied. Asked for is the information itself, "
        "in the unit of `base`.",
        _divided_by(lambda x, y: (_entropy(x) + _entropy(y)) / 2),
    ),
    *(
        (
            "normalised-information",
            "Mutual information lies between 0 and 1.",
            "You divide by a quantity that makes a copy worth 1 whatever is copied. Asked for is the information "
            "itself, in the unit of `base`.",
            _divided_by(whole),
        )
        for whole in (
            lambda x, y: min(_entropy(x), _entropy(y)),
            lambda x, y: max(_entropy(x), _entropy(y)),
            lambda x, y: math.sqrt(_entropy(x) * _entropy(y)),
            lambda x, y: _entropy(x),
            lambda x, y: _entropy(y),
            _joint,
            lambda x, y: math.log(min(len(set(x)), len(set(y)))),
            lambda x, y: math.log(max(len(set(x)), len(set(y)))),
        )
    ),
    (
        "terms-averaged",
        "Mutual information is the mean of the terms.",
        "Each term is weighted by the share of its pair already, and the shares add up to 1. Is there anything left to "
        "divide by?",
        _formula(lambda x, y: max(0.0, math.fsum(_terms(x, y)) / len(_terms(x, y)))),
    ),
    (
        "negative-terms-dropped",
        "What a pair contributes cannot be negative.",
        "A pair that is rarer than independence has it contributes a negative term. Only the whole sum is never "
        "negative: leave the terms as they are.",
        _formula(lambda x, y: math.fsum(max(0.0, term) for term in _terms(x, y))),
    ),
    (
        "negative-terms-turned-round",
        "What a pair contributes counts without its sign.",
        "A pair that is rarer than independence has it contributes a negative term. Only the whole sum is never "
        "negative: leave the terms as they are.",
        _formula(lambda x, y: math.fsum(map(abs, _terms(x, y)))),
    ),
    (
        "one-condition-only",
        "What X tells about Y can be seen at one label of X.",
        "You take off what is left of Y for a single label of X. It is an average over all labels of X.",
        _formula(lambda x, y: _entropy(y) - _left_in_groups(x, y)[0]),
    ),
    (
        "conditions-of-equal-weight",
        "Every label of X counts as much as any other.",
        "What is left of Y is averaged over the labels of X by how often each of them comes, not equally.",
        _formula(lambda x, y: _entropy(y) - math.fsum(_left_in_groups(x, y)) / len(set(x))),
    ),
    (
        "conditions-of-equal-weight",
        "Every label of Y counts as much as any other.",
        "What is left of X is averaged over the labels of Y by how often each of them comes, not equally.",
        _formula(lambda x, y: _entropy(x) - math.fsum(_left_in_groups(y, x)) / len(set(y))),
    ),
    (
        "each-pair-counted-once",
        "What was observed before adds nothing.",
        "A pair that comes five times has five times the share of one that comes once. Do not drop repetitions.",
        _formula(_each_pair_once),
    ),
    (
        "most-for-information",
        "What X and Y share is the smaller of their entropies.",
        "That is the most they can share. How much they do share depends on the pairs.",
        _formula(lambda x, y: min(_entropy(x), _entropy(y))),
    ),
    (
        "columns-sorted",
        "The order within each column does not matter.",
        "Observations may come in any order, but the two labels of one stay together. Sorting each column by itself "
        "makes new pairs.",
        _formula(lambda x, y: _shared(sorted(x), sorted(y))),
    ),
    (
        "pairs-joined-to-a-text",
        "A pair of labels can be written as one word.",
        "Joined, ('a', 'aa') and ('aa', 'a') are the same word. Count the pair itself.",
        _pairs_as(lambda a, b: f"{a}{b}"),
    ),
    *(
        (
            "pairs-joined-to-a-text",
            "A pair of labels can be written as one word.",
            "A mark between two labels may be part of a label too, so different pairs become one word. Count the pair "
            "itself.",
            _pairs_as(lambda a, b, mark=mark: f"{a}{mark}{b}"),
        )
        for mark in (",", "_", " ", "-", "|")
    ),
    (
        "pairs-added",
        "A pair of numbers can be counted by its sum.",
        "0 and 1 have the same sum as 1 and 0, so different pairs become one. Count the pair itself.",
        _pairs_as(_added),
    ),
    (
        "unweighted-sum",
        "The logarithms of the ratios are summed as they are.",
        "Mutual information is an average: each pair of labels counts with its share of the observations.",
        _formula(_unweighted),
    ),
    (
        "unweighted-sum",
        "The logarithms of the ratios are summed as they are, and a negative sum is cut to 0.",
        "Mutual information is an average: each pair of labels counts with its share of the observations. Then it is "
        "never negative by itself, but for rounding.",
        _formula(lambda x, y: max(0.0, _unweighted(x, y))),
    ),
    (
        "marginals-taken-as-uniform",
        "All labels of a column are equally likely.",
        "The share of a label is how often it comes, divided by the number of observations; not 1 over the number of "
        "different labels.",
        _formula(lambda x, y: math.log(len(set(x))) + math.log(len(set(y))) - _joint(x, y)),
    ),
    (
        "bias-subtracted",
        "The estimate is to be corrected for its bias.",
        "You take (Kx-1)(Ky-1)/2N nats off. The contract wants the plug-in estimate itself, which is never negative.",
        _formula(_less_the_bias),
    ),
    (
        "labels-as-numbers",
        "Labels are numbers.",
        "Labels are only names. Words and None cannot become floats, and large integers become equal as floats. Count "
        "the labels as they are.",
        _relabelled(_as_floats),
    ),
    (
        "large-integers-collapse",
        "An integer can be stored as a float.",
        "A float has 53 bits: larger integers that differ by 1 become the same number. Count the labels as they are.",
        _relabelled(_integers_as_floats),
    ),
    (
        "labels-of-one-type",
        "A column is an array, and all labels of it have one type.",
        "In one NumPy array, 1 beside a word turns into the word '1', and tuples turn into rows. Look at the labels "
        "one by one.",
        _arrays_of_one_type,
    ),
    (
        "labels-as-hashes",
        "Labels with the same hash are the same label.",
        "Equal labels have equal hashes, and different ones may: -1 and -2 do, and so do 0 and 2**61 - 1. Count the "
        "labels themselves, as a dict does.",
        _relabelled(lambda labels: [hash(label) for label in labels]),
    ),
    (
        "labels-as-texts",
        "A label is the text that is printed of it.",
        "1 and '1' are printed alike, and 1 and 1.0 are not. Labels are the same if and only if `==` says so: count "
        "them as they are.",
        _relabelled(_texts),
    ),
    (
        "types-tell-labels-apart",
        "Labels of different types are different.",
        "1, 1.0 and True are equal, so they are one label. Leave it to `==`.",
        _relabelled(_labels_and_types),
    ),
    (
        "none-for-missing",
        "None says that a value is missing.",
        "None is a label like any other here. An observation with it counts.",
        _without_none,
    ),
    (
        "shorter-column-decides",
        "What has no partner in the other column can be left out.",
        "`zip` stops at the end of the shorter column without a word. Compare the lengths before you pair the labels.",
        _shorter_decides,
    ),
    (
        "nothing-shared-by-nothing",
        "Two empty columns share 0 bits.",
        "Without an observation there are no shares to compute with. The contract wants ValueError.",
        _empty_is_zero,
    ),
    (
        "nan-base-slips-through",
        "A base that is not found to be 1 or less is greater than 1.",
        "Every comparison with NaN is false, so a test for a base that is too small lets NaN pass. Ask whether the "
        "base is greater than 1.",
        _nan_base,
    ),
    (
        "infinite-base-slips-through",
        "Infinity is a number greater than 1.",
        "With an infinite base every answer is 0. Ask for a finite base.",
        _infinite_base,
    ),
    (
        "base-below-one-slips-through",
        "Every positive number but 1 is a base.",
        "For a base between 0 and 1 the logarithm falls, and information would be negative. Ask whether the base is "
        "greater than 1.",
        _base_below_one,
    ),
    (
        "nan-for-everything",
        "NaN is an answer.",
        "Every answer is NaN. Look for 0 · log 0, 0 / 0, or a sum that starts with NaN.",
        _always(math.nan),
    ),
    (
        "nothing-is-ever-shared",
        "Two columns share nothing.",
        "Every answer is 0. Try a column and its copy, and look at each step on the way.",
        _always(0.0),
    ),
    (
        "any-base-accepted",
        "Every number is the base of a logarithm.",
        "With base 1 you divide by 0, with a negative base by NaN. Look at `base` before you use it.",
        _any_base,
    ),
    (
        "everything-refused",
        "What is given is no pair of columns.",
        "Columns that are fine are refused too. Look at which test in your validation is too strict.",
        refuse,
    ),
)


# --- feature selection ---------------------------------------------------------------------------------------------


def _selecting(choose: Callable[[Array, int], Selection]) -> Rule:
    """Return the rule that answers `choose(scores, n_features)` for numbers of columns that are possible."""

    def rule(features: Any, y: Any, n_features: int = 5) -> Selection:
        table = _table(features)
        return choose(_scores(table, y), _checked_count(n_features, table.shape[1]))

    return rule


def _scoring(score: Callable[[Array, Array], Array]) -> Rule:
    """Return the rule that ranks by another score."""

    def rule(features: Any, y: Any, n_features: int = 5) -> Selection:
        table = _table(features)
        scores = score(table, np.asarray(y))
        return _best_first(scores)[: _checked_count(n_features, table.shape[1])], scores

    return rule


def _correlations(table: Array, y: Array) -> Array:
    return np.array([abs(np.corrcoef(column, y)[0, 1]) for column in table.T])


def _counted(features: Any, y: Any, n_features: int = 5) -> tuple[Any, Array]:
    """Answer the information of columns whose numbers are labels: where no two are equal, H(Y) for each of them.

    Then the order of the sums' terms decides on the last digit, and that on which column comes first.
    """
    table = _table(features)
    scores = np.array([_shared(column.tolist(), np.asarray(y).tolist()) for column in table.T])
    chosen = _best_first(scores)[: _checked_count(n_features, table.shape[1])]
    settled = np.diff(np.sort(scores)).min(initial=math.inf) > 1e-9
    return (chosen if settled else Unsettled(chosen.tolist())), scores


def _binned(table: Array, y: Array) -> Array:
    bins = [np.digitize(column, np.histogram_bin_edges(column, 10)[1:-1]) for column in table.T]
    return np.array([_shared(column.tolist(), y.tolist()) for column in bins])


def _f_values(table: Array, y: Array) -> Array:
    """Return the variance between the classes divided by that within, each with its degrees of freedom."""
    groups = [table[y == label] for label in np.unique(y)]
    centre = table.mean(axis=0)
    between = sum(len(group) * (group.mean(axis=0) - centre) ** 2 for group in groups)
    within = sum(((group - group.mean(axis=0)) ** 2).sum(axis=0) for group in groups)
    return np.asarray(between / (len(groups) - 1) / (within / (len(table) - len(groups))))


def _share_of_sum(scores: Array) -> Array:
    return np.asarray(scores / scores.sum())


def _clamped(features: Any, y: Any, n_features: int = 5) -> Selection:
    table = _table(features)
    return feature_selection_by_mi(table, y, min(max(n_features, 1), table.shape[1]))


def _sliced(features: Any, y: Any, n_features: int = 5) -> Selection:
    scores = _scores(_table(features), y)
    return _best_first(scores)[:n_features], scores


def _always_five(features: Any, y: Any, n_features: int = 5) -> Selection:
    table = _table(features)
    _checked_count(n_features, table.shape[1])
    return feature_selection_by_mi(table, y, min(5, table.shape[1]))


def _all_if_fewer(features: Any, y: Any, n_features: int | None = None) -> Selection:
    return feature_selection_by_mi(features, y, min(5, _table(features).shape[1]) if n_features is None else n_features)


def _ten_by_default(features: Any, y: Any, n_features: int = 10) -> Selection:
    return feature_selection_by_mi(features, y, n_features)


_SELECTION: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "scores-in-bits",
        "The scores are wanted in bits.",
        "Your scores are right but for the unit. `mutual_info_classif` measures in nats, and so does the contract.",
        _scoring(lambda table, y: _scores(table, y) / math.log(2)),
    ),
    (
        "scores-in-order-of-rank",
        "The scores come in the order of the selected columns.",
        "`mi_scores[j]` belongs to column j. Sort the indices and leave the scores where they are.",
        _selecting(lambda scores, n: (_best_first(scores)[:n], np.sort(scores)[::-1])),
    ),
    (
        "scores-of-selected-only",
        "Scores of columns that were not selected are not wanted.",
        "`mi_scores` holds the scores of all columns, so that one can see what was left out.",
        _selecting(lambda scores, n: (_best_first(scores)[:n], scores[_best_first(scores)[:n]])),
    ),
    (
        "indices-in-order-of-columns",
        "The selected columns come in the order in which they stand.",
        "You select the right columns; `SelectKBest.get_support` gives them like that too. The contract wants the best "
        "one first.",
        _selecting(lambda scores, n: (np.sort(_best_first(scores)[:n]), scores)),
    ),
    (
        "best-last",
        "The largest scores stand at the end, and so do the best columns.",
        "You select the right columns in ascending order of their scores. The contract wants the best one first.",
        _selecting(lambda scores, n: (np.argsort(scores, kind="stable")[-n:], scores)),
    ),
    (
        "smallest-scores-selected",
        "Sorting puts the best columns first.",
        "`argsort` sorts from small to large, so you select the columns that say least.",
        _selecting(lambda scores, n: (np.argsort(scores, kind="stable")[:n], scores)),
    ),
    (
        "ties-turned-round",
        "Reversing an ascending order gives the descending one.",
        "It turns round columns with equal scores as well: of these the higher index comes first. Sort so that ties "
        "keep their order.",
        _selecting(lambda scores, n: (np.argsort(scores, kind="stable")[::-1][:n], scores)),
    ),
    (
        "correlation-for-information",
        "What a column tells about the class is its correlation with it.",
        "Correlation sees straight lines only, and takes the class numbers for quantities. The scores are mutual "
        "information.",
        _scoring(_correlations),
    ),
    (
        "measured-numbers-counted",
        "The features are discrete, and every number is a label.",
        "No two measured numbers are equal, so every column seems to tell all about the class. These features are "
        "continuous: leave `discrete_features` as it is.",
        _counted,
    ),
    (
        "variance-ratio-for-information",
        "What a column tells about the class is how far the means of the classes lie apart.",
        "The F value sees means only: a class that lies in the middle of another one is not found. The scores are "
        "mutual information.",
        _scoring(_f_values),
    ),
    (
        "scores-divided-by-entropy",
        "A score is the share of the class's entropy.",
        "You divide by what is uncertain about the class. The scores are wanted as they are, in nats.",
        _scoring(lambda table, y: _scores(table, y) / _entropy(y.tolist())),
    ),
    (
        "columns-counted-from-one",
        "The first column has number 1.",
        "Your columns are right but for the counting: `X[:, 0]` is the first one.",
        _selecting(lambda scores, n: (_best_first(scores)[:n] + 1, scores)),
    ),
    (
        "all-if-there-are-fewer",
        "Without `n_features` five columns are selected, or all if there are fewer.",
        "Five of three columns cannot be selected, whether somebody asks for five or leaves the number out. The "
        "contract wants ValueError.",
        _all_if_fewer,
    ),
    (
        "features-cut-into-bins",
        "The scores are mutual information of binned columns.",
        "Bins give another estimate, which depends on their number. The contract names the estimator.",
        _scoring(_binned),
    ),
    (
        "other-neighbours",
        "Any number of neighbours gives the score.",
        "You look at five neighbours. The contract wants the defaults of `mutual_info_classif`, three of them.",
        _scoring(lambda table, y: _scores(table, y, 5)),
    ),
    *(
        (
            "other-neighbours",
            "Any number of neighbours gives the score.",
            "The contract wants the defaults of `mutual_info_classif`, three neighbours. You take another number.",
            _scoring(lambda table, y, neighbours=neighbours: _scores(table, y, neighbours)),
        )
        for neighbours in (1, 2, 4)
    ),
    (
        "scores-normalised",
        "The scores are shares that sum to 1.",
        "Divided by their sum the scores say nothing any more of how much a column tells. They are wanted in nats.",
        _scoring(lambda table, y: _share_of_sum(_scores(table, y))),
    ),
    (
        "parts-swapped",
        "The scores come first.",
        "The pair is (selected_indices, mi_scores), in this order.",
        _selecting(lambda scores, n: (scores, _best_first(scores)[:n])),
    ),
    (
        "mask-for-indices",
        "A mask says which columns are selected.",
        "A mask does not say which one is best. The contract wants the numbers of the columns, best first.",
        _selecting(lambda scores, n: (np.isin(np.arange(scores.size), _best_first(scores)[:n]), scores)),
    ),
    (
        "number-of-columns-cut",
        "Where more columns are wanted than there are, all of them will do.",
        "Who asks for three columns of two has made a mistake and should hear of it. The contract wants ValueError.",
        _clamped,
    ),
    (
        "number-of-columns-unchecked",
        "A slice takes care of the number of columns.",
        "A slice accepts every number: 0 gives nothing, -1 all but the last. Look at `n_features` before you use it.",
        _sliced,
    ),
    (
        "number-of-columns-ignored",
        "Five columns are selected.",
        "Five is only the default of `n_features`. Select as many columns as it says.",
        _always_five,
    ),
    (
        "ten-by-default",
        "Without `n_features` ten columns are selected.",
        "With a given number you are right. Without one the contract says five, and SelectKBest ten.",
        _ten_by_default,
    ),
    (
        "everything-refused",
        "What is given is no data.",
        "Data that is fine is refused too. Look at which test in your validation is too strict.",
        refuse,
    ),
)


def _has_ties(features: Any, y: Any) -> bool:
    """Whether a neighbour is as far as another, but for noise; the scores then depend on the seed."""
    classes = np.asarray(y)
    for column in _table(features).T:
        distances = np.abs(column[:, np.newaxis] - column)
        radius = np.array([np.sort(row[classes == label])[3] for row, label in zip(distances, classes, strict=True)])
        if ((np.abs(distances - radius[:, np.newaxis]) < 1e-6).sum(axis=1) > 1).any():
            return True
    return False


def _without_ties(rule: Rule) -> Rule:
    """Return `rule`, but the truth for data whose scores depend on the student's seed: that proves nothing."""

    def careful(features: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
        return (feature_selection_by_mi if _has_ties(features, y) else rule)(features, y, *args, **kwargs)

    return careful


# --- exercise ------------------------------------------------------------------------------------------------------


def _of_table(test: Callable[[Array, float], Any]) -> Rule:
    def rule(joint_p: Any, tol: float = 1e-9) -> Any:
        return test(np.asarray(joint_p, dtype=float), tol)

    return rule


def _is_close(one: Array, other: Array, tol: float) -> bool:
    return one.shape == other.shape and bool(np.abs(one - other).max() <= tol)


def _index_covariance(joint: Array) -> float:
    rows, columns = (np.arange(size) for size in joint.shape)
    return float(rows @ (joint - _product(joint)) @ columns)


def _determinant_vanishes(joint: Array, tol: float) -> bool:
    square = joint.shape[0] == joint.shape[1]
    return bool(abs(np.linalg.det(joint)) <= tol) if square else is_independent(joint, tol)


_IS_INDEPENDENT: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "uncorrelated-for-independent",
        "Variables without correlation are independent.",
        "Correlation sees only straight lines, and the numbers that you gave to rows and columns. Compare every cell "
        "with the product of its marginals.",
        _of_table(lambda joint, tol: abs(_index_covariance(joint)) <= tol),
    ),
    (
        "same-distribution-for-independent",
        "Variables are independent if they have the same distribution.",
        "Two copies of a coin have the same distribution and tell all about each other. Look at the cells.",
        _of_table(lambda joint, tol: _is_close(joint.sum(axis=1), joint.sum(axis=0), tol)),
    ),
    (
        "uniform-for-independent",
        "Variables are independent if all pairs are equally likely.",
        "Equal cells are one product among many: the marginals need not be uniform.",
        _of_table(lambda joint, tol: _is_close(joint, np.full_like(joint, 1 / joint.size), tol)),
    ),
    (
        "symmetric-for-independent",
        "Variables are independent if the table is symmetric.",
        "A symmetric table says that X and Y can be swapped. That has nothing to do with independence.",
        _of_table(lambda joint, tol: _is_close(joint, joint.T, tol)),
    ),
    (
        "exclusive-for-independent",
        "Variables are independent if they exclude each other.",
        "Who knows that one of two exclusive events happened knows that the other did not: that is dependence.",
        _of_table(lambda joint, tol: bool((joint == 0).any())),
    ),
    (
        "equal-rows-for-independent",
        "Variables are independent if all rows of the table are equal.",
        "Rows of a product are proportional. They are equal only where X is uniform; divide by P(x) before comparing.",
        _of_table(lambda joint, tol: _is_close(joint, np.broadcast_to(joint[0], joint.shape), tol)),
    ),
    (
        "determinant-for-independent",
        "Variables are independent if the determinant of the table is 0.",
        "For tables of two rows that is true. With three rows the determinant can vanish in other ways too.",
        _of_table(_determinant_vanishes),
    ),
    (
        "one-cell-for-the-table",
        "If one cell is the product of its marginals, all are.",
        "With two rows and two columns that is true. In a larger table the other cells may differ: compare them all.",
        _of_table(lambda joint, tol: bool(np.abs(joint - _product(joint))[0, 0] <= tol)),
    ),
    (
        "one-row-for-the-table",
        "If the first row is the product of its marginals, all are.",
        "With two rows that is true. In a larger table the other rows may differ: compare them all.",
        _of_table(lambda joint, tol: bool(np.abs(joint - _product(joint))[0].max() <= tol)),
    ),
    (
        "always-independent",
        "All variables are independent.",
        "You say True of every table. Do differences of both signs cancel, or is an array taken for an answer?",
        _always(True),
    ),
    (
        "never-independent",
        "No variables are independent.",
        "You say False of every table. What does your comparison give for [[0.25, 0.25], [0.25, 0.25]]?",
        _always(False),
    ),
    (
        "other-default-tolerance",
        "A millionth is rounding.",
        "Your default of `tol` lets too much pass. Look at the signature in the exercise.",
        lambda joint_p, tol=1e-6: is_independent(joint_p, tol),
    ),
    (
        "other-default-tolerance",
        "A millionth of a millionth is more than rounding.",
        "Your default of `tol` is too strict. Look at the signature in the exercise.",
        lambda joint_p, tol=1e-12: is_independent(joint_p, tol),
    ),
    (
        "no-room-for-rounding",
        "A product has to be met to the last digit.",
        "0.1 · 0.3 is rounded, and so is its sum. Two numbers that are equal but for rounding differ: allow for `tol`.",
        _of_table(lambda joint, tol: bool((joint == _product(joint)).all())),
    ),
    (
        "tolerance-ignored",
        "What counts as rounding is fixed.",
        "Your default is fine, but `tol` has no influence on the answer.",
        _of_table(lambda joint, tol: is_independent(joint)),
    ),
    (
        "dependent-for-independent",
        "The function says whether the variables are dependent.",
        "You say True where they are dependent. The name asks the other way round.",
        _of_table(lambda joint, tol: not is_independent(joint, tol)),
    ),
    (
        "information-for-answer",
        "The mutual information answers the question.",
        "You return how much the variables share. Asked for is True or False.",
        _of_table(lambda joint, tol: float(rel_entr(joint, _product(joint)).sum() / math.log(2))),
    ),
)


def _version(change: Callable[[Array], Array]) -> Rule:
    def rule(joint_p: Any) -> Array:
        return change(np.asarray(joint_p, dtype=float))

    return rule


_INDEPENDENT_VERSION: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "product-transposed",
        "The product of the marginals may stand either way.",
        "`joint_p[x, y]` has X in its rows. You put Y there: compare the shapes for a table that is not square.",
        _version(lambda joint: _product(joint).T),
    ),
    (
        "one-marginal-twice",
        "Both variables have the distribution of X.",
        "You multiply P(x) with itself. Each cell is the product of P(x) and P(y).",
        _version(lambda joint: np.outer(joint.sum(axis=1), joint.sum(axis=1))),
    ),
    (
        "uniform-for-product",
        "Independent variables have a uniform table.",
        "That changes the variables themselves. Each is to keep its own distribution.",
        _version(lambda joint: np.full_like(joint, 1 / joint.size)),
    ),
    (
        "table-unchanged",
        "The table is independent already.",
        "You return what you were given. Which table has the same marginals and I(X;Y) = 0?",
        _version(lambda joint: joint.copy()),
    ),
    (
        "rows-normalised",
        "Independent rows are distributions of their own.",
        "A row divided by its sum is P(y|x), and your table does not sum to 1. The product of marginals is wanted.",
        _version(
            lambda joint: np.divide(
                joint,
                joint.sum(axis=1, keepdims=True),
                out=np.zeros_like(joint),
                where=joint.sum(axis=1, keepdims=True) > 0,
            )
        ),
    ),
    (
        "columns-forgotten",
        "In an independent table each row is spread evenly.",
        "P(x) is kept, P(y) has become uniform. Each cell is the product of both.",
        _version(lambda joint: np.repeat(joint.sum(axis=1, keepdims=True), joint.shape[1], axis=1) / joint.shape[1]),
    ),
    (
        "rows-forgotten",
        "In an independent table each column is spread evenly.",
        "P(y) is kept, P(x) has become uniform. Each cell is the product of both.",
        _version(lambda joint: np.repeat(joint.sum(axis=0, keepdims=True), joint.shape[0], axis=0) / joint.shape[0]),
    ),
    (
        "marginals-added",
        "The cell of an independent table is the sum of its marginals.",
        "Probabilities of independent events multiply.",
        _version(lambda joint: joint.sum(axis=1, keepdims=True) + joint.sum(axis=0, keepdims=True)),
    ),
    (
        "ratio-for-product",
        "The independent version is the table divided by the product of its marginals.",
        "That ratio stands inside the logarithm of I(X;Y). The product itself is wanted.",
        _version(lambda joint: np.divide(joint, _product(joint), out=np.zeros_like(joint), where=_product(joint) > 0)),
    ),
)


def _example(*parts: Any) -> Rule:
    """Return the rule that answers these numbers, whatever is asked."""
    answer = tuple(np.asarray(part, dtype=float) for part in parts)

    def rule() -> Any:
        return answer if len(answer) > 1 else answer[0]

    return rule


_SIGNS = (-1, 1)
_DEPENDENT: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "independent-for-dependent",
        "Two independent signs are dependent.",
        "They are uncorrelated because they are independent, and share nothing. Look for a Y that X determines.",
        _example(_SIGNS, _SIGNS, np.full((2, 2), 0.25)),
    ),
    (
        "copy-for-uncorrelated",
        "A copy is not correlated.",
        "X with itself has correlation 1. Look for a Y that is as often high on one side of the mean as on the other.",
        _example(_SIGNS, _SIGNS, np.eye(2) / 2),
    ),
    (
        "opposite-for-uncorrelated",
        "A negative correlation is none.",
        "Y = -X has correlation -1. Uncorrelated means 0.",
        _example(_SIGNS, _SIGNS, np.eye(2)[::-1] / 2),
    ),
    (
        "square-on-one-side",
        "A number and its square are uncorrelated.",
        "On one side of 0 the square rises with the number. What changes if X is spread evenly around 0?",
        _example((0, 1, 2), (0, 1, 4), np.eye(3) / 3),
    ),
    (
        "constant-for-variable",
        "A constant is a variable.",
        "A Y that never changes is uncorrelated with everything, and tells nothing. Both must vary.",
        _example((-1, 0, 1), (1,), np.full((3, 1), 1 / 3)),
    ),
    (
        "ones-for-probabilities",
        "A 1 stands for a pair that can happen.",
        "Your cells sum to more than 1. They are probabilities.",
        _example((-1, 0, 1), (0, 1), [[0, 1], [1, 0], [0, 1]]),
    ),
)

_PAIRWISE: tuple[tuple[str, str, str, Rule], ...] = (
    (
        "all-independent",
        "Three independent coins are dependent together.",
        "Their joint distribution is the product of all three. Two of them should give the third away.",
        _example(np.full((2, 2, 2), 0.125)),
    ),
    (
        "three-copies",
        "Three copies of a coin are pairwise independent.",
        "Each copy tells all about the others. Each two must be independent.",
        _example(_three(lambda a, b, c: a == b == c)),
    ),
    (
        "copy-of-the-first",
        "Two independent coins and a copy of the first are pairwise independent.",
        "The first and the third tell all about each other. The third has to depend on both others together.",
        _example(_three(lambda a, b, c: a == c)),
    ),
    (
        "and-for-exclusive-or",
        "`a and b` is independent of each of a and b.",
        "Where a is 0, `a and b` is 0: a tells something. Which function of two coins is a fair coin whatever a is?",
        _example(_three(lambda a, b, c: (a & b) == c)),
    ),
    (
        "or-for-exclusive-or",
        "`a or b` is independent of each of a and b.",
        "Where a is 1, `a or b` is 1: a tells something. Which function of two coins is a fair coin whatever a is?",
        _example(_three(lambda a, b, c: (a | b) == c)),
    ),
    (
        "ones-for-probabilities",
        "A 1 stands for a triple that can happen.",
        "Your cells sum to more than 1. They are probabilities.",
        _example(4 * pairwise_independent_joint()),
    ),
)


MISCONCEPTIONS: tuple[Misconception, ...] = (
    *(
        Misconception(name, item, function, believed, hint, rule)
        for item, function, table in (
            ("example-3", DISCRETE, _DISCRETE),
            ("example-3", SELECTION, tuple((*entry, _without_ties(rule)) for *entry, rule in _SELECTION)),
            ("exercise-3", "is_independent", _IS_INDEPENDENT),
            ("exercise-3", "independent_version", _INDEPENDENT_VERSION),
            ("exercise-3", "dependent_but_uncorrelated", _DEPENDENT),
            ("exercise-3", "pairwise_independent_joint", _PAIRWISE),
        )
        for name, believed, hint, rule in table
    ),
    Misconception(
        "negative-score",
        "example-3",
        SELECTION,
        "An estimate is what the estimator says.",
        "Mutual information is never negative, and an estimate that falls below 0 says no more than 0 does.",
        None,
    ),
)
