"""What students are told about a fault whose reason is not known: for which input it shows, and how."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.checks.misconceptions import Bank, Explanation, Misconception
from autograder.checks.symptoms import SYMPTOMS
from autograder.judge.trial import most_telling
from autograder.remote.calls import Call
from autograder.remote.faults import RemoteFault
from autograder.verdict import Verdict


def total(p: Any, base: float = 2) -> float:
    """Return the truth that all programs here are compared with."""
    numbers = np.asarray(p, dtype=float)
    if numbers.ndim == 0 or base <= 1:
        raise ValueError("refused")
    return float(numbers.sum()) / math.log2(base)


def negative(_p: Any, base: float = 2) -> float:
    return -1.0 / base


CALLS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    (([0.5, 0.5],), {}),
    (([0.25, 0.75],), {"base": 2}),
    (([0.25, 0.75],), {"base": 10}),
    (([0.25, 0.75, 0.0],), {"base": 7}),
    (([0.25, 0.75, 0.0],), {}),
    ((np.array([0.5, 0.25]),), {}),
    ((np.array([True, False]),), {}),
    (([True, False],), {"base": 10}),
    (([[0.5, 0.5]],), {}),
    (([0.5, 1e-9],), {}),
    ((1.0,), {}),
    ((np.array(1.0),), {"base": 3}),
    (([0.5, 0.5],), {"base": 1}),
    (([0.5, 0.5],), {"base": -1.5}),
)


def explained(student: Callable[..., Any], *misconceptions: Misconception) -> list[Explanation]:
    """Return what is found for a program that answers all calls."""
    another = Misconception("another", "example-1", "total", "believed", "hint", lambda *_args, **_kwargs: 77.0)
    known = misconceptions or (another,)
    calls = []
    for args, kwargs in CALLS:
        try:
            calls.append(Call("total", args, kwargs, result=student(*args, **kwargs)))
        except Exception as error:  # noqa: BLE001  programs fail in any way
            fault = RemoteFault(Verdict.ERROR, str(error), types=tuple(kind.__name__ for kind in type(error).__mro__))
            calls.append(Call("total", args, kwargs, fault=fault))
    return Bank({"total": total}, known).diagnose(calls)


def bools_fail(p: Any, base: float = 2) -> float:
    if np.asarray(p).dtype == bool:
        raise TypeError("no minus for bools")
    return total(p, base)


def numbers_pass(p: Any, base: float = 2) -> float:
    return total(np.atleast_1d(np.asarray(p)), base)


def no_base_but_ten(p: Any, base: float = 2) -> float:
    return total(p, base if base in (2, 10) or base <= 1 else 2)


def zeros_are_nan(p: Any, base: float = 2) -> float:
    answer = total(p, base)
    return math.nan if 0.0 in np.asarray(p, dtype=float) else answer


def rare_is_infinite(p: Any, base: float = 2) -> float:
    answer = total(p, base)
    return math.inf if ((np.asarray(p) > 0) & (np.asarray(p) < 1e-8)).any() else answer


@pytest.mark.parametrize(
    ("student", "name", "where"),
    [
        (bools_fail, "valid-input-raises", "`p` holds bools"),
        (numbers_pass, "input-not-refused", "`p` is a single number"),
        (no_base_but_ten, "wrong-for-some-input", "`base` is none of 2, e and 10"),
        (zeros_are_nan, "nan", "`p` holds a 0"),
        (rare_is_infinite, "infinite", "`p` holds very small numbers"),
    ],
)
def test_a_fault_is_told_by_the_input_that_shows_it(student: Callable[..., Any], name: str, where: str) -> None:
    (found,) = explained(student)

    assert found.misconception.id == name
    assert found.misconception.item == "example-1"
    assert found.misconception.believed.startswith(f"Where {where}, ")
    wrong = [number for number, (args, kwargs) in enumerate(CALLS) if not same(student, args, kwargs)]
    assert sorted(found.calls) == wrong


def same(student: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the student's program ends as the truth does."""
    ends = []
    for function in (student, total):
        try:
            ends.append(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  programs fail in any way
            ends.append(type(error))
    return bool(ends[0] == ends[1])


def test_a_little_off_everywhere_is_imprecise() -> None:
    (found,) = explained(lambda p, base=2: total(p, base) + 1e-6)

    assert found.misconception.id == "imprecise"
    assert found.misconception.believed == SYMPTOMS["imprecise"].believed


@pytest.mark.parametrize(
    "student",
    [
        lambda p, base=2: 3 * total(p, base),
        lambda *_args, **_kwargs: math.nan,
        lambda p, base=2: total(p, base) if len(p) == 3 else 5.0,
    ],
    ids=["wrong everywhere", "always NaN", "right too seldom"],
)
def test_of_what_is_hardly_ever_right_no_place_is_told(student: Callable[..., Any]) -> None:
    assert explained(student) == []


def test_a_single_wrong_number_has_one_reason_or_none() -> None:
    assert explained(lambda p, base=2: total(p, base) + (list(np.ravel(p)) == [0.25, 0.75] and base == 10)) == []


def test_a_misconception_says_more_than_a_symptom() -> None:
    known = Misconception("ten-for-all", "example-1", "total", "believed", "hint", no_base_but_ten)

    assert [entry.misconception for entry in explained(no_base_but_ten, known)] == [known]


def test_a_negative_answer_may_be_cut_off_at_zero() -> None:
    def rule(p: Any, base: float = 2) -> float:
        return total(p, base) - 0.9

    known = Misconception("less", "example-1", "total", "believed", "hint", rule)

    assert [entry.misconception for entry in explained(lambda p, base=2: max(0.0, rule(p, base)), known)] == [known]


def test_zero_for_everything_is_no_negative_answer_cut_off() -> None:
    known = Misconception("lost-minus", "example-1", "total", "believed", "hint", negative)

    assert "lost-minus" not in [entry.misconception.id for entry in explained(lambda *_args, **_kwargs: 0.0, known)]


def test_every_symptom_says_something_and_what_to_do() -> None:
    for symptom in SYMPTOMS.values():
        assert symptom.believed or symptom.localized
        assert symptom.hint.endswith(".")
        assert "{where}" in symptom.localized or not symptom.localized


def test_reasons_take_the_place_of_symptoms_and_a_place_that_of_none() -> None:
    def hint(name: str, believed: str = "believed") -> Misconception:
        return Misconception(name, "example-1", "total", believed, "hint", None)

    reason, changed, plain, localized = hint("base-ignored"), hint("input-changed"), hint("nan"), hint("nan", "here")

    assert most_telling([plain, localized], is_explained=False) == [localized]
    assert most_telling([plain, reason], is_explained=True) == [reason]
    assert most_telling([plain, changed], is_explained=True) == [changed]
