"""The judge against a small course with a suite of its own, in the real sandbox."""

import dataclasses
import json
import os
import re
import sys
import textwrap

import pytest

from autograder import course as course_module
from autograder.course import CourseError
from autograder.judge import trial
from autograder.judge.suite import Suite
from autograder.records import score
from autograder.records.record import Header
from autograder.records.store import encode
from autograder.remote.errors import LitterError
from autograder.remote.link import Link
from autograder.submissions.attempts import make_attempt
from autograder.verdict import Verdict

from .conftest import notebook_bytes

COURSE = """
id = "c"
title = "C"
seed = 1
[limits]
call_cpu_seconds = 1.0
sleep_seconds = 3.0
import_cpu_seconds = 5.0
cell_cpu_seconds = 1.0
attempt_cpu_seconds = 60.0
attempt_sleep_seconds = 60.0
memory_mb = 256
file_mb = 1
replacements = 4
[[section]]
id = "1_a"
title = "A"
notebook = "1_a.ipynb"
modules = ["work.py"]
files = []
[[section.item]]
id = "example-1"
title = "One"
kind = "module"
module = "work.py"
points = 4
[[section.item]]
id = "exercise-1"
title = "Two"
kind = "notebook"
points = 6
defines = ["answer"]
"""

EXAMPLE = '''
import contextlib
from autograder.checks.answers import approx, fail, item, number, points, raises
pytestmark = item("example-1")

@points(1, function="double", reveal=True)
def test_doubles_by_hand(work):
    """Twice three is six."""
    assert work.double(3) == approx(6, unit="apples")

@points(1, function="double")
def test_doubles_anything(work, rng):
    """The double of any number is twice that number."""
    x = float(rng.uniform(1, 2))
    assert work.double(x) == approx(2 * x)

@points(1, function="root")
def test_root_refuses_negative_numbers(work):
    """A negative number has no root."""
    assert work.root(4.0) == approx(2.0)
    with raises(ValueError, "root(-1)"):
        work.root(-1.0)

@points(1, function="root")
def test_root_is_a_number(work):
    """A root is a number."""
    root = work.root(9.0)
    if number(root) <= 0:
        tolerate(root)
        assert False  # noqa: B011  an assertion without a message

def tolerate(root):
    with contextlib.suppress(AssertionError):
        assert root == approx(7)
'''

EXERCISE = '''
from autograder.checks.answers import approx, item, points
pytestmark = item("exercise-1")

@points(6, function="answer")
def test_answer(notebook):
    """The answer to everything."""
    assert notebook.answer == approx(42)
'''

MISCONCEPTIONS = '''
from autograder.checks.beliefs import misconception, truth

ITEMS = {"example-1": ("double",), "exercise-1": ("answer",)}

truth(of="answer")(42.0)

@truth(of="double")
def double(x):
    return 2 * x

@misconception("square-for-double", of="double")
def squared(x):
    """x squared is twice x

    Compare 3 + 3 with 3 * 3.
    """
    return x * x

@misconception("half", of="answer")
def half(answer):
    """half of it

    Look at the other half.
    """
    return answer / 2
'''

RIGHT = """
def double(x): return x + x
def root(x):
    if x < 0: raise ValueError("negative")
    return x ** 0.5
"""


@pytest.fixture
def no_outer_pytest(monkeypatch):
    """Let a suite be collected as in a judge's process, where assertions are not rewritten by an outer pytest."""
    monkeypatch.setattr(sys, "meta_path", [f for f in sys.meta_path if type(f).__name__ != "AssertionRewritingHook"])
    yield
    for name in [name for name in sys.modules if name.startswith("1_a")]:
        del sys.modules[name]


RELEASED = notebook_bytes(("exercise-1", "raise NotImplementedError()"))


@pytest.fixture
def make_suite(tmp_path, no_outer_pytest):
    """Write a course with the given suite and load it."""

    def make(
        example=EXAMPLE, exercise=EXERCISE, course=COURSE, misconceptions=MISCONCEPTIONS, released=RELEASED, **rules
    ):
        root = tmp_path / "root"
        suites = root / "suites"
        files = {
            root / "source" / "course.toml": course,
            root / "assignments" / "1_a" / "1_a.ipynb": released.decode(),
            suites / "1_a" / "test_example_1.py": example,
            suites / "1_a" / "test_exercise_1.py": exercise,
            suites / "1_a" / "misconceptions.py": misconceptions,
        } | {suites / "1_a" / name: text for name, text in rules.items()}
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        the_course = course_module.load(root)
        return Suite(the_course, the_course.sections[0])

    return make


