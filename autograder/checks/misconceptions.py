"""Names the misconception behind wrong answers if the answers prove it.

A misconception is a wrong rule, kept as code in the suite. It is named if the student's answers equal the rule's on
every recorded call on which the rule differs from the truth, and there is at least one such call. If no rule fits, none
is named; if all the wrong answers are to one kind of call, that kind is named instead.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.checks import symptoms
from autograder.checks.answers import WrongAnswer, holds_numbers, number
from autograder.checks.rules import Asked, Family, OfAsked, asked, parameters
from autograder.remote.calls import Call
from autograder.sandbox import wire
from autograder.verdict import Verdict

RTOL = 1e-7
_ASKED = 8  # wrong answers that are used to find the number of a family
_REMEMBERED = 200_000  # answers of rules to calls; most are single numbers


class Unsettled(list[Any]):
    """A part of a rule's answer that depends on rounding, such as the order of equal scores; it equals anything."""


@dataclass(frozen=True)
class Misconception:
    """A named wrong belief.

    Parameters
    ----------
    id
        Short name, ``nats-for-bits``.
    item
        The item that it belongs to.
    function
        The function or the name in the notebook that it is about.
    believed
        What the student believed, in one sentence.
    hint
        What to try next; never the code.
    rule
        The wrong rule, with the signature of the function; or a family of rules; or the wrong number; or None if only a
        check itself can prove it.
    tolerance
        Relative tolerance for comparing an answer with the rule's; coarser for float32.
    """

    id: str
    item: str
    function: str
    believed: str
    hint: str
    rule: Callable[..., Any] | float | None
    tolerance: float = RTOL


