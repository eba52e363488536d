"""Hidden checks of exercise 1: the entropy of a fair die compared with that of a biased coin.

Oracles: H = log2 6 for the die, and the binary entropy function at 0.8 for the coin, both in closed form. Every number
is judged by its true value, whatever the numbers before it are.
"""

from __future__ import annotations

import math
from typing import Any

from autograder.checks.answers import approx, fail, item, number, points, value

pytestmark = item("exercise-1")

DIE = math.log2(6)
COIN = math.log2(5) - 0.8 * 2  # 0.8 log2(5/4) + 0.2 log2(5)

TOLERANCE = 1e-6
"""Six decimals are enough, rounded or cut off; the nearest known mistake is 0.02 away."""

ROUNDED = 6e-3
"""A number this close is the right one, rounded to two decimals or more."""


def assert_number(path: Any, truth: float, unit: str) -> None:
    """Fail unless the notebook defines the number `truth`; say so where it is only rounded."""
    got = value(path)
    if isinstance(got, str):
        fail("This is text. A number was expected: leave out quotes and formatting.", "text-for-number")
    distance = abs(number(got) - truth)
    if TOLERANCE < distance < ROUNDED:
        fail("This is the right number, rounded. Let Python compute it and do not round the result.", "rounded-number")

    assert got == approx(truth, TOLERANCE / max(1.0, truth), unit=unit)  # its tolerance is relative above 1


@points(1.5, function="die_entropy")
def test_die_entropy(notebook: Any) -> None:
    """`die_entropy` is the entropy of one roll of a fair die with six sides, in bits."""
    assert_number(notebook.die_entropy, DIE, "bits")


@points(2, function="coin_entropy")
def test_coin_entropy(notebook: Any) -> None:
    """`coin_entropy` is the entropy of one toss of the coin that shows heads with probability 0.8, in bits."""
    assert_number(notebook.coin_entropy, COIN, "bits")


@points(1, function="difference")
def test_difference(notebook: Any) -> None:
    """`difference` is how many more bits a roll of the die carries than a toss of the coin."""
    assert_number(notebook.difference, DIE - COIN, "bits")


@points(1.5, function="tosses_per_roll")
def test_tosses_per_roll(notebook: Any) -> None:
    """`tosses_per_roll` is how many tosses of the coin carry as much information as one roll of the die."""
    assert_number(notebook.tosses_per_roll, DIE / COIN, "tosses")
