"""The private parts of pytest that the judge uses exist and do what is expected."""

import ast
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import CourseError
from autograder.judge import pytest_seam
from autograder.judge.pytest_seam import Collected

from .test_layers import PACKAGE

PARTS = {
    "_pytest.config:_prepareconfig": ("args", "plugins"),
    "_pytest.config:Config._do_configure": ("self",),
    "_pytest.runner:runtestprotocol": ("item", "log", "nextitem"),
    "pytest:Session.from_config": ("config",),
    "pytest:Session.perform_collect": ("self",),
    "pytest:TestReport": ("nodeid", "location", "keywords", "outcome", "longrepr", "when"),
}

SUITE = """
import pytest
made = []

@pytest.fixture(scope="module")
def once_a_class():
    made.append(1)
    return made

@pytest.fixture
def own(work):
    return work + 1

def test_plain(work, rng):
    assert work == rng

def test_of_a_fixture_of_its_own(own, work):
    assert own == work

@pytest.mark.parametrize("number", [1, 2])
def test_of_parameters(work, number):
    assert work == number

def test_of_what_is_made_once(work, once_a_class):
    raise ValueError(len(once_a_class))

class TestOfAClass:
    def test_method(self, work):
        raise KeyError(work)
"""


@pytest.fixture
def collect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Collected]]:
    """Collect a suite as in a judge's process, where assertions are not rewritten by an outer pytest."""
    monkeypatch.setattr(sys, "meta_path", [f for f in sys.meta_path if type(f).__name__ != "AssertionRewritingHook"])

    def made(source: str) -> Collected:
        folder = tmp_path / "0_seam"
        folder.mkdir()
        (folder / "test_checks.py").write_text(textwrap.dedent(source))
        return Collected(folder, ("work", "rng"))

    yield made
    for name in [name for name in sys.modules if name.startswith("0_seam")]:
        del sys.modules[name]


def errors(collected: Collected, work: int, run: Callable[..., BaseException | None]) -> dict[str, str]:
    given: dict[str, Any] = {"work": work, "rng": 1}
    return {item.name: repr(run(item, given.__getitem__)) for item in collected.items}


@pytest.mark.parametrize(("part", "parameters"), PARTS.items())
def test_every_part_is_there_and_takes_what_it_is_given(part: str, parameters: tuple[str, ...]) -> None:
    module, _, names = part.partition(":")
    found: Any = importlib.import_module(module)
    for name in names.split("."):
        assert hasattr(found, name), f"pytest {pytest.__version__} has no `{part}`; judge/pytest_seam.py needs it"
        found = getattr(found, name)

    assert set(parameters) <= set(inspect.signature(found).parameters), part


def test_every_plugin_that_is_switched_off_is_one_of_pytests() -> None:
    from _pytest.config import builtin_plugins

    off = {option.removeprefix("no:") for option in pytest_seam._OPTIONS if option.startswith("no:")}

    assert len(off) == 11
    assert off <= set(builtin_plugins)


def test_one_module_takes_from_pytests_inside() -> None:
    takes = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("_pytest"))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("_pytest") for alias in node.names))
    }

    assert takes == {"judge/pytest_seam.py"}


def test_checks_are_collected_once_and_run_for_one_attempt_after_another(collect: Callable[[str], Collected]) -> None:
    collected = collect(SUITE)

    for work in (1, 2, 1):
        found = errors(collected, work, collected.run)

        assert found == {
            "test_plain": "None" if work == 1 else "AssertionError()",
            "test_of_a_fixture_of_its_own": "AssertionError()",
            "test_of_parameters[1]": "None" if work == 1 else "AssertionError()",
            "test_of_parameters[2]": "None" if work == 2 else "AssertionError()",
            "test_of_what_is_made_once": "ValueError(1)",
            "test_method": f"KeyError({work})",
        }


@pytest.mark.parametrize("work", [1, 2])
def test_a_plain_check_ends_as_it_does_by_pytests_protocol(collect: Callable[[str], Collected], work: int) -> None:
    collected = collect(SUITE)

    assert errors(collected, work, collected.run) == errors(collected, work, collected.run_by_protocol)


def test_what_a_fixture_raises_is_what_the_check_raises(collect: Callable[[str], Collected]) -> None:
    collected = collect(SUITE)
    fault = RuntimeError("no work")

    def provide(name: str) -> Any:
        raise fault

    assert [collected.run(item, provide) for item in collected.items] == [fault] * len(collected.items)


def test_a_suite_that_does_not_load_is_refused_with_the_reason(collect: Callable[[str], Collected]) -> None:
    with pytest.raises(CourseError, match=r"(?s)does not load.*no_such_module"):
        collect("import no_such_module")


def test_two_suites_of_one_name_are_two_suites(tmp_path: Path) -> None:
    names = []
    for number in (1, 2):
        folder = tmp_path / str(number) / "0_same"
        folder.mkdir(parents=True)
        (folder / "test_checks.py").write_text(f"def test_{number}(): pass\n")
        names += [item.name for item in Collected(folder, ()).items]

    assert names == ["test_1", "test_2"]
