"""The tools for writing a hidden suite: marks for points and items, and comparisons with messages for students.

A check is a pytest function that takes the student's module as a fixture and reads like an ordinary test::

    pytestmark = item("example-1")

    @points(1, function="InformationMeasures.entropy", reveal=True)
    def test_fair_coin_has_one_bit(entropy):
        \"\"\"A fair coin has an entropy of exactly 1 bit.\"\"\"
        assert entropy.InformationMeasures.entropy([0.5, 0.5]) == approx(1.0, unit="bits")

Its docstring is the reason that students read. An answer comes from the student's code and may be anything. So every
helper here turns an answer that does not fit into a failed check with a message, never into an error of the check.
"""

from __future__ import annotations

import contextlib
import math
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import CodeType
from typing import Any, NoReturn

import numpy as np
import pytest

from autograder.remote.calls import RemotePath
from autograder.remote.faults import RemoteFault
from autograder.sandbox.wire import Tensor
from autograder.text import on_one_line
from autograder.verdict import Verdict

TOLERANCE = 1e-7
_MAX_SHOWN = 64
_MAX_TEXT = 200
_MAX_BITS = 1000
_NEARLY = 0.01  # a relative error that is told as a number of right digits
_SAME_RATIO = 1e-3


class WrongAnswer(AssertionError):  # noqa: N818  a verdict, not an error
    """The student's answer is wrong; the message is for the student."""

    def __init__(self, message: str, misconception: str | None = None) -> None:
        super().__init__(message)
        self.misconception = misconception


def item(item_id: str) -> pytest.MarkDecorator:
    """Mark a suite's module as the checks of one item."""
    return pytest.mark.item(item_id)


def points(value: float, function: str | None = None, reveal: bool = False) -> pytest.MarkDecorator:
    """Mark a test function as a check.

    Parameters
    ----------
    value
        Points that it is worth.
    function
        The function that it is about, by the name that students use (``InformationMeasures.entropy``).
    reveal
        Whether the feedback may show the call and the expected value; for textbook cases that give nothing away.
    """
    return pytest.mark.points(value, function, reveal)


def fail(message: str, misconception: str | None = None) -> NoReturn:
    """End the check as `wrong` with a message for the student.

    `misconception` names one of the bank that the check itself has proved, for answers that can't be compared with a
    rule one by one (random samples, gradients).
    """
    raise WrongAnswer(message, misconception)


def missing(message: str) -> NoReturn:
    """End the check as `missing`: what it asks for is as it was handed out, which is not a wrong answer."""
    raise RemoteFault(Verdict.MISSING, message)


def tensor(values: Any, dtype: str = "float32") -> Tensor:
    """Return an argument that reaches the student's code as a torch tensor of that dtype."""
    kind = "float32" if dtype == "bfloat16" else dtype
    return Tensor(dtype, np.array(values, dtype=kind))


@contextlib.contextmanager
def raises(kind: type[Exception], case: str) -> Iterator[None]:
    """Expect the student's code to raise `kind`; `case` tells the student what the input was.

    An unwritten function (NotImplementedError), a crash, or a call that ran out of time does not count and keeps its
    own verdict.
    """
    outcome: Any = None
    try:
        yield
    except RemoteFault as fault:
        outcome = fault
    assert_raised(outcome, kind, case)


def assert_raised(outcome: Any, kind: type[Exception], case: str) -> None:
    """Fail unless `outcome`, one of ``function.outcomes(…)``, is an exception of `kind`; see :func:`raises`."""
    if not isinstance(outcome, RemoteFault):
        fail(f"{case}: a {kind.__name__} was expected, but a value came back.", "input-not-refused")
    if kind.__name__ in outcome.types:
        return
    if outcome.verdict is not Verdict.ERROR:
        raise outcome
    fail(f"{case}: a {kind.__name__} was expected. {outcome.told(observed.reveal)}")


