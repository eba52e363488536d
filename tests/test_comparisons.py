"""The comparisons that hidden suites share."""

import math

import numpy as np
import pytest

from autograder.checks import comparisons
from autograder.checks.answers import WrongAnswer, compared
from autograder.checks.comparisons import assert_accepted, assert_proportional, assert_same, remembered


@pytest.fixture
def asked():
    return []


@pytest.fixture
def oracle(asked):
    @remembered
    def total(*arguments):
        """Return the sum of everything."""
        asked.append(arguments)
        return float(sum(np.sum(argument) for argument in arguments))

    return total


def test_an_oracle_is_asked_once_for_equal_arguments(oracle, asked):
    answers = [oracle(np.array([0.25, 0.75]), [1, 2], 3.0) for _ in range(3)]

    assert answers == [7.0] * 3
    assert len(asked) == 1
    assert oracle.__doc__ == "Return the sum of everything."


@pytest.mark.parametrize(
    "other",
    [
        (np.array([0.75, 0.25]), [1, 2]),
        (np.array([[0.25, 0.75]]), [1, 2]),
        (np.array([0.25, 0.75], dtype=np.float32), [1, 2]),
        (np.array([0.25, 0.75]), [2, 1]),
        (np.array([0.25, 0.75]), [1, 2], 0.0),
    ],
    ids=["another order", "another shape", "another type", "another list", "one more"],
)
def test_an_oracle_is_asked_anew_for_other_arguments(oracle, asked, other):
    oracle(np.array([0.25, 0.75]), [1, 2])
    oracle(*other)

    assert len(asked) == 2


def test_the_memory_of_an_oracle_is_bounded(oracle, asked, monkeypatch):
    monkeypatch.setattr(comparisons, "_REMEMBERED", 2)
    for number in (1.0, 2.0, 3.0, 3.0, 1.0):
        oracle(number)

    assert [number for (number,) in asked] == [1.0, 2.0, 3.0, 1.0]


@pytest.mark.parametrize("factor", [1.0, -1.4427, 1e-3])
def test_answers_are_right_up_to_a_factor(factor):
    assert_proportional([factor * truth for truth in (0.5, 0.0, 0.25)], [0.5, 0.0, 0.25], "No.")


@pytest.mark.parametrize("answers", [(0.0, 0.0, 0.0), (1e-5, 1e-5, 1e-5), (0.3, 0.3, 0.3), (0.5, 1e-6, 0.25)])
def test_constants_nothing_and_other_ratios_are_wrong(answers):
    with pytest.raises(AssertionError, match=r"^No\."):
        assert_proportional(answers, [0.5, 0.0, 0.25], "No.")


def test_what_is_accepted_is_a_number_and_not_nothing():
    assert_accepted(1e-3, "No")
    with pytest.raises(AssertionError, match=r"^No; got 0\.$"):
        assert_accepted(0.0, "No")
    with pytest.raises(WrongAnswer):
        assert_accepted("1", "No")


@pytest.mark.parametrize(
    ("got", "right", "told"),
    [
        (math.log(2), 1.0, "The answer was 0.693 times the right one."),
        (-2.5, 2.5, "The answer was minus the right one."),
        (0.0, 2.5, "The answer was 0."),
        (math.inf, 2.5, "The answer was infinite."),
        ([1.0, -math.inf], [1.0, 2.0], "The answer holds an infinite number."),
        (2.50001, 2.5, "The answer was right in its first 5 digits only."),
        (1.009, 1.0, "The answer was right in its first 2 digits only."),
        ([2.0, 0.0, 6.0], [1.0, 0.0, 3.0], "The answer was 2 times the right one."),
        ([2.0, 0.0, 5.0], [1.0, 0.0, 3.0], ""),
        ([2.0, 0.1], [1.0, 0.0], ""),
        (0.7, 0.0, ""),
        (0.7, math.inf, ""),
        (1e300, 1e-300, ""),
    ],
)
def test_an_answer_to_a_hidden_input_is_told_by_its_ratio_or_not_at_all(got, right, told):
    assert compared(got, right) == told


def test_two_answers_that_must_be_the_same_are_told_by_their_ratio():
    with pytest.raises(AssertionError, match=r"^No\. One answer was 2 times the other\.$"):
        assert_same(0.5, 0.25, "No.")
    with pytest.raises(AssertionError, match=r"^No\. One of the answers was NaN\.$"):
        assert_same(math.nan, 0.25, "No.")
    with pytest.raises(AssertionError, match=r"^No\.$"):
        assert_same(0.5, 0.0, "No.")
    assert_same(0.5, 0.5, "No.")
