"""Answers instead of a broken function: true ones, at the right time, and only to what may be asked."""

from __future__ import annotations

import ast
import math
import resource
from typing import Any

import numpy as np
import pytest
import torch

from autograder.remote.true_answers import MAX_ASKED, MAX_BYTES_AT_ONCE, TrueAnswers, mentions
from autograder.sandbox import wire
from autograder.sandbox.stand_in import StandIn, rebinding

WINDOW = "work:caller"


def half(x: float, scale: float = 1.0) -> float:
    if not x >= 0:
        raise ValueError("negative")
    return x / 2 * scale


def square(x: Any, weight: float = 1.0) -> tuple[float, float]:
    numbers = np.asarray(x, dtype=float)
    return float((weight * numbers**2).sum()), float(numbers.sum())


def square_slopes(x: Any, weight: float = 1.0) -> list[dict[str, Any]]:
    numbers = np.asarray(x, dtype=float)
    return [{"x": 2 * weight * numbers}, {"x": np.ones_like(numbers)}]


def true_answers() -> TrueAnswers:
    truths = {"Work.half": half, "square": square}
    homes = {"Work.half": "work", "square": "notebook"}
    return TrueAnswers(truths, homes, frozenset({WINDOW}), {"square": square_slopes})


def question(function: Any = "Work.half", args: Any = (), kwargs: Any = None, weight: int = 100) -> wire.Frame:
    body = {"function": function, "args": list(args), "kwargs": {} if kwargs is None else kwargs}
    return wire.Frame(7, "ask", body, weight)


def test_the_truth_is_told_while_the_caller_runs() -> None:
    answering = true_answers()

    assert answering.tell(WINDOW, question(args=[3], kwargs={"scale": 10})) == {"value": 15}
    assert answering.asked == {"Work.half"}


@pytest.mark.parametrize("running", ["work:other", "notebook:cell:exercise-1", "work:", ""])
def test_nothing_is_told_at_other_times(running: str) -> None:
    answering = true_answers()

    assert answering.tell(running, question(args=[3])) == {}
    assert answering.asked == set()


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        ([-1], "ValueError"),
        ([math.nan], "ValueError"),
        ([], "TypeError"),
        ([1, 2, 3], "TypeError"),
        (["x"], "TypeError"),
    ],
)
def test_what_the_function_has_to_refuse_is_refused(args: list[Any], kind: str) -> None:
    assert true_answers().tell(WINDOW, question(args=args)) == {"raised": kind}


@pytest.mark.parametrize(
    "asked",
    [
        question("Work.caller", [1]),
        question("half", [1]),
        question("__import__", ["os"]),
        question(["Work.half"], [1]),
        question(None),
        question(args=[wire.Handle(1, "object")]),
        question(args=[[{"deep": wire.Handle(1, "object")}]]),
        question(kwargs={1: 2}),
        question(kwargs=[1]),
        question(args=[{1, 2}]),
        question(args=[1j]),
        question(args=[b"bytes"]),
        question(weight=MAX_BYTES_AT_ONCE + 1),
        wire.Frame(7, "ask", None),
        wire.Frame(7, "ask", {"function": "Work.half"}),
        wire.Frame(7, "ask", {"function": "Work.half", "args": (1,), "kwargs": {}}),
    ],
    ids=range(16),
)
@pytest.mark.parametrize("running", [WINDOW, "work:other"])
def test_anything_else_is_no_question(asked: wire.Frame, running: str) -> None:
    with pytest.raises(wire.WireError):
        true_answers().tell(running, asked)


def many(*shape: int) -> Any:
    return np.zeros(shape)


@pytest.mark.parametrize(
    "args",
    [
        [many(1000, 1), many(1, 1000)],
        [many(1000, 1).tolist(), many(1, 1000)],
        [many(1000, 1), wire.Tensor("float32", many(1, 1000))],
        [many(100, 1, 1), many(1, 100, 1), many(1, 1, 100)],
        [many(600, 1), many(1, 600), many(7)],
        [[many(1, 600)], [[[0.0]] * 900]],
        [many(n) for n in range(2, 9)],
    ],
    ids=["arrays", "lists", "tensors", "three", "beside-another", "arrays-in-lists", "many-shapes"],
)
def test_few_numbers_that_make_many_together_are_no_question(args: list[Any]) -> None:
    with pytest.raises(wire.WireError, match="too"):
        true_answers().tell(WINDOW, question(args=args))


