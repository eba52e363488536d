"""Statements of released cells wait until a cell asks for what they define."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from autograder.sandbox.deferred import Deferred, names_given


def after(*cells: str, asked: str, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Defer `cells`, then have the cell `asked` run; return the namespace without what Python puts there."""
    deferred = Deferred()
    for cell in cells:
        deferred.add(cell, names_given(cell))
    namespace = dict(names or {})
    deferred.run_for(asked, namespace, asked)
    namespace.pop("__builtins__", None)
    return namespace


def test_nothing_is_run_that_nobody_asks_for() -> None:
    assert after("a = 1\nb = 2", asked="c = 3") == {}


def test_what_is_asked_for_is_run_with_what_it_needs_and_nothing_else() -> None:
    found = after("import math\na = 4", "b = math.sqrt(a)\nc = 1 / 0", asked="print(b)")

    assert (found["a"], found["b"]) == (4, 2.0)
    assert "c" not in found


@pytest.mark.parametrize(
    "asked",
    ["print(a)", "def f():\n    return a", "x = [a for _ in range(2)]", "await a", "f'{a}'", "del a", "a += 1",
     "get_ipython().run_line_magic('timeit', 'sum(a)')", "if 0:\n    a = 2\nprint(a)", "globals()['a']", "globals().get('a')", "'a' in globals()", "[globals()[n] for n in ('a', 'b')]", "get_ipython().ev('a')", "vars()['a']", "eval('a + 1')", "class C:\n    x = a"],
)  # fmt: skip
def test_a_name_is_asked_for_wherever_it_is_read(asked: str) -> None:
    assert after("a = 1", asked=asked) == {"a": 1}


@pytest.mark.parametrize(
    "asked",
    [
        "a = 2\nprint(a)",
        "x.a",
        "print('a')",
        "get_ipython().run_line_magic('time', '1')\nprint('a')",
        "def f(a):\n    return a",
        "a = 2\ndef f():\n    return a",
        "a +",
    ],
)
def test_a_name_of_the_cells_own_is_not_asked_for(asked: str) -> None:
    assert after("a = 1", asked=asked) == {}


def test_the_last_of_several_bindings_counts() -> None:
    assert after("a = 1", "a = a + 1", asked="a")["a"] == 2


def test_functions_and_classes_are_there_with_the_names_that_they_use() -> None:
    found = after("import heapq\ndef f(x):\n    return heapq.nsmallest(1, x)\nclass C: pass", asked="f([2, 1])")

    assert found["f"]([2, 1]) == [1]
    assert "C" not in found


def test_a_network_is_trained_before_it_is_used() -> None:
    """A statement that changes an object through another one counts as a part of it."""
    found = after(
        "net = [0]\nother = [0]",
        "class Optimiser:\n    def __init__(self, p): self.p = p\n    def step(self): self.p[0] += 1",
        "optimiser = Optimiser(net)\nfor _ in range(3):\n    optimiser.step()\nother.append(1)",
        asked="net",
    )

    assert found["net"] == [3]
    assert "other" not in found


def test_what_only_shows_something_is_left_out() -> None:
    shown: list[int] = []

    found = after(
        "with open_nothing():\n    a = 1\n    figures.draw(a)\n    print(1 / 0)",
        asked="a",
        names={"open_nothing": Nothing, "figures": shown, "print": shown.append},
    )

    assert (found["a"], shown) == (1, [])


class Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_a_statement_that_fails_leaves_the_others() -> None:
    assert after("a = missing", "b = 1", asked="a, b") == {"b": 1}


def test_what_the_student_has_bound_since_is_the_students() -> None:
    deferred = Deferred()
    source = "a = 1\nb = 2\na, c = 3, 4"
    deferred.add(source, names_given(source))
    namespace: dict[str, Any] = {}

    deferred.run_for("a = 'mine'", namespace)
    namespace["a"] = "mine"
    deferred.run_for("print(a, c)", namespace)

    assert (namespace["a"], namespace["c"]) == ("mine", 4)


def test_the_source_of_what_a_released_cell_defines_can_be_asked_for() -> None:
    found = after("x = 1\ndef f():\n    return 1\n", asked="f")

    assert inspect.getsource(found["f"]) == "def f():\n    return 1\n"


def test_what_the_student_has_bound_since_changes_no_released_value() -> None:
    deferred = Deferred()
    source = "letters = 'abc'\nfirst = letters[0]"
    deferred.add(source, names_given(source))
    namespace: dict[str, Any] = {}

    deferred.run_for("letters = 'xyz'", namespace)
    namespace["letters"] = "xyz"
    deferred.run_for("print(first)", namespace)

    assert namespace["first"] == "a"
    assert namespace["letters"] == "xyz"


def test_a_statement_runs_once() -> None:
    deferred = Deferred()
    deferred.add("a = []\nb = a.append(1)", {"a", "b"})
    namespace: dict[str, Any] = {}

    for _ in range(2):
        deferred.run_for("a, b", namespace)

    assert namespace["a"] == [1]


def test_names_that_a_cell_gives() -> None:
    source = "import a.b, c as d\nfrom e import f\nfor g in h: i = 1\ndef j(k): l = 1\nm, (n, *o) = p"

    assert names_given(source) == {"a", "d", "f", "g", "i", "j", "m", "n", "o"}
