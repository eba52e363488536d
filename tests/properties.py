"""What the property tests of the reference modules share: the modules, strategies, and one bound for rounding."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.conftest import ROOT

Array = NDArray[np.float64]

ROUNDING = 1e-12
"""Of 1. Sums here have at most 150 terms p log(p/q), p and q quotients of whole numbers up to 1000. Each term is below
17 in size and carries a few roundings of 2^-53 = 1.1e-16, and so does each addition: 150 * 17 * 3 * 1.1e-16 < 1e-12."""

FLOAT32 = 2e-5
"""Of the largest term. float32 rounds by 6e-8, and no sum here has more than 100 terms."""


def load(section: str, name: str) -> ModuleType:
    """Return a reference module."""
    spec = importlib.util.spec_from_file_location(f"property_{name}", ROOT / "source" / section / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def weights(least: int = 0) -> st.SearchStrategy[int]:
    """Whole numbers that become probabilities; zeros and small ones are as likely as large ones."""
    return st.one_of(st.integers(least, 3), st.integers(least, 1000))


def normalised(counts: Any) -> Array:
    """Return counts divided by their sum."""
    table = np.asarray(counts, dtype=float)
    return np.asarray(table / table.sum())


@st.composite
def distributions(draw: st.DrawFn, number: int = 1, least: int = 0, most: int = 10) -> list[Array]:
    """`number` distributions over the same outcomes, at most `most` of them; zeros unless `least` is 1."""
    size = draw(st.integers(1, most))
    rows = st.lists(weights(least), min_size=size, max_size=size).filter(any)
    return [normalised(draw(rows)) for _ in range(number)]


@st.composite
def tables(draw: st.DrawFn, number: int = 1, least: int = 0, most: int = 6) -> list[Array]:
    """`number` joint distributions of the same shape, square or not, with empty rows and columns unless `least` is 1."""
    shape = draw(st.integers(1, most)), draw(st.integers(1, most))
    cells = st.lists(weights(least), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).filter(any)
    return [normalised(np.reshape(draw(cells), shape)) for _ in range(number)]


@st.composite
def channels(draw: st.DrawFn, inputs: int) -> Array:
    """A stochastic matrix (inputs, outputs): row x is the distribution of the output given input x."""
    outputs = draw(st.integers(1, 5))
    row = st.lists(weights(), min_size=outputs, max_size=outputs).filter(any)
    return np.array([normalised(draw(row)) for _ in range(inputs)])


def exact_sum(terms: Any) -> float:
    """Return a sum of mpmath numbers as a float."""
    return float(mpmath.fsum(terms))
