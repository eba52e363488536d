"""Finds failed checks that may have failed only because a function that is called there is broken.

Whether they did is found out by repeating them with :mod:`autograder.remote.true_answers`; this decides which repeats
are worth it:

- the section's table ``BUILDS_ON`` says that the function or number may be computed with another one. There is no way
  round in that table, so two functions that call each other are never both answered for;
- that other function failed a check of its own, and for another reason than one that follows itself;
- it gave two different answers to the calls of the judge, and passed a check of its own with values, or gave a true
  value, or makes a mistake that is known by name. A constant, a function that always raises, and one that never did
  anything right do not, so nobody gets answers for a function that he has not written. In a module that can't be
  imported nothing answers; there its text must be more than the released stub's. What such a module builds on itself
  is lost with it;
- the source names it.
"""

from __future__ import annotations

import contextlib
import graphlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from autograder.course import CourseError
from autograder.remote.calls import Call
from autograder.remote.true_answers import mentions
from autograder.sandbox import wire
from autograder.sandbox.requests import NOTEBOOK
from autograder.verdict import Verdict

_MAY_FOLLOW = (Verdict.WRONG, Verdict.ERROR, Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.CRASHED)

_HEAD = re.compile(rb"[ \t]*(def|class)[ \t]")
_IDLE = re.compile(rb"""[ \t]*(#.*|['"].*|pass|\.\.\.|raise\b.*|return([ \t]+[-+\w.'"]+)?)[ \t]*""")

Table = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """What one check is about, where that stands, and how it ended.

    `function` is empty where a check is about none. `home` is a module or the notebook, `cell` the solution cell of the
    item in the latter; `is_number` tells what the cell computes from what it defines.
    """

    function: str
    home: str
    cell: str
    is_number: bool
    verdict: Verdict


@dataclass(frozen=True)
class Repeat:
    """Failed checks to be repeated together, and the broken functions that are answered for meanwhile.

    `window` holds the session's keys of what must be running when a question is asked.
    """

    checks: tuple[int, ...]
    broken: tuple[str, ...]
    window: frozenset[str]


def in_order(table: Table) -> list[str]:
    """Return what builds on something, after what it builds on.

    Raises
    ------
    CourseError
        If the table leads round in a circle.
    """
    try:
        return [name for name in graphlib.TopologicalSorter(table).static_order() if name in table]
    except graphlib.CycleError as error:
        raise CourseError(f"BUILDS_ON leads round in a circle: {' - '.join(error.args[1])}") from error


def repeats(
    table: Table,
    asked: Sequence[Asked],
    following: Set[int],
    source: Callable[[Asked], str | bytes],
    is_written: Callable[[str], bool],
    not_imported: Set[str] = frozenset(),
) -> Iterator[Repeat]:
    """Yield what is worth a repeat; `following` holds the numbers of checks that were found to follow so far.

    `source` gives the text in which a check's function stands, `is_written` whether a function answers at all, or could
    if it were not in one of the modules that could not be imported.
    """
    done: set[int] = set()
    for function in in_order(table):
        may_follow = [
            (number, entry)
            for number, entry in enumerate(asked)
            if entry.verdict in _MAY_FOLLOW
            and entry.home not in not_imported
            and number not in following
            and number not in done
        ]
        first = next((entry for _, entry in may_follow if entry.function == function), None)
        if first is None:
            continue
        broken = tuple(
            name
            for name in table[function]
            if _is_broken(name, asked, following) and is_written(name) and mentions(source(first), name)
        )
        if not broken:
            continue
        together = {function}
        if first.is_number:  # the cell runs once for all numbers in it
            together |= {
                entry.function
                for _, entry in may_follow
                if entry.is_number and entry.cell == first.cell and set(broken) <= set(table.get(entry.function, ()))
            }
        window = f"{NOTEBOOK}:cell:{first.cell}" if first.is_number else f"{first.home}:{function}"
        checks = tuple(number for number, entry in may_follow if entry.function in together)
        done |= set(checks)
        yield Repeat(checks, broken, frozenset({window}))


def _is_broken(function: str, asked: Sequence[Asked], following: Set[int]) -> bool:
    """Whether a function fails by itself, and broke no rule of the sandbox."""
    own = [(number, entry.verdict) for number, entry in enumerate(asked) if entry.function == function]
    verdicts = {verdict for number, verdict in own if number not in following}
    return bool(verdicts & set(_MAY_FOLLOW)) and Verdict.REFUSED not in verdicts


def is_more_than(function: str, written: bytes, stub: bytes) -> bool:
    """Whether a module's text has, below the name of a function, more than the stub: not only a constant, or `raise`.

    The module need not be Python: a line is all that is looked at.
    """
    known = {line.strip() for line in stub.splitlines()}
    head = re.compile(rb"[ \t]*def[ \t]+" + function.rpartition(".")[2].encode() + rb"\b")
    inside = False
    for line in written.splitlines():
        if head.match(line):
            inside = True
        elif _HEAD.match(line):
            inside = False
        elif inside and line.strip() and line.strip() not in known and not _IDLE.fullmatch(line):
            return True
    return False


def are_answered(calls: Sequence[Call]) -> bool:
    """Whether there are `calls` and all of them were answered with a value: a check of refusals shows little skill."""
    return bool(calls) and all(call.fault is None for call in calls)


def is_written(calls: Iterable[Call]) -> bool:
    """Whether a function gave two different answers in `calls`, values that travel."""
    first: bytes | None = None
    for call in calls:
        if call.fault is None:
            with contextlib.suppress(wire.WireError):
                answer = wire.encode(wire.Frame(0, "", call.result))
                if first is not None and answer != first:
                    return True
                first = answer
    return False