def value(answer: Any) -> Any:
    """Return the plain value of an answer; a `RemotePath` is fetched."""
    return answer.fetch() if isinstance(answer, RemotePath) and answer._path else answer


def number(answer: Any) -> float:
    """Return an answer as a float: anything that ``float()`` takes, except text.

    Raises
    ------
    WrongAnswer
        If it is not a single real number.
    """
    plain = value(answer)
    if isinstance(plain, RemotePath):
        with contextlib.suppress(RemoteFault):
            plain = plain._session.call(replace(plain, _path=("__float__",)), (), {})
    plain = plain.array if isinstance(plain, Tensor) else plain
    if type(plain) in (bool, int, float):
        with contextlib.suppress(OverflowError):
            return float(plain)
    if isinstance(plain, np.generic | np.ndarray) and plain.size == 1 and plain.dtype.kind in "biuf":
        return float(np.asarray(plain).reshape(-1)[0])
    raise WrongAnswer(f"A number was expected; got {describe(plain)}.")


def array(answer: Any) -> np.ndarray[Any, Any]:
    """Return an answer as an array of float64: a tensor, an array, numbers in lists, or a single number.

    A number in a list may be a tensor without axes.

    Raises
    ------
    WrongAnswer
        If it holds anything but real numbers.
    """
    plain = value(answer)
    try:
        got = np.asarray(_without_tensors(plain) if holds_numbers(plain) else None)
    except (ValueError, TypeError):  # lists of different lengths
        got = np.empty(0, dtype=object)
    if got.dtype.kind not in "biuf":
        raise WrongAnswer(f"An array of numbers was expected; got {describe(plain)}.")
    with np.errstate(all="ignore"):
        return got.astype(float)


def _without_tensors(plain: Any) -> Any:
    """Return `plain` with arrays instead of tensors, at any depth."""
    if isinstance(plain, list | tuple):
        return [_without_tensors(element) for element in plain]
    return plain.array if isinstance(plain, Tensor) else plain


def parts(answer: Any, count: int) -> tuple[Any, ...]:
    """Return the `count` parts of an answer that is a tuple or a list, or numbers in an array or a tensor of one axis.

    Raises
    ------
    WrongAnswer
        If it is none of these, or has another number of parts.
    """
    plain = value(answer)
    if isinstance(plain, Tensor) and plain.array.ndim == 1:
        plain = [Tensor(plain.dtype, np.asarray(part)) for part in plain.array]
    elif isinstance(plain, np.ndarray) and plain.ndim == 1:
        plain = list(plain)
    if not isinstance(plain, tuple | list):
        raise WrongAnswer(f"A tuple of {count} values was expected; got {describe(plain)}.")
    if len(plain) != count:
        raise WrongAnswer(f"A tuple of {count} values was expected; got {len(plain)} of them.")
    return tuple(plain)


def describe(answer: Any) -> str:
    """Return a short description of a value for a student: its type, and its content if that is short."""
    if answer is None:
        return "None (is a `return` missing?)"
    if isinstance(answer, RemotePath):
        return str(answer)
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape}"
    if isinstance(answer, Tensor):
        return f"a tensor of shape {answer.array.shape}"
    if isinstance(answer, bool | int | float | np.generic):
        return show(answer)
    article = "an" if type(answer).__name__[0] in "aeiou" else "a"
    if not observed.reveal:  # the answer to a hidden input may be that input
        return f"{article} {type(answer).__name__}"
    text = show(answer)
    return f"{article} {type(answer).__name__}" + (f", {text}" if len(text) <= 60 else "")


