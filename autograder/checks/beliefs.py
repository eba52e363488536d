"""The grammar of a bank of misconceptions: decorated functions, whose docstrings are what students read.

    @misconception("nats-for-bits", of=ENTROPY)
    def natural_logarithm(answer, base):
        \"\"\"The natural logarithm was taken whatever `base` says.

        Divide by the logarithm of the base: one bit is log 2 nats.
        \"\"\"
        return answer * math.log(base)

A suite's ``misconceptions.py`` is read by :func:`load_bank`. It declares what is right with :func:`truth` and what is
believed instead with :func:`misconception`, in the order in which students are told. It also has these tables:

``ITEMS``
    For every item, the functions and numbers that have a truth or a misconception.
``BUILDS_ON``, ``SLOPES``
    See :class:`autograder.checks.misconceptions.Bank`; both may be missing.

Trust: a bank is the suite's code. Its rules run in the judge on arguments that the suite chose itself, and are compared
with a student's answers, never with the reference solution.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from autograder.checks.misconceptions import RTOL, Bank, Misconception
from autograder.checks.rules import Asked, Family, OfAsked, Rule, parameters
from autograder.course import CourseError

Declared = TypeVar("Declared")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_GIVEN_TO_RULES = ("answer", "call")


@dataclass(frozen=True)
class unknown:  # noqa: N801  it reads as a value: ``epsilon=unknown(like=1e-6)``
    """A small positive number that the student chose: one wrong answer reveals it, and another one has to prove it.

    Parameters
    ----------
    like
        A number that students are likely to choose.
    """

    like: float = 1e-10


@dataclass(frozen=True)
class _Truth:
    value: Any
    tolerance: float
    silent_on: Rule | None


@dataclass(frozen=True)
class _Belief:
    id: str
    of: tuple[str, ...]
    function: Callable[..., Any]
    form: Callable[[Callable[..., Any]], Rule] | None
    parameters: Mapping[str, Iterable[Any] | unknown]


@dataclass
class _Declarations:
    """What a bank has declared while it is read."""

    truths: dict[str, _Truth] = field(default_factory=dict)
    beliefs: list[_Belief] = field(default_factory=list)


_declarations: ContextVar[_Declarations] = ContextVar("_declarations")


def truth(of: str, tolerance: float = RTOL, silent_on: Rule | None = None) -> Callable[[Declared], Declared]:
    """Declare what is right: a function with the signature of the student's, or a number.

    Parameters
    ----------
    of
        The function, or the name that a notebook cell defines.
    tolerance
        Relative tolerance of answers that are compared with rules about it; coarser for float32.
    silent_on
        Says whether the answer to a call proves nothing. It takes the same parameters as a rule.
    """

    def declared(value: Declared) -> Declared:
        truths = _read_now().truths
        if of in truths:
            raise CourseError(f"the truth of `{of}` is declared twice")
        truths[of] = _Truth(value, tolerance, silent_on)
        return value

    return declared


def misconception(
    id: str,  # noqa: A002  it is one
    of: str | Sequence[str],
    form: Callable[[Callable[..., Any]], Rule] | None = None,
    **parameters: Iterable[Any] | unknown,
) -> Callable[[Declared], Declared]:
    """Declare what is believed instead of the truth.

    The docstring's first paragraph says what was believed, in one sentence, and the second what to try next, but never
    gives the code. The function is the wrong rule. It takes by name what it needs: arguments of the function that it is
    about, with that function's defaults unless it has its own; `answer`, the right answer; `call`, an
    :class:`autograder.checks.rules.Asked`. A rule without parameters returns the wrong answer itself; if it returns
    None, only a check can prove the belief.

    Parameters
    ----------
    id
        Short name, ``nats-for-bits``.
    of
        The function or the notebook's name that it is about, or several of them.
    form
        Makes the rule from the function if that is only a part of it, for example a formula without units.
    **parameters
        Further parameters of the function, each with its values or with :class:`unknown`. One misconception is made
        for each value, or for each combination of values.
    """

    def declared(function: Declared) -> Declared:
        assert callable(function), "a misconception is a function"
        names = (of,) if isinstance(of, str) else tuple(of)
        _read_now().beliefs.append(_Belief(id, names, function, form, parameters))
        return function

    return declared


def _read_now() -> _Declarations:
    """Return the declarations of the bank that is being read."""
    declarations = _declarations.get(None)
    if declarations is None:
        raise CourseError(
            "truths and misconceptions can only be declared in a suite's misconceptions.py, which load_bank reads"
        )
    return declarations


def load_bank(folder: Path) -> Bank | None:
    """Return the bank of misconceptions of the suite in `folder`; None if it has no ``misconceptions.py``.

    Raises
    ------
    CourseError
        If a declaration breaks the grammar.
    """
    path = folder / "misconceptions.py"
    if not path.is_file():
        return None
    declarations = _Declarations()
    token = _declarations.set(declarations)
    try:
        module = load_module(path)
        return _bank(module, declarations)
    except CourseError as error:
        raise CourseError(f"{path}: {error}") from error
    finally:
        _declarations.reset(token)


def load_module(path: Path) -> ModuleType:
    """Run a file of a suite as a module of its own."""
    name = f"autograder_suite_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _bank(module: ModuleType, declarations: _Declarations) -> Bank:
    items = _items(getattr(module, "ITEMS", {}))
    for name, right in declarations.truths.items():
        if name not in items:
            raise CourseError(f"the truth of `{name}` belongs to no item; add it to ITEMS")
        taken = [each for each in _GIVEN_TO_RULES if callable(right.value) and each in parameters(right.value)[0]]
        if taken:
            raise CourseError(f"`{name}` has a parameter `{taken[0]}`, which has another meaning in a rule; rename it")
    misconceptions: list[Misconception] = []
    told: set[tuple[str, ...]] = set()
    for belief in declarations.beliefs:
        where = f"misconception `{belief.id}` ({getattr(belief.function, '__name__', 'no function')})"
        try:
            believed, hint = _told(belief)
            for name in belief.of:
                if name not in items:
                    raise CourseError(f"`{name}` belongs to no item; add it to ITEMS")
                if (belief.id, name, believed, hint) in told:
                    raise CourseError(f"is declared twice for `{name}`; give one the values of both by a keyword")
                told.add((belief.id, name, believed, hint))
                known = declarations.truths.get(name)
                tolerance = known.tolerance if known else RTOL
                misconceptions += [
                    Misconception(belief.id, items[name], name, believed, hint, rule, tolerance)
                    for rule in _rules(belief, name, known)
                ]
        except CourseError as error:
            raise CourseError(f"{where}: {error}") from error
    slopes = getattr(module, "SLOPES", {})
    truths = {name: right.value for name, right in declarations.truths.items()}
    without = [name for name in slopes if name not in truths]
    if without:
        raise CourseError(f"SLOPES has `{without[0]}`, which has no truth")
    return Bank(truths, misconceptions, getattr(module, "BUILDS_ON", {}), slopes)


def _items(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the item of each function and number."""
    found: dict[str, str] = {}
    for item, names in table.items():
        for name in names:
            if name in found:
                raise CourseError(f"ITEMS has `{name}` in `{found[name]}` and in `{item}`")
            found[name] = item
    return found