def test_many_numbers_that_do_not_meet_are_a_question() -> None:
    """Labels and scores of 5,000 rows, which NumPy can't broadcast together, never make 25 million numbers."""
    assert true_answers().tell(WINDOW, question(args=[many(5000, 10), many(5000), many(128, 2)])) == {
        "raised": "TypeError"
    }


def test_questions_are_counted_at_all_times() -> None:
    answering = true_answers()
    for number in range(MAX_ASKED):
        answering.tell(WINDOW if number % 2 else "work:other", question(args=[1]))

    with pytest.raises(wire.WireError, match="too many"):
        answering.tell(WINDOW, question(args=[1]))


def test_tensors_are_answered_with_tensors_and_slopes() -> None:
    x = wire.Tensor("float32", np.array([1.0, 3.0], dtype=np.float32))

    answer = true_answers().tell(WINDOW, question("square", [x], {"weight": 2.0}))
    by_name = true_answers().tell(WINDOW, question("square", kwargs={"x": x}))

    assert [(part.dtype, float(part.array)) for part in answer["value"]] == [("float32", 20.0), ("float32", 4.0)]
    assert answer["slopes"][0][0].array.tolist() == [4.0, 12.0]
    assert answer["slopes"][1][0].array.tolist() == [1.0, 1.0]
    assert by_name["slopes"][0]["x"].array.tolist() == [2.0, 6.0]


def test_a_function_of_tensors_needs_one() -> None:
    assert true_answers().tell(WINDOW, question("square", [[1.0, 3.0]])) == {"raised": "TypeError"}


def test_gradients_flow_through_a_stand_in() -> None:
    answering = true_answers()

    def ask(name: str, args: Any, kwargs: Any) -> dict[str, Any]:
        sent = wire.decode(
            wire.encode(wire.Frame(7, "ask", {"function": name, "args": list(args), "kwargs": kwargs}))[4:]
        )
        answer = wire.decode(wire.encode(wire.Frame(7, "truth", answering.tell(WINDOW, sent)))[4:]).body
        return {"value": live(answer["value"]), "slopes": live(answer["slopes"])}

    def live(value: Any) -> Any:
        match value:
            case wire.Tensor():
                return torch.from_numpy(value.array)
            case list() | tuple():
                return type(value)(map(live, value))
            case dict():
                return {key: live(element) for key, element in value.items()}

    stand_in = StandIn("square", lambda x: x, ask)
    x = torch.tensor([1.0, 3.0], requires_grad=True)

    total, part = stand_in(2 * x)
    (total + part).backward()

    assert total.item() == 40
    assert x.grad is not None
    assert x.grad.tolist() == [2 * (4 + 1), 2 * (12 + 1)]
    with torch.no_grad():
        assert not stand_in(x)[0].requires_grad


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("def entropy(p): pass", False),
        ("class A:\n    def entropy(self): pass\n    # entropy(p)\n    x = 'entropy(p)'", False),
        ("def entropy(p): pass\nentropy([1])", True),
        ("A.entropy", True),
        ("cross_entropy(p)", False),
        ("", False),
        ("x = (", False),
        ("x = (entropy", True),
        ("x = 'open\nentropy", True),
        ("x = 'it' + entropy(p) + 'is'", True),
        ('x = "a" \'entropy\' "b"', False),
        ('x = """open\nentropy', False),
        ('x = """a""" + entropy', True),
        ("x = r'\\' + entropy", False),
        ("!echo" + " " * 100_000 + "$\nentropy", True),
    ],
)
def test_a_source_mentions_a_function_where_it_is_used(source: str, named: bool) -> None:
    assert mentions(source, "Measures.entropy") is named
    assert mentions(source.encode(), "Measures.entropy") is named


def test_a_long_source_takes_no_memory_beside_its_own() -> None:
    source = b"x = '''" + b"a\\n'" * 10**6 + b"'''\nentropy"

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    named = mentions(source, "Measures.entropy")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert named
    assert after - before < 100_000  # kilobytes; a record of each turn would take half a million


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return x\ny = f(1)",
        "f = lambda x: x\ny = f(1)",
        "f: object = lambda x: x\ny = f(1)",
        "from math import floor as f\ny = f(1)",
        "g, f = 1, lambda x: x\ny = f(1)",
    ],
)
def test_a_name_is_bound_anew_where_a_cell_binds_it(source: str) -> None:
    namespace: dict[str, Any] = {"__hook__": lambda name, own: lambda x: (name, own(x))}

    exec(compile(rebinding(ast.parse(source), ["f"], "__hook__"), "<cell>", "exec"), namespace)

    assert namespace["y"] == ("f", 1)
