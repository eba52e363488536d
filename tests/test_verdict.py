import pytest

from autograder.verdict import Verdict, worst


def test_verdicts_stand_worst_first():
    assert [verdict.value for verdict in Verdict] == [
        "not judged", "refused", "time limit", "memory limit", "crashed", "missing", "error", "wrong", "passed",
    ]  # fmt: skip


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_explains_itself_in_a_sentence(verdict):
    assert verdict.explanation.endswith(".")


def test_the_worst_verdict_takes_precedence():
    assert worst([Verdict.PASSED, Verdict.WRONG, Verdict.TIME_LIMIT, Verdict.ERROR]) is Verdict.TIME_LIMIT
    assert worst([Verdict.PASSED, Verdict.PASSED]) is Verdict.PASSED


def test_nothing_has_no_verdict():
    with pytest.raises(ValueError, match="at least one"):
        worst([])
