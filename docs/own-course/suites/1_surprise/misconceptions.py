"""What students get wrong about surprise, as code."""

import math
from collections.abc import Callable

from autograder.checks.misconceptions import Misconception


def _by(logarithm: Callable[[float], float]) -> Callable[[float], float]:
    def surprise(probability: float) -> float:
        if not 0 < probability <= 1:
            raise ValueError
        return logarithm(1 / probability)

    return surprise


TRUTHS = {"surprise": _by(math.log2), "card_surprise": math.log2(52)}

MISCONCEPTIONS = [
    Misconception(
        "nats",
        "example-1",
        "surprise",
        "the natural logarithm measures in bits",
        "Which base makes the surprise of a fair coin 1?",
        _by(math.log),
    ),
    Misconception(
        "ace-of-any-suit",
        "exercise-1",
        "card_surprise",
        "any ace would do",
        "How many aces of spades does a pack hold?",
        math.log2(13),
    ),
]
BUILDS_ON = {"card_surprise": ("surprise",)}
