"""Tools for the banks of misconceptions: families of rules, and beliefs that sections share.

Trust: rules run in the judge on arguments that the suite chose itself. They are compared with a student's answers,
never with the reference solution.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Rule = Callable[..., Any]

# Decimal exponents between which a number is searched for; small numbers show less, so there are fewer of them.
_EXPONENTS = (
    -308.0,
    -300.0,
    -250.0,
    -200.0,
    -150.0,
    -100.0,
    -60.0,
    -40.0,
    -30.0,
    -25.0,
    *np.arange(-20, -1.4, 0.5).tolist(),
)


@dataclass(frozen=True)
class Family:
    """Wrong rules that differ in one small positive number, which the student chose: an epsilon.

    Called as a rule, it is the one with `example`.

    Parameters
    ----------
    of
        The rule with a given number.
    example
        A number that students are likely to choose.
    """

    of: Callable[[float], Rule]
    example: float = 1e-10

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer as the rule of the example does."""
        return self.of(self.example)(*args, **kwargs)

    def grid(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[float] | None:
        """Return what the rules with numbers of all magnitudes answer to a call; None if one of them refuses it."""
        try:
            return [self._value(exponent, args, kwargs) for exponent in _EXPONENTS]
        except Exception:  # noqa: BLE001  a rule may fail in any way; a refused call does not tell the number
            return None

    def fitted(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], answer: float, grid: Sequence[float]
    ) -> Iterator[float]:
        """Yield the numbers, largest first, with which the rule gives `answer` to a call whose `grid` is known.

        If most numbers give the same answer, the call tells nothing about the number, and none is found.
        """
        distances = [value - answer for value in grid]
        steps = list(zip(_EXPONENTS, _EXPONENTS[1:], distances, distances[1:], strict=False))
        for low, high, below, above in reversed(steps):
            if below != above and math.isfinite(below) and math.isfinite(above) and below * above <= 0:
                yield 10.0 ** _root(lambda exponent: self._value(exponent, args, kwargs) - answer, low, high, below)

    def _value(self, exponent: float, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> float:
        with np.errstate(all="ignore"):
            return float(self.of(10.0**exponent)(*args, **kwargs))


def _root(function: Callable[[float], float], low: float, high: float, at_low: float) -> float:
    """Return where `function`, which is `at_low` at `low`, changes its sign between `low` and `high`, by bisection.

    SciPy's root finders come with all of scipy.optimize, which takes longer to import than everything else in a judge.
    """
    if at_low == 0.0:
        return low
    while low < (middle := low + (high - low) / 2) < high:
        value = function(middle)
        if value == 0.0:
            return middle
        if (value < 0.0) == (at_low < 0.0):
            low = middle
        else:
            high = middle
    return high


@dataclass
class Asked:
    """A call, as a rule gets it for its parameter `call`; all rules about the same call share it.

    Parameters
    ----------
    truth
        The right rule.
    arguments
        The arguments by name, defaults included.
    given
        The names of the arguments that were given.
    """

    truth: Rule
    arguments: Mapping[str, Any]
    given: frozenset[str]
    _number: float | None = None

    @property
    def first(self) -> Any:
        """The first argument, for a rule about several functions that give it different names."""
        return next(iter(self.arguments.values()))

    def right(self, *leading: Any, **changed: Any) -> Any:
        """Return the right answer to this call, or to one with other leading arguments or with some changed."""
        if leading or changed:
            return self.truth(**{**self.arguments, **dict(zip(self.arguments, leading, strict=False)), **changed})
        if self._number is not None:
            return self._number
        answer = self.truth(**self.arguments)
        if isinstance(answer, float):  # a rule can't change it
            self._number = answer
        return answer


@dataclass(frozen=True)
class OfAsked:
    """A rule that takes an `Asked`; called like the function that it is about, it makes one."""

    truth: Rule
    answer: Callable[[Asked], Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer to a call with these arguments."""
        return self.answer(asked(self.truth, args, kwargs))


@functools.cache
def parameters(function: Rule) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the names of a function's parameters in order, and the defaults of those that have one."""
    entries = inspect.signature(function).parameters
    defaults = {name: entry.default for name, entry in entries.items() if entry.default is not entry.empty}
    return tuple(entries), defaults


def asked(truth: Rule, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Asked:
    """Return a call of `truth` as rules get it; raise `TypeError` if its arguments do not fit."""
    names, defaults = parameters(truth)
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    try:
        arguments = {name: given[name] if name in given else defaults[name] for name in names}
    except KeyError as error:
        raise TypeError("the call does not fit the function") from error
    if len(args) > len(names) or not given.keys() <= arguments.keys():
        raise TypeError("the call does not fit the function")
    return Asked(truth, arguments, frozenset(given))


def holds_float32(call: Any) -> bool:
    """Whether a call has float32 input, whose rounding makes the same mistake look different; see `beliefs.truth`."""
    return any(getattr(argument, "dtype", None) == np.float32 for argument in call.arguments.values())


def log_of_base(base: float) -> float:
    """Return the natural logarithm of a finite base above 1; refuse all others."""
    if not 1 < base < math.inf:
        raise ValueError("no base")
    return math.log(base)


# --- beliefs that sections share; each is declared where it belongs ---


def base_multiplied(answer: float, base: float) -> float:
    """Nats become another unit by multiplying with the logarithm of its base.

    A larger base is a larger unit, so the number gets smaller: dividing is needed where you multiply.
    """
    return answer * math.log(base) ** 2


def nan_slips_through(call: Any, passes: Rule) -> float:
    """A check that finds nothing too large or too small has found nothing wrong.

    Every comparison with NaN is false, so a test for what is wrong lets NaN pass. Ask whether the numbers are right, or
    whether they are finite.
    """  # noqa: D401  students read it
    return math.nan if passes(call) else float(call.right())


def nan_base_slips_through(call: Any) -> float:
    """A base that is not found to be 1 or less is greater than 1.

    Every comparison with NaN is false, so a test for a base that is too small lets NaN pass. Ask whether the base is
    greater than 1.
    """  # noqa: D401  students read it
    return math.nan if math.isnan(call.arguments["base"]) else float(call.right())
