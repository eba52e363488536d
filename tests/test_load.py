"""Verdicts by a clock are the same on a busy machine; `make load` compares the records of the whole corpus so."""

from dataclasses import replace

from autograder.course import Course
from autograder.judge.suite import Suite
from autograder.records.store import encode
from autograder.remote.link import Link
from benchmarks import load
from tests.conftest import QUICK
from tests.test_corpus import SAMPLES, record_of

# Right work, and what each of the two clocks ends.
NAMES = ("reference", "broken-endless-loop", "broken-endless-sleep")


def test_records_are_the_same_beside_six_processes_that_compute_for_ever(course: Course, link: Link) -> None:
    section = course.section("1_entropy")
    suites = {section.id: Suite(course, replace(section, limits=QUICK))}
    samples = {sample.name: sample for sample in SAMPLES if sample.section == section.id}

    def records() -> list[bytes]:
        return [encode(record_of(samples[name], course, suites, link)) for name in NAMES]

    quiet = records()
    with load.busy(6):
        loaded = records()

    assert loaded == quiet
