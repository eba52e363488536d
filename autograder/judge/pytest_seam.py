"""Everything of pytest that the judge uses beyond its documented interface, in one place in case a release changes it.

pytest collects a suite once, and then its checks run one by one, for one attempt after another. No public function of
pytest does that. `tests/test_pytest_seam.py` asserts that each part exists and does what is expected here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest
from _pytest.config import _prepareconfig
from _pytest.runner import runtestprotocol

from autograder.course import CourseError

_OPTIONS = (
    "--import-mode=importlib",
    "--assert=plain",  # messages for students are ours, never a rewritten assertion with the check's source
    "--disable-plugin-autoload",
    "--capture=no",
    "-p", "no:cacheprovider",
    "-p", "no:terminal",
    "-p", "no:warnings",
    "-p", "no:faulthandler",
    "-p", "no:logging",
    "-p", "no:unraisableexception",
    "-p", "no:threadexception",
    "-p", "no:junitxml",
    "-p", "no:doctest",
    "-p", "no:stepwise",
    "-p", "no:pastebin",
    "-c", os.devnull,
)  # fmt: skip

Provide = Callable[[str], Any]


class Collected:
    """The checks in a folder, collected once.

    Parameters
    ----------
    folder
        Where the suite is.
    fixtures
        The names that checks may take as arguments.

    Raises
    ------
    CourseError
        If a module of the suite can't be imported.
    """

    def __init__(self, folder: Path, fixtures: Iterable[str]) -> None:
        self._fixtures = set(fixtures)
        self._plugin = _Plugin()
        for name in [name for name in sys.modules if name.startswith(f"{folder.name}.")]:
            del sys.modules[name]  # else pytest would reuse checks from another folder with the same name
        config = _prepareconfig(
            [*_OPTIONS, f"--rootdir={folder.parent}", str(folder)], [self._plugin, self._module_of_fixtures()]
        )
        config._do_configure()
        pytest_session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=pytest_session)
        pytest_session.perform_collect()
        if self._plugin.collection_errors:
            raise CourseError(f"the hidden suite in {folder} does not load:\n{self._plugin.collection_errors[0]}")
        self.items = list(pytest_session.items)
        self._next = dict(zip(self.items, [*self.items[1:], *self.items[:1]], strict=True))

    def run(self, item: pytest.Item, provide: Provide) -> BaseException | None:
        """Run one check with the fixtures that `provide` gives; return what it raised."""
        return self._call(item, provide) if self._is_plain(item) else self.run_by_protocol(item, provide)

    def run_by_protocol(self, item: pytest.Item, provide: Provide) -> BaseException | None:
        """Run a check by pytest's own protocol; return what it raised."""
        self._plugin.provide, self._plugin.error = provide, None
        # There always is a next item, so pytest keeps what it set up for the module and the session for all attempts.
        runtestprotocol(item, log=False, nextitem=self._next[item])
        return self._plugin.error

    def _is_plain(self, item: pytest.Item) -> bool:
        """Whether a check is a plain function that uses only our fixtures.

        Most are, and pytest's protocol would take more time than the check itself.
        """
        return (
            type(item) is pytest.Function
            and item.cls is None
            and not hasattr(item, "callspec")
            and set(item.fixturenames) <= self._fixtures
        )

    @staticmethod
    def _call(item: pytest.Item, provide: Provide) -> BaseException | None:
        assert isinstance(item, pytest.Function)
        try:
            item.function(**{name: provide(name) for name in item.fixturenames})
        except Exception as error:  # noqa: BLE001  what a check raises is its result
            return error
        return None

    def _module_of_fixtures(self) -> ModuleType:
        """Return a module with a fixture for each name, because pytest finds fixtures only in modules and classes."""
        module = ModuleType("autograder_fixtures")
        for name in self._fixtures:
            setattr(module, f"provide_{name}", self._plugin.fixture(name))
        return module


class _Plugin:
    """What pytest calls: hooks, and fixtures for the check that runs."""

    def __init__(self) -> None:
        self.provide: Provide | None = None
        self.error: BaseException | None = None
        self.collection_errors: list[str] = []

    def fixture(self, name: str) -> Any:
        def get() -> Any:
            assert self.provide is not None, "a check runs only inside `Collected.run`"
            return self.provide(name)

        return pytest.fixture(name=name)(get)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "item(id): the item that a suite's module checks")
        config.addinivalue_line("markers", "points(value, function, reveal): what a check is worth")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collection_errors.append(str(report.longrepr))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Keep the exception but not pytest's own report: formatting a traceback takes longer than the check."""
        if call.excinfo is not None and self.error is None:
            self.error = call.excinfo.value
        when = call.when if call.when != "collect" else "setup"
        outcome: Literal["passed", "failed"] = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, item.keywords, outcome, None, when)
