from __future__ import annotations

import math
from typing import Sequence

import numpy as np


class InformationMeasures:
    """One function does the work; the conditional entropy is the average over the columns."""

    @staticmethod
    def _validate(p: np.ndarray, base: float) -> None:
        if not p.size:
            raise ValueError("p is empty")
        if np.isnan(p).any() or np.isinf(p).any():
            raise ValueError("p has NaN or inf")
        if (p < 0).any():
            raise ValueError("p has negative entries")
        if abs(1 - p.sum()) >= 1e-6:
            raise ValueError("p does not sum to one")
        if not math.isfinite(base) or base <= 1:
            raise ValueError("base must be > 1")

    @staticmethod
    def entropy(p: Sequence[float], base: float = 2) -> float:
        p = np.asarray(p)
        InformationMeasures._validate(p, base)
        if p.ndim != 1:
            raise ValueError("p must be 1-D; use joint_entropy for tables")
        p = p[p > 0]
        return float(np.sum(p * (np.log(1 / p) / np.log(base))))

    @staticmethod
    def joint_entropy(joint_p, base: float = 2) -> float:
        flat = np.reshape(joint_p, -1)
        return InformationMeasures.entropy(flat, base=base)

    @staticmethod
    def conditional_entropy(joint_p, axis: int = 1, base: float = 2) -> float:
        joint_p = np.asarray(joint_p, dtype=float)
        InformationMeasures._validate(joint_p, base)
        if joint_p.ndim != 2:
            raise ValueError("joint_p must be 2-D")
        if axis not in (0, 1):
            raise ValueError("axis must be 0 or 1")
        columns = joint_p.T if axis else joint_p
        result = 0.0
        for column in columns:
            p_y = column.sum()
            if p_y > 0:
                result += p_y * InformationMeasures.entropy(column / p_y, base)
        return result
