"""Every sample of the corpus, run through the real grader: each must get what its `sample.toml` says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder import score
from autograder.collect import collect
from autograder.confine import WALLS
from autograder.course import Course, load
from autograder.judge import Suite
from autograder.link import Link
from autograder.samples import Sample, disagreements, load_samples, write_sample
from tests.conftest import QUICK, ROOT

SHELVES = ("class", "variants", "hostile")
SAMPLES = [sample for shelf in SHELVES for sample in load_samples(load(ROOT), ROOT / "tests" / "corpus" / shelf)]


@pytest.fixture(scope="module")
def suites(course: Course) -> dict[str, Suite]:
    return {
        section.id: Suite(course, replace(section, limits=replace(QUICK, slow_calls=section.limits.slow_calls)))
        for section in course.sections
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=[f"{sample.section}/{sample.name}" for sample in SAMPLES])
def test_a_sample_gets_what_it_must(
    sample: Sample, course: Course, suites: dict[str, Suite], link: Link, tmp_path: Path
) -> None:
    write_sample(sample, tmp_path)
    collection = collect(course, tmp_path)
    (attempt,) = collection.attempts
    section = course.section(sample.section)
    header = score.Header(sample.section, attempt.digest, "suite", course.seed, "grader", WALLS)

    judgement = suites[sample.section].judge(attempt, link, course.seed)

    assert collection.problems == ()
    assert disagreements(sample, score.record(section, judgement, header, attempt.notes)) == []


def test_the_class_covers_what_can_go_wrong() -> None:
    for section in {sample.section for sample in SAMPLES}:
        names = [sample.name for sample in SAMPLES if sample.section == section]
        for kind, least in (("correct-", 4), ("mistake-", 5), ("broken-", 5), ("hostile-", 5)):
            assert sum(name.startswith(kind) for name in names) >= least, (section, kind)