@pytest.fixture
def judged(make_suite, link):
    """Judge a module and an exercise cell; return the record."""

    def judge(module=RIGHT, cell="answer = 42", suite=None, seed=1, files=None):
        suite = suite or make_suite()
        if files is None:
            files = {"work.py": textwrap.dedent(module).encode(), "1_a.ipynb": notebook_bytes(("exercise-1", cell))}
        made = make_attempt(suite.section, "ada", suite.course.root, files)
        judgement = trial.judge(suite, made, link, seed)
        header = Header("1_a", made.digest, "suite", seed, "grader", ("landlock", "seccomp", "rlimits"))
        return score.record(suite.section, judgement, header, made.notes)

    return judge


def points_of(record):
    return {name: item.points for name, item in record.items.items()}


def check_of(record, name):
    return next(check for item in record.items.values() for check in item.checks if check.name == name)


def test_right_work_gets_full_marks(judged):
    record = judged()

    assert points_of(record) == {"example-1": 4, "exercise-1": 6}
    assert record.status == "judged"
    assert all(check.verdict == "passed" and check.message == "" for check in record.items["example-1"].checks)


@pytest.mark.parametrize(("times", "status"), [(1, "judged"), (2, "judged"), (99, "not judged")])
def test_an_attempt_that_others_disturb_is_judged_again_from_its_start(judged, monkeypatch, times, status):
    """Another process fills the disk, and this child had to end so that this could be seen."""
    undisturbed = judged()
    look = Link.check_litter
    left = [times]

    def disturbed(link):
        if left[0] and link.clock.cpu_seconds() > 0:
            left[0] -= 1
            link._lock = os.open(link._folder, os.O_RDONLY)
            raise LitterError(is_hidden=True)
        look(link)

    monkeypatch.setattr(Link, "check_litter", disturbed)

    record = judged()

    assert record.status == status
    assert status == "not judged" or encode(record) == encode(undisturbed)


def test_a_check_can_prove_a_misconception_itself(judged, make_suite):
    example = EXAMPLE.replace("== approx(2 * x)", '== approx(2 * x) or fail("It is squared.", "square-proved")')
    proved = '''
        @misconception("square-proved", of="double")
        def proved():
            """x squared is twice x

            Compare 3 + 3 with 3 * 3.
            """
    '''
    suite = make_suite(example, misconceptions=MISCONCEPTIONS + textwrap.dedent(proved))

    check = check_of(judged(RIGHT.replace("x + x", "x * x"), suite=suite), "doubles_anything")

    assert (check.verdict, check.message) == ("wrong", "It is squared.")
    assert [hint.misconception for hint in check.hints] == ["square-proved", "square-for-double"]


def test_a_comparison_that_a_check_tolerated_is_not_what_it_failed_for(judged):
    record = judged(RIGHT.replace("x ** 0.5", "x ** 0.5 if x == 4 else -x"))

    check = check_of(record, "root_is_a_number")
    assert (check.verdict, check.message, check.got) == ("wrong", "The answer is not right.", None)


def test_a_misconception_that_the_bank_lacks_is_a_fault_of_ours(judged, make_suite):
    example = EXAMPLE.replace("== approx(2 * x)", '== approx(2 * x) or fail("It is squared.", "nothing")')

    record = judged(RIGHT.replace("x + x", "x * x"), suite=make_suite(example))

    assert record.status == "not judged"
    assert "`nothing`" in record.reason


def test_checks_can_share_what_is_dear(judged, make_suite):
    example = EXAMPLE.replace("def test_doubles_anything(work, rng):", "def test_doubles_anything(work, rng, once):")
    example = example.replace("work.double(x) ==", 'once("double", lambda: work.double(x)) ==')

    assert points_of(judged(suite=make_suite(example))) == {"example-1": 4, "exercise-1": 6}


def test_wrong_work_loses_points_where_it_is_wrong(judged):
    record = judged(RIGHT.replace("x + x", "x * x"))

    assert points_of(record) == {"example-1": 2, "exercise-1": 6}
    assert check_of(record, "doubles_by_hand").to_json() == {
        "name": "doubles_by_hand",
        "verdict": "wrong",
        "points": 0.0,
        "max": 1.0,
        "function": "double",
        "reason": "Twice three is six.",
        "message": "The answer was 9.",
        "call": "double(3)",
        "expected": "6 apples",
        "got": "9",
        "follows_from": [],
        "misconception": "square-for-double",
        "hints": [
            {
                "misconception": "square-for-double",
                "believed": "x squared is twice x",
                "hint": "Compare 3 + 3 with 3 * 3.",
            }
        ],
    }


