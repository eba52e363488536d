"""Comparisons that hidden suites share: they test one property of the answers, so that a mistake costs points once.

Checks of a property (zeros, kinds of input, boundaries) compare a student's answers with one another. The answers must
be true up to one common factor, so that nats for bits or a lost minus sign costs points only once and a constant earns
nothing. Checks of refused input begin with an input that must be accepted, so that a function that always raises earns
nothing either.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from autograder.checks.answers import TOLERANCE, approx, array, assert_raised, fail, number
from autograder.remote.calls import Given
from autograder.remote.faults import RemoteFault

Array = NDArray[np.float64]
_Oracle = TypeVar("_Oracle", bound=Callable[..., Any])

_REMEMBERED = 10_000

FLOAT32_TOLERANCE = 1e-5
"""For a program that computes in the precision of its input; a few float32 roundings stay far below this."""

NOTHING = 1e-4
"""An answer that must not be 0 is larger. A wrong rule comes this near to 0 by chance once in thousands of inputs, and
answers of this size for different inputs still differ by a thousand tolerances."""

BAD_BASES = (1, 0, -2, 1.0, 0.0, 0.5, math.nan, math.inf)

NO_NUMBERS = (None, "2")
"""What can't be a base because it is not a number; a TypeError is right for these too."""


def distribution(rng: np.random.Generator, *shape: int) -> Array:
    """Return a random distribution of that shape, with every cell at least a quarter of the uniform one.

    Cells are multiples of 2^-20, so their sum is exactly 1 in every order. Thus only the checks of validation depend on
    how a program treats rounding.
    """
    size = math.prod(shape)
    p = 0.25 / size + 0.75 * rng.dirichlet(np.ones(size))
    counts = np.floor(p * 2**20)
    counts[counts.argmax()] += 2**20 - counts.sum()
    return (counts / 2**20).reshape(shape)


def remembered(oracle: _Oracle) -> _Oracle:
    """Return `oracle` with a cache, because a whole class is asked the same questions and the oracle is slow.

    For oracles whose arguments are numbers, lists of numbers, and arrays.
    """
    known: dict[tuple[Any, ...], Any] = {}

    def ask(*arguments: Any) -> Any:
        key = tuple(map(_by_value, arguments))
        if key not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[key] = oracle(*arguments)
        return known[key]

    return cast(_Oracle, functools.wraps(oracle)(ask))


def _by_value(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        return argument.dtype.str, argument.shape, argument.tobytes()
    return tuple(argument) if isinstance(argument, list) else argument


def assert_answers(
    function: Any, given: Sequence[Given], truths: Sequence[float], unit: str = "", tolerance: float = TOLERANCE
) -> None:
    """Fail unless `function` answers each of `given` with the number at the same position in `truths`."""
    for outcome, truth in zip(function.outcomes(*given), truths, strict=True):
        assert _answered(outcome) == approx(truth, tolerance, unit=unit)


def assert_proportional(
    answers: Sequence[Any], truths: Sequence[float], complaint: str, tolerance: float = TOLERANCE
) -> None:
    """Fail with `complaint` unless `answers` are `truths` times one common factor, whatever its unit or sign."""
    got = [number(answer) for answer in answers]
    largest = max(range(len(truths)), key=truths.__getitem__)
    unit = got[largest] / truths[largest]

    assert not any(map(math.isnan, got)), f"{complaint} One of the answers was NaN."
    assert not any(map(math.isinf, got)), f"{complaint} One of the answers was infinite."
    assert abs(unit) > NOTHING, f"{complaint} An answer that must not be 0 was {got[largest]:.6g}."
    for value, truth in zip(got, truths, strict=True):
        expected = unit * truth
        assert abs(value - expected) <= tolerance * max(1.0, abs(expected)), complaint


def assert_same(first: Any, second: Any, complaint: str, tolerance: float = TOLERANCE) -> None:
    """Fail with `complaint` unless both answers are the same finite number."""
    a, b = number(first), number(second)

    if math.isfinite(b) and abs(a - b) <= tolerance * max(1.0, abs(b)):
        return
    if math.isnan(a) or math.isnan(b):
        fail(f"{complaint} One of the answers was NaN.")
    fail(f"{complaint} One answer was {a / b:.3g} times the other." if b and math.isfinite(a / b) else complaint)


def assert_left_alone(sent: Array, arguments: tuple[Any, ...]) -> None:
    """Fail unless the first argument after the call is equal to the array that was sent."""
    after = arguments[0] if arguments else None
    same = isinstance(after, np.ndarray) and after.dtype == sent.dtype and np.array_equal(after, sent)

    if not same:
        fail("The array that was given had other values after the call. Work on a copy.", "input-changed")


def assert_tensors_left_alone(sent: Sequence[Any], after: Sequence[Any]) -> None:
    """Fail unless the tensors after the call hold the values that were sent."""
    for before, back in zip(sent, after, strict=True):
        if not np.array_equal(array(before), array(back), equal_nan=True):
            fail("A tensor that was given had other values after the call. Work on a copy.", "input-changed")


def assert_refuses(function: Any, accepted: Given, refused: Sequence[tuple[Given, str]], complaint: str) -> None:
    """Fail unless `function` answers `accepted` with a number other than 0 and raises ValueError for all of `refused`.

    `complaint` is the message about `accepted`; each of `refused` comes with its own description.
    """
    first, *others = function.outcomes(accepted, *(given for given, _ in refused))
    assert_accepted(first, complaint)
    for outcome, (_, case) in zip(others, refused, strict=True):
        assert_raised(outcome, ValueError, case)


def assert_refuses_distributions(function: Any, accepted: Any, refused: Sequence[tuple[Any, str]]) -> None:
    """Fail unless `function` accepts one distribution and raises ValueError for all others."""
    complaint = "A valid distribution must be accepted and not give 0"
    assert_refuses(function, Given(accepted), [(Given(wrong), case) for wrong, case in refused], complaint)


def assert_refuses_bases(function: Any, *arguments: Any) -> None:
    """Fail unless `function` accepts base 3 and refuses every base that is not a finite number above 1."""
    refused = [(Given(*arguments, base=base), f"`base={base}`") for base in BAD_BASES]
    assert_refuses(function, Given(*arguments, base=3), refused, "Base 3 must be accepted")
    for base, outcome in zip(
        NO_NUMBERS, function.outcomes(*(Given(*arguments, base=base) for base in NO_NUMBERS)), strict=True
    ):
        if not (isinstance(outcome, RemoteFault) and "TypeError" in outcome.types):
            assert_raised(outcome, ValueError, f"`base={base!r}`")


def assert_accepted(outcome: Any, complaint: str) -> None:
    """Fail with `complaint` unless an outcome of ``function.outcomes(…)`` is a number other than 0."""
    value = number(_answered(outcome))

    assert abs(value) > NOTHING, f"{complaint}; got {value:.6g}."


def _answered(outcome: Any) -> Any:
    """Return an outcome of ``function.outcomes(…)``, or raise it if it is a fault."""
    if isinstance(outcome, RemoteFault):
        raise outcome
    return outcome
