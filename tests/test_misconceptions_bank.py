"""Which wrong rules are recognised behind answers of several parts."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from autograder.checks.misconceptions import Bank, Misconception, Unsettled
from autograder.remote.calls import Call
from autograder.sandbox.wire import Tensor


def ranked(n: int) -> Any:
    return np.arange(n), np.full(n, 0.5)


def reversed_rank(n: int) -> Any:
    return np.arange(n)[::-1], np.full(n, 0.5)


BANK = Bank({"rank": ranked}, [Misconception("reversed", "example-1", "rank", "believed", "hint", reversed_rank)])


def named(*answers: tuple[int, Any]) -> list[str]:
    found = BANK.diagnose([Call("rank", (n,), {}, result=answer) for n, answer in answers])
    return [entry.misconception.id for entry in found]


@pytest.mark.parametrize(
    "answer",
    [
        (np.array([2, 1, 0]), np.array([0.5, 0.5, 0.5])),
        [[2, 1, 0], [0.5, 0.5, 0.5]],
        ((2, 1, 0), [np.float32(0.5)] * 3),
    ],
    ids=["arrays", "lists", "tuples"],
)
def test_answer_of_several_parts_is_compared_part_by_part(answer: Any) -> None:
    assert named((3, answer)) == ["reversed"]


def test_part_with_one_number_is_the_same_as_array_and_as_list() -> None:
    assert named((2, ([1, 0], [0.5, 0.5])), (1, ([0], [0.5]))) == ["reversed"]


@pytest.mark.parametrize(
    "answer",
    [
        ([2, 1, 0], [0.5, 0.5, 0.6]),
        ([2, 1, 0],),
        ([2, 1, 0], [0.5, 0.5, 0.5], []),
        ([2, 1], [0.5, 0.5, 0.5]),
        (["2", "1", "0"], [0.5, 0.5, 0.5]),
        (None, None),
        {0: [2, 1, 0], 1: [0.5, 0.5, 0.5]},
        "ab",
        [[[[2, 1], [0]]], [[0.5]]],
    ],
    ids=range(9),
)
def test_other_answers_are_no_evidence(answer: Any) -> None:
    assert named((3, answer)) == []


@pytest.mark.parametrize(
    "answer",
    [np.ones(2**22, dtype=bool), Tensor("float32", np.ones(2**21, dtype=np.float32)), [0.5] * 250_000],
    ids=["array", "tensor", "list"],
)
def test_a_huge_answer_is_not_gone_through_for_every_rule(answer: Any) -> None:
    rules = [Misconception(f"m{n}", "example-1", "f", "a", "b", lambda p, n=n: float(n)) for n in range(2, 300)]
    begin = time.process_time()

    found = Bank({"f": lambda p: 1.0}, rules).diagnose([Call("f", ([0.5],), {}, result=answer)])

    assert not [entry for entry in found if entry.misconception.id.startswith("m")]
    assert time.process_time() - begin < 2  # 298 times through it is half a minute


def equal_scores(n: int) -> tuple[Unsettled, Any]:
    return Unsettled(range(n)), np.full(n, 0.25)


@pytest.mark.parametrize(
    ("answer", "fits"),
    [(([2, 0, 1], [0.25] * 3), True), (([0, 1, 2], [0.25] * 3), True), (([0, 1, 2], [0.25, 0.25, 0.5]), False)],
    ids=["another order", "the same order", "another score"],
)
def test_a_part_that_rounding_decides_is_not_compared(answer: Any, fits: bool) -> None:
    bank = Bank({"rank": ranked}, [Misconception("equal", "example-1", "rank", "believed", "hint", equal_scores)])

    assert bool(bank.diagnose([Call("rank", (3,), {}, result=answer)])) is fits