class Bank:
    """The misconceptions of one section, with the truths that answers are compared with.

    A class is asked the same questions again and again, so the answers of rules to calls are cached.

    Parameters
    ----------
    truths
        The right function or number, for each one whose answers can be compared with a rule.
    misconceptions
        What is believed instead.
    builds_on
        The functions that a function or number may be computed with, nearest first; it has no circles.
    slopes
        Gradients of those truths that students differentiate, see :class:`autograder.remote.true_answers.TrueAnswers`.
    """

    def __init__(
        self,
        truths: Mapping[str, Callable[..., Any] | float],
        misconceptions: Sequence[Misconception],
        builds_on: Mapping[str, Sequence[str]] | None = None,
        slopes: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.truths = truths
        self.misconceptions = misconceptions
        self.builds_on = builds_on or {}
        self.slopes = slopes or {}
        self._remembered: dict[tuple[object, bytes], Any] = {}
        self._claims: Counter[bytes | None] = Counter()  # how many were worked out, by question

    @np.errstate(all="ignore")
    def diagnose(self, calls: Sequence[Call], functions: Collection[str] | None = None) -> list[Explanation]:
        """Return what explains wrong answers in `calls`, only those of `functions` if these are given.

        An explanation is left out if another one explains the same calls and more. For example, code that swaps the
        axes also seems to ignore them in calls that don't give them.
        """
        answers: dict[str, list[_Answered]] = {}
        for place, call in enumerate(calls):
            asked = functions is None or call.function in functions
            if asked and call.function in self.truths and (answer := _answer(call)) is not None:
                question = _Question(call, self.truths[call.function])
                truth = self._truth(question)
                answers.setdefault(call.function, []).append(
                    _Answered(place, question, answer, not _same(truth, answer, RTOL))
                )
        found: list[Explanation] = []
        for function, answered in answers.items():
            answered.sort(key=lambda entry: not entry.wrong)
            if not answered[0].wrong:
                continue
            # One wrong answer refutes most rules: begin with the question about which most claims are known already.
            queue = sorted(answered, key=lambda entry: (not entry.wrong, -self._claims[entry.question.fingerprint]))
            fitting = [
                (misconception, explained)
                for number_of_rule, misconception in enumerate(self.misconceptions)
                if misconception.function == function
                and misconception.rule is not None
                and (explained := self._explained(number_of_rule, answered, queue))
            ]
            best = [
                Explanation(misconception, explained)
                for misconception, explained in fitting
                if not any(explained < others for _, others in fitting)
            ]
            found += list({(e.misconception.id, e.misconception.hint): e for e in reversed(best)}.values())[::-1]
            found += [] if best else self._localized(function, answered)
        return found

    @np.errstate(all="ignore")
    def is_attempt(self, calls: Sequence[Call]) -> bool:
        """Whether a function gave a true value in one of its `calls`, or values by a mistake that is known by name.

        The true value need not be exact, because the function's own check judges precision.
        """
        truths = [self._truth(_Question(call, self.truths[call.function])) for call in calls]
        valued = {n for n, (call, truth) in enumerate(zip(calls, truths, strict=True)) if _are_values(call, truth)}
        return any(_same(truths[n], calls[n].result, symptoms.NEAR) for n in valued) or any(
            entry.misconception.id not in symptoms.SYMPTOMS and entry.calls & valued for entry in self.diagnose(calls)
        )

    def named(self, misconception_id: str, item: str) -> list[Misconception]:
        """Return, in a list, the first misconception with that id in `item`, or the symptom; else an empty list."""
        found = [entry for entry in self.misconceptions if (entry.id, entry.item) == (misconception_id, item)]
        symptom = symptoms.SYMPTOMS.get(misconception_id)
        if not found and symptom is not None:
            return [Misconception(misconception_id, item, "", symptom.believed, symptom.hint, None)]
        return found[:1]

    def _localized(self, function: str, answered: Sequence[_Answered]) -> Iterator[Explanation]:
        """Yield for which input a function is wrong, in the form of a belief that such input is like any other."""
        truth = self.truths[function]
        known = [entry for entry in self.misconceptions if entry.function == function]
        if not callable(truth) or not known:
            return
        tolerance = max(entry.tolerance for entry in known)
        _, defaults = parameters(truth)
        seen: list[symptoms.Seen] = []
        places: list[int] = []
        for entry in answered:
            try:
                its = entry.question.asked
            except TypeError:
                continue
            right = self._truth(entry.question)
            is_wrong = entry.wrong and not _same(right, entry.answer, tolerance)
            symptom = _symptom(right, entry.answer) if is_wrong else ""
            seen.append(symptoms.Seen(its.arguments, its.given, defaults, isinstance(right, _Raised), symptom))
            places.append(entry.place)
        for name, where, numbers in symptoms.places(seen):
            shown = symptoms.SYMPTOMS[name]
            told = shown.localized.format(where=where) if where else shown.believed
            calls = frozenset(places[number] for number in numbers)
            yield Explanation(Misconception(name, known[0].item, function, told, shown.hint, None), calls)

    def _explained(
        self, number_of_rule: int, answered: Sequence[_Answered], queue: Sequence[_Answered]
    ) -> frozenset[int]:
        """Return the places of the wrong answers that the rule gives too; none if it contradicts a single answer.

        `queue` is `answered` in another order, in which wrong answers come first too. For a family, one answer finds
        the rule, so another has to prove it.
        """
        misconception = self.misconceptions[number_of_rule]
        if not isinstance(misconception.rule, Family):
            return self._evidence(number_of_rule, misconception, queue)
        for parameter in self._fitted(number_of_rule, misconception.rule, answered):
            member = replace(misconception, rule=misconception.rule.of(parameter))
            evidence = self._evidence((number_of_rule, parameter), member, queue)
            if len({entry.question.fingerprint for entry in answered if entry.place in evidence}) > 1:
                return evidence
        return frozenset()

    def _fitted(self, number_of_rule: int, family: Family, answered: Sequence[_Answered]) -> Iterator[float]:
        """Yield the numbers found from the first wrong answers; some allow several numbers, or miss the right one."""
        for entry in itertools.islice((entry for entry in answered if entry.wrong), _ASKED):
            answer = _numbers(entry.answer) if _may_fit(entry.answer, np.zeros(())) else None
            if answer is not None and answer.size == 1 and math.isfinite(answer.item()):
                args, kwargs = entry.question.call.args, entry.question.call.kwargs
                grid = self._recall(
                    (number_of_rule, "grid"), entry.question, functools.partial(family.grid, args, kwargs)
                )
                if grid is not None:
                    yield from family.fitted(args, kwargs, float(answer.item()), grid)

    def _evidence(self, who: object, misconception: Misconception, answered: Sequence[_Answered]) -> frozenset[int]:
        evidence: set[int] = set()
        for entry in answered:
            if not entry.wrong and not evidence:
                break  # right answers come last; they can refute a rule, but are not evidence for it
            claimed, is_true = self._claim(who, misconception, entry.question)
            if is_true:
                continue
            if _same(claimed, entry.answer, misconception.tolerance):
                evidence.add(entry.place)
            elif not _is_cut(claimed, entry.answer):
                return frozenset()
        return frozenset(evidence)

    def _truth(self, question: _Question) -> Any:
        return self._recall(question.call.function, question, lambda: _apply(question.truth, question))

    def _claim(self, who: object, misconception: Misconception, question: _Question) -> tuple[Any, bool]:
        """Return what a rule answers to a question, and whether that is the truth; `who` identifies the rule."""

        def claim() -> tuple[Any, bool]:
            self._claims[question.fingerprint] += 1
            claimed = _apply(misconception.rule, question)
            return claimed, _same(claimed, self._truth(question), misconception.tolerance)

        found: tuple[Any, bool] = self._recall(who, question, claim)
        return found

    def _recall(self, who: object, question: _Question, make: Callable[[], Any]) -> Any:
        if question.fingerprint is None:
            return make()
        key = (who, question.fingerprint)
        if key not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
                self._claims.clear()
            self._remembered[key] = make()
        return self._remembered[key]


@dataclass(frozen=True)
class Explanation:
    """What explains wrong answers, and the numbers of the calls that got them."""

    misconception: Misconception
    calls: frozenset[int]


class _Question:
    """A call of a function, its truth, and a hash of its arguments; None if they can't be sent by value."""

    def __init__(self, call: Call, truth: Any) -> None:
        self.call = call
        self.truth = truth
        self.fingerprint = _fingerprint(call)

    @functools.cached_property
    def asked(self) -> Asked:
        """What rules that take more than the arguments get."""
        return asked(self.truth, self.call.args, self.call.kwargs)


@dataclass(frozen=True)
class _Raised:
    """An exception instead of a value."""

    kind: str


@dataclass(frozen=True)
class _Answered:
    """A question with the student's answer, and whether that differs from the truth; `place` is the call's number."""

    place: int
    question: _Question
    answer: Any
    wrong: bool


def _symptom(truth: Any, answer: Any) -> str:
    """Return the symptom of a wrong answer; empty if it is only another error than the right one."""
    if isinstance(answer, _Raised):
        return "" if isinstance(truth, _Raised) else "valid-input-raises"
    if isinstance(truth, _Raised):
        return "input-not-refused"
    expected, got = _numbers(truth), _numbers(answer)
    if expected is None or got is None or expected.shape != got.shape:
        return "wrong-for-some-input"
    if np.isnan(got).any():
        return "nan"
    if np.isinf(got).any() and not np.isinf(expected).any():
        return "infinite"
    if np.isinf(expected).any() and not np.isinf(got).any():
        return "finite"
    with np.errstate(all="ignore"):
        off = np.abs(got - expected) / np.maximum(1.0, np.abs(expected))
    return "imprecise" if off.size and float(np.max(off)) < symptoms.NEAR else "wrong-for-some-input"


def _fingerprint(call: Call) -> bytes | None:
    try:
        packed = wire.encode(wire.Frame(0, call.function, [call.args, dict(call.kwargs)]))
    except wire.WireError:  # an object that stays in the student's process
        return None
    return hashlib.blake2b(packed, digest_size=16).digest()


def _answer(call: Call) -> Any:
    """Return what the student answered, or None if it is not evidence (a crash, a time limit, nothing written)."""
    if call.fault is None:
        return call.result
    if call.fault.verdict is Verdict.ERROR and call.fault.types:
        return _Raised(next((kind for kind in call.fault.types if "." not in kind), "Exception"))
    return None


def _are_values(call: Call, truth: Any) -> bool:
    return call.fault is None and not isinstance(truth, _Raised)


def _apply(rule: Callable[..., Any] | float | None, question: _Question) -> Any:
    if not callable(rule):
        return rule
    try:
        if isinstance(rule, OfAsked):
            return rule.answer(question.asked)
        return rule(*question.call.args, **question.call.kwargs)
    except Exception as error:  # noqa: BLE001  a rule may fail in any way; how it fails is its answer
        return _Raised(type(error).__name__)


def _same(one: Any, other: Any, tolerance: float) -> bool:
    """Whether two answers are equal numbers, arrays of them, tuples or dicts of either, or exceptions of one kind.

    `one` is a rule's answer and decides how deep to look; `other` may be anything, and as a dict it may have more keys.
    """
    if type(one) is float and type(other) is float:
        return _near(one, other, tolerance)
    if isinstance(one, _Raised) or isinstance(other, _Raised):
        return isinstance(one, _Raised) and isinstance(other, _Raised) and one == other
    if isinstance(one, Unsettled):
        return True
    if isinstance(one, tuple):
        fits = isinstance(other, list | tuple) and len(one) == len(other)
        return fits and all(_same(part, got, tolerance) for part, got in zip(one, other, strict=True))
    if isinstance(one, dict):
        fits = isinstance(other, dict) and one.keys() <= other.keys()
        return fits and all(_same(part, other[key], tolerance) for key, part in one.items())
    left = _numbers(one)
    if left is None or not _may_fit(other, left):
        return False
    right = _numbers(other)
    if right is None or (left.shape != right.shape and not left.size == right.size == 1):
        return False
    if left.size == 1:
        return _near(float(left.item()), float(right.item()), tolerance)
    with np.errstate(all="ignore"):
        return bool(np.allclose(left, right, rtol=tolerance, atol=1e-3 * tolerance, equal_nan=True))


def _may_fit(answer: Any, numbers: np.ndarray[Any, Any]) -> bool:
    """Whether an answer can have as many numbers as `numbers`, as far as that shows without going through it.

    This is called for every rule, and an answer may hold a quarter of a million items, or 16 million bools.
    """
    answer = answer.array if isinstance(answer, wire.Tensor) else answer
    if isinstance(answer, np.ndarray):
        return answer.size == numbers.size
    if isinstance(answer, list | tuple):
        return len(answer) == 1 == numbers.size or (numbers.ndim > 0 and len(answer) == len(numbers))
    return True


def _is_cut(claimed: Any, answer: Any) -> bool:
    """Whether a rule's answer is negative and the student's is 0: ``max(0.0, …)`` around a rule still follows it."""
    claims = _numbers(claimed)
    if claims is None or claims.size != 1 or not claims < 0 or not _may_fit(answer, claims):
        return False
    answers = _numbers(answer)
    return answers is not None and answers.size == 1 and bool(answers == 0)


def _near(one: float, other: float, tolerance: float) -> bool:
    near = math.isfinite(other) and abs(one - other) <= tolerance * (1e-3 + abs(other))
    return near or one == other or (math.isnan(one) and math.isnan(other))


def _numbers(answer: Any) -> np.ndarray[Any, Any] | None:
    """Return an answer as an array of floats, or None if it holds anything else."""
    try:
        return np.asarray(number(answer))
    except WrongAnswer:
        pass
    if not holds_numbers(answer):
        return None
    try:
        plain = np.asarray(answer)
        return plain.astype(float) if plain.dtype.kind in "biuf" else None
    except Exception:  # noqa: BLE001  a student's answer may fail to be an array in any way
        return None
