"""What `docs/performance.md` says is what was measured, and the peers of a comparison get real tests."""

from __future__ import annotations

import base64
import pickle

import nbformat
import numpy as np
import pytest

from autograder import course
from autograder.sandbox import wire
from benchmarks import peers, performance

ROW = {
    "section": "1_entropy",
    "seconds": 2.0,
    "peak_mib": 400.0,
    "cpu": {"command": 1.0, "judges": 2.0, "workers": 0.5, "children": 4.0, "pages": 0.25},
    "measured": {
        "attempts": 100, "student": 3.0, "checks": 1.5, "command_start": 0.3, "command_collecting": 0.2,
        "command_judging": 0.1, "command_delivering": 0.4,
    },
}  # fmt: skip


def test_the_document_is_what_was_measured():
    assert performance.main(["--check"]) == 0


def test_a_table_of_the_time_adds_up():
    parts = performance.parts(ROW)
    pieces = [each for name, each in parts.items() if not name.startswith("**")]
    assert parts["**all**"] == pytest.approx(1000 * 7.75 / 100)
    assert sum(pieces) == pytest.approx(parts["**all**"])
    assert parts["**everything else than student and checks**"] == pytest.approx(1000 * (7.75 - 3.0 - 1.5) / 100)


def test_complete_submissions_of_a_peer_are_the_sum_of_its_sections():
    def row(section, grader, seconds):
        rest = {"attempts": 1, "least": 0, "most": 0, "cpu_seconds": 0}
        return {"section": section, "grader": grader, "seconds": seconds, **rest}

    rows = [row("a", "autograder", 0.5), row("a", "otter", 5.0), row("b", "autograder", 1.0), row("b", "otter", 7.0)]
    found = performance.with_ratios([*rows, row("all five", "autograder", 1.2)])
    ratios = {(told["section"], told["grader"]): times for told, times in found}
    assert (ratios["a", "otter"], ratios["b", "otter"]) == ("10.0", "7.0")
    assert ratios["all five", "otter"] == "10.0"
    assert ratios["all five", "autograder"] == ""


def test_what_a_peer_is_asked_leaves_the_process_as_plain_values():
    tensor = wire.Tensor("float32", np.ones(2, np.float32))
    asked = peers.plain({"a": (1, [tensor]), "b": None})
    assert asked["b"] is None
    assert asked["a"][0] == 1
    assert asked["a"][1][0]["tensor"].tolist() == [1.0, 1.0]
    with pytest.raises(peers._LiveError):
        peers.plain([object()])


@pytest.fixture(scope="module")
def given():
    section = course.load(course.find_root()).section("1_entropy")
    cell = nbformat.v4.new_code_cell("# unsolved", metadata={"nbgrader": {"grade_id": "exercise-1", "solution": True}})
    return peers.Exam(section, [cell], {"exercise-1": "'', b''"})


def test_a_peers_notebook_has_the_students_answer_and_a_test_that_is_hidden(given):
    answers = nbformat.v4.new_notebook()
    answers.cells = [nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "exercise-1"}})]
    answer, test = peers.notebook(given, answers, tested=True).cells
    assert answer.source == "x = 1"
    assert test.metadata.nbgrader.points == 1
    assert test.source.startswith("### BEGIN HIDDEN TESTS")
    assert "_ask" not in "".join(cell.source for cell in peers.notebook(given, answers, tested=False).cells)


@pytest.mark.parametrize(
    ("question", "passes"),
    [
        (("f", True, (1.0,), {}, 2.0, False), True),
        (("f", True, (1.0,), {}, 3.0, False), False),
        (("f", True, (-1.0,), {}, None, True), True),  # it refuses, as the reference does
        (("f", True, (1.0,), {}, None, True), False),  # it should refuse, and does not
        (("x", False, (), {}, [1.0, 2.0], False), True),
        (("x", False, (), {}, [1.0, 2.5], False), False),
        (("missing", False, (), {}, 1.0, False), False),
    ],
)
def test_a_peers_test_tells_right_from_wrong(question, passes):
    def f(value):
        if value < 0:
            raise ValueError
        return 2 * value

    space: dict = {}
    exec(peers.TEST, space)
    questions = base64.b64encode(pickle.dumps([question])).decode()
    if passes:
        space["_ask"]({"f": f, "x": np.array([1.0, 2.0])}, "", questions)
    else:
        with pytest.raises((AssertionError, KeyError)):
            space["_ask"]({"f": f, "x": np.array([1.0, 2.0])}, "", questions)