def test_a_check_that_does_not_reveal_shows_neither_call_nor_expected_value(judged):
    check = check_of(judged(RIGHT.replace("x + x", "x * x")), "doubles_anything")

    assert check.verdict == "wrong"
    assert check.call is None
    assert check.expected is None
    assert check.got is None
    assert re.fullmatch(r"The answer was [\d.]+ times the right one\.", check.message)


def test_no_misconception_is_claimed_that_does_not_fit_every_answer(judged):
    record = judged(RIGHT.replace("x + x", "9 if x == 3 else 0"))

    assert check_of(record, "doubles_by_hand").misconception is None


def test_a_wrong_number_of_an_exercise_is_named(judged):
    check = check_of(judged(cell="answer = 21"), "answer")

    assert check.misconception == "half"
    assert check.expected is None


@pytest.mark.parametrize(
    ("module", "verdict"),
    [
        ("def double(x): raise NotImplementedError('add')\ndef root(x): return abs(x) ** 0.5", "missing"),
        ("def root(x): return abs(x) ** 0.5", "missing"),
        ("def double(x): return 1 / 0\ndef root(x): return abs(x) ** 0.5", "error"),
        ("import os\ndef double(x): os._exit(1)\ndef root(x): return abs(x) ** 0.5", "crashed"),
        ("def double(x):\n    while 1: pass\ndef root(x): return abs(x) ** 0.5", "time limit"),
        ("def double(x): return bytearray(2**36)\ndef root(x): return abs(x) ** 0.5", "memory limit"),
        ("def double(x): return open('/etc/passwd').read()\ndef root(x): return abs(x) ** 0.5", "refused"),
        ("def double(x): return None\ndef root(x): return abs(x) ** 0.5", "wrong"),
        ("def double(x): return '6'\ndef root(x): return abs(x) ** 0.5", "wrong"),
        ("def double(x): return float('nan')\ndef root(x): return abs(x) ** 0.5", "wrong"),
        (
            "class Yes:\n    __eq__ = lambda *a: True\ndef double(x): return Yes()\ndef root(x): return abs(x) ** 0.5",
            "wrong",
        ),
    ],
)
def test_one_fault_costs_only_its_function(judged, module, verdict):
    record = judged(module)

    assert check_of(record, "doubles_by_hand").verdict == verdict
    assert check_of(record, "doubles_anything").verdict == verdict
    assert check_of(record, "root_refuses_negative_numbers").verdict == "wrong"
    assert check_of(record, "root_is_a_number").verdict == "passed"
    assert check_of(record, "answer").verdict == "passed"


@pytest.mark.parametrize(
    "answer", ["42", "42.0", "np.float64(42)", "np.array(42)", "Fraction(42)", "torch.tensor(42.0)", "np.float32(42)"]
)
def test_anything_that_float_takes_is_a_number(judged, answer):
    cell = f"import numpy as np, torch\nfrom fractions import Fraction\nanswer = {answer}"

    assert points_of(judged(cell=cell))["exercise-1"] == 6


def test_a_syntax_error_costs_the_module_and_not_the_notebook(judged):
    record = judged("def double(x:\n")

    assert points_of(record) == {"example-1": 0, "exercise-1": 6}
    assert "(work.py, line 1)" in check_of(record, "doubles_by_hand").message


@pytest.mark.parametrize(
    ("cell", "verdict", "says"),
    [
        ("raise NotImplementedError()", "missing", "the cell `exercise-1` is not written yet"),
        ("answer = 1 / 0", "error", "ZeroDivisionError: division by zero (exercise-1, line 1)"),
        ("other = 42", "missing", "No cell of the notebook defines `answer`."),
        ("while True: pass", "time limit", "was stopped after 1 seconds of computing"),
        ("answer = [42]", "wrong", "A number was expected; got a list."),
    ],
)
def test_a_name_that_is_not_there_is_traced_to_its_cell(judged, cell, verdict, says):
    record = judged(cell=cell)

    assert check_of(record, "answer").verdict == verdict
    assert says in check_of(record, "answer").message
    assert points_of(record) == {"example-1": 4, "exercise-1": 0}


@pytest.mark.parametrize(
    ("notebook", "verdict"), [(None, "missing"), (b"no json", "error"), (b"[]", "error"), (b'{"cells": 1}', "error")]
)
def test_a_notebook_that_cannot_be_read_costs_only_its_items(judged, notebook, verdict):
    files = {"work.py": RIGHT.encode()} | ({} if notebook is None else {"1_a.ipynb": notebook})
    record = judged(files=files)

    assert points_of(record) == {"example-1": 4, "exercise-1": 0}
    assert check_of(record, "answer").verdict == verdict
    assert "1_a.ipynb" in check_of(record, "answer").message