def show(answer: Any, limit: int = 160) -> str:
    """Return a value as a student would write it, cut at `limit` characters, in time independent of its size."""
    try:
        text = repr(_rounded(answer, iter(range(limit))))
        if isinstance(answer, np.ndarray | Tensor) and not text.startswith("<"):
            text = f"np.array({text})" if isinstance(answer, np.ndarray) else f"torch.tensor({text})"
    except Exception:  # noqa: BLE001  characters that do not exist, integers too long to print
        text = f"<{type(answer).__name__} that cannot be shown>"
    text = text[: limit + 1]
    text = on_one_line(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


class _Plain(float):
    """A float that prints with seven significant digits."""

    def __repr__(self) -> str:
        return f"{float(self):.7g}"


class _Word(str):
    """Text that prints without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _rounded(answer: Any, room: Iterator[int]) -> Any:
    """Return `answer` in the form to be printed; every element takes one item from `room`."""
    match answer:
        case np.bool_():
            return bool(answer)
        case np.integer():
            return int(answer)
        case float() | np.floating():
            return _Plain(answer)
        case int() if answer.bit_length() > _MAX_BITS:
            return _Word(f"<an integer of {answer.bit_length()} bits>")
        case str() | bytes():
            return answer[:_MAX_TEXT]
        case list():
            return [_rounded(element, room) for element, _ in zip(answer, room, strict=False)]
        case tuple():
            return tuple(_rounded(element, room) for element, _ in zip(answer, room, strict=False))
        case dict():
            return {
                _rounded(key, room): _rounded(element, room)
                for (key, element), _ in zip(answer.items(), room, strict=False)
            }
        case set() | frozenset() if len(answer) > _MAX_SHOWN:
            return _Word(f"<a set of {len(answer)} elements>")
        case Tensor():
            return _rounded(answer.array, room)
        case np.ndarray() if answer.size > _MAX_SHOWN or max(answer.shape, default=0) > _MAX_SHOWN:
            return _Word(f"<array of shape {answer.shape}>")
        case np.ndarray():
            return _rounded(answer.tolist(), room)
    return answer


@dataclass
class _Observed:
    """The last comparison that failed; the judge reads it when an ``assert`` without a message fails.

    `got` is there if the input is known: that of a check that reveals it, or none, because the notebook holds the
    number itself. `reveal` is set by the judge before a check. It says whether messages may contain text from the
    student's code.
    """

    expected: str | None = None
    got: str | None = None
    message: str = ""
    reveal: bool = True
    _compared_in: CodeType | None = None

    def clear(self, reveal: bool) -> None:
        """Forget the last comparison, because a check begins."""
        self.expected = self.got = self._compared_in = None
        self.message = ""
        self.reveal = reveal

    def failed(self, expected: str, got: str | None, message: str, where: CodeType) -> None:
        """Remember a comparison that failed, and the function that made it."""
        self.expected, self.got, self.message, self._compared_in = expected, got, message, where

    def forget_unless_raised_by(self, error: BaseException) -> None:
        """Forget the comparison unless the function that made it raised `error`: otherwise the check tolerated it."""
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        if frames and frames[-1].f_code is not self._compared_in:
            self.clear(self.reveal)


observed = _Observed()


class approx:  # noqa: N801  reads like pytest.approx
    """A number, or an array of numbers, that compares equal to answers within a tolerance.

    ``|answer - expected| <= tol * max(1, |expected|)``, element by element. Zeros of either sign are equal, infinities
    equal themselves, and NaN equals nothing, so NaN is never a right answer.

    Parameters
    ----------
    expected
        The number or array that the check computed itself.
    tol
        Tolerance.
    unit
        Unit of the expected value (``bits``, ``nats``). An answer is shown without one, because nobody knows in which
        unit it is.
    """

    def __init__(self, expected: Any, tol: float = TOLERANCE, unit: str = "") -> None:
        self.expected = np.asarray(expected, dtype=float)
        self.tol = tol
        self.unit = unit

    __hash__ = None  # type: ignore[assignment]
    __array_ufunc__ = None  # so that `array == approx(…)` calls our `__eq__` and does not compare element by element

    def __eq__(self, answer: object) -> bool:
        got = np.asarray(number(answer)) if self.expected.ndim == 0 else self._array(answer)
        equal = bool(np.all(self._close(got)))
        if not equal:
            known = observed.reveal or isinstance(answer, RemotePath)
            shown = self._show(got) if known else None
            message = _sentence(got) or (f"The answer was {shown}." if known else compared(got, self.expected))
            observed.failed(self._expected(), shown, message, sys._getframe(1).f_code)
        return equal

    def __repr__(self) -> str:
        return f"approx({self._expected()})"

    def _close(self, got: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        with np.errstate(all="ignore"):
            near = np.abs(got - self.expected) <= self.tol * np.maximum(1.0, np.abs(self.expected))
        infinite = np.isinf(self.expected) | np.isinf(got)
        return np.asarray(np.where(infinite, got == self.expected, near))

    def _array(self, answer: object) -> np.ndarray[Any, Any]:
        got = array(answer)
        if got.shape != self.expected.shape:
            raise WrongAnswer(f"An array of shape {self.expected.shape} was expected; got shape {got.shape}.")
        return got

    def _show(self, numbers: np.ndarray[Any, Any]) -> str:
        if numbers.ndim:
            return show(numbers)
        text = f"{float(numbers):.7g}"
        if numbers is not self.expected and text == f"{float(self.expected):.7g}" and not math.isinf(numbers):
            text = repr(float(numbers))
        return text

    def _expected(self) -> str:
        shown = self._show(self.expected)
        return f"{shown} {self.unit.removesuffix('s') if shown == '1' else self.unit}".rstrip()


def holds_numbers(plain: Any) -> bool:
    """Whether `plain` holds only numbers, at any depth.

    NumPy would give every element the size of the longest text among them, so a few megabytes become gigabytes.
    """
    if isinstance(plain, list | tuple):
        return all(holds_numbers(element) for element in plain)
    plain = plain.array if isinstance(plain, Tensor) else plain
    if isinstance(plain, np.ndarray | np.generic):
        return plain.dtype.kind in "biuf"
    return isinstance(plain, bool | int | float)


def _sentence(got: np.ndarray[Any, Any]) -> str:
    """Return a message for an answer that is wrong whatever the expected value is; else an empty text."""
    if np.any(np.isnan(got)):
        return "The answer was NaN, which is never right here." if got.ndim == 0 else "The answer holds NaN."
    return ""


def compared(got: Any, right: Any) -> str:
    """Return how an answer to a hidden input differs from the right one, without telling either; else an empty text.

    The ratio shows a wrong unit, sign or factor. It has three digits: enough for those, and little room for anything
    else that a program might put into its answers.
    """
    answer, truth = np.asarray(got, dtype=float), np.asarray(right, dtype=float)
    if np.any(np.isinf(answer) & np.isfinite(truth)):
        return "The answer was infinite." if answer.ndim == 0 else "The answer holds an infinite number."
    is_zero = truth == 0
    if not np.all(np.isfinite(truth)) or np.all(is_zero) or np.any(np.abs(answer[is_zero]) > TOLERANCE):
        return ""
    with np.errstate(all="ignore"):
        ratios = answer[~is_zero] / truth[~is_zero]
    ratio, off = float(ratios.flat[0]), float(np.max(np.abs(ratios - 1)))
    if not np.all(np.isfinite(ratios)) or off == 0:
        return ""
    if off < _NEARLY:
        return f"The answer was right in its first {-math.floor(math.log10(off)) - 1} digits only."
    if np.any(np.abs(ratios - ratio) > _SAME_RATIO * abs(ratio)):
        return ""
    if ratio == 0:
        return "The answer was 0."
    return f"The answer was {'minus the right one' if f'{ratio:.3g}' == '-1' else f'{ratio:.3g} times the right one'}."


def call_text(function: str, args: Sequence[Any], kwargs: dict[str, Any]) -> str:
    """Return a call as a student would type it."""
    shown = [show(argument, 80) for argument in args]
    shown += [f"{name}={show(argument, 40)}" for name, argument in kwargs.items()]
    return f"{function}({', '.join(shown)})"
