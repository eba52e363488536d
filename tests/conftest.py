"""Fixtures that many tests share: the course, a warm worker, and a class small enough to write by hand."""

import contextlib
import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from autograder import course as course_module
from autograder.course import Course, Limits
from autograder.grading.workers import Pools
from autograder.nbgrader_seam import import_jsonschema
from autograder.remote.errors import DisturbedError
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import Attempt, make_attempt

from . import mini_course
from . import postgresql as postgresql_server
from .nbgrader_harness import Nbgrader

# The same examples in every run, so that a red build can be repeated; time limits are for machines with nothing else to do.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("repeatable")

# Before a test imports nbformat, which would also load checkers of formats that nothing here uses: seconds each time.
import_jsonschema()

ROOT = Path(__file__).resolve().parents[1]

# Short enough that a test of a hang is a matter of a second, long enough that a busy machine passes all others.
QUICK = Limits(
    call_cpu_seconds=1.0,
    sleep_seconds=3.0,
    import_cpu_seconds=5.0,
    cell_cpu_seconds=1.0,
    attempt_cpu_seconds=60.0,
    attempt_sleep_seconds=60.0,
    memory_mb=512,
    file_mb=16,
    replacements=4,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-case", action="store_true", help="take all cases where else some stand for all")


@pytest.fixture(scope="session")
def course() -> Course:
    return course_module.load(ROOT)


@pytest.fixture(scope="session")
def pools() -> Iterator[Pools]:
    """Workers for as much as code imports, each forked from another one; for all tests, as torch alone takes seconds."""
    with Pools(WALLS) as warm:
        yield warm


@pytest.fixture(scope="session")
def worker(pools: Pools) -> Path:
    """The folder of a worker that has imported everything."""
    return pools.folder("torch")


@pytest.fixture(scope="session")
def nbgrader() -> Iterator[Nbgrader]:
    """nbgrader's command line."""
    runner = Nbgrader()
    yield runner
    runner.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """A PostgreSQL server; a test that asks for it is skipped, with the reason, where none can run."""
    try:
        with postgresql_server.server() as server:
            yield server
    except postgresql_server.NotHereError as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", "postgresql"])
def gradebook_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty gradebook of the course `mini`, of each kind, as the one that is used."""
    if request.param == "sqlite":
        (tmp_path / "gradebook.db").write_bytes(mini_course.empty_gradebook())
        return f"sqlite:///{tmp_path / 'gradebook.db'}"
    url: str = request.getfixturevalue("postgresql").empty_gradebook()
    monkeypatch.setenv("AUTOGRADER_GRADEBOOK", url)
    return url


@pytest.fixture
def link(worker: Path, request: pytest.FixtureRequest) -> Iterator[Link]:
    """A slot for one child; what else writes to its disk is seen by tests with the mark `fills_disk` only."""
    connection = Link(worker)
    if request.node.get_closest_marker("fills_disk") is None:
        connection._disk = lambda: (2**40, 2**30)  # type: ignore[method-assign]
    yield connection
    connection.close()


@pytest.fixture
def session_with(link: Link) -> Iterator[Callable[..., Session]]:
    """Open a session with a module `work.py` of the given source and with the given notebook cells."""
    opened = []

    def open_session(
        module: str = "", cells: list[tuple[str, str]] | RemoteFault | None = None, limits: Limits = QUICK
    ) -> Session:
        files = {"work.py": textwrap.dedent(module).encode()}
        session = Session(link, files, cells or [], limits, seed=0)
        opened.append(session)
        return session

    yield open_session
    for session in opened:
        session.close()


def undisturbed(told: Callable[[], Any]) -> Any:
    """Return what `told` returns; begun again while something else writes to the disk, as a judge does."""
    for _ in range(9):
        with contextlib.suppress(DisturbedError):
            return told()
    raise AssertionError("something else writes to the disk all the time")


def notebook_bytes(*cells: tuple[str | None, str]) -> bytes:
    """Return a notebook with code cells; a cell with a grade_id is a solution cell of six points."""
    written = []
    for number, (grade_id, source) in enumerate(cells):
        metadata: dict[str, object] = {}
        if grade_id is not None:
            metadata["nbgrader"] = {
                "grade": True, "solution": True, "locked": False, "grade_id": grade_id, "points": 6,
                "schema_version": 3, "task": False, "cell_type": "code",
            }  # fmt: skip
        written.append({"cell_type": "code", "id": f"cell-{number}", "metadata": metadata, "source": source,
                        "outputs": [], "execution_count": None})  # fmt: skip
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": written}).encode()


def attempt_of(course: Course, files: dict[str, bytes], student: str = "ada") -> Attempt:
    return make_attempt(course.sections[0], student, Path(), files)
