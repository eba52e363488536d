"""What works in Jupyter works here: right work in the habits of real notebooks, held against a real kernel."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from jupyter_client.manager import run_kernel

from autograder.course import load
from autograder.grading.workers import Pools
from autograder.judge.suite import Suite
from autograder.judge.trial import judge
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.submissions.attempts import Attempt, make_attempt
from autograder.verdict import Verdict
from tests import habits
from tests.conftest import ROOT

COURSE = load(ROOT)
HABITS = habits.load(COURSE)
IDS = [f"{habit.section}/{habit.name}" for habit in HABITS]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Hold one habit in twelve against a kernel, which takes seconds; `make habits` asks for all.

    Habits of a kind stand together in their file, so that all kinds are among them; and all sections, with this start.
    """
    if "compared" in metafunc.fixturenames:
        chosen = slice(None) if metafunc.config.getoption("every_case") else slice(6, None, 12)
        assert {habit.section for habit in HABITS[chosen]} == {section.id for section in COURSE.sections}
        metafunc.parametrize("compared", HABITS[chosen], ids=IDS[chosen])


@pytest.fixture(scope="module")
def links(pools: Pools) -> Iterator[Callable[[str], Link]]:
    """Return a link to a worker that has imported as much as it would have in a class run, and no more."""
    opened: dict[str, Link] = {}

    def link(level: str) -> Link:
        if level not in opened:
            opened[level] = Link(pools.folder(level))
        return opened[level]

    yield link
    for each in opened.values():
        each.close()


@pytest.fixture(scope="module")
def suites() -> dict[str, Suite]:
    return {section.id: Suite(COURSE, section) for section in COURSE.sections}


@pytest.fixture(scope="module")
def kernel(suites: dict[str, Suite]) -> Iterator[Callable[[habits.Habit], habits.Kernel]]:
    """Return what starts kernels fast, with torch imported if the habit asks for it."""
    with ExitStack() as stack:
        warm = functools.cache(lambda torch: stack.enter_context(closing(habits.WarmKernels(torch))))

        def kernel_for(habit: habits.Habit) -> habits.Kernel:
            started: habits.Kernel = warm(suites[habit.section].level_of(attempt_of(habit)) == "torch").kernel
            return started

        yield kernel_for


def attempt_of(habit: habits.Habit) -> Attempt:
    return make_attempt(COURSE.section(habit.section), "ada", Path(), habit.files)


@pytest.mark.parametrize("habit", HABITS, ids=IDS)
def test_a_habit_gets_full_marks(habit: habits.Habit, suites: dict[str, Suite], links: Callable[[str], Link]) -> None:
    attempt = attempt_of(habit)
    suite = suites[habit.section]

    judgement = judge(suite, attempt, links(suite.level_of(attempt)), COURSE.seed)

    assert judgement.fault_of_ours is None
    lost = [(r.check.name, r.verdict.value, r.message) for r in judgement.results if r.verdict is not Verdict.PASSED]
    assert lost == []


def test_a_habit_defines_here_what_it_defines_in_jupyter(
    compared: habits.Habit,
    suites: dict[str, Suite],
    links: Callable[[str], Link],
    kernel: Callable[[habits.Habit], habits.Kernel],
    tmp_path: Path,
) -> None:
    habit = compared
    section = COURSE.section(habit.section)
    attempt = attempt_of(habit)
    suite = suites[habit.section]
    cells, _ = suite.cells_of(attempt)
    assert isinstance(cells, list)
    link = links(suite.level_of(attempt))
    session = Session(link, attempt.files, [*cells, ("dump", habits.DUMP)], section.limits, COURSE.seed)
    session.prepare(section.modules)
    here = session.notebook().defined.fetch()
    session.close()
    (folder := tmp_path / "work").mkdir()

    there = habits.in_kernel(COURSE, habit, folder, kernel(habit))

    released = released_names(section.id)
    for names in (here, there):  # what demonstrations define is there as soon as somebody asks for it
        for name in released & names.keys():
            del names[name]
    assert here.keys() == there.keys()
    assert {name for name in here if here[name] != there[name]} <= habit.differ


@pytest.mark.parametrize(
    "name",
    ["1_entropy/names-of-a-notebook", "3_mutual_information/start-method", "5_losses/second-module-with-settings"],
)
def test_a_kernel_that_starts_fast_defines_what_one_started_as_usual_does(
    name: str, kernel: Callable[[habits.Habit], habits.Kernel], tmp_path: Path
) -> None:
    habit = HABITS[IDS.index(name)]
    found = []
    for each in (functools.partial(run_kernel, kernel_name="python3"), kernel(habit)):
        (folder := tmp_path / str(len(found))).mkdir()
        found.append(habits.in_kernel(COURSE, habit, folder, each))

    usual, fast = found
    assert fast == usual


def released_names(section_id: str) -> frozenset[str]:
    """Return the names that the released notebook's own cells define."""
    from autograder.sandbox.deferred import names_given
    from autograder.submissions.notebook import execution_plan, notebook_cells

    section = COURSE.section(section_id)
    cells = notebook_cells((COURSE.root / "assignments" / section_id / section.notebook).read_bytes())
    deferred = [cell.source for cell in execution_plan(cells, cells).cells if cell.origin == "deferred"]
    return frozenset(name for source in deferred for name in names_given(source))


def test_habits_are_many() -> None:
    assert len(HABITS) >= 80
    assert {habit.section for habit in HABITS} == {section.id for section in COURSE.sections}
