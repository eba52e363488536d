from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


def require(fine: bool, complaint: str) -> None:
    if not fine:
        raise ValueError(complaint)


@dataclass(frozen=True)
class Pair:
    p: np.ndarray
    q: np.ndarray

    def __post_init__(self) -> None:
        for name in ("p", "q"):
            values = np.array(getattr(self, name), dtype=float, copy=True)
            require(values.ndim == 1, f"{name} has {values.ndim} dimensions")
            require(values.size > 0, f"{name} is empty")
            require(bool(np.all(np.isfinite(values))), f"{name} is not finite")
            require(bool(np.all(values >= 0)), f"{name} is negative somewhere")
            require(abs(math.fsum(values) - 1) < 1e-6, f"{name} does not sum to 1")
            object.__setattr__(self, name, values)
        require(len(self.p) == len(self.q), "different lengths")

    def surprise(self) -> np.ndarray:
        """Return -log Q, with 0 where P is 0: there it does not matter."""
        with np.errstate(divide="ignore"):
            return np.where(self.p > 0, -np.log(self.q), 0.0)


def unit(base: float) -> float:
    require(math.isfinite(base) and base > 1, "base")
    return math.log(base)


class DivergenceMeasures:
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        pair = Pair(p, q)
        return np.einsum("x,x->", pair.p, pair.surprise()).reshape(1) / unit(base)

    @staticmethod
    def kl_divergence(p, q, base=math.e):
        return DivergenceMeasures.cross_entropy(p, q, base) - DivergenceMeasures.cross_entropy(p, p, base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        pair = Pair(p, q)
        mixture = np.einsum("ix->x", np.stack([pair.p, pair.q])) / 2
        mixture /= mixture.sum()
        halves = [DivergenceMeasures.kl_divergence(side, mixture, base) for side in (pair.p, pair.q)]
        return np.mean(halves, axis=0)
