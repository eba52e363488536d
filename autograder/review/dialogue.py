"""The conversation of `autograder review`: one explanation after the other, and a decision on each.

What students wrote is shown with every character that could act on a terminal made visible.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Sequence
from typing import TextIO

from autograder.records.decisions import SURE
from autograder.review.explanations import Explanation
from autograder.text import count, number, visible

HELP = (
    "Enter   take the suggestion\n"
    "1.5     give these points; a comment for the student may follow: 1.5 Good, but say why.\n"
    "s       skip it; it still waits\n"
    "a       take the suggestion here and for all that are left, where the judge is sure and it is not 0\n"
    "q       stop; what was decided is kept"
)
Decide = Callable[[Explanation, float, str | None], None]

_ANSWER = re.compile(r"(?P<points>[-+]?[0-9][0-9.,]*)(?:\s+(?P<comment>.*))?")
_LONGEST = 20_000


class Dialogue:
    """Asks about explanations on two streams.

    Parameters
    ----------
    answers, shown
        Where a person's answers come from, and where questions go.
    decide
        Called with explanation, points and comment (or None) for each decision.
    """

    def __init__(self, answers: TextIO, shown: TextIO, decide: Decide) -> None:
        self._answers = answers
        self._shown = shown
        self._decide = decide

    def ask(self, explanations: Sequence[Explanation]) -> int:
        """Go through `explanations`; return how many were decided."""
        left = list(explanations)
        decided = 0
        while left:
            explanation = left.pop(0)
            self._say(describe(explanation, len(explanations) - len(left), len(explanations)))
            while True:
                answer = self._read(_question(explanation))
                if answer is None or answer == "q":
                    return decided
                if answer == "s":
                    break
                if answer == "a":
                    done = self._accept([explanation, *left])
                    if done is None:
                        continue
                    return decided + done
                chosen = _parsed(answer, explanation)
                if isinstance(chosen, str):
                    self._say(chosen)
                    continue
                same = self._same(explanation, left)
                for entry in (explanation, *same):
                    self._decide(entry, *chosen)
                left = [entry for entry in left if entry not in same]
                decided += 1 + len(same)
                break
        return decided

    def _same(self, explanation: Explanation, left: Sequence[Explanation]) -> list[Explanation]:
        """Return those that are left with the very same answer, if the person wants the same for them."""
        same = [
            e
            for e in left
            if (e.item, e.prose.answer, e.prose.elsewhere) == (explanation.item, explanation.prose.answer, ())
        ]
        if not same or explanation.prose.elsewhere:
            return []
        names = ", ".join(visible(entry.student, limit=40) for entry in same)
        answer = self._read(
            f"{count(len(same), 'more student')} wrote exactly this ({names}). The same for them? [y/N] "
        )
        return same if answer in ("y", "yes") else []

    def _accept(self, left: Sequence[Explanation]) -> int | None:
        """Take all suggestions that can be accepted without a look, if the person confirms; None if not."""
        ready = sum(entry.suggested_with(SURE) is not None for entry in left)
        asked = f"Take the suggestion for {count(ready, 'explanation')} and leave {len(left) - ready}"
        if self._read(f"{asked} (confidence at least {SURE:g}, more than 0 points)? Type yes: ") != "yes":
            return None
        return accept(left, SURE, self._decide)

    def _read(self, question: str) -> str | None:
        self._shown.write(question)
        self._shown.flush()
        line = self._answers.readline()
        return line.strip() if line else None

    def _say(self, text: str) -> None:
        self._shown.write(f"{text}\n")


def accept(explanations: Sequence[Explanation], confidence: float, decide: Decide) -> int:
    """Take the suggestion wherever it has at least this confidence and is not 0; return how many there were."""
    ready = [(entry, entry.suggested_with(confidence)) for entry in explanations]
    for entry, points in ready:
        if points is not None:
            decide(entry, points, None)
    return sum(points is not None for _, points in ready)


def describe(explanation: Explanation, place: int, total: int) -> str:
    """Return what a person needs to decide: the text, the suggestion, what it rests on, an earlier decision."""
    head = f"{place} of {total}: {visible(explanation.student, limit=80)}, {explanation.item}: {explanation.title}"
    lines = [f"\n{head} ({number(explanation.max)} points)", "", _quoted(explanation.text)]
    for text in explanation.prose.elsewhere:
        lines += ["", "  In another cell:", _quoted(text)]
    lines.append("")
    suggestion, found = explanation.prose.suggestion, explanation.prose.found
    if suggestion is None:
        lines.append("No points are suggested.")
    else:
        said = f"Suggested: {number(suggestion.points)} of {number(explanation.max)} points"
        lines.append(f"{said}, with a confidence of {suggestion.confidence:.2f}.")
    for title, entries in (("Found", found.concepts), ("Wrong", found.wrong_claims)):
        for entry in entries:
            lines.append(f"  {title} ({entry.points:+g}): {entry.title}")
            lines += [f"      “{visible(found.sentences[n], limit=500)}”" for n in entry.sentences]
    lines += [f"  {visible(remark)}" for remark in explanation.prose.remarks]
    if explanation.decision is not None:
        what = "on another text" if explanation.waits else "on this text"
        said = f": {visible(explanation.decision.comment)}" if explanation.decision.comment else ""
        lines.append(f"Decided before, {what}: {number(explanation.decision.points)} points{said}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return textwrap.indent(visible(text.strip() or "(empty)", breaks=True, limit=_LONGEST), "  | ", lambda _: True)


def _question(explanation: Explanation) -> str:
    default = "" if explanation.suggested is None else f", Enter = {number(explanation.suggested)}"
    return f"points (0 to {number(explanation.max)}{default}, s skip, a all, q stop, ? help): "


def _parsed(answer: str, explanation: Explanation) -> tuple[float, str | None] | str:
    """Return points and comment, or what is wrong with the answer."""
    if answer == "?":
        return HELP
    if not answer:
        suggested = explanation.suggested
        return (suggested, None) if suggested is not None else "Nothing is suggested; type points, or s to skip."
    match = _ANSWER.fullmatch(answer)
    try:
        points = float(match["points"].replace(",", ".")) if match else math.nan
    except ValueError:
        points = math.nan
    if match is None or not 0 <= points <= explanation.max:
        return (
            f"`{visible(answer, limit=40)}` is not an answer; give 0 to {number(explanation.max)} points, ? for help."
        )
    return points, match["comment"] or None
