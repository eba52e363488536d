"""The closed set of verdicts that a check can end with, and their one order of precedence."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

UNANSWERED = "Not answered: the cell is as it was handed out, or empty."
"""The remark on an explanation that is missing."""


class Verdict(StrEnum):
    """How a check ended. The worst member comes first.

    Only ``PASSED`` earns points, except that the course may waive failures caused only by another broken function.
    """

    NOT_JUDGED = "not judged"
    REFUSED = "refused"
    TIME_LIMIT = "time limit"
    MEMORY_LIMIT = "memory limit"
    CRASHED = "crashed"
    MISSING = "missing"
    ERROR = "error"
    WRONG = "wrong"
    PASSED = "passed"

    @property
    def explanation(self) -> str:
        """What the verdict means, in words for a student."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Verdict.NOT_JUDGED: "The grader itself failed here. Nothing was decided; staff will run it again.",
    Verdict.REFUSED: "The code asks for something that is not available while it is graded.",
    Verdict.TIME_LIMIT: "The code did not answer in time and was stopped.",
    Verdict.MEMORY_LIMIT: "The code asked for more memory than an attempt may use.",
    Verdict.CRASHED: "The Python process ended in the middle of the call.",
    Verdict.MISSING: "There is nothing to judge yet: the file, the name or the solution is missing.",
    Verdict.ERROR: "The code raised an exception where an answer was expected.",
    Verdict.WRONG: "The code answered, and the answer is not right.",
    Verdict.PASSED: "The code does what was asked.",
}

_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that takes precedence.

    Raises
    ------
    ValueError
        If `verdicts` is empty; an item without a check has no verdict.
    """
    ranked = sorted(verdicts, key=_RANK.__getitem__)
    if not ranked:
        raise ValueError("`verdicts` must hold at least one verdict; got none")
    return ranked[0]
