"""Properties of the reference modules of sections 1 to 3 that hold for every distribution and every sample."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

from tests.properties import ROUNDING, Array, channels, distributions, exact_sum, load, tables

MEASURES = load("1_entropy", "entropy").InformationMeasures
DIVERGENCES = load("2_divergence", "divergence").DivergenceMeasures
MUTUAL = load("3_mutual_information", "mutual_information").MutualInformation
entropy, joint_entropy, conditional_entropy = MEASURES.entropy, MEASURES.joint_entropy, MEASURES.conditional_entropy
kl, cross_entropy, js = DIVERGENCES.kl_divergence, DIVERGENCES.cross_entropy, DIVERGENCES.js_divergence
mutual_information = MUTUAL.mutual_information_discrete

BASES = st.floats(1.01, 100)
LABELS = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b", None, (1, 2), 2**70]))
SAMPLES = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30)


def close(value: float) -> Any:
    return pytest.approx(value, rel=ROUNDING, abs=ROUNDING)


def columns(sample: list[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    return [x for x, _ in sample], [y for _, y in sample]


# --- entropy -------------------------------------------------------------------------------------------------------


@given(distributions())
def test_entropy_agrees_with_scipy_torch_and_fifty_digits(drawn: list[Array]) -> None:
    (p,) = drawn
    with mpmath.workdps(50):
        exact = exact_sum(-mpmath.mpf(x) * mpmath.log(mpmath.mpf(x), 2) for x in p.tolist() if x)

    assert entropy(p) == close(exact)
    assert entropy(p, math.e) == close(scipy_entropy(p))
    assert entropy(p, math.e) == close(float(torch.distributions.Categorical(torch.tensor(p)).entropy()))


@given(distributions(), BASES)
def test_entropy_lies_between_certainty_and_the_logarithm_of_the_support(drawn: list[Array], base: float) -> None:
    (p,) = drawn
    support = np.count_nonzero(p)

    assert 0 <= entropy(p, base) <= math.log(support, base) + ROUNDING / math.log(base)
    assert entropy(np.where(p > 0, 1 / support, 0.0), base) == close(math.log(support) / math.log(base))
    assert (entropy(p) == 0) == (support == 1)


@given(distributions(), st.data())
def test_entropy_depends_on_no_names_and_on_no_impossible_outcomes(drawn: list[Array], data: st.DataObject) -> None:
    (p,) = drawn
    order = data.draw(st.permutations(range(p.size)))
    place = data.draw(st.integers(0, p.size))

    assert entropy(p[order]) == close(entropy(p))
    assert entropy(np.insert(p, place, 0.0)) == close(entropy(p))


@given(distributions(number=2), st.floats(0, 1))
def test_entropy_is_concave(drawn: list[Array], share: float) -> None:
    p, q = drawn

    assert entropy(share * p + (1 - share) * q) >= share * entropy(p) + (1 - share) * entropy(q) - ROUNDING


@given(distributions())
def test_a_choice_can_be_made_in_two_steps(drawn: list[Array]) -> None:
    """Shannon's third axiom: first whether it is one of the first two outcomes, then which."""
    (p,) = drawn
    assume(p.size >= 2 and p[0] + p[1] > 0)
    both = p[0] + p[1]

    assert entropy(p) == close(entropy([both, *p[2:]]) + both * entropy([p[0] / both, p[1] / both]))


@given(tables())
def test_chain_rule_of_entropy(drawn: list[Array]) -> None:
    (table,) = drawn
    h_x, h_y = entropy(table.sum(axis=1)), entropy(table.sum(axis=0))

    assert joint_entropy(table) == close(h_y + conditional_entropy(table, axis=1))
    assert joint_entropy(table) == close(h_x + conditional_entropy(table, axis=0))


@given(tables())
def test_conditional_entropy_is_an_average_of_entropies(drawn: list[Array]) -> None:
    (table,) = drawn
    p_y = table.sum(axis=0)

    average = math.fsum(w * entropy(column / w) for w, column in zip(p_y, table.T, strict=True) if w)
    assert conditional_entropy(table) == close(average)
    assert conditional_entropy(table.T, axis=0) == close(average)


@given(tables())
def test_knowing_more_never_hurts_on_average(drawn: list[Array]) -> None:
    (table,) = drawn
    h_x = entropy(table.sum(axis=1))

    assert 0 <= conditional_entropy(table, axis=1) <= h_x + ROUNDING
    assert max(h_x, entropy(table.sum(axis=0))) - ROUNDING <= joint_entropy(table)
    assert joint_entropy(table) <= h_x + entropy(table.sum(axis=0)) + ROUNDING


@given(distributions(), distributions(), BASES)
def test_entropies_of_independent_variables_add_up(one: list[Array], other: list[Array], base: float) -> None:
    (p,), (q,) = one, other
    table = np.outer(p, q)

    assert joint_entropy(table, base) * math.log(base) == close(entropy(p, math.e) + entropy(q, math.e))
    assert conditional_entropy(table, 1, base) * math.log(base) == close(entropy(p, math.e))
    assert conditional_entropy(table, 0, base) * math.log(base) == close(entropy(q, math.e))


