import math

import numpy as np
import torch
import torch.nn.functional as F


def to_tensors(p, q, base):
    p, q = (torch.from_numpy(np.array(d, dtype="float64")) for d in (p, q))
    if p.ndim != 1 or p.shape != q.shape or p.numel() == 0:
        raise ValueError("p and q must have the same length")
    for t in (p, q):
        if not torch.isfinite(t).all() or t.min() < 0 or (t.sum() - 1).abs() > 1e-6:
            raise ValueError("not a probability distribution")
    if not (1 < base < math.inf):
        raise ValueError("base")
    return p, q


class DivergenceMeasures:
    """With torch; every result is a tensor without axes."""

    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = to_tensors(p, q, base)
        return F.kl_div(q.log(), p, reduction="none")[p > 0].sum() / math.log(base)

    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = to_tensors(p, q, base)
        return -torch.special.xlogy(p, q).sum() / math.log(base)

    @staticmethod
    def js_divergence(p, q, base=math.e):
        p, q = to_tensors(p, q, base)
        log_m = ((p + q) / 2).log()
        both = F.kl_div(log_m, p, reduction="none") + F.kl_div(log_m, q, reduction="none")
        return both[(p > 0) | (q > 0)].sum() / (2 * math.log(base))
