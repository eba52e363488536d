"""The figures on the grader's judgement: made by a command, and never worse than they may be."""

import importlib.util
import statistics
import sys
from pathlib import Path
from types import ModuleType

import pytest

from autograder import course
from autograder.records.decisions import SURE

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("tuned", "held out", "after", "second", "afterwards")

# Answers of no worth, which must never be taken without a look.
NO_POINTS = {
    "exercise-3-explanation": [
        "keyword-list", "keyword-sentence", "copied-question", "negated-truth", "denies-independence-of-zero",
        "dependent-wrong", "empty-spaces", "stub-text", "off-topic", "jailbreak", "i-dont-know", "vague",
        "wrong-identical", "mutually-exclusive", "wrong-linear", "second-plea-only", "new-plea-pure",
    ],
    "exercise-5-explanation": [
        "keyword-list", "keyword-sentence", "copied-question", "negated-truth", "denies-effect", "wrong-opposite",
        "empty-spaces", "stub-text", "off-topic", "jailbreak", "i-dont-know", "vague", "wrong-noise",
        "wrong-max-entropy", "lower-loss-better", "second-plea-only", "new-plea",
    ],
}  # fmt: skip
NO_SUGGESTION = {
    "exercise-3-explanation": ["german", "spanish", "formulas-only", "code-answer", "contradiction", "new-chinese"],
    "exercise-5-explanation": ["german", "french", "formulas-only", "code-answer", "contradiction"],
}
REFUTES = {
    "exercise-3-explanation": ["refutes-correlation", "unlike-correlation"],
    "exercise-5-explanation": ["refutes-noise", "new-refutes"],
}
ITEMS = sorted(NO_POINTS)


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    spec = importlib.util.spec_from_file_location("autograder_quality", ROOT / "benchmarks" / "quality.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def banks(quality):
    return {item: {answer.id: answer for answer in quality.bank(item)} for item in ITEMS}


def test_the_document_is_what_the_command_makes(quality):
    assert quality.DOCUMENT.read_text(encoding="utf-8") == quality.document(), "run `make quality`"


@pytest.mark.parametrize("item", ITEMS)
def test_a_bank_holds_answers_of_every_worth(banks, item):
    answers = banks[item].values()

    assert len(answers) >= 170
    assert {answer.points for answer in answers} == {0, 0.5, 1, 1.5, 2}
    assert len({answer.text for answer in answers}) == len(answers)
    assert sum(answer.part == "afterwards" for answer in answers) >= 50


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("item", ITEMS)
def test_suggestions_agree_with_a_careful_grader(quality, banks, item, part):
    """At least as well as a second grader who is half a point off in every second answer.

    Such a grader has a mean squared difference of 1/2, in steps of half a point. Weighted kappa is 1 minus the mean
    squared difference over the one of independent graders, which is twice the variance v if both spread alike:
    1 - (1/2) / (2 v).
    """
    answers = [answer for answer in banks[item].values() if answer.part == part and answer.suggested is not None]
    variance = statistics.pvariance([answer.points / quality.STEP for answer in answers])

    assert quality.kappa(answers) >= 1 - 0.5 / (2 * variance)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("item", ITEMS)
def test_no_suggestion_is_more_than_half_a_point_off_and_two_thirds_of_the_answers_get_one(banks, item, part):
    answers = [answer for answer in banks[item].values() if answer.part == part]
    suggested = [answer for answer in answers if answer.suggested is not None]

    assert all(abs(answer.suggested - answer.points) <= 0.5 for answer in suggested)
    assert len(suggested) >= 2 / 3 * len(answers)


@pytest.mark.parametrize(("item", "answer"), [(item, name) for item in ITEMS for name in NO_POINTS[item]])
def test_nothing_is_taken_without_a_look_for(banks, item, answer):
    suggested = banks[item][answer].suggested or 0.0

    assert suggested == 0 or (suggested == 0.5 and banks[item][answer].confidence < SURE)


@pytest.mark.parametrize(("item", "answer"), [(item, name) for item in ITEMS for name in NO_SUGGESTION[item]])
def test_it_says_that_it_can_not_read(banks, item, answer):
    assert banks[item][answer].suggested is None
    assert banks[item][answer].reading.remarks


@pytest.mark.parametrize(("item", "answer"), [(item, name) for item in ITEMS for name in REFUTES[item]])
def test_wrong_claims_that_are_refuted_are_not_held_against(banks, item, answer):
    reading = banks[item][answer].reading

    assert (reading.suggestion or reading.evidence)["wrong_claims"] == []


def test_measured_judgement_is_without_luck(quality):
    """What `make quality` found last, in every section that it has measured."""
    measured = quality.corpus.load()

    assert list(measured) == [section.id for section in course.load(ROOT).sections]
    assert len(quality.corpus.SEEDS) == 20
    for section, found in measured.items():
        assert found["right_with_full_marks"] == found["right_judgements"] == 20 * found["right"], section
        assert found["rules_named"] == found["rules_rejected"] == found["rules"], section
        assert found["unexpected"] == found["changing"] == [], section
        assert all(name.startswith("hostile-") for name in found["by_the_clock"]), section


def test_half_a_class_that_hangs_costs_no_more_than_its_limits(quality):
    """What `make soak` measured last."""
    row = quality.measured("hanging")

    assert (row["attempts"], row["hanging"]) == (200, 100)
    assert row["allowed_longer"] == 100 * row["limit_seconds"] / row["jobs"]
    assert row["seconds_with_hangs"] - row["seconds"] <= row["allowed_longer"]


def test_likeness_points_at_nobody_in_the_corpus_and_finds_renamed_and_reordered_copies(quality):
    """What `make similarity` measured last."""
    found = quality.measured("similarity")["ours"]["table"]

    assert [found["nobody"][section.id][0] for section in course.load(ROOT).sections] == [0] * 5
    for disguise in ("names", "order of definitions", "names and order", "comments, docstrings, layout"):
        assert all(hits == copies > 0 for hits, copies in found[disguise].values()), disguise
