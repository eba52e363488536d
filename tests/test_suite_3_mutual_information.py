"""The hidden suites of section 3 against students who follow each known wrong rule exactly."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.feature_selection import mutual_info_classif

from autograder.checks.answers import WrongAnswer
from autograder.remote.faults import RemoteFault
from autograder.verdict import Verdict
from tests.suite_harness import SuiteInProcess

EXAMPLE = SuiteInProcess("3_mutual_information", "test_example_3", "mutual_information")
EXERCISE = SuiteInProcess("3_mutual_information", "test_exercise_3", "notebook")
SUITES = (EXAMPLE, EXERCISE)
BY_CHECKS = pytest.mark.parametrize("suite", SUITES, ids=["example-3", "exercise-3"])

CLAIMS = {
    "zero_mi_means_zero_correlation": True,
    "zero_correlation_means_zero_mi": False,
    "zero_mi_means_same_distribution": False,
    "pairwise_means_joint_independence": False,
    "functions_stay_independent": True,
    "conditioning_keeps_independence": False,
    "independent_samples_score_above_zero": True,
    "knowing_y_leaves_the_entropy_of_x": True,
}


def functions_of(suite: SuiteInProcess) -> list[Any]:
    return [check for check in suite.checks if check.function != "claims"]


@BY_CHECKS
@pytest.mark.parametrize("seed", range(5))
def test_the_truth_passes_every_check_under_any_seed(suite: SuiteInProcess, seed: int) -> None:
    failed, _ = suite.failed(suite.truths, seed)

    assert failed == []


def test_every_function_has_at_least_six_misconceptions() -> None:
    for suite in SUITES:
        for function in suite.truths:
            assert sum(wrong.function == function for wrong in suite.wrong_functions) >= 6, function


@BY_CHECKS
@pytest.mark.parametrize(
    "answer",
    [0.0, 1.0, float("nan"), None, True, False, [0.5, 0.5], np.eye(2) / 2, ([0, 1], [0.5, 0.5]), ([0], [0.0, 0.0])],
    ids=str,
)
def test_constant_earns_nothing(suite: SuiteInProcess, answer: Any) -> None:
    failed, _ = suite.failed(dict.fromkeys(suite.truths, lambda *_args, **_kwargs: answer))

    assert failed == functions_of(suite)


@BY_CHECKS
@pytest.mark.parametrize("kind", [ValueError, NotImplementedError, TypeError])
def test_function_that_always_raises_earns_nothing(suite: SuiteInProcess, kind: type[Exception]) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise kind("no")

    failed, _ = suite.failed(dict.fromkeys(suite.truths, refuse))

    assert failed == functions_of(suite)


@BY_CHECKS
def test_checks_of_one_function_call_no_other(suite: SuiteInProcess) -> None:
    for function in suite.truths:
        _, calls = suite.failed({function: suite.truths[function]})

        assert {call.function for call in calls} == {function}


@pytest.mark.parametrize("random_state", [0, 1, 42, 2**32 - 1])
def test_any_fixed_seed_of_scikit_learn_is_right(random_state: int) -> None:
    def select(features: Any, y: Any, n_features: int = 5) -> Any:
        if not 1 <= n_features <= np.shape(features)[1]:
            raise ValueError("n_features")
        scores = mutual_info_classif(features, y, random_state=random_state)
        return np.argsort(-scores, kind="stable")[:n_features], scores

    for seed in range(3):
        failed, _ = EXAMPLE.failed({"MutualInformation.feature_selection_by_mi": select}, seed)
        assert failed == []


def test_a_seed_that_is_not_fixed_is_seen() -> None:
    def select(features: Any, y: Any, n_features: int = 5) -> Any:
        if not 1 <= n_features <= np.shape(features)[1]:
            raise ValueError("n_features")
        scores = mutual_info_classif(features, y, random_state=None)
        return np.argsort(-scores, kind="stable")[:n_features], scores

    for seed in range(5):
        failed, _ = EXAMPLE.failed({"MutualInformation.feature_selection_by_mi": select}, seed)
        assert [check.__name__ for check in failed] == ["test_the_same_call_gives_the_same_answer"]


def points_of_claims(claims: Any) -> int:
    """Return how many of the eight checks of `claims` pass."""
    notebook = SimpleNamespace(claims=claims)
    passed = 0
    for check in EXERCISE.checks:
        if check.function == "claims":
            try:
                check(notebook)
            except WrongAnswer:
                continue
            passed += 1
    return passed


@pytest.mark.parametrize("wrong", range(9))
def test_claims_earn_right_minus_wrong_and_never_less_than_nothing(wrong: int) -> None:
    claims = {key: truth is (i >= wrong) for i, (key, truth) in enumerate(CLAIMS.items())}

    assert points_of_claims(claims) == max(0, 8 - 2 * wrong)


def test_claims_left_open_are_neither_right_nor_wrong() -> None:
    answered = dict(list(CLAIMS.items())[:5])

    assert points_of_claims(answered) == 5
    assert points_of_claims(answered | {"knowing_y_leaves_the_entropy_of_x": False}) == 4
    assert points_of_claims(answered | {"knowing_y_leaves_the_entropy_of_x": None, "of_my_own": True}) == 5
    assert points_of_claims({key: np.bool_(truth) for key, truth in CLAIMS.items()}) == 8


@pytest.mark.parametrize(
    "claims",
    [
        dict.fromkeys(CLAIMS, True),
        dict.fromkeys(CLAIMS, False),
        dict.fromkeys(CLAIMS, "True"),
        dict.fromkeys(CLAIMS, np.array([True, False])),
        dict.fromkeys(CLAIMS, 1),
        {},
        list(CLAIMS.values()),
        None,
        {None: True, 1.5: False, (1, 2): [[]]},
    ],
    ids=["all-true", "all-false", "text", "arrays", "numbers", "empty", "list", "none", "other-keys"],
)
def test_claims_without_a_judgement_earn_nothing(claims: Any) -> None:
    assert points_of_claims(claims) == 0


def test_claims_as_they_were_handed_out_are_missing_and_not_wrong() -> None:
    checks = [check for check in EXERCISE.checks if check.function == "claims"]

    for check in checks:
        with pytest.raises(RemoteFault, match="none of the eight statements") as untouched:
            check(SimpleNamespace(claims=dict.fromkeys(CLAIMS)))
        assert untouched.value.verdict is Verdict.MISSING
        with pytest.raises(WrongAnswer):
            check(SimpleNamespace(claims=dict.fromkeys(CLAIMS) | {"zero_correlation_means_zero_mi": True}))


BUMP = np.exp(-0.5 * np.linspace(-3, 3, 41) ** 2)
RIGHT_EXAMPLES = {
    "dependent_but_uncorrelated": [
        ([-1, 0, 1], [1, 0], [[1 / 3, 0], [0, 1 / 3], [1 / 3, 0]]),
        [np.array([-2.0, -1, 1, 2]), (4, 1), np.array([[1, 0], [0, 1], [0, 1], [1, 0]]) / 4],
        ((-1, 0, 1), (-1, 0, 1), [[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]]),
        (np.linspace(-3, 3, 41), np.linspace(-3, 3, 41) ** 2, np.diag(BUMP / BUMP.sum())),
        ([0, 1, 2], [10, 20], np.array([[2, 0], [0, 4], [2, 0]], dtype=np.float32) / 8),
    ],
    "pairwise_independent_joint": [
        [[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]],
        (((0, 0.25), (0.25, 0)), ((0.25, 0), (0, 0.25))),
        np.array([[[0.2, 0.05], [0.05, 0.2]], [[0.05, 0.2], [0.2, 0.05]]]),
        np.array([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]], dtype=np.float32),
    ],
}


@pytest.mark.parametrize("function", RIGHT_EXAMPLES)
def test_any_right_example_passes(function: str) -> None:
    for example in RIGHT_EXAMPLES[function]:
        failed, _ = EXERCISE.failed({function: lambda example=example: example})
        assert failed == [], example


HOSTILE = [
    "abc",
    {"joint_p": 1},
    [[["a"] * 2] * 2] * 2,
    [[[None, 1], [1, 1]]] * 2,
    [[1, [2]], [3]],
    ([1, 2], [1, 2], [[0.5], [0.25, 0.25]]),
    ([1, 2], [1, 2], [[np.inf, -np.inf], [0, 1]]),
    ([1, float("nan")], [1, 2], [[0.5, 0], [0, 0.5]]),
    (["1", "2"], [1, 2], [[0.5, 0], [0, 0.5]]),
    ([1e200, -1e200], [1, 2], [[0.5, 0], [0, 0.5]]),
    ([0, 1e-9], [0, 1], [[0.25, 0.25], [0.25, 0.25]]),
    ([1, 1, 2], [0, 1], [[0.25, 0.0], [0.0, 0.25], [0.25, 0.25]]),
    (np.zeros((2, 0)), np.zeros(0), np.zeros((0, 0))),
    np.full((2, 2, 2), 0.125 + 0j),
    np.full((2, 2, 2), 1e308),
    np.array([[["0.125"] * 2] * 2] * 2),
    np.array([None] * 8, dtype=object).reshape(2, 2, 2),
    10**400,
]


@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_an_odd_answer_is_a_wrong_one(answer: Any) -> None:
    for suite in SUITES:
        failed, _ = suite.failed(dict.fromkeys(suite.truths, lambda *_args, **_kwargs: answer))
        assert failed == functions_of(suite)
