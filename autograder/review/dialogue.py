"""The conversation of `autograder review`: one group of alike explanations after the other, and a decision on each.

What students wrote is shown with every character that could act on a terminal made visible. Names are shown only where
they are asked for.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TextIO

from autograder.records.decisions import SURE
from autograder.review.explanations import Explanation
from autograder.review.likeness import Group, Text
from autograder.review.undoing import Place
from autograder.text import count, number, visible

HELP = (
    "Enter   take the suggestion, for all texts that are shown\n"
    "1.5     give these points; a comment for the students may follow: 1.5 Good, but say why.\n"
    "x2      take text 2 out of the group; it comes next, alone\n"
    "s       skip; it still waits\n"
    "u       take the last decision back; again for the one before\n"
    "a       take the suggestion here and for all that are left, where the judge is sure and it is not 0\n"
    "q       stop; what was decided is kept"
)
Decision = tuple[Explanation, float, str | None]
"""What a person gives an explanation: points, and a comment or None."""
Decide = Callable[[Sequence[Decision]], Iterable[str]]
"""Writes decisions that were made at once; what it returns is said to the person."""
Undo = Callable[[], tuple[str, Collection[Place]]]
"""Takes the last decision back; returns what to say, and where."""

_ANSWER = re.compile(r"(?P<points>[-+]?[0-9][0-9.,]*)(?:\s+(?P<comment>.*))?")
_OUT = re.compile(r"x\s*(?P<number>[0-9]{1,6})")
_LONGEST = 20_000


class Conversation:
    """Asks a person on two streams: where their answers come from, and where questions go."""

    def __init__(self, answers: TextIO, shown: TextIO) -> None:
        self._answers, self._shown = answers, shown

    def read(self, question: str) -> str | None:
        """Ask; return the answer without white space around it, or None at the end of input."""
        self._shown.write(question)
        self._shown.flush()
        line = self._answers.readline()
        return line.strip() if line else None

    def say(self, text: str) -> None:
        """Show a line, or several."""
        self._shown.write(f"{text}\n")


class Dialogue(Conversation):
    """Asks about explanations.

    Parameters
    ----------
    answers, shown
        Where a person's answers come from, and where questions go.
    decide, undo
        Called for each decision, and to take back the last.
    names
        Whether students' names are shown.
    """

    def __init__(self, answers: TextIO, shown: TextIO, decide: Decide, undo: Undo, *, names: bool = False) -> None:
        super().__init__(answers, shown)
        self._decide = decide
        self._undo = undo
        self._names = names
        self._skipped: set[str] = set()

    def ask(self, groups: Sequence[Group], load: Callable[[], list[Group]]) -> int:
        """Go through `groups`; return how many explanations were decided.

        `load` is called after something was taken back, and returns what then waits.
        """
        left = list(groups)
        total, decided = len(left), 0
        while left:
            group = left.pop(0)
            self.say(describe(group, total - len(left), total, names=self._names))
            while True:
                answer = self.read(_question(group))
                if answer is None or answer == "q":
                    return decided
                if answer == "s":
                    self._skipped |= {entry.id for entry in group.explanations}
                    break
                if answer == "u":
                    said, places = self._undo()
                    self.say(said)
                    if places:
                        decided = max(0, decided - len(places))
                        left = self._from(load(), places)
                        total = len(left)
                        break
                    continue
                if out := _OUT.fullmatch(answer):
                    alone = self._without(group, int(out["number"]))
                    if alone is None:
                        continue
                    left[:0] = alone
                    total += 1
                    break
                if answer == "a":
                    done = self._accept([group, *left])
                    if done is None:
                        continue
                    return decided + done
                chosen = _parsed(answer, group.first)
                if isinstance(chosen, str):
                    self.say(chosen)
                    continue
                for line in self._decide([(entry, *chosen) for entry in group.explanations]):
                    self.say(line)
                decided += len(group.explanations)
                break
        return decided

    def _from(self, groups: Sequence[Group], places: Collection[Place]) -> list[Group]:
        """Return what is left to ask, with what was taken back first."""

        def is_back(entry: Explanation) -> bool:
            return (entry.student, entry.section, entry.item) in places

        left = [
            group
            for group in groups
            if any(is_back(entry) or entry.id not in self._skipped for entry in group.explanations)
        ]
        return sorted(left, key=lambda group: not any(map(is_back, group.explanations)))

    def _without(self, group: Group, which: int) -> list[Group] | None:
        """Return the group without one of its texts, and that text alone; None if that is not possible."""
        if not 1 <= which <= len(group.texts) or len(group.texts) == 1:
            self.say(f"There is no text {which} to take out of {count(len(group.texts), 'text')}.")
            return None
        rest = (*group.texts[: which - 1], *group.texts[which:])
        return [Group(rest), Group((group.texts[which - 1],))]

    def _accept(self, left: Sequence[Group]) -> int | None:
        """Take all suggestions that can be accepted without a look, if the person confirms; None if not."""
        entries = [entry for group in left for entry in group.explanations]
        ready = sum(entry.suggested_with(SURE) is not None for entry in entries)
        asked = f"Take the suggestion for {count(ready, 'explanation')} and leave {len(entries) - ready}"
        if self.read(f"{asked} (confidence at least {SURE:g}, more than 0 points)? Type yes: ") != "yes":
            return None
        return accept(entries, SURE, self._decide)


def accept(explanations: Iterable[Explanation], confidence: float, decide: Decide) -> int:
    """Take the suggestion wherever it has at least this confidence and is not 0; return how many there were."""
    suggested = [(entry, entry.suggested_with(confidence)) for entry in explanations]
    ready: list[Decision] = [(entry, points, None) for entry, points in suggested if points is not None]
    decide(ready)
    return len(ready)


def describe(group: Group, place: int, total: int, *, names: bool = False) -> str:
    """Return what a person needs to decide: the texts, the suggestion, what it rests on, earlier decisions."""
    first, entries = group.first, group.explanations
    size = f": {count(len(group.texts), 'text')} of {count(len(entries), 'student')}" if len(entries) > 1 else ""
    head = f"{place} of {total}: {first.item}: {first.title} ({number(first.max)} points){size}"
    lines = [f"\n{head}"]
    for which, text in enumerate(group.texts, 1):
        lines += [
            "",
            *_heading(which if len(group.texts) > 1 else None, text, names=names),
            quoted_text(text.first.text),
        ]
        for elsewhere in text.first.prose.elsewhere:
            lines += ["", "  In another cell:", quoted_text(elsewhere)]
    lines.append("")
    suggestion, found = first.prose.suggestion, first.prose.found
    if suggestion is None:
        lines.append("No points are suggested.")
    else:
        least = min(entry.prose.suggestion.confidence for entry in entries if entry.prose.suggestion)
        said = f"Suggested: {number(suggestion.points)} of {number(first.max)} points"
        lines.append(f"{said}, with a confidence of {least:.2f}.")
    if len(group.texts) > 1 and found.sentences:
        lines.append("Found in all of them; the sentences are those of text 1.")
    for title, of in (("Found", found.concepts), ("Wrong", found.wrong_claims)):
        for entry in of:
            lines.append(f"  {title} ({entry.points:+g}): {entry.title}")
            lines += [f"      “{visible(found.sentences[n], limit=500)}”" for n in entry.sentences]
    remarks = dict.fromkeys(remark for entry in entries for remark in entry.prose.remarks)
    lines += [f"  {visible(remark)}" for remark in remarks]
    return "\n".join([*lines, *dict.fromkeys(line for entry in entries for line in _earlier(entry))])


def _heading(which: int | None, text: Text, *, names: bool) -> list[str]:
    """Return the line above a text, if one is needed: its number, and how many students, or who, wrote it."""
    students = [visible(entry.student, limit=80) for entry in text.explanations]
    parts = [f"[{which}]"] if which is not None else []
    if names:
        parts.append(", ".join(sorted(students)))
    elif len(students) > 1:
        parts.append(f"{len(students)} students wrote exactly this:")
    return [" ".join(parts)] if parts else []


def _earlier(entry: Explanation) -> list[str]:
    """Return what people have given before."""
    lines = [
        f"{visible(tutor, limit=80)} gave {count_points(reading.points)}"
        f"{f': {visible(reading.comment)}' if reading.comment else ''}"
        for tutor, reading in sorted(entry.readings.items())
    ]
    if entry.decision is not None:
        what = "on another text" if entry.waits else "on this text"
        said = f": {visible(entry.decision.comment)}" if entry.decision.comment else ""
        lines.append(f"Decided before, {what}: {count_points(entry.decision.points)}{said}")
    return lines


def count_points(points: float) -> str:
    """Return ``1 point``, ``1.5 points``."""
    return f"{number(points)} point{'' if points == 1 else 's'}"


def quoted_text(text: str) -> str:
    """Return a student's text as it is shown on a terminal, set apart by a bar."""
    return textwrap.indent(visible(text.strip() or "(empty)", breaks=True, limit=_LONGEST), "  | ", lambda _: True)


def _question(group: Group) -> str:
    first = group.first
    default = "" if first.suggested is None else f", Enter = {number(first.suggested)}"
    out = ", x2 take text 2 out" if len(group.texts) > 1 else ""
    return f"points (0 to {number(first.max)}{default}{out}, s skip, u undo, a all, q stop, ? help): "


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
