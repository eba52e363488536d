"""Failed checks are grouped by what is behind them, and no point is promised twice."""

from __future__ import annotations

import itertools

import pytest

from autograder.checks.symptoms import SYMPTOMS
from autograder.records import causes as module
from autograder.records.causes import Cause, causes
from autograder.records.record import CheckRecord, Hint, ItemRecord
from autograder.submissions.attempts import without_work
from autograder.verdict import Verdict
from tests.records import ENTROPY, FUNCTION, check, item, record

JOINT, CONDITIONAL = "InformationMeasures.joint_entropy", "InformationMeasures.conditional_entropy"
NATS = Hint("nats-for-bits", "nats are bits", "divide")
AXIS = Hint("axis-swapped", "axis 0 is axis 1", "swap")
SYNTAX = "Importing `entropy.py` raised SyntaxError"


def found(*checks: CheckRecord, exercise: ItemRecord | None = None) -> list[Cause]:
    return causes(ENTROPY, record(item(*checks, full=10), exercise))


def wrong(name: str, function: str = FUNCTION, message: str = "", *hints: Hint) -> CheckRecord:
    return check(name, "wrong", function=function, message=message, hints=hints)


def test_a_misconception_is_one_cause_in_all_functions_and_items() -> None:
    die = check("die", "wrong", function="die_entropy", max=2.0, hints=(NATS,))

    (cause,) = found(wrong("a", FUNCTION, "", NATS), wrong("b", JOINT, "", NATS), exercise=item(die, full=6))

    assert (cause.title, cause.scope, cause.wins) == ("Nats for bits", "2 functions and 1 name", 4.0)
    assert cause.is_certain


def test_a_check_with_two_explanations_is_not_counted_as_won_by_either() -> None:
    own, both = found(wrong("a", FUNCTION, "", NATS), wrong("b", FUNCTION, "", NATS, AXIS))

    assert (own.title, own.wins, own.is_certain) == ("Nats for bits", 1.0, True)
    assert (both.title, both.wins, both.is_certain) == ("Nats for bits, or axis swapped", 1.0, False)


@pytest.mark.parametrize(
    ("messages", "title"),
    [
        (
            [
                "The answer was NaN, which is never right here.",
                "Zeros must add nothing. One of the answers was NaN.",
                "Base 3 must be accepted; got nan.",
                "The answer holds NaN.",
            ],
            "Answers that are NaN",
        ),
        (["The answer was infinite.", "Base 3 must be accepted; got inf."], "Infinite answers"),
        (["A number was expected; got None (is a `return` missing?)."], "Nothing is returned"),
        (
            ["An array of shape (2,) was expected; got shape (3,).", "`f` must return (B, d); got shape (1,)."],
            "Wrong shape",
        ),
    ],
)
def test_a_symptom_is_one_cause_whatever_the_function(messages: list[str], title: str) -> None:
    functions = itertools.cycle((FUNCTION, JOINT, CONDITIONAL))
    checks = [wrong(f"c{n}", next(functions), message) for n, message in enumerate(messages * 2)]

    (cause,) = found(*checks)

    assert cause.title == title
    assert cause.wins == len(checks)
    assert not cause.is_certain, "what the answer is without it nobody knows"


def test_a_reason_for_some_of_the_nan_of_a_function_does_not_split_them() -> None:
    zeros = Hint("zero-times-infinity", "0 log 0 is a number", "leave zeros out")
    nan = "The answer was NaN, which is never right here."

    (explained,) = found(wrong("a", FUNCTION, nan, zeros), wrong("b", FUNCTION, nan, zeros))
    both, other = found(wrong("a", FUNCTION, nan, zeros), wrong("b", FUNCTION, nan), wrong("c", JOINT, "", zeros))

    assert (explained.title, explained.wins) == ("Zero times infinity", 2.0)
    assert (both.title, both.wins, both.hints) == ("Answers that are NaN", 2.0, [])
    assert (other.title, other.wins) == ("Zero times infinity", 1.0)


def test_words_about_an_input_are_no_symptom() -> None:
    message = "An entry that is NaN: a ValueError was expected, but a value came back."

    (cause,) = found(wrong("a", FUNCTION, message))

    assert cause.title == "Input that must be refused is answered"


def test_exceptions_in_one_line_are_one_cause_whether_or_not_they_are_quoted() -> None:
    quoted = "`InformationMeasures.entropy` raised TypeError: no len (entropy.py, line 12)."
    kept_back = "`InformationMeasures.joint_entropy` raised TypeError (line 12)."
    other = "`InformationMeasures.entropy` raised TypeError (line 13)."

    one, two = found(
        check("a", "error", message=kept_back, function=JOINT),
        check("b", "error", message=quoted),
        check("c", "error", message=other),
    )

    assert (one.title, one.scope, one.message) == ("TypeError in line 12", "2 functions", quoted)
    assert (two.title, two.scope) == ("TypeError in line 13", "`entropy`")


