"""Who of several tutors reads which text: decided by the text alone, so that they need no server to agree on it.

The share of a tutor does not depend on the class, on the order in which work came, or on what is installed. Students
who wrote the very same text get the same tutor.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from autograder.review.explanations import Explanation

MOST = 50
"""How many tutors can share a class."""


@dataclass(frozen=True)
class Share:
    """The texts of tutor number `place` (from 1) among `of`; a part `twice` of all texts is read by two tutors."""

    place: int
    of: int
    twice: float = 0.0

    def holds(self, explanation: Explanation) -> bool:
        """Whether this tutor reads it."""
        return self.place in self.readers(explanation)

    def readers(self, explanation: Explanation) -> set[int]:
        """Return the numbers of the tutors who read it: one, or two."""
        name = "\0".join((explanation.section, explanation.item, explanation.prose.answer))
        digest = hashlib.sha256(name.encode()).digest()
        first, second, drawn = (int.from_bytes(digest[start : start + 8]) for start in (0, 8, 16))
        readers = {first % self.of + 1}
        if self.of > 1 and drawn < self.twice * 2**64:
            readers.add((first + 1 + second % (self.of - 1)) % self.of + 1)
        return readers


ALL = Share(1, 1)
"""Everything, for somebody who reads alone."""