def _told(belief: _Belief) -> tuple[str, str]:
    """Return what students read: the belief and the hint."""
    if not _ID.fullmatch(belief.id):
        raise CourseError("an id is made of small letters, digits and hyphens")
    if not belief.of:
        raise CourseError("`of` is empty")
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(belief.function.__doc__ or ""))
    if len(paragraphs) != 2:
        raise CourseError(
            "its docstring needs two paragraphs, what was believed and a hint about what to try next; it has "
            f"{len(paragraphs) if paragraphs[0] else 'none'}"
        )
    believed, hint = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return believed, hint


def _rules(belief: _Belief, name: str, right: _Truth | None) -> Iterator[Any]:
    """Yield a rule, or a wrong number, or None, for each combination of the values of a belief's parameters."""
    own = inspect.signature(belief.function).parameters
    other = [each for each in belief.parameters if each not in own]
    if other:
        raise CourseError(f"its function does not take `{other[0]}`")
    unknowns = {each: values for each, values in belief.parameters.items() if isinstance(values, unknown)}
    if len(unknowns) > 1:
        raise CourseError(f"{' and '.join(map('`{}`'.format, unknowns))} are unknown, but one answer tells only one")
    listed = [
        [(each, value) for value in values]
        for each, values in belief.parameters.items()
        if not isinstance(values, unknown)
    ]
    for values in map(dict, itertools.product(*listed)):
        make = functools.partial(_made, belief, values)
        for parameter, number in unknowns.items():
            finish = _finish(belief, name, right, make(**{parameter: number.like}))
            yield Family(_members(make, parameter, finish), number.like)
        if not unknowns:
            rule = make()
            yield _finish(belief, name, right, rule)(rule)


