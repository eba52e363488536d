"""Every sentence of the contract is checked, and nothing else: the tables beside the suites hold what they say."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, load
from autograder.remote.link import Link
from benchmarks import contract
from benchmarks.contract import Promise, Trial
from tests.conftest import ROOT

COURSE = load(ROOT)
CONTRACTS = {section.id: contract.load(COURSE, section) for section in COURSE.sections}
PROMISES = [
    (section_id, promise, function)
    for section_id, table in CONTRACTS.items()
    for promise in table.promises
    for function in promise.of
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Judge the wrong programs of one promise in sixteen; `make contract ARGS=--judge` asks for all."""
    if "promise" in metafunc.fixturenames:
        some = PROMISES[:: 1 if metafunc.config.getoption("every_case") else 16]
        names = [f"{section_id}/{function}/{promise.says[0][:30]}" for section_id, promise, function in some]
        metafunc.parametrize(("section_id", "promise", "function"), some, ids=names)


@pytest.fixture(scope="module")
def trial(course: Course, worker: Path) -> Any:
    link = Link(worker)
    yield functools.cache(lambda section_id: Trial(course, course.section(section_id), link))
    link.close()


@pytest.mark.parametrize("section_id", CONTRACTS)
def test_every_word_that_students_read_is_promised_or_explained(section_id: str) -> None:
    table = CONTRACTS[section_id]

    assert table.left_out() == {}
    assert table.misquoted() == []


@pytest.mark.parametrize("section_id", CONTRACTS)
def test_every_check_holds_a_promise_and_every_promise_has_a_wrong_program(
    section_id: str, trial: Callable[[str], Trial]
) -> None:
    promises = CONTRACTS[section_id].promises
    checks = trial(section_id).checks

    assert set(checks) == {name for promise in promises for name in promise.checks}
    assert [promise.says for promise in promises if not (promise.wrong and promise.checks and promise.of)] == []
    for promise in promises:
        assert {checks[name].function for name in promise.checks} == set(promise.of), promise.says


def test_a_promise_is_held_by_its_checks_and_its_wrong_programs_break_no_other(
    section_id: str, promise: Promise, function: str, trial: Callable[[str], Trial]
) -> None:
    assert contract.disagreements(trial(section_id), promise, function) == []


def test_the_document_is_what_the_tables_say() -> None:
    assert contract.DOCUMENT.read_text(encoding="utf-8") == contract.current(COURSE)


def test_words_are_taken_out_wherever_they_stand() -> None:
    words = "A base above 1. It is not modified. It is not modified."

    assert contract.without(words, ["It is  not\nmodified."]) == "A base above 1. …"
    assert contract.without(words, []) == words
