"""What every notebook of the course uses to show checks and notes.

Nothing here decides a mark: other checks give the points, and they run elsewhere.
"""

from __future__ import annotations

import html
import math
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
from IPython import get_ipython
from IPython.display import display

from .student_files import FOLDER, NotLoaded

TOLERANCE = 1e-7

Verdict = Literal["passed", "wrong", "unfinished", "not checked"]
SIGNS: dict[Verdict, tuple[str, str]] = {
    "passed": ("✓", "#007a5e"),
    "wrong": ("✗", "#b34700"),
    "unfinished": ("○", "#0072b2"),
    "not checked": ("!", "#b34700"),
}
"""Sign and colour of a verdict; the sign alone is enough to tell them apart."""


# --- Unfinished functions ---------------------------------------------------------------------------------------


class unfinished:
    """Context manager: where a function is not written yet, show a short note instead of a traceback."""

    def __enter__(self) -> unfinished:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, NotImplementedError):
            return False
        display(Note(error))
        return True


def note_unfinished_everywhere() -> None:
    """Show the same short note in cells without ``with unfinished():``, such as your own."""

    def handler(shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: Any = None) -> None:
        display(Note(error))

    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((NotImplementedError,), handler)


def require(names: Mapping[str, Any], name: str) -> float:
    """Return the number `name` that an exercise above defines; pass ``globals()`` as `names`.

    Raises
    ------
    NotImplementedError
        If there is no such number yet, so that ``with unfinished():`` shows a note.
    """
    number = as_number(names.get(name))
    if number is None or not math.isfinite(number):
        raise NotImplementedError(f"define `{name}` in the exercise above; this cell draws your number")
    return number


class Note:
    """What is to be done for a function that raised ``NotImplementedError``."""

    def __init__(self, error: BaseException) -> None:
        self.text = _text_of(error) or "replace the line that raises NotImplementedError with your code"
        self.place = _place_of(error)

    def __repr__(self) -> str:
        place = f" ({self.place})" if self.place else ""
        return f"○ Not written yet{place}. To do: {self.text}"

    def _repr_html_(self) -> str:
        place = f" ({html.escape(self.place)})" if self.place else ""
        return _box(
            "unfinished",
            f"<b>Not written yet</b>{place}<br>To do: {inline_code(self.text)}<br>"
            "<small>Save the file, then run this cell again.</small>",
        )


# --- Checks -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What one check found."""

    verdict: Verdict
    title: str
    message: str = ""


