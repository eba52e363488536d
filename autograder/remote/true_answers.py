"""True answers instead of those of a broken function, for the functions of the same student that call it.

If a failed function calls another one that is broken too, its failed checks are repeated in a fresh child, in which the
broken function asks the judge. If the checks then pass, they failed only because of the other function. No reference
code enters the child: a call is sent over the wire, and a number, with its slopes for tensors, comes back.

Trust: the child may ask anything at any time. It gets an answer only

- while the function whose checks are repeated runs (or, for numbers, the cell of their item),
- for broken functions on which this function may build according to the section's table,
- for plain data: the true value, or a refusal of what the function has to refuse,
- a bounded number of times, for a bounded number of bytes, and for arrays whose broadcast result has a bounded size.

The time that answers take is counted for the attempt (:mod:`autograder.remote.child`).

At other times the student's own function answers, even if it is wrong. Too many questions, or messages that are not
questions, end the child and the repeat of that check, which then changes nothing. The only thing that is kept of a
repeat is whether a check passed, so there is no other way out for what the child has learnt.
"""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.submissions.notebook import end_of_string

Rule = Callable[..., Any]

MAX_ASKED = 4096
"""Questions of one repeat: a training of twenty epochs asks for its loss 240 times."""
MAX_BYTES_ASKED = 2**28
MAX_BYTES_AT_ONCE = 2**20
MAX_ELEMENTS = 2**18
"""Numbers of the largest array that the arguments of one question make together: (n, 1) and (1, n) make n²."""
_MAX_SHAPES = 6