# --- divergences ---------------------------------------------------------------------------------------------------


@given(distributions(number=2, least=1))
def test_divergences_agree_with_scipy_torch_and_fifty_digits(drawn: list[Array]) -> None:
    p, q = drawn
    with mpmath.workdps(50):
        pairs = [(mpmath.mpf(x), mpmath.mpf(y)) for x, y in zip(p.tolist(), q.tolist(), strict=True)]
        exact = exact_sum(x * mpmath.log(x / y) for x, y in pairs)
        mixed = exact_sum(x * mpmath.log(2 * x / (x + y)) / 2 + y * mpmath.log(2 * y / (x + y)) / 2 for x, y in pairs)
    by_torch = torch.distributions.kl_divergence(*(torch.distributions.Categorical(torch.tensor(d)) for d in (p, q)))

    assert kl(p, q) == close(exact)
    assert kl(p, q) == close(scipy_entropy(p, q))
    assert kl(p, q) == close(float(by_torch))
    assert js(p, q) == close(mixed)
    assert js(p, q) == close(float(jensenshannon(p, q)) ** 2)


@given(distributions(number=2))
def test_gibbs_inequality_with_equality_for_equal_distributions_only(drawn: list[Array]) -> None:
    """Pinsker's inequality says how far above 0 the divergence is."""
    p, q = drawn
    distance = float(np.abs(p - q).sum())

    assert kl(p, q) >= distance**2 / 2 - ROUNDING
    assert kl(p, p) == kl(q, q) == 0
    assert cross_entropy(p, q) >= cross_entropy(p, p) - ROUNDING


@given(distributions(number=2))
def test_infinite_exactly_where_q_rules_out_what_p_does_not(drawn: list[Array]) -> None:
    p, q = drawn
    ruled_out = bool(((p > 0) & (q == 0)).any())

    assert math.isinf(kl(p, q)) is ruled_out
    assert math.isinf(cross_entropy(p, q)) is ruled_out
    assert math.isfinite(js(p, q))


@given(distributions(number=2))
def test_cross_entropy_is_entropy_plus_divergence(drawn: list[Array]) -> None:
    p, q = drawn

    assert cross_entropy(p, p, 2) == close(entropy(p))
    assert cross_entropy(p, q) == close(entropy(p, math.e) + kl(p, q))


@given(tables(number=2, least=1))
def test_chain_rule_of_divergence(drawn: list[Array]) -> None:
    p, q = drawn
    p_x, q_x = p.sum(axis=1), q.sum(axis=1)

    rest = math.fsum(w * kl(p[x] / w, q[x] / q_x[x]) for x, w in enumerate(p_x))
    assert kl(p.ravel(), q.ravel()) == close(kl(p_x, q_x) + rest)


@given(distributions(number=2), st.data())
def test_no_processing_of_data_moves_distributions_apart(drawn: list[Array], data: st.DataObject) -> None:
    p, q = drawn
    channel = data.draw(channels(p.size))

    assert kl(p @ channel, q @ channel) <= kl(p, q) + ROUNDING
    assert js(p @ channel, q @ channel) <= js(p, q) + ROUNDING


@given(distributions(number=2, least=1), distributions(number=2, least=1))
def test_divergences_of_independent_variables_add_up(first: list[Array], second: list[Array]) -> None:
    both = [np.outer(a, b).ravel() for a, b in zip(first, second, strict=True)]

    assert kl(*both) == close(kl(*first) + kl(*second))
    assert cross_entropy(*both) == close(cross_entropy(*first) + cross_entropy(*second))


@given(distributions(number=4, least=1), st.floats(0, 1))
def test_divergence_is_convex_in_the_pair(drawn: list[Array], share: float) -> None:
    p, q, r, s = drawn

    mixed = kl(share * p + (1 - share) * r, share * q + (1 - share) * s)
    assert mixed <= share * kl(p, q) + (1 - share) * kl(r, s) + ROUNDING


@given(distributions(number=3, least=1))
def test_js_is_what_the_mixture_saves(drawn: list[Array]) -> None:
    """The mean divergence from any R is that from the mixture plus that of the mixture from R."""
    p, q, r = drawn
    mixture = (p + q) / 2

    assert js(p, q) == close(entropy(mixture, math.e) - entropy(p, math.e) / 2 - entropy(q, math.e) / 2)
    assert (kl(p, r) + kl(q, r)) / 2 == close(js(p, q) + kl(mixture, r))


@given(distributions(number=3), BASES)
def test_js_is_symmetric_bounded_and_its_root_a_metric(drawn: list[Array], base: float) -> None:
    p, q, r = drawn
    sides = [math.sqrt(js(a, b)) for a, b in pairwise((p, q, r, p))]

    assert js(p, q) == close(js(q, p))
    assert 0 <= js(p, q, base) * math.log(base) <= math.log(2) + ROUNDING
    # The root turns a rounding of 1e-12 near 0 into one of 1e-6.
    assert max(sides) <= sum(sides) - max(sides) + 2 * math.sqrt(ROUNDING)


