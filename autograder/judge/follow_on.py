"""Finds failed checks that may have failed only because a function that is called there is broken.

Repeating them with :mod:`autograder.remote.true_answers` shows whether they did. This module decides which repeats are
worth it. All of these must hold:

- The section's table ``BUILDS_ON`` says that the function or number may be computed with another one. That table has no
  circles, so two functions that call each other are never both answered for.
- That other function failed a check of its own, and not only because of a third function.
- It gave two different answers to the calls of the judge, and it passed a check of its own with values, gave a true
  value, or makes a mistake that is known by name. A constant, a function that always raises, and one that never did
  anything right do not qualify, so students get no answers for a function that they have not written. In a module that
  can't be imported, the function's text must be more than the released stub's; what that module builds on is lost too.
- The source names it.
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
    """What one check is about, where that is in the submission, and how the check ended.

    `function` is empty if the check is about none. `home` is a module or the notebook; `cell` is the item's solution
    cell in the notebook. `is_number` is true for a number that this cell computes, and false for a function.
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
    """Return the names that build on something, each after those that it builds on.

    Raises
    ------
    CourseError
        If the table has a circle.
    """
    try:
        return [name for name in graphlib.TopologicalSorter(table).static_order() if name in table]
    except graphlib.CycleError as error:
        raise CourseError(f"BUILDS_ON has a circle: {' - '.join(error.args[1])}") from error


def repeats(
    table: Table,
    asked: Sequence[Asked],
    following: Set[int],
    source: Callable[[Asked], str | bytes],
    is_written: Callable[[str], bool],
    not_imported: Set[str] = frozenset(),
) -> Iterator[Repeat]:
    """Yield the repeats that are worth it; `following` holds the numbers of the checks found to follow so far.

    `source` returns the text that contains a check's function. `is_written` says whether a function answers at all, or
    could if its module had been imported.
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
    """Whether a function fails for its own reasons, and broke no rule of the sandbox."""
    own = [(number, entry.verdict) for number, entry in enumerate(asked) if entry.function == function]
    verdicts = {verdict for number, verdict in own if number not in following}
    return bool(verdicts & set(_MAY_FOLLOW)) and Verdict.REFUSED not in verdicts


def is_more_than(function: str, written: bytes, stub: bytes) -> bool:
    """Whether a module's text has more than the stub below the name of a function, except a constant or `raise`.

    The module need not be valid Python, because only single lines are looked at.
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
    """Whether there are `calls` and all returned a value; a check of refused input says little about the function."""
    return bool(calls) and all(call.fault is None for call in calls)


def is_written(calls: Iterable[Call]) -> bool:
    """Whether a function gave two different answers in `calls` that can be sent by value."""
    first: bytes | None = None
    for call in calls:
        if call.fault is None:
            with contextlib.suppress(wire.WireError):
                answer = wire.encode(wire.Frame(0, "", call.result))
                if first is not None and answer != first:
                    return True
                first = answer
    return False
