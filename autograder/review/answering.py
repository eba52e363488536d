"""The conversation of `autograder requests`: one regrade request after the other, and an answer to each.

What students wrote is shown with every character that could act on a terminal made visible. Names are shown only where
they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal, TextIO

from autograder.course import Course
from autograder.records.record import ItemRecord, Record
from autograder.records.standing import item_standing
from autograder.review.dialogue import Conversation, Undo, count_points, quoted_text
from autograder.review.requests import Request, answer_of, why_not
from autograder.review.undoing import Place
from autograder.text import number, visible
from autograder.verdict import Verdict

HELP = (
    "Type what the student is to read, on one line; you are then asked for points (u there: type it again).\n"
    "s       skip it; it still waits\n"
    "u       take the last answer back; again for the one before\n"
    "q       stop; what was answered is kept"
)
Answer = Callable[[Request, str, Mapping[str, float]], None]
"""Writes an answer, and the points that items get now."""

_NUMBER = re.compile(r"[-+]?[0-9.,]+")


class Answering(Conversation):
    """Asks about requests.

    Parameters
    ----------
    answers, shown
        Where a person's answers come from, and where questions go.
    answer, undo
        Called for each answer, and to take back the last.
    names
        Whether students' names are shown.
    """

    def __init__(
        self,
        answers: TextIO,
        shown: TextIO,
        course: Course,
        autograded: Path,
        answer: Answer,
        undo: Undo,
        *,
        names: bool = False,
    ) -> None:
        super().__init__(answers, shown)
        self._course, self._autograded = course, autograded
        self._answer, self._undo, self._names = answer, undo, names
        self._skipped: set[str] = set()

    def ask(self, requests: Sequence[Request], load: Callable[[], list[Request]]) -> int:
        """Go through `requests`; return how many were answered. `load` returns what waits after something came back."""
        left, total, answered = list(requests), len(requests), 0
        while left:
            request = left.pop(0)
            folder = self._autograded / request.student / request.record.section
            head = f"\n{total - len(left)} of {total}"
            self.say(f"{head}: {describe(self._course, request, folder, names=self._names)}")
            while True:
                text = self.read("answer (s skip, u undo, q stop, ? help): ")
                if text is None or text == "q":
                    return answered
                if text == "s":
                    self._skipped.add(request.id)
                    break
                if text == "u":
                    said, places = self._undo()
                    self.say(said)
                    if places:
                        answered = max(0, answered - 1)
                        left = self._from(load(), places)
                        total = len(left)
                        break
                    continue
                if text in ("", "?"):
                    self.say(HELP)
                    continue
                if _NUMBER.fullmatch(text):
                    self.say("Type words that the student reads; points come next.")
                    continue
                points = self._points(request)
                if points is None:
                    return answered
                if isinstance(points, str):
                    continue
                self._answer(request, text, points)
                answered += 1
                break
        return answered

    def _from(self, requests: Sequence[Request], places: Collection[Place]) -> list[Request]:
        """Return what is left to ask, with what was taken back first."""

        def is_back(request: Request) -> bool:
            return (request.student, request.record.section, request.asked.item) in places

        left = [request for request in requests if is_back(request) or request.id not in self._skipped]
        return sorted(left, key=lambda request: not is_back(request))

    def _points(self, request: Request) -> dict[str, float] | Literal["u"] | None:
        """Ask for points until the answer is possible; return them by item, "u", or None at the end of input."""
        section, item = self._course.section(request.record.section), request.asked.item
        if item:
            now = item_standing(section, request.record, item).points
            most = number(section.item(item).points)
            question = f"points for {item} (0 to {most}, now {_open(now)}; Enter leaves them, u back): "
        else:
            question = "points, as exercise-1=5 (Enter leaves them, u back): "
        while True:
            typed = self.read(question)
            if typed is None:
                return None
            if not typed:
                return {}
            if typed == "u":
                return "u"
            name, equals, value = typed.rpartition("=")
            name = name.strip() if equals else item
            try:
                given = float(value.strip().replace(",", "."))
            except ValueError:
                self.say(f"`{visible(typed, limit=40)}` is not a number of points.")
                continue
            problem = why_not(section, request.record, name, given)
            if problem is None:
                return {name: given}
            self.say(f"{problem[0].upper()}{problem[1:]}.")


def describe(course: Course, request: Request, folder: Path, *, names: bool = False) -> str:
    """Return what a person needs to answer: the request, the student's answer, checks, and points so far."""
    section, record, asked = course.section(request.record.section), request.record, request.asked
    who = f"{visible(request.student, limit=80)}, " if names else ""
    about = f"{asked.item}: {section.item(asked.item).title}" if asked.item else "the whole section"
    when = f" ({visible(asked.asked, limit=60)})" if asked.asked else ""
    lines = [f"{who}{section.id}, {about}{when}", "", "The request:", quoted_text(asked.text)]
    if asked.answer is not None:
        lines += ["", "Answered before:", quoted_text(asked.answer)]
    for item in [asked.item] if asked.item else [entry.id for entry in section.items]:
        lines += ["", _standing(course, record, item)]
        if asked.item:
            lines += ["", "What was handed in:", quoted_text(answer_of(section, record, item, folder))]
            if item in record.items:
                lines += ["", *_checks(record.items[item])]
    return "\n".join(lines)


def _standing(course: Course, record: Record, item: str) -> str:
    section = course.section(record.section)
    standing = item_standing(section, record, item)
    line = f"{item}: {_open(standing.points)} of {count_points(standing.max)}"
    decision = record.items[item].decision if item in record.items else None
    if decision is not None:
        by_checks = "" if decision.judge is None else f" (the checks alone give {number(decision.judge)})"
        said = f": {visible(decision.comment)}" if decision.comment else ""
        line += f"; a person gave {count_points(decision.points)}{by_checks}{said}"
    return line


def _checks(item: ItemRecord) -> list[str]:
    """Return the checks that did not pass with their messages, and how many passed."""
    passed = sum(check.verdict is Verdict.PASSED for check in item.checks)
    lines = [f"{passed} of {len(item.checks)} checks passed."] if item.checks else []
    for check in item.checks:
        if check.verdict is not Verdict.PASSED:
            lines.append(f"  {check.name}: {check.verdict}, {number(check.points)} of {count_points(check.max)}")
            lines.append(f"      {visible(check.reason, limit=500)}")
            if check.message:
                lines.append(f"      {visible(check.message, limit=1000)}")
            lines += [f"      looks like: {visible(hint.believed, limit=500)}" for hint in check.hints[:1]]
    return lines


def _open(points: float | None) -> str:
    return "open" if points is None else number(points)