class TrueAnswers:
    """Answers for one repeat.

    Parameters
    ----------
    truths
        What each broken function has to answer, by name.
    homes
        The module or the notebook that each of them is in, by name.
    window
        The session's keys of the calls and cells during which questions are answered.
    slopes
        Gradients of those that answer tensors. For the same arguments, a list with a dict for each part of the answer,
        from names of parameters to arrays.
    """

    def __init__(
        self,
        truths: Mapping[str, Rule],
        homes: Mapping[str, str],
        window: frozenset[str],
        slopes: Mapping[str, Rule] | None = None,
    ) -> None:
        self._truths = truths
        self._homes = homes
        self._window = window
        self._slopes = slopes or {}
        self._questions = MAX_ASKED
        self._bytes = MAX_BYTES_ASKED
        self.asked: set[str] = set()

    def of(self, home: str) -> list[str]:
        """Return the functions in `home` that are answered here."""
        return [name for name in self._truths if self._homes[name] == home]

    def tell(self, running: str, question: wire.Frame) -> dict[str, Any]:
        """Return the body of the answer to `question`, asked while `running` runs; empty if none is given then.

        Raises
        ------
        wire.WireError
            If it is not a question that may be asked.
        """
        self._questions -= 1
        self._bytes -= question.weight
        if self._questions < 0 or self._bytes < 0 or question.weight > MAX_BYTES_AT_ONCE:
            raise wire.WireError("too many questions, or too large ones")
        match question.body:
            case {"function": str(name), "args": list(args), "kwargs": dict(kwargs)} if name in self._truths:
                pass
            case _:
                raise wire.WireError("not a question")
        if not all(isinstance(key, str) for key in kwargs) or not _is_data([args, kwargs]):
            raise wire.WireError("a question about something other than data")
        if _elements([*args, *kwargs.values()]) > MAX_ELEMENTS:
            raise wire.WireError("a question whose arguments together make too large an array")
        if running not in self._window:
            return {}
        self.asked.add(name)
        with np.errstate(all="ignore"):
            try:
                value = self._truths[name](*args, **kwargs)
                if name not in self._slopes:
                    return {"value": value}
                return {"value": _as_tensor(value, args, kwargs), "slopes": self._slopes_of(name, args, kwargs)}
            except Exception as error:  # noqa: BLE001  the function must refuse these arguments, or can't take them
                return {"raised": "ValueError" if isinstance(error, ValueError) else "TypeError"}

    def _slopes_of(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> list[dict[int | str, wire.Tensor]]:
        """Return the gradients of each part, by the position or the keyword of the argument."""
        given: dict[str, tuple[int | str, Any]] = {
            parameter: (position, value)
            for position, (parameter, value) in enumerate(
                zip(inspect.signature(self._truths[name]).parameters, args, strict=False)
            )
        }
        given |= {key: (key, value) for key, value in kwargs.items()}
        return [
            {
                given[parameter][0]: _like(given[parameter][1], gradient)
                for parameter, gradient in part.items()
                if isinstance(given[parameter][1], wire.Tensor)
            }
            for part in self._slopes[name](*args, **kwargs)
        ]


def _like(argument: wire.Tensor, numbers: Any) -> wire.Tensor:
    kind = "float32" if argument.dtype == "bfloat16" else argument.dtype
    return wire.Tensor(argument.dtype, np.asarray(numbers).astype(kind))


def _as_tensor(value: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Return numbers as tensors of the same dtype as the first argument that is a tensor of floats."""
    given = [*args, *kwargs.values()]
    like = next((one for one in given if isinstance(one, wire.Tensor) and "float" in one.dtype), None)
    if like is None:
        raise TypeError("a tensor of floats is needed")
    return tuple(_like(like, part) for part in value) if isinstance(value, tuple) else _like(like, value)


def _is_data(value: Any) -> bool:
    """Whether `value` holds only numbers, text and arrays, and so no code that a rule would call."""
    match value:
        case list() | tuple():
            return all(map(_is_data, value))
        case dict():
            return all(map(_is_data, value.values()))
    return value is None or isinstance(value, bool | int | float | str | np.generic | np.ndarray | wire.Tensor)


def _elements(arguments: Sequence[Any]) -> int:
    """Return the size of the largest array that NumPy could make by broadcasting any of `arguments` together."""
    shapes = {shape for shape in map(_shape, arguments) if math.prod(shape) != 1}
    if len(shapes) > _MAX_SHAPES:
        raise wire.WireError("a question about arrays of too many shapes")
    largest = 1
    for count in range(1, len(shapes) + 1):
        for together in itertools.combinations(shapes, count):
            try:
                largest = max(largest, math.prod(np.broadcast_shapes(*together)))
            except ValueError:  # these can't be broadcast together
                continue
    return largest


def _shape(value: Any) -> tuple[int, ...]:
    """Return the shape of the array that `value` is or makes; for a ragged list, the smallest that it fits into."""
    match value:
        case wire.Tensor():
            return _shape(value.array)
        case np.ndarray():
            return tuple(value.shape)
        case dict():
            return _shape(list(value.values()))
        case list() | tuple():
            inside = itertools.zip_longest(*(reversed(_shape(part)) for part in value), fillvalue=1)
            return (len(value), *reversed([max(lengths) for lengths in inside]))
    return ()


# How a comment, a string or a word begins in Python source, with one character for each byte.
_BEGIN = re.compile(r"#[^\n]*|(?P<quote>\"\"\"|'''|\"|')|(?P<word>[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)")


def mentions(source: bytes | str, function: str) -> bool:
    """Whether Python source names `function` (``InformationMeasures.entropy``) other than where it defines it.

    Comments and strings do not count. This saves most attempts a repeat that could find nothing. The source is only
    split into words, in one pass that takes linear time, and never parsed.
    """
    name = function.rpartition(".")[2].encode().decode("latin-1")
    text = (source.encode("utf-8", "replace") if isinstance(source, str) else source).decode("latin-1")
    previous = ""
    at = 0
    while match := _BEGIN.search(text, at):
        at = match.end()
        if match["word"] is not None:
            if match["word"] == name and previous != "def":
                return True
            previous = match["word"]
        elif match["quote"] is not None:
            at = end_of_string(text, at, match["quote"])
    return False
