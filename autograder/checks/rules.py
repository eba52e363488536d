"""Ways to make a wrong rule out of a right one; the banks of misconceptions are written with them.

Trust: rules run in the judge on arguments that the suite chose itself. They are compared with a student's answers,
never with the reference solution.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

Rule = Callable[..., Any]

# Decimal exponents between which a number is looked for; small ones stand out less, so there are fewer of them.
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

    As a rule it is the one with `example`.

    Parameters
    ----------
    of
        The rule with a given number.
    example
        A number that students are likely to take.
    """

    of: Callable[[float], Rule]
    example: float = 1e-10

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer as the rule of the example does."""
        return self.of(self.example)(*args, **kwargs)

    def fitted(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], answer: float) -> Iterator[float]:
        """Yield the numbers, largest first, with which the rule answers a call with `answer`.

        Where most of them give the same answer the call tells nothing about the number, and there are none.
        """

        def distance(exponent: float) -> float:
            with np.errstate(all="ignore"):
                return float(self.of(10.0**exponent)(*args, **kwargs)) - answer

        try:
            distances = [distance(exponent) for exponent in _EXPONENTS]
        except Exception:  # noqa: BLE001  a rule may fail in any way; a call that is refused tells no number
            return
        steps = list(zip(_EXPONENTS, _EXPONENTS[1:], distances, distances[1:], strict=False))
        for low, high, below, above in reversed(steps):
            if below != above and math.isfinite(below) and math.isfinite(above) and below * above <= 0:
                yield 10.0 ** float(brentq(distance, low, high, xtol=1e-13))


@functools.cache
def parameters(function: Rule) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the names of a function's parameters in order, and the defaults of those that have one."""
    entries = inspect.signature(function).parameters
    defaults = {name: entry.default for name, entry in entries.items() if entry.default is not entry.empty}
    return tuple(entries), defaults


def bound(truth: Rule, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the arguments of a call of `truth` by name, defaults included, and the names of those that were given."""
    names, defaults = parameters(truth)
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    if len(args) > len(names) or not given.keys() <= set(names) or not set(names) <= given.keys() | defaults.keys():
        raise TypeError("the call does not fit the function")
    return {name: given[name] if name in given else defaults[name] for name in names}, frozenset(given)


def in_double(truth: Rule, rule: Rule) -> Rule:
    """Return `rule`, but the truth for float32 input, where roundings would tell apart what is the same mistake."""

    def careful(*args: Any, **kwargs: Any) -> Any:
        single = any(getattr(argument, "dtype", None) == np.float32 for argument in (*args, *kwargs.values()))
        return truth(*args, **kwargs) if single else rule(*args, **kwargs)

    return careful


def converted(truth: Rule, convert: Callable[[float, float], float]) -> Rule:
    """Return the rule that answers `convert(truth, base)`; `truth` takes an argument `base`."""

    def rule(*args: Any, **kwargs: Any) -> float:
        return convert(truth(*args, **kwargs), bound(truth, args, kwargs)[0]["base"])

    return rule


def refuse(*_args: Any, **_kwargs: Any) -> float:
    """Refuse whatever is given."""
    raise ValueError("refused")