def _made(belief: _Belief, values: Mapping[str, Any], **number: float) -> Rule:
    """Return the rule of a belief: its function with values for its own parameters, and its form applied."""
    rule = functools.partial(belief.function, **values, **number) if values or number else belief.function
    return belief.form(rule) if belief.form else rule


def _members(make: Callable[..., Rule], parameter: str, finish: Callable[[Rule], Any]) -> Callable[[float], Rule]:
    return lambda number: finish(make(**{parameter: number}))


def _finish(belief: _Belief, name: str, right: _Truth | None, example: Rule) -> Callable[[Rule], Any]:
    """Return what turns `example`, and rules with its signature, into what a student's answers are compared with."""
    taken = dict(inspect.signature(example).parameters)
    if not belief.form:  # the signature of a partial also has parameters with a value
        taken = {each: entry for each, entry in taken.items() if each not in belief.parameters}
    if right is None:
        if taken or example() is not None:
            raise CourseError(f"`{name}` has no truth to differ from; take no parameters and return None")
        return lambda rule: None
    if not callable(right.value):
        if list(taken) not in ([], ["answer"]):
            raise CourseError(f"`{name}` is a number, so a rule takes nothing or `answer`")
        return lambda rule: rule(**dict.fromkeys(taken, right.value))
    if not taken and example() is None:
        return lambda rule: None
    function = right.value
    names, defaults = parameters(function)
    other = [each for each in taken if each not in (*names, *_GIVEN_TO_RULES)]
    if other:
        raise CourseError(f"it takes `{other[0]}`, and `{name}` takes {', '.join(map('`{}`'.format, names))}")
    take, silent_on = _taking(taken), right.silent_on
    heard = silent_on and _taking(inspect.signature(silent_on).parameters)
    is_like_it = tuple(taken) == names and all(taken[each].default is not inspect.Parameter.empty for each in defaults)

    def finished(rule: Rule) -> Rule:
        if not silent_on and (not taken or is_like_it):
            return rule if taken else _always(rule())
        if not taken:
            rule = _always(rule())

        def answer(call: Asked) -> Any:
            if silent_on and heard and silent_on(**heard(call)):
                return call.right()
            return rule(**take(call))

        return OfAsked(function, answer)

    return finished


def _taking(taken: Mapping[str, inspect.Parameter]) -> Callable[[Asked], dict[str, Any]]:
    """Return a function that picks from a call what a rule with these parameters takes."""
    known = [name for name in taken if name not in _GIVEN_TO_RULES]
    optional = [name for name in known if taken[name].default is not inspect.Parameter.empty]
    always = [name for name in known if name not in optional]
    takes_answer, takes_call = ("answer" in taken), ("call" in taken)

    def take(call: Asked) -> dict[str, Any]:
        values = {name: call.arguments[name] for name in always}
        if optional:
            values |= {name: call.arguments[name] for name in optional if name in call.given}
        if takes_answer:
            values["answer"] = call.right()
        if takes_call:
            values["call"] = call
        return values

    return take


def _always(answer: Any) -> Rule:
    return lambda *_args, **_kwargs: answer