@dataclass(frozen=True)
class Report:
    """The outcomes of the checks of one function; shows itself in a notebook and on a terminal."""

    title: str
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(outcome.verdict == "passed" for outcome in self.outcomes)

    @property
    def summary(self) -> str:
        """How many checks passed."""
        if any(outcome.verdict == "not checked" for outcome in self.outcomes):
            return "not checked"
        n_passed = sum(outcome.verdict == "passed" for outcome in self.outcomes)
        if n_passed == len(self.outcomes):
            return f"all {n_passed} checks pass"
        return f"{n_passed} of {len(self.outcomes)} checks pass"

    def lines(self) -> list[Outcome]:
        """Return the outcomes to show; where nothing is written or can be loaded, one line says what to do."""
        for outcome in self.outcomes:
            if outcome.verdict == "not checked":
                return [Outcome("not checked", outcome.message)]
        if all(outcome.verdict == "unfinished" for outcome in self.outcomes):
            return [Outcome("unfinished", "Not written yet.", self.outcomes[0].message)]
        return list(self.outcomes)

    def __repr__(self) -> str:
        lines = [f"{self.title}: {self.summary}"]
        for outcome in self.lines():
            lines.append(f"  {SIGNS[outcome.verdict][0]} {outcome.title}")
            if outcome.message:
                lines.append(f"      {outcome.message}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = []
        for outcome in self.lines():
            sign, colour = SIGNS[outcome.verdict]
            message = f"<br><span>{inline_code(outcome.message)}</span>" if outcome.message else ""
            rows.append(
                '<div style="display:flex;gap:.6em;margin:.15em 0">'
                f'<b style="color:{colour}" role="img" aria-label="{outcome.verdict}">{sign}</b>'
                f"<div>{inline_code(outcome.title)}{message}</div></div>"
            )
        verdicts = {outcome.verdict for outcome in self.outcomes}
        order: tuple[Verdict, ...] = ("not checked", "wrong", "unfinished", "passed")
        worst = next(verdict for verdict in order if verdict in verdicts)
        head = f"<b><code>{html.escape(self.title)}</code>: {self.summary}</b>"
        return _box(worst, head + "".join(rows))


class ChecksFailed(AssertionError):
    """Not all visible checks pass. Shown in a notebook as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def expect_number(
    title: str,
    call: Callable[[], Any],
    expected: float,
    unit: str = "bits",
    hints: Iterable[tuple[float, str]] = (),
    tolerance: float = TOLERANCE,
) -> Outcome:
    """Check that `call` returns `expected` within `tolerance`.

    `hints` are pairs of a wrong number and what it means; the usual slips of unit and sign need none.
    """
    answer = _attempt(title, call)
    if isinstance(answer, Outcome):
        return answer
    number = as_number(answer.value)
    if number is None:
        ending = " Does the function end with `return`?" if answer.value is None else ""
        return Outcome("wrong", title, f"One number is expected; you returned {show(answer.value)}.{ending}")
    if is_close(number, expected, tolerance):
        return Outcome("passed", title)
    if math.isnan(number):
        return Outcome(
            "wrong",
            title,
            "You returned nan. In floating point 0 · log 0 is nan; a term whose weight is 0 has to add 0.",
        )
    meaning = next(
        (text for wrong, text in (*hints, *_slips(expected, unit)) if is_close(number, wrong, tolerance)), ""
    )
    expectation = f"Expected {_digits(expected)} {unit}, you returned {_digits(number)}"
    return Outcome("wrong", title, f"{expectation}: {meaning}" if meaning else f"{expectation}.")


def expect_refusal(title: str, call: Callable[[], Any]) -> Outcome:
    """Check that `call` raises ``ValueError``."""
    answer = _attempt(title, call, accepted=ValueError)
    if isinstance(answer, Outcome):
        return answer
    return Outcome("wrong", title, f"It was accepted and gave {show(answer.value)}. Raise a ValueError that says why.")


def expect_true(title: str, call: Callable[[], Any], message: str) -> Outcome:
    """Check that `call` returns something true; `message` says what went wrong otherwise."""
    answer = _attempt(title, call)
    if isinstance(answer, Outcome):
        return answer
    return Outcome("passed", title) if answer.value is True else Outcome("wrong", title, message)


def as_number(value: Any) -> float | None:
    """Return `value` as a float, or None if it is not a single number."""
    if value is None or isinstance(value, str | bytes | bytearray):
        return None
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(())  # float() no longer takes an array with an axis
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(value)
    except Exception:  # noqa: BLE001 (an answer may be any object, with any __float__)
        return None


def is_close(number: float, expected: float, tolerance: float = TOLERANCE) -> bool:
    """Compare within `tolerance`, relative above 1; nan equals nothing, an infinity only itself."""
    near = math.isfinite(expected) and abs(number - expected) <= tolerance * max(1.0, abs(expected))
    return near or number == expected


def show(value: Any) -> str:
    """Return a short text for any object."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 (an answer may be any object, with any __repr__)
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "…"


@dataclass(frozen=True)
class _Answer:
    value: Any


def _attempt(title: str, call: Callable[[], Any], accepted: type[Exception] | None = None) -> _Answer | Outcome:
    """Call `call`; where it raises, return what that means for the check."""
    try:
        return _Answer(call())
    except NotLoaded as error:
        return Outcome("not checked", title, str(error))
    except NotImplementedError as error:
        return Outcome("unfinished", title, _text_of(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a student's function may raise anything)
        if accepted is not None and isinstance(error, accepted):
            return Outcome("passed", title)
        place = f" ({_place_of(error)})" if _place_of(error) else ""
        instead = f"It has to raise {accepted.__name__}; it raised" if accepted else "It raised"
        return Outcome("wrong", title, f"{instead} {type(error).__name__}: {_text_of(error)}{place}")


def _slips(expected: float, unit: str) -> list[tuple[float, str]]:
    """Return the numbers that come out of `expected` bits or nats by the usual slips of unit and sign."""
    if not math.isfinite(expected) or expected == 0:
        return []
    if unit == "nats":
        return [
            (expected / math.log(2), "that is the same in bits. To convert bits to nats, multiply by ln 2 = 0.693147."),
            (
                expected * math.log(2),
                "that is too small by a factor of ln 2. It was in nats before the conversion.",
            ),
            (expected / math.log(10), "that is the same in base 10. Use the natural logarithm."),
            (-expected, "the sign is wrong."),
        ]
    if unit != "bits":
        return []
    return [
        (expected * math.log(2), "that is the same in nats. To convert nats to bits, divide by ln 2 = 0.693147."),
        (expected / math.log(2), "that is too large by a factor of 1/ln 2. It was in bits before the conversion."),
        (expected * math.log10(2), "that is the same in base 10. Convert the logarithm to `base`."),
        (-expected, "the sign is wrong. log P is never positive, so −log P is what you add up."),
        (-expected * math.log(2), "that is in nats, and the minus sign is missing."),
        (2**expected, "that is 2 to the power of the expected number (the perplexity)."),
    ]


def _digits(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".") if 1e-4 <= abs(number) < 1e6 or number == 0 else f"{number:g}"


def _text_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 (a student's exception may have any __str__)
        return ""
    return text if len(text) <= 300 else text[:297] + "…"


def _place_of(error: BaseException) -> str:
    """Return file and line of the student's code that raised `error`, or nothing for a cell."""
    own = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).resolve().parent == FOLDER
    ]
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""


def inline_code(text: str) -> str:
    """Escape `text` for HTML and set what is between backticks as code."""
    parts = html.escape(text).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _box(verdict: Verdict, inner: str) -> str:
    return f'<div style="border-left:4px solid {SIGNS[verdict][1]};padding:.3em .8em;margin:.3em 0">{inner}</div>'