def test_a_module_that_cannot_be_loaded_is_one_cause_with_the_cells_that_import_it() -> None:
    cell = (
        "`die_entropy` is not defined, because the cell `module` stopped. The cell raised SyntaxError: invalid syntax "
        "(entropy.py, line 6)."
    )
    die = check("die", "error", function="die_entropy", message=cell)

    (cause,) = found(
        check("a", "error", message=f"{SYNTAX} (line 6)."),
        check("b", "error", message=f"{SYNTAX}: invalid syntax (entropy.py, line 6)."),
        exercise=item(die, full=6),
    )

    assert cause.title == "`entropy.py` can’t be loaded"
    assert cause.message == f"{SYNTAX}: invalid syntax (entropy.py, line 6)."
    assert (cause.wins, cause.is_certain) == (3.0, False)


def test_what_is_not_written_is_one_cause() -> None:
    (cause,) = found(
        check("a", "missing", message="Not written yet: `InformationMeasures.entropy` (line 66)."),
        check("b", "missing", message="Not written yet: `InformationMeasures.joint_entropy` (line 9).", function=JOINT),
        exercise=item(
            check("die", "missing", function="die_entropy", message="No cell of the notebook defines `die_entropy`."),
            full=6,
        ),
    )

    assert (cause.title, cause.scope, cause.wins) == ("Not written yet", "2 functions and 1 name", 3.0)


def test_what_is_as_it_was_released_is_not_written_whatever_else_stopped_it() -> None:
    cell = "`die_entropy` is not defined, because the cell `module` stopped. The cell raised SyntaxError (entropy.py, "
    die = check("die", "error", function="die_entropy", message=f"{cell}line 6).")
    left_open = check("claims", "wrong", function="claims", message="Of eight statements 0 are answered.")
    of = record(
        item(check("a", "error", message=f"{SYNTAX} (line 6)."), full=10),
        item(die, left_open, full=6),
        notes=(without_work("1_entropy.ipynb", "as it was released"),),
    )

    not_written, module_cause = causes(ENTROPY, of)

    assert (not_written.title, not_written.wins, not_written.verdict) == ("Not written yet", 2.0, Verdict.MISSING)
    assert (module_cause.title, module_cause.wins) == ("`entropy.py` can’t be loaded", 1.0)


def test_limits_of_different_functions_are_different_causes() -> None:
    told = "was stopped after 0.5 seconds of computing."

    first, second = found(
        check("a", "time limit", message=f"`{FUNCTION}` {told}"),
        check("b", "time limit", message=f"`{JOINT}` {told}", function=JOINT),
    )

    assert (first.title, first.scope) == ("Time limit", "`entropy`")
    assert (second.title, second.scope) == ("Time limit", "`joint_entropy`")


def test_what_only_follows_is_counted_where_it_comes_from_and_once() -> None:
    follows = check("b", "wrong", function=CONDITIONAL, follows_from=(FUNCTION,))

    own, following = found(wrong("a", FUNCTION, "", NATS), follows)

    assert (own.wins, own.by_others) == (2.0, 1.0)
    assert (following.wins, following.counted) == (0.0, True)


def test_what_follows_from_a_function_with_two_faults_is_promised_to_neither() -> None:
    follows = check("b", "wrong", function=CONDITIONAL, follows_from=(FUNCTION,))

    *own, following = found(wrong("a", FUNCTION, "", NATS), wrong("c", FUNCTION, "", AXIS), follows)

    assert [cause.wins for cause in own] == [1.0, 1.0]
    assert (following.wins, following.counted) == (1.0, False)


def test_causes_promise_no_more_than_is_lost_and_the_largest_comes_first() -> None:
    checks = [
        wrong("a", FUNCTION, "The answer was NaN."),
        wrong("b", JOINT, "", NATS, AXIS),
        wrong("c", JOINT, "", NATS),
        check("d", "error", max=3.0, message="`f` raised KeyError."),
        check("e", "wrong", function=CONDITIONAL, follows_from=(JOINT,)),
    ]

    ordered = found(*checks)

    assert sum(cause.wins for cause in ordered) == sum(one.max for one in checks)
    assert ordered[0].title == "KeyError"
    assert ordered[-1].follows_from


def test_of_equal_causes_a_file_that_stops_everything_in_it_comes_first() -> None:
    first, second = found(
        check("a", "missing", message="No cell of the notebook defines `x`."),
        check("b", "error", message=f"{SYNTAX} (line 6)."),
    )

    assert (first.title, second.title) == ("`entropy.py` can’t be loaded", "Not written yet")


def test_what_was_not_judged_has_no_cause() -> None:
    broken = item(check("a", "not judged", message="INTERNAL"), full=10)

    assert causes(ENTROPY, record(broken)) == []


def test_every_symptom_has_a_title() -> None:
    assert SYMPTOMS.keys() <= module._TITLES.keys()
