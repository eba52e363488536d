"""Ways to make a wrong rule out of a right one; the banks of misconceptions are written with them.

Trust: rules run in the judge on arguments that the suite chose itself. They are compared with a student's answers,
never with the reference solution.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Rule = Callable[..., Any]

_signature = functools.cache(inspect.signature)


def bound(truth: Rule, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the arguments of a call of `truth` by name, defaults included, and the names of those that were given."""
    call = _signature(truth).bind(*args, **kwargs)
    given = frozenset(call.arguments)
    call.apply_defaults()
    return call.arguments, given


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
