"""The reference module of section 3 against independent libraries, and against identities of information theory."""

from __future__ import annotations

import importlib.util
import math
from collections import Counter
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import entropy
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

from tests.conftest import ROOT


def _module() -> ModuleType:
    path = ROOT / "source" / "3_mutual_information" / "mutual_information.py"
    spec = importlib.util.spec_from_file_location("reference_mutual_information", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULE = _module()
MEASURES = MODULE.MutualInformation
shared = MEASURES.mutual_information_discrete
select = MEASURES.feature_selection_by_mi

LABELS = st.one_of(
    st.integers(-3, 3),
    st.integers(2**60, 2**60 + 2),
    st.sampled_from(["", "a", "1", "None"]),
    st.none(),
    st.tuples(st.integers(0, 1), st.integers(0, 1)),
)
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=40)
SMALL = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=60)


def bits(labels: Any) -> float:
    return float(entropy(list(Counter(labels).values()), base=2))


@settings(max_examples=60, deadline=None)
@given(pairs=PAIRS)
def test_information_is_what_the_entropies_count_twice(pairs: list[Any]) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]

    information = shared(x, y)

    assert information == pytest.approx(bits(x) + bits(y) - bits(pairs), abs=1e-9)
    assert 0 <= information <= min(bits(x), bits(y)) + 1e-9
    assert shared(y, x) == pytest.approx(information, abs=1e-12)
    assert shared(x, x) == pytest.approx(bits(x), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(pairs=SMALL)
def test_agrees_with_scikit_learn_in_nats(pairs: list[Any]) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]

    assert shared(x, y, base=math.e) == pytest.approx(mutual_info_score(x, y), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(pairs=SMALL)
def test_a_function_of_x_never_tells_more_than_x(pairs: list[Any]) -> None:
    x, y = [a for a, _ in pairs], [b for _, b in pairs]

    assert shared([a // 2 for a in x], y) <= shared(x, y) + 1e-12


def test_agrees_with_thirty_digits() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 5, 200).tolist(), rng.integers(0, 7, 200).tolist()
    n_x, n_y, n_xy = Counter(x), Counter(y), Counter(zip(x, y, strict=True))
    with mpmath.workdps(30):
        exact = mpmath.fsum(
            mpmath.mpf(count) / 200 * mpmath.log(mpmath.mpf(count * 200) / (n_x[a] * n_y[b]), 2)
            for (a, b), count in n_xy.items()
        )

    assert shared(x, y) == pytest.approx(float(exact), rel=1e-14)


@pytest.mark.parametrize("k_x", [1, 2, 5])
@pytest.mark.parametrize("k_y", [1, 3, 7])
def test_independent_counts_give_exactly_zero(k_x: int, k_y: int) -> None:
    x = [a for a in range(k_x) for _ in range(k_y) for _ in range(3)]
    y = [b for _ in range(k_x) for b in range(k_y) for _ in range(3)]

    assert shared(x, y) == 0.0
    assert math.copysign(1, shared(x, y)) == 1


def test_bias_of_independent_columns_is_that_of_miller() -> None:
    rng = np.random.default_rng(11)
    k_x, k_y, n, repeats = 3, 4, 400, 300
    found = [shared(rng.integers(0, k_x, n).tolist(), rng.integers(0, k_y, n).tolist()) for _ in range(repeats)]
    bias = (k_x - 1) * (k_y - 1) / (2 * n * math.log(2))

    # 2 N ln2 I is nearly chi-square with 6 degrees of freedom: its standard deviation is sqrt(12) / (2 N ln 2)
    standard_error = math.sqrt(2 * (k_x - 1) * (k_y - 1)) / (2 * n * math.log(2)) / math.sqrt(repeats)
    assert abs(np.mean(found) - bias) < 5 * standard_error


def test_inputs_are_left_alone() -> None:
    x, y = np.array([1, 2, 1]), ["a", "b", "b"]
    shared(x, y)

    assert x.tolist() == [1, 2, 1]
    assert y == ["a", "b", "b"]


@pytest.mark.parametrize(("x", "y"), [([], []), ([1], [1, 2]), ([1, 2], [])])
def test_columns_without_pairs_are_refused(x: list[int], y: list[int]) -> None:
    with pytest.raises(ValueError, match="must"):
        shared(x, y)


@pytest.mark.parametrize("base", [1, 0, -2, math.nan, math.inf, None, "2"])
def test_what_is_no_base_is_refused(base: Any) -> None:
    with pytest.raises(ValueError, match="`base`"):
        shared([0, 1], [0, 1], base=base)


def test_scores_are_those_of_scikit_learn_for_any_seed() -> None:
    rng = np.random.default_rng(5)
    y = np.repeat([0, 1], 30)
    features = rng.normal(size=(60, 4)) + y[:, np.newaxis] * np.array([0, 1, 2, 4])

    selected, scores = select(features, y, n_features=3)

    for seed in (1, 42):
        assert scores == pytest.approx(mutual_info_classif(features, y, random_state=seed), abs=1e-12)
    assert selected.tolist() == sorted(range(4), key=lambda j: (-scores[j], j))[:3]


def test_a_column_that_separates_scores_the_difference_of_two_digammas() -> None:
    rng = np.random.default_rng(6)
    y = np.repeat(["no", "yes"], 20)
    separates = rng.uniform(size=40) + 5 * (y == "yes")

    selected, scores = select(np.column_stack([rng.uniform(size=40), separates, separates]), y, n_features=2)

    assert selected.tolist() == [1, 2]
    assert scores[1] == pytest.approx(digamma(40) - digamma(20), abs=1e-12)


@pytest.mark.parametrize("n_features", [0, -1, 3])
def test_numbers_of_columns_that_cannot_be_had_are_refused(n_features: int) -> None:
    with pytest.raises(ValueError, match="`n_features`"):
        select([[0.0, 1.0]] * 4, [0, 1, 0, 1], n_features=n_features)
