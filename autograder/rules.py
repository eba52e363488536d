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


@functools.cache
def _parameters(function: Rule) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the names of a function's parameters in order, and the defaults of those that have one."""
    parameters = inspect.signature(function).parameters
    defaults = {name: entry.default for name, entry in parameters.items() if entry.default is not entry.empty}
    return tuple(parameters), defaults


def bound(truth: Rule, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the arguments of a call of `truth` by name, defaults included, and the names of those that were given."""
    names, defaults = _parameters(truth)
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
