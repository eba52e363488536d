"""Cohen's weighted kappa of tutors, compared with its formula and with values by hand."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.review.agreement import agreements, mean_kappa
from autograder.review.explanations import Explanation, Reading
from tests.test_likeness import explanation

PAIRS = [(2.0, 2.0), (1.5, 1.0), (0.0, 0.5), (0.0, 0.0), (2.0, 1.5), (1.0, 1.0), (0.5, 2.0), (1.5, 1.5)]


def read(number: int, item: str = "exercise-1-explanation", **points: float) -> Explanation:
    readings = {tutor: Reading(given) for tutor, given in points.items()}
    return replace(explanation(f"Text {number}.", f"s{number}", item=item), readings=readings)


def by_formula(pairs: list[tuple[float, float]]) -> float:
    """Return 1 - (mean squared difference) / (the same if points were given independently)."""
    first, second = np.array(pairs).T
    return float(1 - np.mean((first - second) ** 2) / np.mean((first[:, None] - second) ** 2))


def test_kappa_is_that_of_the_formula() -> None:
    (found,) = agreements(read(n, anna=a, ben=b) for n, (a, b) in enumerate(PAIRS))

    assert (found.tutors, found.texts, found.same) == (("anna", "ben"), 8, 4)
    assert found.kappa == pytest.approx(by_formula(PAIRS))


def test_a_value_by_hand() -> None:
    """Two texts, one step apart in one of them: o = 1/2, e = (0 + 1 + 4 + 1) / 4 = 3/2 in squared steps."""
    (found,) = agreements([read(1, anna=0.0, ben=0.0), read(2, anna=1.0, ben=2.0)])

    assert found.kappa == pytest.approx(1 - (1 / 2) / ((0 + 4 + 1 + 1) / 4))


def test_points_that_nobody_gave_count_as_steps_between() -> None:
    """0 and 2 are further apart than 0 and 0.5 although no text got 1."""
    far = agreements([*(read(n, anna=a, ben=b) for n, (a, b) in enumerate([(0, 0), (0.5, 0.5), (2, 2), (0, 2)]))])
    near = agreements([*(read(n, anna=a, ben=b) for n, (a, b) in enumerate([(0, 0), (0.5, 0.5), (2, 2), (0, 0.5)]))])

    assert far[0].kappa is not None
    assert near[0].kappa is not None
    assert far[0].kappa < near[0].kappa


@pytest.mark.parametrize(
    ("pairs", "kappa"), [([(1, 1), (2, 2)], 1.0), ([(0, 2), (2, 0)], -1.0), ([(2, 2), (2, 2)], None)]
)
def test_the_ends_of_the_scale(pairs: list[tuple[float, float]], kappa: float | None) -> None:
    (found,) = agreements(read(n, anna=a, ben=b) for n, (a, b) in enumerate(pairs))

    assert found.kappa == (None if kappa is None else pytest.approx(kappa))


def test_a_text_that_many_wrote_counts_once() -> None:
    entries = [replace(read(1, anna=1.0, ben=2.0), student=name) for name in ("ada", "bob", "cy")]

    (found,) = agreements(entries)

    assert found.texts == 1


def test_three_tutors_give_three_pairs_and_their_mean() -> None:
    entries = [read(n, anna=a, ben=b, cleo=a) for n, (a, b) in enumerate(PAIRS)]

    found = agreements(entries)

    assert [entry.tutors for entry in found] == [("anna", "ben"), ("anna", "cleo"), ("ben", "cleo")]
    expected = (by_formula(PAIRS) + 1.0 + by_formula([(b, a) for a, b in PAIRS])) / 3
    assert mean_kappa(found) == {"exercise-1-explanation": pytest.approx(expected)}


def test_items_are_counted_apart_and_together() -> None:
    entries = [read(n, anna=a, ben=b) for n, (a, b) in enumerate(PAIRS)]
    entries += [read(n, "exercise-2-explanation", anna=a, ben=b) for n, (a, b) in enumerate(PAIRS[:4])]

    found = agreements(entries)

    assert [(entry.item, entry.texts) for entry in found] == [
        ("exercise-1-explanation", 8), ("exercise-2-explanation", 4), ("", 12)
    ]  # fmt: skip
    assert found[2].kappa == pytest.approx(by_formula(PAIRS + PAIRS[:4]))


def test_odd_points_are_measured_too() -> None:
    pairs = [(1 / 3, 1.0), (2 / 3, 2 / 3), (1.0, 0.1), (1.99, 2.0)]

    (found,) = agreements(read(n, anna=a, ben=b) for n, (a, b) in enumerate(pairs))

    assert found.kappa == pytest.approx(by_formula(pairs), abs=0.01)


def test_without_two_readers_there_is_nothing_to_compare() -> None:
    assert agreements([read(1, anna=1.0), read(2, ben=1.0), read(3)]) == []
