"""The hidden suite of a section: its checks, and what the section releases and asks for, read once.

The checks and all expected values are in this process. The student's code is in another one, and only plain values come
back from it. A :class:`~autograder.judge.trial.Trial` runs the checks against an attempt.
"""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from autograder.checks.beliefs import load_bank
from autograder.course import Course, CourseError, Section
from autograder.judge import follow_on
from autograder.judge.levels import level_of
from autograder.judge.pytest_seam import Collected
from autograder.judge.results import Check
from autograder.prose.explanations import Explanations
from autograder.remote.faults import RemoteFault
from autograder.submissions import notebook
from autograder.submissions.attempts import Attempt
from autograder.submissions.notebook import PlannedCell
from autograder.verdict import Verdict

_FIXTURES = ("notebook", "live", "rng", "once")  # in addition to the modules of the section


class Suite:
    """The hidden checks of one section, collected once.

    Attributes
    ----------
    checks
        The checks, in the order in which they run.
    bank
        The section's misconceptions, if it has any.
    explanations
        Reads the section's items in prose.
    helpers
        Released files that every attempt is judged with, by name. A student who lost or changed one is judged with
        the original.
    stubs
        The released modules, by name.

    Raises
    ------
    CourseError
        If a check lacks a mark or a reason, an item has no check, or the points contradict ``course.toml``.
    """

    def __init__(self, course: Course, section: Section) -> None:
        self.course = course
        self.section = section
        folder = course.suites / section.id
        if not folder.is_dir():
            raise CourseError(f"section `{section.id}` has no hidden suite; add {folder}")
        self.bank = load_bank(folder)
        collected = Collected(folder, (*(Path(filename).stem for filename in section.modules), *_FIXTURES))
        self.checks = tuple(_check(collected, item) for item in collected.items)
        self._validate()
        released = course.root / "assignments" / section.id
        try:
            self._released = notebook.notebook_cells((released / section.notebook).read_bytes())
            self.explanations = Explanations(section, folder, self._released)
            self.helpers = {name: (released / name).read_bytes() for name in section.files}
            self.stubs = {path.name: path.read_bytes() for path in released.iterdir() if path.name in section.modules}
        except OSError as error:
            raise CourseError(f"{error.filename} is missing; run `autograder build`") from error
        # Asked for the level of the worker, and for the trial.
        self._plan = functools.lru_cache(maxsize=1)(
            lambda data: notebook.execution_plan(self._released, notebook.notebook_cells(data))
        )

    def level_of(self, attempt: Attempt) -> str:
        """Return the level of worker that `attempt` needs."""
        cells, _ = self.cells_of(attempt)
        sources = [] if isinstance(cells, RemoteFault) else notebook.written(cells)
        modules = [attempt.files[name] for name in self.section.modules if name in attempt.files]
        return level_of([*modules, *sources], {**attempt.files, **self.helpers})

    def cells_of(self, attempt: Attempt) -> tuple[list[PlannedCell] | RemoteFault, tuple[str, ...]]:
        """Return the notebook's cells in the order in which they run, or why there are none; and notes about them."""
        name = self.section.notebook
        if name not in attempt.files:
            return RemoteFault(Verdict.MISSING, f"The notebook `{name}` is not in the submission."), ()
        try:
            plan = self._plan(attempt.files[name])
        except notebook.NotebookError as error:
            return RemoteFault(Verdict.ERROR, f"The notebook `{name}` cannot be read: {error}"), ()
        return list(plan.cells), plan.notes

    def _validate(self) -> None:
        known = {item.id for item in self.section.items}
        where = f"the hidden suite of section `{self.section.id}`"
        bank = self.bank
        if bank is not None:
            functions = {check.function for check in self.checks}
            for name in follow_on.in_order(bank.builds_on):
                for other in (name, *bank.builds_on[name]):
                    if other not in functions or (other != name and not callable(bank.truths.get(other))):
                        raise CourseError(f"{where}: BUILDS_ON names `{other}`, which has no check or no truth")
        for check in self.checks:
            if check.item not in known:
                raise CourseError(f"{where}: check `{check.name}` belongs to `{check.item}`, which course.toml lacks")
        for item in self.section.items:
            if item.kind == "prose":
                continue
            values = [check.points for check in self.checks if check.item == item.id]
            if not values:
                raise CourseError(f"{where} has no check for the item `{item.id}`; add one or remove the item")
            if round(sum(values), 9) != item.points:
                raise CourseError(
                    f"{where}: the checks of `{item.id}` are worth {sum(values):g} points, course.toml says "
                    f"{item.points:g}; make them equal"
                )


def _check(collected: Collected, item: pytest.Item) -> Check:
    marks = {name: item.get_closest_marker(name) for name in ("item", "points")}
    reason = (getattr(getattr(item, "function", None), "__doc__", None) or "").strip()
    name = item.name.removeprefix("test_")
    if marks["item"] is None or marks["points"] is None or not reason:
        raise CourseError(
            f"{item.path}: check `{name}` needs an item, points, and a docstring as the reason for students"
        )
    worth, function, reveal = marks["points"].args
    reason = " ".join(reason.split())
    run = functools.partial(collected.run, item)
    return Check(name, marks["item"].args[0], float(worth), function, bool(reveal), reason, run)