def test_a_check_that_fails_by_itself_is_a_fault_of_ours(judged, make_suite):
    broken = EXAMPLE.replace(
        'assert work.double(3) == approx(6, unit="apples")', "work.double(3).no_such_thing[0] + {}"
    )
    record = judged(suite=make_suite(example=broken))

    assert record.status == "not judged"
    assert "doubles_by_hand" in record.reason
    assert points_of(record) == {"example-1": None, "exercise-1": None}


def test_the_same_attempt_gives_the_same_record_byte_for_byte(judged, make_suite):
    suite = make_suite()
    wrong = RIGHT.replace("x + x", "x * x").replace('"negative"', "object()")

    assert encode(judged(wrong, suite=suite)) == encode(judged(wrong, suite=suite))


def test_hidden_inputs_come_from_the_seed(judged, make_suite):
    suite = make_suite()
    told = [
        check_of(judged(RIGHT.replace("x + x", "x * x"), suite=suite, seed=seed), "doubles_anything").message
        for seed in (1, 1, 2)
    ]

    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"course": COURSE.replace("points = 4", "points = 5")}, "worth 4 points, course.toml says 5"),
        (
            {"course": COURSE.replace('id = "example-1"', 'id = "example-9"')},
            "belongs to `example-1`, which course.toml lacks",
        ),
        ({"exercise": ""}, "no check for the item `exercise-1`"),
        ({"example": EXAMPLE.replace('    """Twice three is six."""\n', "")}, "a docstring as the reason"),
        ({"example": EXAMPLE.replace('pytestmark = item("example-1")', "")}, "needs an item"),
        ({"example": "import no_such_module_at_all"}, "does not load"),
    ],
)
def test_a_suite_that_contradicts_the_course_is_refused(make_suite, changes, reason):
    with pytest.raises(CourseError, match=reason):
        make_suite(**changes)


def test_a_section_without_a_suite_is_refused(make_suite, tmp_path):
    suite = make_suite()

    with pytest.raises(CourseError, match="has no hidden suite"):
        Suite(dataclasses.replace(suite.course, suites=tmp_path / "empty"), suite.section)


PROSE = COURSE + '\n[[section.item]]\nid = "exercise-2"\ntitle = "Three"\nkind = "prose"\npoints = 2\n'
RULES = """
item = "exercise-2"
points = 2
question = "Why is it three?"
[[concept]]
id = "two-and-one"
title = "two and one are three"
points = 2
say = ["two and one"]
"""


def test_prose_waits_for_a_person(judged, make_suite):
    record = judged(suite=make_suite(course=PROSE))

    assert record.status == "needs review"
    assert record.items["exercise-2"].points is None
    assert record.items["exercise-2"].prose.suggestion is None


@pytest.mark.parametrize(
    ("text", "found"),
    [("Because two and one are three.", [2]), ("It is green.", []), ("", []), ("import os; os._exit(1)", [])],
)
def test_evidence_in_prose_is_shown_and_points_are_never_given(judged, make_suite, text, found):
    released = notebook_bytes(("exercise-1", "raise NotImplementedError()"), ("exercise-2", "*Write here.*"))
    suite = make_suite(course=PROSE, released=released, **{"exercise-2.toml": RULES})
    handed_in = json.loads(notebook_bytes(("exercise-1", "answer = 42"), ("exercise-2", text)))
    handed_in["cells"][1] |= {"cell_type": "markdown"}
    files = {"work.py": textwrap.dedent(RIGHT).encode(), "1_a.ipynb": json.dumps(handed_in).encode()}

    record = judged(suite=suite, files=files)

    explanation = record.items["exercise-2"]
    assert (explanation.points, explanation.status) == (None, "needs review")
    assert explanation.prose.suggestion is None  # without graded answers there is no second reader
    assert [entry.points for entry in explanation.prose.evidence.concepts] == found
    assert record == judged(suite=suite, files=files, seed=1)


def test_rules_that_contradict_the_course_are_refused(make_suite):
    with pytest.raises(CourseError, match="must be 'exercise-2' and 2"):
        make_suite(course=PROSE, **{"exercise-2.toml": RULES.replace("points = 2\nquestion", "points = 3\nquestion")})


def test_only_a_pass_earns_points(judged):
    record = judged("def double(x): return 0\ndef root(x): return 0")
    checks = [check for item in record.items.values() for check in item.checks]

    assert {check.points for check in checks if check.verdict != Verdict.PASSED.value} == {0.0}
