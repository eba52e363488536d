"""Judges have limits of their own, and whatever ends a judge affects only one attempt."""

import contextlib
import dataclasses
import itertools
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.course import Course
from autograder.grading import judges
from autograder.grading.batch import Batch
from autograder.records.store import Store, encode
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import Attempt

from . import mini_course
from .conftest import ROOT, attempt_of, notebook_bytes
from .crash_harness import PARTS, is_part

# A suite with holes, as if a bound were missing: a student who answers one of these numbers exploits it.
HOLES = """
def assert_number(path, truth, unit, asked=assert_number):
    answer = number(path)
    if answer == 666:
        while True:
            pass
    if answer == 667:
        kept = []
        while True:
            kept.append(bytearray(2**20))
    if answer == 668:
        import os
        os.abort()
    if answer == 669:
        import time
        time.sleep(3600)
    asked(path, truth, unit)
"""


@pytest.fixture
def leaky(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of the course, for attempts at section 1 that attack the judge."""
    root = tmp_path / "course"
    mini_course.copy_course(root)
    suites = root / "suites"
    shutil.copytree(course.suites, suites)
    table = root / "source" / "course.toml"
    table.write_text(table.read_text().replace(course.suites.as_posix(), suites.as_posix()))
    suite = suites / "1_entropy" / "test_exercise_1.py"
    suite.write_text(suite.read_text().replace("@points(1.5", f"{HOLES}\n\n@points(1.5", 1))
    monkeypatch.setattr(judges, "CPU_SECONDS", 2)
    monkeypatch.setattr(judges, "MEMORY_MB", 256)
    return dataclasses.replace(course, root=root, suites=suites)


def batch_of(course: Course, folder: Path, jobs: int = 2) -> Batch:
    return Batch(course, Store(folder), seed=course.seed, jobs=jobs, walls=WALLS)


def handed_in(course: Course, answer: str) -> Attempt:
    solution = (ROOT / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    cell = notebook_bytes(("exercise-1", f"die_entropy = {answer}"))
    return attempt_of(course, {"entropy.py": solution, "1_entropy.ipynb": cell}, f"answers {answer}")


def test_what_makes_a_judge_exceed_its_limits_gets_them_for_a_verdict_and_nobody_else_does(leaky, tmp_path):
    honest = [handed_in(leaky, f"2.584962500721156  # {n}") for n in range(4)]
    too_long, too_much, crash = (handed_in(leaky, number) for number in ("666", "667", "668"))
    batch = batch_of(leaky, tmp_path / "store")

    mixed = batch.run([*honest[:2], too_long, too_much, crash, *honest[2:]])
    undisturbed = batch_of(leaky, tmp_path / "quiet").run(honest)

    records = {outcome.attempt.digest: outcome.record for outcome in mixed}
    for outcome in undisturbed:
        assert encode(records[outcome.attempt.digest]) == encode(outcome.record)
    for attempt, verdict in ((too_long, "time limit"), (too_much, "memory limit")):
        record = records[attempt.digest]
        checks = [check for item in record.items.values() for check in item.checks]
        assert record.status == "judged", record.reason
        assert {(check.verdict, check.points) for check in checks} == {(verdict, 0)}
        assert "looking at the answers of this work" in checks[0].message
    assert records[crash.digest].status == "not judged"
    assert batch.missing([too_long, too_much]) == 0, "a verdict is stored, and nobody tries again for ever"
    assert batch.missing([crash]) == 1


def test_who_lets_two_judges_hang_gets_a_verdict(leaky, tmp_path, monkeypatch):
    monkeypatch.setattr(judges, "_HANGS_SECONDS", 3.0)
    batch = batch_of(leaky, tmp_path / "store")
    hostile = handed_in(leaky, "669")

    (outcome,) = batch.run([hostile])

    checks = [check for item in outcome.record.items.values() for check in item.checks]
    assert {check.verdict for check in checks} == {"time limit"}
    assert batch.missing([hostile]) == 0


def descendants(part: str) -> list[psutil.Process]:
    """Return the child processes of this one that are a grader's `part`."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if is_part(process, part):
                found.append(process)
    return found


@contextlib.contextmanager
def killing(parts: tuple[str, ...], pause: float) -> Iterator[list[str]]:
    """Kill a process that is one of `parts` after each `pause`, in turn; yield the list of what was killed."""
    killed: list[str] = []
    stop = threading.Event()
    others = {process.pid for process in psutil.Process().children(recursive=True)}  # workers of other tests

    def hunt() -> None:
        for number, part in enumerate(itertools.cycle(parts)):
            if stop.wait(pause) or len(killed) == 4:
                return
            found = [process for process in descendants(part) if process.pid not in others]
            if found:
                with contextlib.suppress(psutil.NoSuchProcess):
                    found[number % len(found)].kill()
                    killed.append(part)

    thread = threading.Thread(target=hunt)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()


def test_judges_and_workers_that_are_killed_change_no_record(course, tmp_path):
    solution = (course.root / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    cell = notebook_bytes(("exercise-1", "die_entropy = 2.584962500721156"))
    attempts = [
        attempt_of(course, {"entropy.py": solution + b"# %d\n" % n, "1_entropy.ipynb": cell}, f"student-{n}")
        for n in range(40)
    ]
    undisturbed = batch_of(course, tmp_path / "quiet").run(attempts)

    with killing(PARTS, 1.0) as killed:
        outcomes = batch_of(course, tmp_path / "store").run(attempts)

    assert [encode(outcome.record) for outcome in outcomes] == [encode(outcome.record) for outcome in undisturbed]
    assert len(killed) >= 2


def test_a_level_that_cannot_start_costs_the_attempts_that_need_it(course, tmp_path, monkeypatch):
    """This holds for any reason for which a worker ends while it starts, not only for a missing library."""
    from autograder.grading.workers import Pools
    from autograder.remote.errors import WorkerUnavailableError

    start = Pools.folder

    def folder(pools: Pools, level: str) -> Path:
        if level == "torch":
            raise WorkerUnavailableError("the worker ended while it started; run `autograder doctor`")
        return start(pools, level)

    monkeypatch.setattr(Pools, "folder", folder)
    solution = (course.root / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    honest = attempt_of(course, {"entropy.py": solution}, "honest")
    with_torch = attempt_of(course, {"entropy.py": solution + b"\nimport torch\n"}, "torch")
    began = time.monotonic()

    outcomes = batch_of(course, tmp_path / "store").run([with_torch, honest])

    assert [outcome.record.status for outcome in outcomes] == ["not judged", "judged"]
    assert "ended while it started" in outcomes[0].record.reason
    assert time.monotonic() - began < 120
