"""How surprising an event is."""

import math


def surprise(probability: float) -> float:
    """Return the surprise of an event in bits.

    Parameters
    ----------
    probability
        Probability of the event, above 0 and at most 1.

    Raises
    ------
    ValueError
        If `probability` lies outside of that.
    """
    ### BEGIN SOLUTION: return the logarithm of 1 / probability to base 2
    if not 0 < probability <= 1:
        raise ValueError(f"a probability lies above 0 and is at most 1; got {probability}")
    return math.log2(1 / probability)
    ### END SOLUTION
