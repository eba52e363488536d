import math

import numpy as np
import torch


def _tensor(values, name):
    t = torch.tensor(np.asarray(values, dtype=np.float64).tolist(), dtype=torch.float64, requires_grad=True)
    if t.dim() != 1 or t.numel() == 0:
        raise ValueError(name + " needs exactly one axis")
    with torch.no_grad():
        ok = torch.isfinite(t).all() and (t >= 0).all() and torch.isclose(t.sum(), torch.ones(()).double(), 0, 1e-6)
    if not ok:
        raise ValueError(name + " is no distribution")
    return t


def _both(p, q):
    p, q = _tensor(p, "p"), _tensor(q, "q")
    if p.shape != q.shape:
        raise ValueError(f"{tuple(p.shape)} and {tuple(q.shape)}")
    return p, q


def _divide(nats, base):
    if isinstance(base, bool) or not isinstance(base, (int, float, np.number)):
        raise TypeError("base has to be a number")
    if not (base > 1 and np.isfinite(base)):
        raise ValueError("base has to be above 1")
    return nats.unsqueeze(0) / math.log(base)


class DivergenceMeasures:
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = _both(p, q)
        return _divide((torch.xlogy(p, p) - torch.xlogy(p, q)).sum(), base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = _both(p, q)
        return _divide(torch.xlogy(p, q).sum().neg(), base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = _both(p, q)
        h = lambda t: torch.special.entr(t).sum()  # noqa: E731
        return _divide(h(torch.lerp(p, q, 0.5)) - h(p) / 2 - h(q) / 2, base)
