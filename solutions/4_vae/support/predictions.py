"""Predictions: a guess is asked for, compared with what comes out, and counted."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from IPython.display import display

from .notebook_helpers import as_number, inline_code

NEAR = 0.1
"""A guess is near within this share of the answer, or within `NEAR` squared if the answer is smaller than `NEAR`."""

_GUESSES: dict[str, str] = {}


@dataclass(frozen=True)
class Comparison:
    """What was guessed, what came out, and how many guesses there have been."""

    verdict: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        colour = "#0072b2" if self.verdict == "none" else "#666666"
        inner = inline_code(self.text) if self.verdict == "none" else html.escape(self.text)
        return f'<div style="border-left:4px solid {colour};padding:.3em .8em;margin:.3em 0">{inner}</div>'


def compare(names: Mapping[str, Any], name: str, answer: Any = None, unit: str = "", exact: bool = False) -> None:
    """Show how near the guess `name` is to `answer`; while there is none, ask for it.

    Parameters
    ----------
    names : mapping
        What the notebook has defined: pass ``globals()``. A cell that was not run has defined nothing.
    name : str
        Under which name the student wrote the guess: a number, a str, or a sequence of them. Only the first guess of
        a name counts, because it was made without the answer.
    answer : number, str, or a sequence of them
        What is right. Without an answer nothing is counted.
    unit : str
        Unit of the numbers.
    exact : bool
        Whether the answer is one of a few, so that a guess is right or wrong and never near.
    """
    if name in names:
        display(_compared(name, names[name], answer, unit, exact))
    else:
        display(
            Comparison(
                "none",
                f"There is no `{name}` yet. Write a guess into the cell above that sets it, run it, and "
                "then run this cell again.",
            )
        )


def tally() -> str:
    """Return how many guesses have been made in this kernel, and how many of them were right or near."""
    n, hits = len(_GUESSES), sum(verdict != "off" for verdict in _GUESSES.values())
    return f"{n} prediction{'s' if n != 1 else ''} so far, {hits} of them right or near."


def _compared(name: str, guess: Any, answer: Any, unit: str, exact: bool) -> Comparison:
    if guess is None or guess == "":
        return Comparison(
            "none",
            "You have not predicted anything. Write a guess in place of `None` in the cell above and run both cells: "
            "a wrong guess teaches more than none.",
        )
    if answer is None:
        return Comparison("open", f"You predicted: {_shown(guess)}")
    verdict = _verdict(guess, answer)
    if exact and verdict == "near":
        verdict = "off"
    if verdict is None:
        return Comparison("none", f"A guess here is {_kind(answer)}, such as `{_example(answer)}`.")
    counted = _GUESSES.setdefault(name, verdict)
    said = {"right": "right", "near": "near", "off": "not near"}[verdict]
    again = "" if counted == verdict else " Your first guess counts."
    outcome = f"You predicted {_shown(guess)}; it is {_shown(answer)} {unit}".rstrip()
    return Comparison(verdict, f"{outcome}: {said}.{again} {tally()}")


def _verdict(guess: Any, answer: Any) -> str | None:
    """Return "right", "near" or "off", or None if `guess` is of another kind than `answer`."""
    if isinstance(answer, str):
        same = str(guess).strip().casefold().replace(" ", "").replace(",", "") == answer.casefold()
        return ("right" if same else "off") if isinstance(guess, str) else None
    if isinstance(answer, Sequence):
        try:
            guesses = list(guess)
        except TypeError:
            return None
        if len(guesses) != len(answer):
            return None
        verdicts = [_verdict(*pair) for pair in zip(guesses, answer, strict=True)]
        if None in verdicts:
            return None
        return next(verdict for verdict in ("off", "near", "right") if verdict in verdicts)
    number = as_number(guess)
    if number is None or math.isnan(number):
        return None
    answer = float(answer)
    if number == answer:
        return "right"
    is_near = math.isfinite(answer) and abs(number - answer) <= NEAR * max(abs(answer), NEAR)
    return "near" if is_near else "off"


def _kind(answer: Any) -> str:
    if isinstance(answer, str):
        return "a text"
    return "a number" if not isinstance(answer, Sequence) else f"a tuple of {len(answer)}"


def _example(answer: Any) -> str:
    if isinstance(answer, str):
        return '"…"'
    return "0.5" if not isinstance(answer, Sequence) else "(" + ", ".join(_example(part) for part in answer) + ")"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return "(" + ", ".join(_shown(part) for part in value) + ")"
    number = as_number(value)
    return repr(value) if number is None else f"{number:.4g}"
