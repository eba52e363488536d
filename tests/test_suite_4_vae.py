"""The hidden suite of section 4 against students who follow each known wrong rule exactly.

What is wrong with a network or a training is run for real, as samples of the corpus; here the bank is held against
them, and the rules of the loss against the checks.
"""

from __future__ import annotations

import inspect
import tomllib
from typing import Any

import numpy as np
import pytest

from autograder.remote.calls import Call
from tests.conftest import ROOT
from tests.suite_harness import SuiteInProcess

SUITE = SuiteInProcess("4_vae", "test_example_4", "vae")
SUITE.checks = [
    check
    for check in SUITE.checks
    if check.function == "vae_loss" and "live" not in inspect.signature(check).parameters
]


@pytest.mark.parametrize("seed", range(5))
def test_the_true_loss_passes_every_check_under_any_seed(seed: int) -> None:
    failed, _ = SUITE.failed(SUITE.truths, seed)

    assert failed == []


@pytest.mark.parametrize(
    "answer",
    [0.0, float("nan"), None, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (3.0, 2.0, 1.0), (float("inf"),) * 3, np.ones(3)],
    ids=str,
)
def test_constant_loss_earns_nothing(answer: Any) -> None:
    failed, _ = SUITE.failed({"vae_loss": lambda *_args, **_kwargs: answer})

    assert failed == SUITE.checks


@pytest.mark.parametrize("kind", [ValueError, NotImplementedError, TypeError])
def test_loss_that_always_raises_earns_nothing(kind: type[Exception]) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> Any:
        raise kind("no")

    failed, _ = SUITE.failed({"vae_loss": refuse})

    assert failed == SUITE.checks


def test_claims_are_named_where_all_are_believed_or_reversed() -> None:
    facts = SUITE.bank.truths["claims"]
    assert isinstance(facts, dict)
    for answers, name in (
        (dict.fromkeys(facts, True), "every-claim-believed"),
        ({key: not fact for key, fact in facts.items()}, "every-claim-reversed"),
    ):
        found = SUITE.bank.diagnose([Call("claims", (), {}, result=answers)])

        assert [entry.misconception.id for entry in found] == [name]


def test_every_misconception_without_a_rule_is_proved_by_a_sample() -> None:
    named = set()
    for path in (ROOT / "tests" / "corpus").glob("*/4_vae/*/sample.toml"):
        named |= set(tomllib.loads(path.read_text(encoding="utf-8"))["expect"].get("misconceptions", ()))

    assert {entry.id for entry in SUITE.bank.misconceptions if entry.rule is None} <= named


def test_there_are_six_misconceptions_and_more_for_each_function() -> None:
    functions = [entry.function for entry in SUITE.bank.misconceptions]
    for function in ("vae_loss", "VAE.reparameterize", "train_beta_vae", "latent_report"):
        assert functions.count(function) >= 6, function
