"""The grammar of a bank of misconceptions: what it makes of declarations, and what it refuses."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.beliefs import load_bank, misconception, truth
from autograder.checks.misconceptions import Bank, Misconception
from autograder.checks.rules import Family
from autograder.course import CourseError
from autograder.remote.calls import Call

HEAD = '''
import math
from autograder.checks.beliefs import misconception, truth, unknown

ITEMS = {"example-1": ("log", "power", "train"), "exercise-1": ("number",)}

@truth(of="log", tolerance=1e-4)
def log(x, base=2):
    """Return the logarithm."""
    if x < 0:
        raise ValueError("refused")
    return math.log(x) / math.log(base)

@truth(of="power", silent_on=lambda y: y == 1000)
def power(y, base=2):
    return base**y

truth(of="number")(8.0)
'''

TEXT = '"""What was believed.\n\n    What to try,\n    and where.\n    """'

Read = Callable[..., Bank]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(declarations: str, head: str = HEAD) -> Bank:
        text = textwrap.dedent(declarations).replace("TEXT", TEXT)
        (tmp_path / "misconceptions.py").write_text(head + text, encoding="utf-8")
        bank = load_bank(tmp_path)
        assert bank is not None
        return bank

    return read


def only(bank: Bank) -> Misconception:
    (entry,) = bank.misconceptions
    return entry


def answers(entry: Misconception, *args: Any, **kwargs: Any) -> Any:
    assert callable(entry.rule)
    return entry.rule(*args, **kwargs)


def test_a_docstring_is_what_students_read(read: Read) -> None:
    entry = only(read('@misconception("nats", of="log")\ndef nats(answer):\n    TEXT\n    return answer'))

    assert (entry.id, entry.function, entry.item, entry.tolerance) == ("nats", "log", "example-1", 1e-4)
    assert (entry.believed, entry.hint) == ("What was believed.", "What to try, and where.")


@pytest.mark.parametrize("rule", ["x, base=2", "base, x", "call", "answer, base"])
def test_a_rule_takes_by_name_what_it_needs(rule: str, read: Read) -> None:
    body = {
        "x, base=2": "math.log(x) / math.log(base) + base",
        "base, x": "math.log(x) / math.log(base) + base",
        "call": "call.right() + call.arguments['base']",
        "answer, base": "answer + base",
    }[rule]
    entry = only(read(f'@misconception("m", of="log")\ndef m({rule}):\n    TEXT\n    return {body}'))

    assert answers(entry, 8) == answers(entry, x=8) == answers(entry, 8, 2) == pytest.approx(5)
    assert answers(entry, 9, base=3) == pytest.approx(5)


def test_a_rule_that_needs_the_right_answer_refuses_what_is_to_be_refused(read: Read) -> None:
    entry = only(read('@misconception("m", of="log")\ndef m(answer):\n    TEXT\n    return -answer'))

    with pytest.raises(ValueError, match="refused"):
        answers(entry, -1)


def test_a_default_of_its_own_holds_where_an_argument_is_not_given(read: Read) -> None:
    entry = only(
        read('@misconception("m", of="log")\ndef m(call, base=10):\n    TEXT\n    return call.right(base=base)')
    )

    assert answers(entry, 100) == pytest.approx(2)
    assert answers(entry, 8, base=2) == pytest.approx(3)


def test_a_call_shows_its_first_argument_and_what_was_given(read: Read) -> None:
    entries = read(
        """
        @misconception("m", of=("log", "power"))
        def m(call):
            TEXT
            return call.first, sorted(call.given), call.right(1, base=3)
        """
    ).misconceptions

    assert [entry.function for entry in entries] == ["log", "power"]
    assert answers(entries[0], 5) == (5, ["x"], 0)
    assert answers(entries[1], 5, base=4) == (5, ["base", "y"], 3)


@pytest.mark.parametrize(("about", "expected"), [("number", 4.0), ("log", 4.0)])
def test_what_takes_nothing_is_the_answer(about: str, expected: float, read: Read) -> None:
    entry = only(read(f'@misconception("m", of="{about}")\ndef m():\n    TEXT\n    return 4.0'))

    assert (answers(entry, 1, base=5) if about == "log" else entry.rule) == expected


def test_a_wrong_number_is_made_of_the_right_one(read: Read) -> None:
    assert only(read('@misconception("m", of="number")\ndef m(answer):\n    TEXT\n    return answer / 2')).rule == 4.0


@pytest.mark.parametrize("about", ["log", "number", "train"])
def test_a_docstring_alone_is_for_a_check_to_prove(about: str, read: Read) -> None:
    entry = only(read(f'@misconception("m", of="{about}")\ndef m():\n    TEXT\n'))

    assert entry.rule is None


def test_values_of_a_parameter_make_a_misconception_each(read: Read) -> None:
    entries = read(
        """
        @misconception("m", of="log", factor=(2, 3), shift=(0, 1))
        def m(answer, factor, shift):
            TEXT
            return factor * answer + shift
        """
    ).misconceptions

    assert [round(answers(entry, 2)) for entry in entries] == [2, 3, 3, 4]


def test_a_form_makes_the_rule_of_a_formula_with_its_parameters(read: Read) -> None:
    entries = read(
        """
        def in_units(formula):
            return lambda x, base: formula(x) / math.log(base)

        @misconception("m", of="log", form=in_units, factor=(1, 2))
        def m(x, factor):
            TEXT
            return factor * x
        """
    ).misconceptions

    assert [answers(entry, 3, base=math.e) for entry in entries] == [3, 6]


def test_an_unknown_number_is_told_by_one_answer_and_proved_by_another(read: Read) -> None:
    bank = read(
        """
        @misconception("m", of="log", epsilon=unknown(like=1e-6))
        def m(answer, base, epsilon):
            TEXT
            return answer + epsilon * base
        """
    )
    entry = only(bank)

    def told(*xs: float) -> list[str]:
        calls = [Call("log", (x, 1e4), {}, result=math.log(x) / math.log(1e4) + 2e-5 * 1e4) for x in xs]
        return [found.misconception.id for found in bank.diagnose(calls)]

    assert isinstance(entry.rule, Family)
    assert entry.rule.example == 1e-6
    assert (told(2), told(2, 3)) == ([], ["m"])


def test_where_a_truth_is_silent_a_rule_says_what_is_right(read: Read) -> None:
    wrong, constant = read(
        """
        @misconception("m", of="power")
        def m(answer):
            TEXT
            return answer + 1

        @misconception("always-0", of="power")
        def zero():
            TEXT
            return 0
        """
    ).misconceptions

    assert (answers(wrong, 3), answers(constant, 3)) == (9, 0)
    assert answers(wrong, 1000) == answers(constant, 1000) == 2**1000


def test_one_function_can_be_declared_for_several_and_stays_what_it_was(read: Read) -> None:
    entries = read(
        """
        @misconception("m", of="log", factor=[2])
        @misconception("m", of="number", factor=[3])
        def m(answer, factor):
            TEXT
            return factor * answer

        assert m(1, 5) == 5
        """
    ).misconceptions

    assert [(entry.function, entry.item) for entry in entries] == [("number", "exercise-1"), ("log", "example-1")]
    assert entries[0].rule == 24


@pytest.mark.parametrize("declare", [misconception("m", of="log"), truth(of="log")], ids=["misconception", "truth"])
def test_what_no_bank_reads_is_refused(declare: Callable[[Any], Any]) -> None:
    with pytest.raises(CourseError, match="which load_bank reads"):
        declare(math.log)


def test_a_suite_without_the_file_has_no_bank(tmp_path: Path) -> None:
    assert load_bank(tmp_path) is None


@pytest.mark.parametrize(
    ("declaration", "why"),
    [
        ('@misconception("m", of="log")\ndef m():\n    """One."""', "two paragraphs, .* it has 1"),
        ('@misconception("m", of="log")\ndef m():\n    """One.\n\n    Two.\n\n    Three."""', "it has 3"),
        ('@misconception("m", of="log")\ndef m():\n    pass', "it has none"),
        ('@misconception("Not an id", of="log")\ndef m():\n    TEXT', "small letters, digits and hyphens"),
        ('@misconception("m", of=())\ndef m():\n    TEXT', "`of` is empty"),
        ('@misconception("m", of="exp")\ndef m():\n    TEXT', "`exp` belongs to no item; add it to ITEMS"),
        ('@misconception("m", of="log")\ndef m(p):\n    TEXT', "it takes `p`, and `log` takes `x`, `base`"),
        ('@misconception("m", of="log")\ndef m(*args):\n    TEXT', "it takes `args`"),
        ('@misconception("m", of="log", a=[1])\ndef m(x):\n    TEXT', "its function does not take `a`"),
        (
            '@misconception("m", of="log", a=unknown(), b=unknown())\ndef m(a, b):\n    TEXT',
            "`a` and `b` are unknown, but one answer tells only one",
        ),
        ('@misconception("m", of="number")\ndef m(x):\n    TEXT', "takes nothing or `answer`"),
        ('@misconception("m", of="train")\ndef m():\n    TEXT\n    return 1', "`train` has no truth"),
        ('@misconception("m", of="train")\ndef m(call):\n    TEXT', "`train` has no truth"),
        (
            '@misconception("m", of="log")\n@misconception("m", of="log")\ndef m():\n    TEXT',
            "is declared twice for `log`; give one the values of both by a keyword",
        ),
    ],
)
def test_a_misconception_that_breaks_the_grammar_is_refused(declaration: str, why: str, read: Read) -> None:
    with pytest.raises(CourseError, match=rf"misconceptions\.py: misconception `[\w -]+` \(m\): .*{why}"):
        read(declaration)


@pytest.mark.parametrize(
    ("declaration", "why"),
    [
        ('truth(of="log")(1.0)', "the truth of `log` is declared twice"),
        ('truth(of="exp")(1.0)', "the truth of `exp` belongs to no item; add it to ITEMS"),
        ('ITEMS["exercise-1"] = ("number", "log")', "ITEMS has `log` in `example-1` and in `exercise-1`"),
        ('truth(of="train")(lambda call: call)', "`train` has a parameter `call`"),
        ('SLOPES = {"train": log}', "SLOPES has `train`, which has no truth"),
    ],
)
def test_a_bank_that_breaks_the_grammar_is_refused(declaration: str, why: str, read: Read) -> None:
    with pytest.raises(CourseError, match=f"misconceptions.py: {why}"):
        read(declaration)
