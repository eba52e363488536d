import numpy as np
import torch


def to_tensor(p, base):
    t = torch.from_numpy(np.array(p, dtype="float64"))
    if t.numel() == 0 or not torch.isfinite(t).all() or t.min() < 0 or (t.sum() - 1).abs() > 1e-6:
        raise ValueError("not a probability distribution")
    if not (1 < base < float("inf")):
        raise ValueError("base")
    return t


class InformationMeasures:
    """With torch; every result is a tensor without axes."""

    @staticmethod
    def entropy(p, base=2):
        t = to_tensor(p, base)
        if t.dim() != 1:
            raise ValueError("one dimension")
        return torch.special.entr(t).sum() / np.log(base)

    @staticmethod
    def joint_entropy(joint_p, base=2):
        t = to_tensor(joint_p, base)
        return torch.special.entr(t).sum() / np.log(base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        t = to_tensor(joint_p, base)
        if t.ndim != 2 or axis not in [0, 1]:
            raise ValueError("shape or axis")
        marginal = t.sum(dim=0 if axis == 1 else 1)
        return (torch.special.entr(t).sum() - torch.special.entr(marginal).sum()) / np.log(base)
