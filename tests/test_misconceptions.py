"""The banks of misconceptions test the suites: each wrong rule instead of the right one costs points and is named.

Those without a rule are proved by checks of their own; a sample of the corpus, or a test of the section's suite, shows
each of them.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.checks.beliefs import load_bank
from autograder.checks.rules import Family
from autograder.course import load
from autograder.verdict import Verdict
from tests import suite_harness
from tests.bank_harness import BankInProcess, with_a_rule
from tests.conftest import ROOT
from tests.test_suite_5_losses import ELBO, student_of

SECTIONS = [section.id for section in load(ROOT).sections]


@pytest.fixture(scope="module")
def banks() -> dict[str, BankInProcess]:
    course = load(ROOT)
    return {
        section: BankInProcess(course, section, ELBO.live, student_of if section == "5_losses" else None)
        for section in SECTIONS
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_every_misconception_loses_points_in_its_item_and_is_named(
    section: str, banks: dict[str, BankInProcess]
) -> None:
    bank = banks[section]
    entries = with_a_rule(bank.bank)

    outcomes = {(number, entry.function, entry.id): bank.rejects(entry) for number, entry in enumerate(entries)}

    assert [entry for entry, outcome in outcomes.items() if outcome != (True, True)] == []


@pytest.mark.parametrize("section", ["1_entropy", "2_divergence", "5_losses"])
@pytest.mark.parametrize("epsilon", [2.5e-3, 1e-5, 3e-7, 1e-10, float(np.finfo(float).eps), 1e-30, sys.float_info.min])
def test_a_family_is_recognised_whatever_its_number(
    section: str, epsilon: float, banks: dict[str, BankInProcess]
) -> None:
    bank = banks[section]
    families = [entry for entry in with_a_rule(bank.bank) if isinstance(entry.rule, Family)]
    assert families

    for family in families:
        assert isinstance(family.rule, Family)
        lost, named = bank.rejects(replace(family, rule=family.rule.of(epsilon)))
        assert lost == named, family.function  # in an entropy a tiny number does not show, and costs nothing
        assert lost or epsilon < 1e-8, family.function


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_right_loses_nothing_and_nothing_is_claimed(section: str, banks: dict[str, BankInProcess]) -> None:
    bank = banks[section]
    for function in {entry.function for entry in with_a_rule(bank.bank)} - {"vae_loss"}:
        results = bank.judged(function, bank.bank.truths[function])

        assert [result.check.name for result in results if result.verdict is not Verdict.PASSED] == []
        assert not any(result.hints for result in results)


@pytest.mark.parametrize("section", ["1_entropy", "2_divergence", "3_mutual_information", "5_losses"])
def test_where_no_belief_fits_none_is_claimed(section: str, banks: dict[str, BankInProcess]) -> None:
    bank = banks[section]
    for name, truth in bank.bank.truths.items():

        def odd(*args: Any, truth: Any = truth, **kwargs: Any) -> Any:
            answer = truth(*args, **kwargs)
            return 1.2345 * answer + 0.0678 if isinstance(answer, float) else answer

        wrong = bank.judged(name, odd if callable(truth) else 1.2345 * truth + 0.0678)

        assert not any(result.hints for result in wrong), name


def test_two_beliefs_that_fit_are_both_offered(banks: dict[str, BankInProcess]) -> None:
    bank = banks["1_entropy"]
    like = next(entry for entry in bank.bank.misconceptions if entry.function == "die_entropy")
    twin = replace(like, id="twin")
    bank.bank.misconceptions = [*bank.bank.misconceptions, twin]
    try:
        (result,) = bank.judged("die_entropy", like.rule)
    finally:
        bank.bank.misconceptions = bank.bank.misconceptions[:-1]

    assert [hint.id for hint in result.hints] == [like.id, "twin"]


def test_every_item_has_misconceptions() -> None:
    for section in load(ROOT).sections:
        bank = load_bank(suite_harness.SUITES / section.id)
        assert bank is not None
        judged = {item.id for item in section.items if item.kind != "prose"}
        assert {entry.item for entry in bank.misconceptions} == judged


def test_every_misconception_without_a_rule_is_proved_by_a_sample_or_a_student() -> None:
    shown = Path(ROOT / "tests" / "test_suite_5_losses.py").read_text(encoding="utf-8")
    for section in SECTIONS:
        bank = load_bank(suite_harness.SUITES / section)
        assert bank is not None
        named: set[str] = set()
        for path in (ROOT / "tests" / "corpus").glob(f"*/{section}/*/sample.toml"):
            named |= set(tomllib.loads(path.read_text(encoding="utf-8")).get("expect", {}).get("misconceptions", ()))
        missing = {entry.id for entry in bank.misconceptions if entry.rule is None} - named
        assert not {name for name in missing if f'"{name}"' not in shown}
