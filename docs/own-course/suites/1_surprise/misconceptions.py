"""What students get wrong about surprise, as code."""

import math

from autograder.checks.beliefs import misconception, truth

ITEMS = {"example-1": ("surprise",), "exercise-1": ("card_surprise",)}

BUILDS_ON = {"card_surprise": ("surprise",)}


@truth(of="surprise")
def surprise(probability: float) -> float:
    """Return log 1/p in bits."""
    if not 0 < probability <= 1:
        raise ValueError
    return math.log2(1 / probability)


truth(of="card_surprise")(math.log2(52))


@misconception("nats", of="surprise")
def natural_logarithm(answer):
    """The natural logarithm measures in bits.

    Which base makes the surprise of a fair coin 1?
    """
    return answer * math.log(2)


@misconception("ace-of-any-suit", of="card_surprise")
def any_ace():
    """Any ace would do.

    How many aces of spades does a pack hold?
    """
    return math.log2(13)
