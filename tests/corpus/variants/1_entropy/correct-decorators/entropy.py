import functools
import inspect

import numpy as np


def measured(*, axes=None):
    """Check what a measure is given before it runs, and turn its nats into the unit asked for."""

    def decorate(measure):
        signature = inspect.signature(measure)

        @functools.wraps(measure)
        def wrapper(*args, **kwargs):
            call = signature.bind(*args, **kwargs)
            call.apply_defaults()
            name = next(iter(call.arguments))
            table = np.array(call.arguments[name], dtype=np.float64)
            require(axes is None or table.ndim == axes, f"{name} has {table.ndim} axes")
            require(table.size > 0, f"{name} is empty")
            require(np.isfinite(table).all(), f"{name} is not finite")
            require((table >= 0).all(), f"{name} is negative")
            require(np.abs(table.sum() - 1) <= 1e-6, f"{name} sums to {table.sum()}")
            base = float(call.arguments["base"]) if not isinstance(call.arguments["base"], str) else np.nan
            require(1 < base < np.inf, f"base is {base}")
            require(call.arguments.get("axis", 0) in (0, 1), "axis is neither 0 nor 1")
            call.arguments[name] = table
            return np.atleast_1d(measure(**call.arguments) / np.log(base))

        return wrapper

    return decorate


def require(condition, message):
    if not condition:
        raise ValueError(message)


def log0(x):
    """Return log x, and 0 for x = 0."""
    return np.log(x, out=np.zeros_like(x), where=x > 0)


class InformationMeasures:
    @staticmethod
    @measured(axes=1)
    def entropy(p, base=2):
        return -np.einsum("i,i->", p, log0(p))

    @staticmethod
    @measured()
    def joint_entropy(joint_p, base=2):
        letters = "abcdefghijklmnop"[: joint_p.ndim]
        return -np.einsum(f"{letters},{letters}->", joint_p, log0(joint_p))

    @staticmethod
    @measured(axes=2)
    def conditional_entropy(joint_p, axis=1, base=2):
        condition = np.einsum("xy->y" if axis == 1 else "xy->x", joint_p)
        both = np.einsum("xy,xy->", joint_p, log0(joint_p))
        return np.einsum("i,i->", condition, log0(condition)) - both
