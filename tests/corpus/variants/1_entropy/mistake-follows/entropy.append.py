

class InformationMeasures:
    """Entropies of discrete distributions, each with the help of the first."""

    @staticmethod
    def entropy(p, base=2):
        """Return H(X), in nats whatever `base` says."""
        probabilities = checked_distribution(p, "p")
        if probabilities.ndim != 1:
            raise ValueError("`p` must have one dimension")
        checked_base(base)
        return float(entr(probabilities).sum()) + 0.0

    @staticmethod
    def joint_entropy(joint_p, base=2):
        """Return H(X, Y, ...): every cell is an outcome."""
        cells = checked_distribution(joint_p, "joint_p")
        return InformationMeasures.entropy(cells.ravel(), base)

    @staticmethod
    def conditional_entropy(joint_p, axis=1, base=2):
        """Return H(X, Y) less the entropy of the condition."""
        joint = checked_distribution(joint_p, "joint_p")
        if joint.ndim != 2 or axis not in (0, 1):
            raise ValueError("a table and one of its axes are needed")
        condition = joint.sum(axis=1 - axis)
        return InformationMeasures.joint_entropy(joint, base) - InformationMeasures.entropy(condition, base=base)
