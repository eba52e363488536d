"""Failed checks of a section, grouped by what is behind them, with the points that mending it brings.

A cause is a misconception that was named, a symptom that many answers share (NaN, a wrong shape), an exception at one
line, or what stopped the code. If nothing of that is known, it is the function. A failed check has one cause, so no
point is promised twice. All of it is read from the record, so an old record says the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from autograder.course import Item, Section
from autograder.records.record import CheckRecord, Hint, Record
from autograder.records.standing import item_standing
from autograder.submissions.attempts import EMPTY, RELEASED, without_work
from autograder.text import count, points_text
from autograder.verdict import Verdict

# What checks.symptoms tells of a fault whose reason is not known; a misconception of a suite says more.
_TITLES = {
    "below-zero": "Slightly below zero",
    "finite": "Finite answers where they are not",
    "gradient-of-another-function": "The gradient is not that of the formula",
    "imprecise": "Answers that are off by a little",
    "infinite": "Infinite answers",
    "input-changed": "The input is changed",
    "input-not-refused": "Input that must be refused is answered",
    "nan": "Answers that are NaN",
    "nothing-returned": "Nothing is returned",
    "not-differentiable": "No gradient gets through",
    "valid-input-raises": "An exception for input that is allowed",
    "wrong-for-some-input": "Wrong for some input",
    "wrong-shape": "Wrong shape",
}
_OF_A_FUNCTION = ("wrong-for-some-input", "valid-input-raises", "gradient-of-another-function")
"""Symptoms that show no common reason if two functions have them."""
_SPELLED = {"elbo": "ELBO", "js": "JS", "kl": "KL", "mi": "MI", "nan": "NaN", "vae": "VAE"}

# What a message says about the answer itself; words about an input, such as "An entry that is NaN", don't match.
_SYMPTOMS = {
    "nan": re.compile(r"^The answer (?:was|holds) NaN|One of the answers was NaN|\b[Gg]ot nan\b"),
    "infinite": re.compile(r"^The answer (?:was|holds an) infinite|One of the answers was infinite|\b[Gg]ot -?inf\b"),
    "nothing-returned": re.compile(r"\bgot None\b"),
    "wrong-shape": re.compile(r"\bgot (?:the )?shapes?\b"),
    "input-not-refused": re.compile(r": an? \w+ was expected, but a value came back"),
}
_LINE = re.compile(r"\bline (\d+)\)")
_RAISED = re.compile(r" raised (?:(\w+)|an exception)")
_CELL = re.compile(r"because the cell `([^`]*)` stopped")
_FILE = re.compile(r"^The (?:file|notebook) `([^`]*)` is not in the submission")
_ABSENT = re.compile(r"^There is no `([^`]*)` in (.*)\.$")
_LOADING = re.compile(r"^Importing `([^`]*)`")
_KEPT_OUT = re.compile(r"^The notebook `([^`]*)` cannot be read")

Key = tuple[str, ...]
_NOT_WRITTEN: tuple[Key, str] = ("missing",), "Not written yet"


@dataclass
class Cause:
    """What is behind some failed checks of a section.

    ``by_others`` are points that other functions lost only because of this; they are ``counted`` here, and not there.
    """

    key: Key
    title: str
    verdict: Verdict
    checks: list[tuple[Item, CheckRecord]] = field(default_factory=list)
    by_others: float = 0.0
    counted: bool = False

    @property
    def follows_from(self) -> Sequence[str]:
        """The broken functions without which these checks would have passed."""
        return self.checks[0][1].follows_from

    @property
    def lost(self) -> float:
        """Points that these checks would have given."""
        return sum(check.max - check.points for _, check in self.checks)

    @property
    def wins(self) -> float:
        """Points that mending this brings in all."""
        return 0.0 if self.counted else self.lost + self.by_others

    @property
    def is_certain(self) -> bool:
        """Whether mending this brings all of the points: what got no answer may turn out to be wrong for more reasons.

        One misconception that explains all answers is certain, and so is what is not written or simply wrong.
        """
        return len(self.beliefs) == 1 if self.key[0] == "belief" else self.key[0] in ("wrong", "missing", "follows")

    @property
    def worth(self) -> str:
        """What mending it brings, in words."""
        if self.wins:
            return f"{'' if self.is_certain else 'up to '}{points_text(self.wins)}"
        return f"{points_text(self.lost)}, counted above" if self.counted else "costs nothing"

    @property
    def beliefs(self) -> list[str]:
        """The misconceptions that fit, of which any may be the cause."""
        return list(dict.fromkeys(hint.misconception for _, check in self.checks for hint in check.hints))

    @property
    def hints(self) -> list[tuple[Hint, list[str]]]:
        """What the student may have believed, each once, with the functions that it is about."""
        found: dict[tuple[str, str], tuple[Hint, list[str]]] = {}
        for _, check in self.checks:
            for hint in check.hints:
                _, names = found.setdefault((hint.believed, hint.hint), (hint, []))
                if check.function and check.function not in names:
                    names.append(check.function)
        return list(found.values())

    @property
    def functions(self) -> list[tuple[Item, str | None]]:
        """What the checks are about, in order: functions and names, or None for an item as a whole."""
        found = {(item.id, check.function): (item, check.function) for item, check in self.checks}
        return list(found.values())

    @property
    def message(self) -> str:
        """What was found, if it is the same for all checks, in the words that say most; else empty."""
        messages = {check.message for _, check in self.checks}
        if self.key[0] in ("file", "cell", "line"):  # a message may quote an exception, or keep it back
            return max(messages, key=lambda message: (not _CELL.search(message), len(message), message))
        return messages.pop() if len(messages) == 1 else ""

    @property
    def scope(self) -> str:
        """How many functions it is in: ``3 functions``; for one, its name."""
        named = [(item, function) for item, function in self.functions if function]
        if not named:
            return count(len(self.checks), "check")
        if len(self.functions) == 1:
            return f"`{(named[0][1] or '').rpartition('.')[2]}`"
        of_modules = sum(bool(item.module) for item, _ in named)
        of_cells = len(named) - of_modules
        said = [count(of_modules, "function")] * bool(of_modules) + [count(of_cells, "name")] * bool(of_cells)
        return " and ".join(said)


def causes(section: Section, record: Record) -> list[Cause]:
    """Return the causes of all failed checks of the judged items; what brings most points comes first."""
    found: dict[Key, Cause] = {}
    for item in section.items:
        points = item_standing(section, record, item.id).points
        if points is None or not math.isfinite(points):
            continue
        failed = [check for check in record.items[item.id].checks if check.verdict is not Verdict.PASSED]
        untouched = _is_untouched(section, item, record)
        for check in failed if untouched else _without_reasons_for_some_nan(failed):
            key, title = _NOT_WRITTEN if untouched else cause_of(section, item, check)
            verdict = Verdict.MISSING if untouched else check.verdict
            found.setdefault(key, Cause(key, title, verdict)).checks.append((item, check))
    own = [cause for cause in found.values() if not cause.follows_from]
    follow = [cause for cause in found.values() if cause.follows_from]
    for cause in follow:
        _credit(cause, own)
    rank = {verdict: place for place, verdict in enumerate(Verdict)}
    # Of equal ones, a file that stops everything in it comes first.
    own.sort(key=lambda cause: (-cause.wins, cause.key[0] != "file", rank[cause.verdict]))
    return own + follow


def _is_untouched(section: Section, item: Item, record: Record) -> bool:
    """Return whether the item's file is as it was released, so that nothing else explains its failed checks.

    In an empty module nothing is as it was handed out; what it lacks is named check by check.
    """
    file, states = (item.module, (RELEASED,)) if item.module else (section.notebook, (RELEASED, EMPTY))
    return any(without_work(file, state) in record.notes for state in states)


def _without_reasons_for_some_nan(failed: Sequence[CheckRecord]) -> list[CheckRecord]:
    """Return the checks; where a reason explains only some of the NaN that a function answers, it is left out."""
    unexplained = {check.function for check in failed if _is_nan(check) and not _reasons(check)}
    return [replace(check, hints=()) if _is_nan(check) and check.function in unexplained else check for check in failed]


def _is_nan(check: CheckRecord) -> bool:
    return check.verdict is Verdict.WRONG and not check.follows_from and _symptom(check.message) == "nan"


def _reasons(check: CheckRecord) -> tuple[str, ...]:
    """Return the misconceptions that say why, and not only what the answers have in common."""
    return tuple(dict.fromkeys(hint.misconception for hint in check.hints if hint.misconception not in _TITLES))


def cause_of(section: Section, item: Item, check: CheckRecord) -> tuple[Key, str]:
    """Return what identifies the cause of a failed check, and its title."""
    if check.follows_from:
        names = ", ".join(f"`{name.rpartition('.')[2]}`" for name in check.follows_from)
        return ("follows", *check.follows_from), f"Only follows from {names}"
    if reasons := _reasons(check):
        return ("belief", *reasons), _capital(", or ".join(map(_words, reasons)))
    if check.verdict is Verdict.MISSING:
        return _missing(check)
    if check.verdict is not Verdict.WRONG:
        return _stopped(section, item, check)
    name = check.hints[0].misconception if check.hints else _symptom(check.message)
    if name:
        own = (item.id, check.function or "") if name in _OF_A_FUNCTION else ()
        return ("symptom", name, *own), _TITLES[name]
    return ("wrong", item.id, check.function or ""), "Wrong answers"


def _missing(check: CheckRecord) -> tuple[Key, str]:
    if file := _FILE.match(check.message):
        return ("file", file[1]), f"`{file[1]}` is missing"
    if absent := _ABSENT.match(check.message):
        return ("absent", absent[1], absent[2]), f"`{absent[1]}` is missing"
    return _NOT_WRITTEN


def _stopped(section: Section, item: Item, check: CheckRecord) -> tuple[Key, str]:
    """Return the cause of a check that got no answer: a file, a cell, a line, or else the function."""
    home, message = item.module or item.id, check.message
    if loading := _LOADING.match(message):
        return ("file", loading[1]), f"`{loading[1]}` can’t be loaded"
    if notebook := _KEPT_OUT.match(message):
        return ("file", notebook[1]), f"`{notebook[1]}` can’t be read"
    if cell := _CELL.search(message):
        for module in section.modules:  # the cell that imports it stops with it
            if f"({module}, line " in message or f"needs `{module.removesuffix('.py')}`" in message:
                return ("file", module), f"`{module}` can’t be loaded"
        return ("cell", cell[1]), f"The cell `{cell[1]}` stopped"
    raised = _RAISED.search(message)
    what = (raised[1] or "An exception") if raised else check.verdict.capitalize()
    if line := _LINE.search(message):
        return ("line", check.verdict, home, line[1]), f"{what} in line {line[1]}"
    return (check.verdict, what, item.id, check.function or ""), what


def _symptom(message: str) -> str:
    return next((name for name, pattern in _SYMPTOMS.items() if pattern.search(message)), "")


def _credit(following: Cause, own: Iterable[Cause]) -> None:
    """Add what only follows to the one cause that is behind it, if there is one; to none if it takes several."""
    functions = set(following.follows_from)
    behind = [cause for cause in own if any(function in functions for _, function in cause.functions)]
    if len(behind) == 1 and behind[0].is_certain:
        behind[0].by_others += following.lost
        following.counted = following.lost > 0


def _words(name: str) -> str:
    """Return the id of a misconception as words: ``kl-for-js`` is "KL for JS"."""
    return " ".join(_SPELLED.get(word, word) for word in name.split("-"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