@given(distributions(number=2, least=1), BASES)
def test_base_is_a_factor_of_divergences(drawn: list[Array], base: float) -> None:
    p, q = drawn

    for function in (kl, cross_entropy, js):
        assert function(p, q, base) * math.log(base) == close(function(p, q))


# --- mutual information --------------------------------------------------------------------------------------------


def entropy_of(labels: list[Any]) -> float:
    """Return the entropy of the shares in a sample, in bits, from mpmath."""
    with mpmath.workdps(50):
        shares = [mpmath.mpf(n) / len(labels) for n in Counter(labels).values()]
        return exact_sum(-share * mpmath.log(share, 2) for share in shares)


@given(SAMPLES)
def test_mutual_information_agrees_with_scikit_learn_and_fifty_digits(sample: list[tuple[Any, Any]]) -> None:
    x, y = columns(sample)
    number = {label: index for index, label in enumerate({*x, *y})}
    by_sklearn = mutual_info_score([number[a] for a in x], [number[b] for b in y])

    assert mutual_information(x, y) == close(entropy_of(x) + entropy_of(y) - entropy_of(sample))
    assert mutual_information(x, y, math.e) == close(by_sklearn)


@given(SAMPLES, st.randoms(use_true_random=False))
def test_mutual_information_knows_no_order_and_no_names(sample: list[tuple[Any, Any]], random: Any) -> None:
    x, y = columns(sample)
    value = mutual_information(x, y)
    shuffled = random.sample(sample, len(sample))
    names = {label: f"name {index}" for index, label in enumerate({*x})}

    assert mutual_information(y, x) == close(value)
    assert mutual_information(*columns(shuffled)) == close(value)
    assert mutual_information([names[a] for a in x], y) == close(value)
    assert mutual_information(x * 3, y * 3) == close(value)


@given(SAMPLES)
def test_mutual_information_is_bounded_by_both_entropies(sample: list[tuple[Any, Any]]) -> None:
    x, y = columns(sample)

    assert 0 <= mutual_information(x, y) <= min(entropy_of(x), entropy_of(y)) + ROUNDING
    assert mutual_information(x, x) == close(entropy_of(x))
    assert mutual_information(x, ["constant"] * len(x)) == 0


@given(SAMPLES)
def test_no_function_of_x_knows_more(sample: list[tuple[Any, Any]]) -> None:
    x, y = columns(sample)
    coarse = [label in (0, 1, "a") for label in x]

    assert mutual_information(coarse, y) <= mutual_information(x, y) + ROUNDING
    assert mutual_information(list(zip(x, coarse, strict=True)), y) == close(mutual_information(x, y))


@given(st.lists(st.tuples(LABELS, LABELS, st.integers(0, 2)), min_size=1, max_size=30))
def test_chain_rule_of_mutual_information(sample: list[tuple[Any, Any, int]]) -> None:
    """I(X,Z;Y) = I(Z;Y) + sum_z P(z) I(X;Y|Z=z)."""
    x, y, z = (list(column) for column in zip(*sample, strict=True))
    conditional = [
        len(part) / len(sample) * mutual_information(*columns(part))
        for value in set(z)
        if (part := [(a, b) for a, b, c in sample if c == value])
    ]

    both = mutual_information(list(zip(x, z, strict=True)), y)
    assert both == close(mutual_information(z, y) + math.fsum(conditional))


@given(st.lists(LABELS, min_size=1, max_size=6), st.lists(LABELS, min_size=1, max_size=6))
def test_independent_columns_have_exactly_none(first: list[Any], second: list[Any]) -> None:
    sample = [(a, b) for a in first for b in second]

    assert mutual_information(*columns(sample)) == 0


@given(tables(most=4))
def test_mutual_information_is_the_divergence_from_independence(drawn: list[Array]) -> None:
    """Of a table of shares in 60 observations, as sections 1 and 2 compute it."""
    (table,) = drawn
    counts = np.ceil(table * 60).astype(int)
    x, y = (np.repeat(index.ravel(), counts.ravel()).tolist() for index in np.indices(counts.shape))
    shares = counts / counts.sum()
    product = np.outer(shares.sum(axis=1), shares.sum(axis=0))

    assert mutual_information(x, y) == close(kl(shares.ravel(), product.ravel(), 2))
    assert mutual_information(x, y) == close(entropy(shares.sum(axis=1)) - conditional_entropy(shares))


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_selection_takes_the_largest_scores_and_lower_columns_first(seed: int, width: int, wanted: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(24) % 3)
    features = rng.normal(size=(24, width)) + y[:, np.newaxis] * rng.uniform(0, 2, size=width)
    assume(wanted <= width)

    selected, scores = MUTUAL.feature_selection_by_mi(features, y, wanted)
    everything, again = MUTUAL.feature_selection_by_mi(features, y, width)

    assert scores.tolist() == again.tolist() == mutual_info_classif(features, y, random_state=0).tolist()
    assert selected.tolist() == everything[:wanted].tolist()
    assert everything.tolist() == sorted(range(width), key=lambda column: (-scores[column], column))
