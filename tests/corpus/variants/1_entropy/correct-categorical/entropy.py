import math

import numpy as np
import torch
from torch.distributions import Categorical


class NotADistribution(ValueError):
    pass


def _cells(p, base):
    if not (isinstance(base, (int, float)) and 1.0 < base < float("inf")):
        raise ValueError("base")
    cells = torch.tensor(np.array(p, dtype=float).tolist(), dtype=torch.float64)
    good = cells.numel() and bool(torch.isfinite(cells).all()) and bool((cells >= 0).all())
    if not good or abs(float(cells.sum()) - 1.0) > 1e-6:
        raise NotADistribution(tuple(cells.shape))
    return cells.requires_grad_()


def _nats(cells):
    possible = cells[cells > 0]
    return -(possible * possible.log()).sum()


class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        cells = _cells(p, base)
        if cells.dim() != 1:
            raise NotADistribution("one axis")
        return Categorical(probs=cells, validate_args=False).entropy() / math.log(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        return _nats(_cells(joint_p, base)) / math.log(base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        cells = _cells(joint_p, base)
        if cells.dim() != 2 or axis not in range(2):
            raise NotADistribution("table and axis")
        conditions = cells.t() if axis else cells  # (number of conditions, outcomes)
        weights = conditions.sum(dim=1)
        possible = weights > 0
        given = conditions[possible] / weights[possible, None]
        logs = torch.where(given > 0, given, torch.ones_like(given)).log()
        return ((-given * logs).sum(dim=1, keepdim=True) * weights[possible, None]).sum() / math.log(base)
