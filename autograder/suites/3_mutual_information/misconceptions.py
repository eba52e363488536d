"""What students of section 3 are known to believe instead of the truth, in the grammar of checks.beliefs."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, rel_entr

from autograder.checks.beliefs import misconception, truth
from autograder.checks.misconceptions import Unsettled
from autograder.checks.rules import Rule, base_multiplied, log_of_base, nan_base_slips_through

Array = NDArray[np.float64]

DISCRETE = "MutualInformation.mutual_information_discrete"
SELECTION = "MutualInformation.feature_selection_by_mi"

ITEMS = {
    "example-3": (DISCRETE, SELECTION),
    "exercise-3": ("is_independent", "independent_version", "dependent_but_uncorrelated", "pairwise_independent_joint"),
}

BUILDS_ON = {"is_independent": ("independent_version",)}


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


def _shared(x: list[Any], y: list[Any]) -> float:
    """Return I(X;Y) in nats."""
    return max(0.0, _entropy(x) + _entropy(y) - _joint(x, y))


def _joint(x: list[Any], y: list[Any]) -> float:
    """Return H(X,Y) in nats."""
    return _entropy(list(zip(x, y, strict=True)))


@truth(of=DISCRETE)
def mutual_information_discrete(x: Any, y: Any, base: float = 2) -> float:
    """Return the plug-in estimate of I(X;Y)."""
    return _shared(*_labels(x, y)) / log_of_base(base)


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
    return np.ascontiguousarray(np.asarray(features, dtype=float))


def _has_ties(features: Any, y: Any) -> bool:
    """Whether a neighbour is as far as another, but for noise; the scores then depend on the seed."""
    classes = np.asarray(y)
    for column in _table(features).T:
        distances = np.abs(column[:, np.newaxis] - column)
        radius = np.array([np.sort(row[classes == label])[3] for row, label in zip(distances, classes, strict=True)])
        if ((np.abs(distances - radius[:, np.newaxis]) < 1e-6).sum(axis=1) > 1).any():
            return True
    return False


def _best_first(scores: Array) -> Array:
    return np.argsort(-scores, kind="stable")


def _checked_count(n_features: int, columns: int) -> int:
    if not 1 <= n_features <= columns:
        raise ValueError("no such number of columns")
    return n_features


@truth(of=SELECTION, silent_on=_has_ties)
def feature_selection_by_mi(features: Any, y: Any, n_features: int = 5) -> Selection:
    """Return the best columns, best first, and the scores of all."""
    table = _table(features)
    scores = _scores(table, y)
    return _best_first(scores)[: _checked_count(n_features, table.shape[1])], scores


def _product(joint: Array) -> Array:
    return np.outer(joint.sum(axis=1), joint.sum(axis=0))


@truth(of="is_independent")
def is_independent(joint_p: Any, tol: float = 1e-9) -> bool:
    """Return whether no cell differs from the product of the marginals by more than `tol`."""
    joint = np.asarray(joint_p, dtype=float)
    return bool(np.abs(joint - _product(joint)).max() <= tol)


@truth(of="independent_version")
def independent_version(joint_p: Any) -> Array:
    """Return the product of the marginals."""
    return _product(np.asarray(joint_p, dtype=float))


@truth(of="dependent_but_uncorrelated")
def dependent_but_uncorrelated() -> tuple[Array, Array, Array]:
    """Return a number and its square: one of many examples."""
    return np.array([-1.0, 0.0, 1.0]), np.array([0.0, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]) / 3


@truth(of="pairwise_independent_joint")
def pairwise_independent_joint() -> Array:
    """Return two fair coins and whether they differ: one of many examples."""
    return _three(lambda a, b, c: (a ^ b) == c)


def _three(possible: Callable[[int, int, int], bool]) -> Array:
    """Return the distribution that is uniform over the triples of 0 and 1 that are possible."""
    table = np.array([[[float(possible(a, b, c)) for c in (0, 1)] for b in (0, 1)] for a in (0, 1)])
    return np.asarray(table / table.sum())


# --- mutual information of two columns -----------------------------------------------------------------------------


def in_units(nats: Callable[[list[Any], list[Any]], float]) -> Rule:
    """Return the rule that answers `nats(x, y)` in the unit of the base."""
    return lambda x, y, base: float(nats(*_labels(x, y))) / log_of_base(base)


def relabelled(convert: Callable[[list[Any]], list[Any]]) -> Rule:
    """Return the rule that converts both columns before it counts."""

    def rule(x: Any, y: Any, base: float) -> float:
        x, y = _labels(x, y)
        return mutual_information_discrete(convert(x), convert(y), base)

    return rule


def divided_by(whole: Callable[[list[Any], list[Any]], float]) -> Rule:
    """Return the rule that answers I(X;Y) divided by `whole(x, y)`, which has no unit, and 0 where that is 0."""

    def rule(x: Any, y: Any, base: float) -> float:
        log_of_base(base)
        x, y = _labels(x, y)
        return _shared(x, y) / whole(x, y) if whole(x, y) > 0 else 0.0

    return rule


def pairs_as(one: Callable[[Any, Any], Any]) -> Rule:
    """Return the rule that takes `one(a, b)` for the pair of labels a and b."""
    return in_units(
        lambda x, y: max(0.0, _entropy(x) + _entropy(y) - _entropy([one(a, b) for a, b in zip(x, y, strict=True)]))
    )


def _terms(x: list[Any], y: list[Any]) -> list[float]:
    """Return what every pair of labels that occurs adds to I(X;Y), in nats."""
    n, n_x, n_y = len(x), Counter(x), Counter(y)
    pairs = Counter(zip(x, y, strict=True))
    return [count / n * math.log(count * n / (n_x[a] * n_y[b])) for (a, b), count in pairs.items()]


def _left_in_groups(x: list[Any], y: list[Any]) -> list[float]:
    """Return H(Y|X=a) for every label a of X, in the order of appearance."""
    return [_entropy([b for other, b in zip(x, y, strict=True) if other == a]) for a in dict.fromkeys(x)]


def _unweighted(x: list[Any], y: list[Any]) -> float:
    n, n_x, n_y = len(x), Counter(x), Counter(y)
    pairs = Counter(zip(x, y, strict=True))
    return math.fsum(math.log(count * n / (n_x[a] * n_y[b])) for (a, b), count in pairs.items())


@misconception("nats-for-bits", of=DISCRETE)
def nats_for_bits(answer, base):
    """Mutual information is measured in nats, with the natural logarithm, whatever `base` says.

    The natural logarithm (and `mutual_info_score` of scikit-learn) measures in nats. To measure in another unit, divide
    by the natural logarithm of its base.
    """
    return answer * math.log(base)


@misconception("nats-by-default", of=DISCRETE)
def nats_by_default(answer, call):
    """Without `base` mutual information should be in nats.

    When `base` is given, your unit is right. Without it, the contract says bits: look at the default of `base`.
    """
    return answer if "base" in call.given else answer * math.log(2)


@misconception("decimal-digits-for-bits", of=DISCRETE)
def decimal_digits_for_bits(answer, base):
    """The logarithm to base 10 is the right one.

    log10 counts decimal digits. With which logarithm does a copy of a fair coin give 1?
    """
    return answer * math.log10(base)


@misconception("base-ignored", of=DISCRETE)
def base_ignored(answer, base):
    """Mutual information is always measured in bits.

    Your bits are right, but `base` has no influence on the answer. To convert one unit into another, divide by a
    constant that depends only on the base.
    """
    return answer * math.log2(base)


misconception("base-multiplied", of=DISCRETE)(base_multiplied)


@misconception("lost-minus", of=DISCRETE)
def lost_minus(answer):
    """Mutual information is H(X,Y) - H(X) - H(Y).

    The entropy of the pair is at most the sum of the two entropies. Which of them must come first, so that the
    difference is not negative?
    """
    return -answer


@misconception("joint-entropy-for-information", of=DISCRETE, form=in_units)
def joint_entropy_for_information(x, y):
    """What two variables share is their joint entropy.

    You return H(X,Y), the uncertainty about the pair. What they share is what the two entropies count twice.
    """
    return _joint(x, y)


@misconception("entropy-for-information", of=DISCRETE, form=in_units)
def entropy_of_x(x, y):
    """What X and Y share is the entropy of X.

    That is the most they can share. How much of it remains when Y is known?
    """
    return _entropy(x)


@misconception("entropy-for-information", of=DISCRETE, form=in_units)
def entropy_of_y(x, y):
    """What X and Y share is the entropy of Y.

    That is the most they can share. How much of it remains when X is known?
    """
    return _entropy(y)


@misconception("entropies-added", of=DISCRETE, form=in_units)
def entropies_added(x, y):
    """What X and Y share is the sum of their entropies.

    The sum counts what they share twice, and it also contains what they do not share. Subtract the entropy of the pair.
    """
    return _entropy(x) + _entropy(y)


@misconception("conditional-entropy-for-information", of=DISCRETE, form=in_units)
def what_is_left_of_x(x, y):
    """What Y tells you about X is the uncertainty that remains when Y is known.

    You return H(X|Y), the part that remains. Mutual information is the part that goes away.
    """
    return _joint(x, y) - _entropy(y)


@misconception("conditional-entropy-for-information", of=DISCRETE, form=in_units)
def what_is_left_of_y(x, y):
    """What X tells you about Y is the uncertainty that remains when X is known.

    You return H(Y|X), the part that remains. Mutual information is the part that goes away.
    """
    return _joint(x, y) - _entropy(x)


@misconception("variation-of-information", of=DISCRETE, form=in_units)
def variation_of_information(x, y):
    """Mutual information is H(X|Y) + H(Y|X).

    That is what the variables do not share. It is 0 for a copy, where the mutual information is largest.
    """
    return 2 * _joint(x, y) - _entropy(x) - _entropy(y)


@misconception("normalised-information", of=DISCRETE, form=divided_by)
def divided_by_the_mean_entropy(x, y):
    """Mutual information lies between 0 and 1.

    You divide by an entropy, so a copy gives 1 whatever is copied. The contract wants the information itself, in the
    unit of `base`.
    """
    return (_entropy(x) + _entropy(y)) / 2


@misconception(
    "normalised-information",
    of=DISCRETE,
    form=divided_by,
    whole=(
        lambda x, y: min(_entropy(x), _entropy(y)),
        lambda x, y: max(_entropy(x), _entropy(y)),
        lambda x, y: math.sqrt(_entropy(x) * _entropy(y)),
        lambda x, y: _entropy(x),
        lambda x, y: _entropy(y),
        _joint,
        lambda x, y: math.log(min(len(set(x)), len(set(y)))),
        lambda x, y: math.log(max(len(set(x)), len(set(y)))),
    ),
)
def divided_by_a_whole(x, y, whole):
    """Mutual information lies between 0 and 1.

    You divide by a quantity that makes a copy worth 1 whatever is copied. The contract wants the information itself, in
    the unit of `base`.
    """
    return whole(x, y)


@misconception("terms-averaged", of=DISCRETE, form=in_units)
def terms_averaged(x, y):
    """Mutual information is the mean of the terms.

    Each term is already weighted by the share of its pair, and the shares add up to 1. Is there anything left to divide
    by?
    """
    return max(0.0, math.fsum(_terms(x, y)) / len(_terms(x, y)))


@misconception("negative-terms-dropped", of=DISCRETE, form=in_units)
def negative_terms_dropped(x, y):
    """What a pair contributes cannot be negative.

    A pair that is rarer than under independence contributes a negative term. Only the whole sum is never negative:
    leave the terms as they are.
    """
    return math.fsum(max(0.0, term) for term in _terms(x, y))


@misconception("negative-terms-turned-round", of=DISCRETE, form=in_units)
def negative_terms_turned_round(x, y):
    """The sign of what a pair contributes does not matter.

    A pair that is rarer than under independence contributes a negative term. Only the whole sum is never negative:
    leave the terms as they are.
    """
    return math.fsum(map(abs, _terms(x, y)))


@misconception("one-condition-only", of=DISCRETE, form=in_units)
def one_condition_only(x, y):
    """One label of X shows what X tells you about Y.

    You subtract the uncertainty about Y that remains for a single label of X. Average it over all labels of X.
    """
    return _entropy(y) - _left_in_groups(x, y)[0]


@misconception("conditions-of-equal-weight", of=DISCRETE, form=in_units)
def labels_of_x_of_equal_weight(x, y):
    """Every label of X counts as much as any other.

    The remaining uncertainty about Y is averaged over the labels of X. Weight each label by how often it occurs.
    """
    return _entropy(y) - math.fsum(_left_in_groups(x, y)) / len(set(x))


@misconception("conditions-of-equal-weight", of=DISCRETE, form=in_units)
def labels_of_y_of_equal_weight(x, y):
    """Every label of Y counts as much as any other.

    The remaining uncertainty about X is averaged over the labels of Y. Weight each label by how often it occurs.
    """
    return _entropy(x) - math.fsum(_left_in_groups(y, x)) / len(set(y))


@misconception("each-pair-counted-once", of=DISCRETE, form=in_units)
def each_pair_counted_once(x, y):
    """An observation that repeats an earlier one adds nothing.

    A pair that occurs five times has five times the share of one that occurs once. Do not drop repetitions.
    """
    pairs = list(dict.fromkeys(zip(x, y, strict=True)))
    return _shared([a for a, _ in pairs], [b for _, b in pairs])


@misconception("most-for-information", of=DISCRETE, form=in_units)
def most_for_information(x, y):
    """What X and Y share is the smaller of their entropies.

    That is the most they can share. How much they actually share depends on the pairs.
    """
    return min(_entropy(x), _entropy(y))


@misconception("columns-sorted", of=DISCRETE, form=in_units)
def columns_sorted(x, y):
    """The order within each column does not matter.

    Observations may come in any order, but the two labels of one observation stay together. Sorting each column
    separately makes new pairs.
    """
    return _shared(sorted(x), sorted(y))


@misconception("pairs-joined-to-a-text", of=DISCRETE, form=pairs_as)
def pairs_joined_to_a_word(a, b):
    """A pair of labels can be written as one word.

    Joined, ('a', 'aa') and ('aa', 'a') are the same word. Count the pair itself.
    """
    return f"{a}{b}"


@misconception("pairs-joined-to-a-text", of=DISCRETE, form=pairs_as, mark=(",", "_", " ", "-", "|"))
def pairs_joined_by_a_mark(a, b, mark):
    """A pair of labels can be written as one word.

    A separator may be part of a label too, so different pairs become one word. Count the pair itself.
    """
    return f"{a}{mark}{b}"


@misconception("pairs-added", of=DISCRETE, form=pairs_as)
def pairs_added(a, b):
    """A pair of numbers can be counted by its sum.

    0 and 1 have the same sum as 1 and 0, so different pairs become one. Count the pair itself.
    """
    numbers = all(isinstance(label, int | float | np.number | np.bool_) for label in (a, b))
    return a + b if numbers else (a, b)


@misconception("unweighted-sum", of=DISCRETE, form=in_units)
def unweighted_sum(x, y):
    """The logarithms of the ratios are simply added.

    Mutual information is an average: each pair of labels counts with its share of the observations.
    """
    return _unweighted(x, y)


@misconception("unweighted-sum", of=DISCRETE, form=in_units)
def unweighted_sum_cut_to_zero(x, y):
    """The logarithms of the ratios are simply added, and a negative sum is cut to 0.

    Mutual information is an average: each pair of labels counts with its share of the observations. Then it is never
    negative, apart from rounding.
    """
    return max(0.0, _unweighted(x, y))


@misconception("marginals-taken-as-uniform", of=DISCRETE, form=in_units)
def marginals_taken_as_uniform(x, y):
    """All labels of a column are equally likely.

    The share of a label is how often it occurs, divided by the number of observations. It is not 1 over the number of
    different labels.
    """
    return math.log(len(set(x))) + math.log(len(set(y))) - _joint(x, y)


@misconception("bias-subtracted", of=DISCRETE, form=in_units)
def bias_subtracted(x, y):
    """The estimate must be corrected for its bias.

    You subtract (Kx-1)(Ky-1)/2N nats. The contract wants the plug-in estimate itself, which is never negative.
    """
    return _shared(x, y) - (len(set(x)) - 1) * (len(set(y)) - 1) / (2 * len(x))


@misconception("labels-as-numbers", of=DISCRETE, form=relabelled)
def labels_as_numbers(labels):
    """Labels are numbers.

    Labels are only names. Words and None cannot become floats, and large integers become equal as floats. Count the
    labels as they are.
    """
    return [float(label) for label in labels]


@misconception("large-integers-collapse", of=DISCRETE, form=relabelled)
def large_integers_collapse(labels):
    """An integer can be stored as a float.

    A float has 53 bits: larger integers that differ by 1 become the same number. Count the labels as they are.
    """
    return [float(label) if isinstance(label, int | np.integer) else label for label in labels]


@misconception("labels-of-one-type", of=DISCRETE)
def labels_of_one_type(x, y, base):
    """A column is an array, and all its labels have one type.

    In one NumPy array, a 1 among words turns into the word '1', and tuples turn into rows. Treat the labels one by one.
    """
    return mutual_information_discrete(np.asarray(x).tolist(), np.asarray(y).tolist(), base)


@misconception("labels-as-hashes", of=DISCRETE, form=relabelled)
def labels_as_hashes(labels):
    """Labels with the same hash are the same label.

    Equal labels have equal hashes, but different labels can as well: -1 and -2 do, and so do 0 and 2**61 - 1. Count the
    labels themselves, as a dict does.
    """
    return [hash(label) for label in labels]


@misconception("labels-as-texts", of=DISCRETE, form=relabelled)
def labels_as_texts(labels):
    """A label is the text that is printed for it.

    1 and '1' are printed alike, while 1 and 1.0 are not. Labels are the same if and only if `==` says so: count them as
    they are.
    """
    return [str(label) for label in labels]


@misconception("types-tell-labels-apart", of=DISCRETE, form=relabelled)
def types_tell_labels_apart(labels):
    """Labels of different types are different.

    1, 1.0 and True are equal, so they are one label. Let `==` decide.
    """
    return [(type(label), label) for label in labels]


@misconception("none-for-missing", of=DISCRETE)
def none_for_missing(x, y, base):
    """None says that a value is missing.

    None is a label like any other here. Observations with None count.
    """
    kept = [(a, b) for a, b in zip(*_labels(x, y), strict=True) if a is not None and b is not None]
    return mutual_information_discrete([a for a, _ in kept], [b for _, b in kept], base)


@misconception("shorter-column-decides", of=DISCRETE)
def shorter_column_decides(x, y, base):
    """Labels without a partner in the other column can be left out.

    `zip` silently stops at the end of the shorter column. Compare the lengths before you pair the labels.
    """
    n = min(len(x), len(y))
    return mutual_information_discrete(x[:n], y[:n], base)


@misconception("nothing-shared-by-nothing", of=DISCRETE)
def nothing_shared_by_nothing(x, y, base):
    """Two empty columns share 0 bits.

    Without observations there are no shares to compute with. The contract wants ValueError.
    """
    return 0.0 if len(x) == len(y) == 0 and base > 1 else mutual_information_discrete(x, y, base)


misconception("nan-base-slips-through", of=DISCRETE)(nan_base_slips_through)


@misconception("infinite-base-slips-through", of=DISCRETE)
def infinite_base_slips_through(x, y, base):
    """Infinity is a number greater than 1.

    With an infinite base every answer is 0. Check that the base is finite.
    """
    return 0.0 if base == math.inf else mutual_information_discrete(x, y, base)


@misconception("base-below-one-slips-through", of=DISCRETE)
def base_below_one_slips_through(x, y, base):
    """Every positive number but 1 is a base.

    For a base between 0 and 1 the logarithm falls, and information would be negative. Check that the base is greater
    than 1.
    """
    below = isinstance(base, int | float) and 0 < base < 1
    return _shared(*_labels(x, y)) / math.log(base) if below else mutual_information_discrete(x, y, base)


@misconception("nan-for-everything", of=DISCRETE)
def nan_for_everything():
    """NaN is an answer.

    Every answer is NaN. Look for 0 · log 0, 0 / 0, or a sum that starts with NaN.
    """
    return math.nan


@misconception("nothing-is-ever-shared", of=DISCRETE)
def nothing_is_ever_shared():
    """Two columns share nothing.

    Every answer is 0. Try a column and its copy, and look at each step of the computation.
    """
    return 0.0


@misconception("any-base-accepted", of=DISCRETE)
def any_base_accepted(x, y, base):
    """Every number is the base of a logarithm.

    With base 1 you divide by 0, with a negative base by NaN. Check `base` before you use it.
    """
    nats = _shared(*_labels(x, y))
    return float(np.float64(nats) / np.log(np.float64(base + 0)))


@misconception("everything-refused", of=DISCRETE)
def everything_refused(call):
    """The input is not a pair of columns.

    Valid columns are refused too. Find the test in your validation that is too strict.
    """
    raise ValueError


# --- feature selection ---------------------------------------------------------------------------------------------


def selecting(choose: Callable[[Array, int], Selection]) -> Rule:
    """Return the rule that answers `choose(scores, n_features)` for numbers of columns that are possible."""

    def rule(features: Any, y: Any, n_features: int) -> Selection:
        table = _table(features)
        return choose(_scores(table, y), _checked_count(n_features, table.shape[1]))

    return rule


def scoring(score: Callable[[Array, Array], Array]) -> Rule:
    """Return the rule that ranks by another score."""

    def rule(features: Any, y: Any, n_features: int) -> Selection:
        table = _table(features)
        scores = score(table, np.asarray(y))
        return _best_first(scores)[: _checked_count(n_features, table.shape[1])], scores

    return rule


@misconception("scores-in-bits", of=SELECTION, form=scoring)
def scores_in_bits(table, y):
    """The scores should be in bits.

    Your scores are right except for the unit. `mutual_info_classif` measures in nats, and the contract wants nats too.
    """
    return _scores(table, y) / math.log(2)


@misconception("scores-in-order-of-rank", of=SELECTION, form=selecting)
def scores_in_order_of_rank(scores, n):
    """The scores come in the order of the selected columns.

    `mi_scores[j]` belongs to column j. Sort the indices, and leave the scores where they are.
    """
    return (_best_first(scores)[:n], np.sort(scores)[::-1])


@misconception("scores-of-selected-only", of=SELECTION, form=selecting)
def scores_of_selected_only(scores, n):
    """Only the scores of the selected columns are needed.

    `mi_scores` holds the scores of all columns, to show what was left out.
    """
    return (_best_first(scores)[:n], scores[_best_first(scores)[:n]])


@misconception("indices-in-order-of-columns", of=SELECTION, form=selecting)
def indices_in_order_of_columns(scores, n):
    """The selected columns keep their order in the table.

    You select the right columns; `SelectKBest.get_support` also gives them in this order. The contract wants the best
    one first.
    """
    return (np.sort(_best_first(scores)[:n]), scores)


@misconception("best-last", of=SELECTION, form=selecting)
def best_last(scores, n):
    """The largest scores come last, and so do the best columns.

    You select the right columns in ascending order of their scores. The contract wants the best one first.
    """
    return (np.argsort(scores, kind="stable")[-n:], scores)


@misconception("smallest-scores-selected", of=SELECTION, form=selecting)
def smallest_scores_selected(scores, n):
    """Sorting puts the best columns first.

    `argsort` sorts from small to large, so you select the columns that tell you least.
    """
    return (np.argsort(scores, kind="stable")[:n], scores)


@misconception("ties-turned-round", of=SELECTION, form=selecting)
def ties_turned_round(scores, n):
    """Reversing an ascending order gives the descending one.

    It also reverses columns with equal scores, so the higher index comes first. Sort so that ties keep their order.
    """
    return (np.argsort(scores, kind="stable")[::-1][:n], scores)


@misconception("correlation-for-information", of=SELECTION, form=scoring)
def correlation_for_information(table, y):
    """What a column tells you about the class is its correlation with it.

    Correlation sees only straight lines, and treats class numbers as quantities. The scores should be mutual
    information.
    """
    return np.array([abs(np.corrcoef(column, y)[0, 1]) for column in table.T])


@misconception("measured-numbers-counted", of=SELECTION)
def measured_numbers_counted(features, y, n_features):
    """The features are discrete, and every number is a label.

    No two measured numbers are equal, so every column seems to tell you everything about the class. These features are
    continuous: leave `discrete_features` as it is.
    """
    # Where no two numbers of a column are equal, its information is H(Y).
    # Then the order of the terms decides the last digit, and the last digit decides which column comes first.
    table = _table(features)
    scores = np.array([_shared(column.tolist(), np.asarray(y).tolist()) for column in table.T])
    chosen = _best_first(scores)[: _checked_count(n_features, table.shape[1])]
    settled = np.diff(np.sort(scores)).min(initial=math.inf) > 1e-9
    return (chosen if settled else Unsettled(chosen.tolist())), scores


@misconception("variance-ratio-for-information", of=SELECTION, form=scoring)
def variance_ratio_for_information(table, y):
    """What a column tells you about the class is how far apart the means of the classes are.

    The F value sees only means: it misses a class that lies in the middle of another one. The scores should be mutual
    information.
    """
    # The variance between the classes divided by that within, each with its degrees of freedom.
    groups = [table[y == label] for label in np.unique(y)]
    centre = table.mean(axis=0)
    between = sum(len(group) * (group.mean(axis=0) - centre) ** 2 for group in groups)
    within = sum(((group - group.mean(axis=0)) ** 2).sum(axis=0) for group in groups)
    return np.asarray(between / (len(groups) - 1) / (within / (len(table) - len(groups))))


@misconception("scores-divided-by-entropy", of=SELECTION, form=scoring)
def scores_divided_by_entropy(table, y):
    """A score is the share of the class's entropy.

    You divide by the entropy of the class. The contract wants the scores as they are, in nats.
    """
    return _scores(table, y) / _entropy(y.tolist())


@misconception("columns-counted-from-one", of=SELECTION, form=selecting)
def columns_counted_from_one(scores, n):
    """The first column has number 1.

    Your columns are right except for the numbering: the first one is `X[:, 0]`.
    """
    return (_best_first(scores)[:n] + 1, scores)


@misconception("all-if-there-are-fewer", of=SELECTION)
def all_if_there_are_fewer(features, y, n_features=None):
    """Without `n_features` five columns are selected, or all if there are fewer.

    You cannot select five of three columns, whether the caller asks for five or leaves the number out. The contract
    wants ValueError.
    """
    return feature_selection_by_mi(features, y, min(5, _table(features).shape[1]) if n_features is None else n_features)


@misconception("features-cut-into-bins", of=SELECTION, form=scoring)
def features_cut_into_bins(table, y):
    """The scores are mutual information of binned columns.

    Bins give a different estimate, which depends on their number. The contract names the estimator.
    """
    bins = [np.digitize(column, np.histogram_bin_edges(column, 10)[1:-1]) for column in table.T]
    return np.array([_shared(column.tolist(), y.tolist()) for column in bins])


@misconception("other-neighbours", of=SELECTION, form=scoring)
def five_neighbours(table, y):
    """Any number of neighbours will do.

    You look at five neighbours. The contract wants the defaults of `mutual_info_classif`, three of them.
    """
    return _scores(table, y, 5)


@misconception("other-neighbours", of=SELECTION, form=scoring, neighbours=(1, 2, 4))
def other_neighbours(table, y, neighbours):
    """Any number of neighbours will do.

    The contract wants the defaults of `mutual_info_classif`, three neighbours. You use a different number.
    """
    return _scores(table, y, neighbours)


@misconception("scores-normalised", of=SELECTION, form=scoring)
def scores_normalised(table, y):
    """The scores are shares that sum to 1.

    Once divided by their sum, the scores no longer say how much a column tells you. The contract wants them in nats.
    """
    return _scores(table, y) / _scores(table, y).sum()


@misconception("parts-swapped", of=SELECTION, form=selecting)
def parts_swapped(scores, n):
    """The scores come first.

    Return the pair (selected_indices, mi_scores), in this order.
    """
    return (scores, _best_first(scores)[:n])


@misconception("mask-for-indices", of=SELECTION, form=selecting)
def mask_for_indices(scores, n):
    """A mask says which columns are selected.

    A mask does not say which one is best. The contract wants the numbers of the columns, best first.
    """
    return (np.isin(np.arange(scores.size), _best_first(scores)[:n]), scores)


@misconception("number-of-columns-cut", of=SELECTION)
def number_of_columns_cut(features, y, n_features):
    """If more columns are wanted than there are, return all of them.

    Asking for three columns out of two is a mistake, and the caller should be told. The contract wants ValueError.
    """
    table = _table(features)
    return feature_selection_by_mi(table, y, min(max(n_features, 1), table.shape[1]))


@misconception("number-of-columns-unchecked", of=SELECTION)
def number_of_columns_unchecked(features, y, n_features):
    """A slice takes care of the number of columns.

    A slice accepts every number: 0 gives nothing, -1 gives all but the last. Check `n_features` before you use it.
    """
    scores = _scores(_table(features), y)
    return _best_first(scores)[:n_features], scores


@misconception("number-of-columns-ignored", of=SELECTION)
def number_of_columns_ignored(features, y, n_features):
    """Five columns are selected.

    Five is only the default of `n_features`. Select as many columns as it says.
    """
    table = _table(features)
    _checked_count(n_features, table.shape[1])
    return feature_selection_by_mi(table, y, min(5, table.shape[1]))


@misconception("ten-by-default", of=SELECTION)
def ten_by_default(features, y, n_features=10):
    """Without `n_features` ten columns are selected.

    When a number is given, you are right. Without one, the contract says five; ten is the default of SelectKBest.
    """
    return feature_selection_by_mi(features, y, n_features)


@misconception("everything-refused", of=SELECTION)
def everything_refused_of_selection(call):
    """The input is not valid data.

    Valid data is refused too. Find the test in your validation that is too strict.
    """
    raise ValueError


@misconception("negative-score", of=SELECTION)
def negative_score():
    """An estimate is what the estimator says.

    Mutual information is never negative, so an estimate below 0 says no more than 0 does.
    """


# --- exercise ------------------------------------------------------------------------------------------------------


def with_tolerance(test: Callable[[Array, float], Any]) -> Rule:
    """Return the rule that answers `test(joint_p, tol)`."""
    return lambda joint_p, tol: test(np.asarray(joint_p, dtype=float), tol)


def of_table(change: Callable[[Array], Array]) -> Rule:
    """Return the rule that answers `change(joint_p)`."""
    return lambda joint_p: change(np.asarray(joint_p, dtype=float))


def _is_close(one: Array, other: Array, tol: float) -> bool:
    return one.shape == other.shape and bool(np.abs(one - other).max() <= tol)


def _index_covariance(joint: Array) -> float:
    rows, columns = (np.arange(size) for size in joint.shape)
    return float(rows @ (joint - _product(joint)) @ columns)


def _example(*parts: Any) -> Any:
    """Return the parts of an example in the form of an answer."""
    answer = tuple(np.asarray(part, dtype=float) for part in parts)
    return answer if len(answer) > 1 else answer[0]


SIGNS = (-1, 1)


@misconception("uncorrelated-for-independent", of="is_independent", form=with_tolerance)
def uncorrelated_for_independent(joint, tol):
    """Variables without correlation are independent.

    Correlation sees only straight lines, and depends on the numbers that you gave to rows and columns. Compare every
    cell with the product of its marginals.
    """
    return abs(_index_covariance(joint)) <= tol


@misconception("same-distribution-for-independent", of="is_independent", form=with_tolerance)
def same_distribution_for_independent(joint, tol):
    """Variables are independent if they have the same distribution.

    Two copies of a coin have the same distribution, and each tells you everything about the other. Look at the cells.
    """
    return _is_close(joint.sum(axis=1), joint.sum(axis=0), tol)


@misconception("uniform-for-independent", of="is_independent", form=with_tolerance)
def uniform_for_independent(joint, tol):
    """Variables are independent if all pairs are equally likely.

    A table of equal cells is only one of many products: the marginals need not be uniform.
    """
    return _is_close(joint, np.full_like(joint, 1 / joint.size), tol)


@misconception("symmetric-for-independent", of="is_independent", form=with_tolerance)
def symmetric_for_independent(joint, tol):
    """Variables are independent if the table is symmetric.

    A symmetric table says that X and Y can be swapped. That has nothing to do with independence.
    """
    return _is_close(joint, joint.T, tol)


@misconception("exclusive-for-independent", of="is_independent", form=with_tolerance)
def exclusive_for_independent(joint, tol):
    """Variables are independent if they exclude each other.

    If you know that one of two exclusive events happened, you know that the other did not. That is dependence.
    """
    return bool((joint == 0).any())


@misconception("equal-rows-for-independent", of="is_independent", form=with_tolerance)
def equal_rows_for_independent(joint, tol):
    """Variables are independent if all rows of the table are equal.

    Rows of a product are proportional. They are equal only if X is uniform; divide by P(x) before comparing.
    """
    return _is_close(joint, np.broadcast_to(joint[0], joint.shape), tol)


@misconception("determinant-for-independent", of="is_independent", form=with_tolerance)
def determinant_for_independent(joint, tol):
    """Variables are independent if the determinant of the table is 0.

    For tables of two rows that is true. With three rows the determinant can be 0 in other ways too.
    """
    square = joint.shape[0] == joint.shape[1]
    return bool(abs(np.linalg.det(joint)) <= tol) if square else is_independent(joint, tol)


@misconception("one-cell-for-the-table", of="is_independent", form=with_tolerance)
def one_cell_for_the_table(joint, tol):
    """If one cell is the product of its marginals, all are.

    With two rows and two columns that is true. In a larger table the other cells may differ: compare them all.
    """
    return bool(np.abs(joint - _product(joint))[0, 0] <= tol)


@misconception("one-row-for-the-table", of="is_independent", form=with_tolerance)
def one_row_for_the_table(joint, tol):
    """If the first row is the product of its marginals, all are.

    With two rows that is true. In a larger table the other rows may differ: compare them all.
    """
    return bool(np.abs(joint - _product(joint))[0].max() <= tol)


@misconception("always-independent", of="is_independent")
def always_independent():
    """All variables are independent.

    Your function returns True for every table. Do differences of both signs cancel, or is an array used as the answer?
    """
    return True


@misconception("never-independent", of="is_independent")
def never_independent():
    """No two variables are independent.

    Your function returns False for every table. What does your comparison give for [[0.25, 0.25], [0.25, 0.25]]?
    """
    return False


@misconception("other-default-tolerance", of="is_independent")
def larger_default_tolerance(joint_p, tol=1e-6):
    """A difference of a millionth is only rounding.

    Your default for `tol` accepts too much. Look at the signature in the exercise.
    """
    return is_independent(joint_p, tol)


@misconception("other-default-tolerance", of="is_independent")
def smaller_default_tolerance(joint_p, tol=1e-12):
    """A difference of a millionth of a millionth is more than rounding.

    Your default for `tol` is too strict. Look at the signature in the exercise.
    """
    return is_independent(joint_p, tol)


@misconception("no-room-for-rounding", of="is_independent", form=with_tolerance)
def no_room_for_rounding(joint, tol):
    """The table must equal the product to the last digit.

    0.1 · 0.3 is rounded, and so are sums. Two numbers that should be equal may differ by rounding: allow for `tol`.
    """
    return bool((joint == _product(joint)).all())


@misconception("tolerance-ignored", of="is_independent", form=with_tolerance)
def tolerance_ignored(joint, tol):
    """What counts as rounding is fixed.

    Your default is fine, but `tol` has no influence on the answer.
    """
    return is_independent(joint)


@misconception("dependent-for-independent", of="is_independent", form=with_tolerance)
def dependent_for_independent(joint, tol):
    """The function says whether the variables are dependent.

    Your function returns True where they are dependent. Its name asks for the opposite.
    """
    return not is_independent(joint, tol)


@misconception("information-for-answer", of="is_independent", form=with_tolerance)
def information_for_answer(joint, tol):
    """The mutual information answers the question.

    You return how much the variables share. The exercise asks for True or False.
    """
    return float(rel_entr(joint, _product(joint)).sum() / math.log(2))


@misconception("product-transposed", of="independent_version", form=of_table)
def product_transposed(joint):
    """The product of the marginals may be laid out either way.

    `joint_p[x, y]` has X in its rows. You put Y there. Compare the shapes for a table that is not square.
    """
    return _product(joint).T


@misconception("one-marginal-twice", of="independent_version", form=of_table)
def one_marginal_twice(joint):
    """Both variables have the distribution of X.

    You multiply P(x) with itself. Each cell is the product of P(x) and P(y).
    """
    return np.outer(joint.sum(axis=1), joint.sum(axis=1))


@misconception("uniform-for-product", of="independent_version", form=of_table)
def uniform_for_product(joint):
    """Independent variables have a uniform table.

    That changes the variables themselves. Each should keep its own distribution.
    """
    return np.full_like(joint, 1 / joint.size)


@misconception("table-unchanged", of="independent_version", form=of_table)
def table_unchanged(joint):
    """The table is independent already.

    You return the table unchanged. Which table has the same marginals and I(X;Y) = 0?
    """
    return joint.copy()


@misconception("rows-normalised", of="independent_version", form=of_table)
def rows_normalised(joint):
    """In an independent table each row is a distribution of its own.

    A row divided by its sum is P(y|x), and your table does not sum to 1. Take the product of the marginals.
    """
    return np.divide(
        joint,
        joint.sum(axis=1, keepdims=True),
        out=np.zeros_like(joint),
        where=joint.sum(axis=1, keepdims=True) > 0,
    )


@misconception("columns-forgotten", of="independent_version", form=of_table)
def columns_forgotten(joint):
    """In an independent table each row is spread evenly.

    You keep P(x), but P(y) has become uniform. Each cell should be the product of both.
    """
    return np.repeat(joint.sum(axis=1, keepdims=True), joint.shape[1], axis=1) / joint.shape[1]


@misconception("rows-forgotten", of="independent_version", form=of_table)
def rows_forgotten(joint):
    """In an independent table each column is spread evenly.

    You keep P(y), but P(x) has become uniform. Each cell should be the product of both.
    """
    return np.repeat(joint.sum(axis=0, keepdims=True), joint.shape[0], axis=0) / joint.shape[0]


@misconception("marginals-added", of="independent_version", form=of_table)
def marginals_added(joint):
    """The cell of an independent table is the sum of its marginals.

    Probabilities of independent events multiply.
    """
    return joint.sum(axis=1, keepdims=True) + joint.sum(axis=0, keepdims=True)


@misconception("ratio-for-product", of="independent_version", form=of_table)
def ratio_for_product(joint):
    """The independent version is the table divided by the product of its marginals.

    That ratio is inside the logarithm of I(X;Y). The exercise asks for the product itself.
    """
    return np.divide(joint, _product(joint), out=np.zeros_like(joint), where=_product(joint) > 0)


@misconception("independent-for-dependent", of="dependent_but_uncorrelated")
def independent_for_dependent():
    """Two independent signs are dependent.

    They are uncorrelated because they are independent, so they share nothing. Look for a Y that X determines.
    """
    return _example(SIGNS, SIGNS, np.full((2, 2), 0.25))


@misconception("copy-for-uncorrelated", of="dependent_but_uncorrelated")
def copy_for_uncorrelated():
    """A copy is not correlated.

    X with itself has correlation 1. Look for a Y that is high as often on one side of the mean as on the other.
    """
    return _example(SIGNS, SIGNS, np.eye(2) / 2)


@misconception("opposite-for-uncorrelated", of="dependent_but_uncorrelated")
def opposite_for_uncorrelated():
    """A negative correlation is no correlation.

    Y = -X has correlation -1. Uncorrelated means 0.
    """
    return _example(SIGNS, SIGNS, np.eye(2)[::-1] / 2)


@misconception("square-on-one-side", of="dependent_but_uncorrelated")
def square_on_one_side():
    """A number and its square are uncorrelated.

    On one side of 0 the square rises with the number. What changes if X is spread evenly around 0?
    """
    return _example((0, 1, 2), (0, 1, 4), np.eye(3) / 3)


@misconception("constant-for-variable", of="dependent_but_uncorrelated")
def constant_for_variable():
    """A constant is a variable.

    A Y that never changes is uncorrelated with everything, but it tells you nothing. Both must vary.
    """
    return _example((-1, 0, 1), (1,), np.full((3, 1), 1 / 3))


@misconception("ones-for-probabilities", of="dependent_but_uncorrelated")
def ones_for_probabilities():
    """A 1 stands for a pair that can happen.

    Your cells sum to more than 1. They are probabilities.
    """
    return _example((-1, 0, 1), (0, 1), [[0, 1], [1, 0], [0, 1]])


@misconception("all-independent", of="pairwise_independent_joint")
def all_independent():
    """Three independent coins are dependent together.

    Their joint distribution is the product of all three. Any two of them should determine the third.
    """
    return _example(np.full((2, 2, 2), 0.125))


@misconception("three-copies", of="pairwise_independent_joint")
def three_copies():
    """Three copies of a coin are pairwise independent.

    Each copy tells you everything about the others. Any two must be independent.
    """
    return _example(_three(lambda a, b, c: a == b == c))


@misconception("copy-of-the-first", of="pairwise_independent_joint")
def copy_of_the_first():
    """Two independent coins and a copy of the first are pairwise independent.

    The first and the third tell you everything about each other. The third must depend on both others together.
    """
    return _example(_three(lambda a, b, c: a == c))


@misconception("and-for-exclusive-or", of="pairwise_independent_joint")
def and_for_exclusive_or():
    """`a and b` is independent of each of a and b.

    Where a is 0, `a and b` is 0, so a tells you something. Which function of two coins is a fair coin whatever a is?
    """
    return _example(_three(lambda a, b, c: (a & b) == c))


@misconception("or-for-exclusive-or", of="pairwise_independent_joint")
def or_for_exclusive_or():
    """`a or b` is independent of each of a and b.

    Where a is 1, `a or b` is 1, so a tells you something. Which function of two coins is a fair coin whatever a is?
    """
    return _example(_three(lambda a, b, c: (a | b) == c))


@misconception("ones-for-probabilities", of="pairwise_independent_joint")
def ones_for_probabilities_of_three():
    """A 1 stands for a triple that can happen.

    Your cells sum to more than 1. They are probabilities.
    """
    return _example(4 * pairwise_independent_joint())
