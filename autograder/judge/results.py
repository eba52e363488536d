"""What a hidden check is, how it ended, and all that is known about an attempt when every check has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.checks.misconceptions import Misconception
from autograder.prose.suggestion import Reading
from autograder.verdict import Verdict


@dataclass(frozen=True)
class Check:
    """One hidden check, as the suite declares it.

    `run` takes a function that returns a fixture by its name, runs the check, and returns what the check raised.
    """

    name: str
    item: str
    points: float
    function: str | None
    reveal: bool
    reason: str
    run: Callable[[Callable[[str], Any]], BaseException | None] = field(repr=False, compare=False)


@dataclass
class CheckResult:
    """How one check ended for one attempt.

    `follows_from` names the broken functions without which a failed check would have passed.
    """

    check: Check
    verdict: Verdict
    message: str = ""
    call: str | None = None
    expected: str | None = None
    got: str | None = None
    hints: list[Misconception] = field(default_factory=list)
    follows_from: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """All that is known about one attempt after its suite was run; with a `fault_of_ours`, only that.

    `times` are processor seconds: of the student's code, of the checks, and others. `most` maps each limit of processor
    time, and each function with its own limit, to the most that was used of it.
    """

    results: tuple[CheckResult, ...] = ()
    cells: tuple[tuple[str, Verdict, str], ...] = ()
    notes: tuple[str, ...] = ()
    fault_of_ours: str | None = None
    times: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)
    explanations: Mapping[str, Reading] = field(default_factory=dict)
