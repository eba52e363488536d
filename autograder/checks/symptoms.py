"""What students are told about a fault whose reason is not known: its symptom, and for which input it shows.

Fault localisation by predicates (Liblit et al. 2005, "Scalable statistical bug isolation"): what is true of the
arguments of all wrong calls of one kind, and of no right call, is where the fault is. "Where `p` holds bools an error
was raised" claims nothing about the reason, so it can't be a wrong one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEAST_RIGHT = 3
"""The least number of right answers: if a function is right nowhere, nothing shows where it is wrong."""

NEAR = 1e-4
"""An answer with a smaller error, relative or absolute, is imprecise: float32, rounding, or an added small number."""

_ROUNDING = 1e-6
_RARE = 1e-4
_MANY = 1000
_MOST = 100_000  # numbers of an argument that are looked at
_AXES = ("", "one axis", "two axes", "three axes or more")
_KINDS = {"b": "bools", "i": "integers", "u": "integers"}


@dataclass(frozen=True)
class Symptom:
    """What a student reads: a belief that explains the fault, and what to try next.

    `believed` is for the fault alone, `localized` (with ``{where}``) if it is known for which input it shows.
    """

    believed: str
    hint: str
    localized: str = ""


SYMPTOMS: Mapping[str, Symptom] = {
    "input-not-refused": Symptom(
        "Input that the contract excludes can be answered like any other.",
        "Check the input before you compute with it, and raise the error that the docstring names.",
        "Where {where}, the input can be answered like any other. It must be refused.",
    ),
    "valid-input-raises": Symptom(
        "What works for some input works for all kinds that the contract allows.",
        "Call the function yourself with such input, and read the last lines of the traceback.",
        "Where {where}, code that works elsewhere works too. There, and only there, an error was raised.",
    ),
    "nan": Symptom(
        "",
        "Look for 0 · log 0, 0/0 and ∞ - ∞, and decide what such terms add before you compute them.",
        "Where {where}, the formula works unchanged. There, and only there, the answer was NaN.",
    ),
    "infinite": Symptom(
        "",
        "Find the term that became infinite there, and read in the contract what it adds.",
        "Where {where}, the answer is infinite. It is not.",
    ),
    "finite": Symptom(
        "",
        "Work out such a case by hand, term by term.",
        "Where {where}, the answer is finite. It is not.",
    ),
    "imprecise": Symptom(
        "A nearly right answer is good enough: some answers are off by a little.",
        "Look for a small number that is added or cut off, for a rounding, and for a float type with fewer digits.",
        "Where {where}, a nearly right answer is good enough. There, and only there, the answer is off by a little.",
    ),
    "wrong-for-some-input": Symptom(
        "",
        "Work out a small case of that kind by hand, and compare each step.",
        "Where {where}, the same steps are right. There, and only there, the answers were wrong.",
    ),
    "input-changed": Symptom(
        "A function may change the input that it was given.",
        "The input belongs to the caller, who goes on working with it. Assigning to its elements, sorting it in place, "
        "`/=`, and methods that end in `_` all change it: make a copy first.",
    ),
    "not-differentiable": Symptom(
        "A number is as good as a tensor that gradients flow through.",
        "Compute with tensors from the first to the last step: `.item()`, `float()`, `detach`, `no_grad` and NumPy all "
        "cut off the gradient.",
    ),
    "gradient-of-another-function": Symptom(
        "If the value of a loss is right, so is what is learned from it.",
        "The value is right, or nearly, and the gradient is not that of the formula. Look for parts that are clamped, "
        "rounded, detached or computed under `no_grad`, and for a `backward` of your own.",
    ),
    "wrong-shape": Symptom(
        "Only the numbers matter, not the shape that they come in.",
        "Print the shapes of what you return, and compare them with those in the docstring.",
    ),
    "below-zero": Symptom(
        "What can't be negative in the formula can't be negative on a computer.",
        "A difference of rounded numbers may end up slightly below 0. Decide what the answer is then.",
    ),
}


@dataclass(frozen=True)
class Seen:
    """A call: its arguments by name, which of them were given, and how it ended.

    `symptom` is empty for a right answer; `is_refused` says whether the right answer is an exception.
    """

    arguments: Mapping[str, Any]
    given: frozenset[str]
    defaults: Mapping[str, Any]
    is_refused: bool
    symptom: str


def places(calls: Sequence[Seen]) -> Iterator[tuple[str, str, frozenset[int]]]:
    """Yield symptoms, each with the input that shows it in words (empty if imprecise everywhere), and its calls."""
    facts = [list(dict.fromkeys(_facts(call))) for call in calls]
    right = [number for number, call in enumerate(calls) if not call.symptom]
    is_known = sum(not calls[number].is_refused for number in right) >= LEAST_RIGHT
    for symptom in dict.fromkeys(call.symptom for call in calls if call.symptom):
        numbers = [number for number, call in enumerate(calls) if call.symptom == symptom]
        common = [fact for fact in facts[numbers[0]] if all(fact in facts[number] for number in numbers)]
        # An input that is rightly refused says nothing about how it would be answered.
        others = [n for n in right if symptom == "input-not-refused" or not calls[n].is_refused]
        where = _separating(symptom, numbers, common, [frozenset(facts[number]) for number in others])
        if where is not None and is_known:
            yield symptom, " and ".join(where), frozenset(numbers)
        elif symptom == "imprecise" and len(numbers) > 1:
            yield symptom, "", frozenset(numbers)


def _separating(
    symptom: str, calls: Sequence[int], common: Sequence[str], right: Sequence[frozenset[str]]
) -> tuple[str, ...] | None:
    """Return the first fact of `common` that no right call has, or two facts that none has together, or None.

    For a single call with a wrong number two facts prove nothing, because some pair is always true of it alone.
    """
    for count in (1,) if len(calls) == 1 and symptom == "wrong-for-some-input" else (1, 2):
        for facts in itertools.combinations(common, count):
            if not any(known.issuperset(facts) for known in right):
                return facts
    return None


def _facts(call: Seen) -> Iterator[str]:
    """Yield what can be said about the arguments, in the order of preference."""
    arrays = {name: _array(value) for name, value in call.arguments.items()}
    for name, value in call.arguments.items():
        if value is None or isinstance(value, str | bytes):
            yield f"`{name}` is {'None' if value is None else 'text'}"
        elif isinstance(value, bool | int | float | np.generic):
            yield from _of_a_number(name, value, call.defaults.get(name))
    yield from _of_pairs(arrays)
    for name, value in call.arguments.items():
        array = arrays[name]
        if array is not None:
            yield from _of_an_array(name, value, array)
        elif isinstance(value, list | tuple | np.ndarray):
            yield from _of_labels(name, value)
    for name in call.arguments:
        if name in call.defaults:
            yield f"`{name}` is {'given' if name in call.given else 'left to its default'}"


def _of_a_number(name: str, value: Any, default: Any) -> Iterator[str]:
    if isinstance(value, bool | np.bool_):
        yield f"`{name}` is a bool"
        return
    number = float(value)
    if math.isnan(number) or math.isinf(number):
        yield f"`{name}` is {'NaN' if math.isnan(number) else 'infinite'}"
        return
    if number == 0:
        yield f"`{name}` is 0"
    if number < 0:
        yield f"`{name}` is negative"
    if 0 < number < 1:
        yield f"`{name}` is between 0 and 1"
    if number == 1:
        yield f"`{name}` is 1"
    if number != int(number):
        yield f"`{name}` is not a whole number"
    if isinstance(default, int | float) and number != default:
        yield f"`{name}` is not {'e' if default == math.e else default}"
        if number not in (2, math.e):
            yield f"`{name}` is neither 2 nor e"
        if number not in (2, math.e, 10):
            yield f"`{name}` is none of 2, e and 10"
    if not isinstance(value, int | np.integer):
        yield f"`{name}` is a float"
    if number > _MANY:
        yield f"`{name}` is above {_MANY}"


def _of_pairs(arrays: Mapping[str, np.ndarray[Any, Any] | None]) -> Iterator[str]:
    for (one, a), (other, b) in itertools.combinations(arrays.items(), 2):
        if a is None or b is None or not (a.ndim and b.ndim):
            continue
        if len(a) != len(b):
            yield f"`{one}` is {'shorter' if len(a) < len(b) else 'longer'} than `{other}`"
        if a.ndim == 2 and b.ndim == 1 and b.dtype.kind in "iu" and b.size > 0 and b.max() < a.shape[1] - 1:
            yield f"the last column of `{one}` does not occur in `{other}`"
        if a.shape != b.shape:
            continue
        if bool(((a > 0) & (b == 0)).any()):
            yield f"`{other}` is 0 where `{one}` is not"
        elif bool((b == 0).any()):
            yield f"`{other}` is 0 only where `{one}` is 0"
        if bool(((a == 0) & (b > 0)).any()):
            yield f"`{one}` is 0 where `{other}` is not"
        if bool(((a == 0) & (b == 0)).any()):
            yield f"`{one}` and `{other}` are 0 in the same place"
        if min(a.ndim, b.ndim) > 1 and 1 in a.shape and 1 in b.shape:
            yield f"`{one}` and `{other}` each have an axis of length 1"
        if np.array_equal(a, b):
            yield f"`{one}` and `{other}` are equal"


def _of_an_array(name: str, value: Any, array: np.ndarray[Any, Any]) -> Iterator[str]:
    if not array.size:
        yield f"`{name}` is empty"
        return
    numbers = array.astype(float)
    if bool(np.isnan(numbers).any()):
        yield f"`{name}` holds NaN"
    if bool(np.isinf(numbers).any()):
        yield f"`{name}` holds an infinite number"
    if bool((np.abs(numbers) > _MANY).any()):
        yield f"`{name}` holds very large numbers"
    if bool((numbers < 0).any()):
        yield f"`{name}` holds a negative number"
    if array.ndim:
        yield f"`{name}` has {_AXES[min(array.ndim, 3)]}"
        if array.ndim != 2:
            yield f"`{name}` does not have two axes"
    else:
        yield f"`{name}` is a single number"
    mixes = isinstance(value, list | tuple) and {int, float} <= {type(number) for number in value}
    if mixes:
        yield f"`{name}` mixes integers and floats"
    if array.dtype.kind in _KINDS:
        yield f"`{name}` holds {_KINDS[array.dtype.kind]}"
    if array.dtype == np.float32:
        yield f"`{name}` holds float32 numbers"
    if array.ndim > 1 and 1 in array.shape:
        yield f"`{name}` has an axis of length 1"
    if array.ndim == 2 and array.shape[0] != array.shape[1]:
        yield f"`{name}` does not have as many rows as columns"
    if bool(((numbers > 0) & (numbers < np.finfo(np.float32).tiny)).any()):
        yield f"`{name}` holds numbers that are too small for float32"
    if bool(((numbers > 0) & (numbers < _RARE)).any()):
        yield f"`{name}` holds very small numbers"
    if array.ndim == 2 and not bool(numbers.any(axis=1).all()):
        yield f"`{name}` has a row of zeros"
    if array.ndim == 2 and not bool(numbers.any(axis=0).all()):
        yield f"`{name}` has a column of zeros"
    if bool((numbers == 0).any()):
        yield f"`{name}` holds a 0"
    total = float(numbers.sum()) if np.isfinite(numbers).all() else math.nan
    if abs(total - 1) > _ROUNDING:
        yield f"`{name}` does not sum to 1"
    elif total != 1:
        yield f"`{name}` sums to 1 only up to rounding"
    if array.size > _MANY:
        yield f"`{name}` has more than {_MANY} numbers"
    if array.size == 1:
        yield f"`{name}` holds only one number"
    elif not mixes and bool((array == array.flat[0]).all()):
        yield f"`{name}` holds only equal numbers"
    if array.dtype.kind == "f" and bool((numbers == np.floor(numbers)).all()):
        yield f"`{name}` holds whole numbers"
    for kind in (list, tuple):
        if isinstance(value, kind):
            yield f"`{name}` is a {kind.__name__}"


def _of_labels(name: str, value: Any) -> Iterator[str]:
    labels = list(itertools.islice(value, _MOST))
    kinds = {type(label) for label in labels}
    if str in kinds or np.str_ in kinds:
        yield f"`{name}` holds text"
    if len(kinds) > 1:
        yield f"`{name}` holds labels of several types"
    if type(None) in kinds:
        yield f"`{name}` holds None"
    if tuple in kinds:
        yield f"`{name}` holds tuples"
    if any(isinstance(label, int) and abs(label) > 2**53 for label in labels):
        yield f"`{name}` holds integers above 2**53"


def _array(value: Any) -> np.ndarray[Any, Any] | None:
    """Return an argument as an array of numbers; None for what holds anything else, is ragged or too large."""
    if isinstance(value, str | bytes) or value is None:
        return None
    try:
        array = np.asarray(value)
    except Exception:  # noqa: BLE001  lists of different lengths, objects that stay in the student's process
        return None
    return array if array.dtype.kind in "biuf" and array.size <= _MOST else None
