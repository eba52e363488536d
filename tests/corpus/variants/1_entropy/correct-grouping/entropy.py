"""Shannon's third property: a choice can be broken down into successive choices."""

import math
import numbers

import numpy as np

LIMIT = 1e-6


def binary(share):
    """Return the entropy of (share, 1 - share) in nats."""
    if share <= 0 or share >= 1:
        return 0.0
    return -share * math.log(share) - (1 - share) * math.log1p(-share)


def in_nats(cells):
    """Split off one outcome after the other, the largest last."""
    rest, nats, total = 0.0, 0.0, 0.0
    for cell in sorted(cells):
        total = rest + cell
        if total > 0:
            nats += total * binary(rest / total)
        rest = total
    return nats - total * math.log(total)


def flat(p):
    return [float(cell) for cell in np.ravel(np.asarray(p))]


def refuse_unless(*conditions):
    for condition, reason in conditions:
        if not condition():
            raise ValueError(reason)


def checked(p, base):
    cells = flat(p)
    refuse_unless(
        (lambda: len(cells) >= 1, "nothing given"),
        (lambda: all(map(math.isfinite, cells)), "a number that is not finite"),
        (lambda: min(cells) >= 0, "a negative number"),
        (lambda: -LIMIT <= math.fsum(cells) - 1 <= LIMIT, "the sum is not 1"),
        (lambda: isinstance(base, numbers.Real) and math.isfinite(base) and base > 1, "a base above 1 is needed"),
    )
    return cells


class InformationMeasures:
    @classmethod
    def entropy(cls, p, base=2):
        refuse_unless((lambda: np.ndim(p) == 1, "a list of probabilities is needed"))
        return in_nats(checked(p, base)) / math.log(base)

    @classmethod
    def joint_entropy(cls, joint_p, base=2):
        return in_nats(checked(joint_p, base)) / math.log(base)

    @classmethod
    def conditional_entropy(cls, joint_p, axis=1, base=2):
        checked(joint_p, base)
        refuse_unless(
            (lambda: np.ndim(joint_p) == 2, "a table is needed"),
            (lambda: axis in (0, 1), "the axis of a table is 0 or 1"),
        )
        table = np.array(joint_p, dtype=float)
        parts = np.hsplit(table, table.shape[1]) if axis == 1 else np.vsplit(table, table.shape[0])
        nats = 0.0
        for part in parts:
            weight = math.fsum(part.flat)
            if weight > 0:
                nats += weight * in_nats(part.ravel() / weight)
        return nats / math.log(base)
