"""`autograder watch`: what arrives is judged, whatever else arrives, and whatever ends it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import atomic, cli
from autograder import course as course_module
from autograder.cli import USAGE
from autograder.grading import allowance, run, watch
from autograder.grading.batch import Batch, Outcome
from autograder.records.store import StoreError
from autograder.sandbox.walls import WALLS

from . import mini_course
from .test_deliver import Class

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::sqlalchemy.exc.SAWarning"
)
PATIENCE = 60.0  # for what takes a moment on a machine with nothing else to do

POLICIES = 'before_due = "counts"\n'
DUE = "due = {}\n"


def until(what: Callable[[], Any]) -> Any:
    """Return what `what` returns as soon as it is something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
    return found


class Watched:
    """A class that is watched; its judge gives the points that the module says, or does what the test wants."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mini = Class(root)
        self.root = root
        self.said: list[str] = []
        self.judged: list[list[str]] = []  # by group
        self.judge: Callable[[str], None] = lambda student: None

        def judging(batch: Batch, attempts: Any, *_: Any) -> list[Outcome]:
            self.judged.append(sorted({attempt.student for attempt in attempts}))
            found = []
            for attempt in attempts:
                self.judge(attempt.student)
                is_new = batch.store.get(batch._job(attempt).key) is None
                found.append(Outcome(attempt, self.mini.judge(batch, attempt), {} if is_new else None))
            return found

        monkeypatch.setattr(Batch, "run", judging)
        monkeypatch.setattr(watch.Watch, "_warm_up", lambda _: None)
        monkeypatch.setattr(watch, "_CLASS_SECONDS", 0.0)
        monkeypatch.setattr(watch, "_RETRY_SECONDS", 0.05)

    def policies(self, top: str = "", section: str = "", tables: str = "") -> None:
        table = mini_course.COURSE.replace("seed = 1\n", f"seed = 1\n{top}")
        table = table.replace('files = ["data.csv"]\n', f'files = ["data.csv"]\n{section}')
        (self.root / "source" / "course.toml").write_text(table.replace("[limits]", f"{tables}[limits]"))

    def hand_in(self, student: str, points: float) -> None:
        self.mini.hand_in(student, points)
        folder = self.root / "submitted" / student / "1_mini"
        if not (folder / "1_mini.ipynb").exists():
            shutil.copy(self.root / "assignments" / "1_mini" / "1_mini.ipynb", folder)

    def points(self, student: str) -> float | None:
        try:
            text = (self.root / "feedback" / student / "1_mini" / "1_mini.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        found: float | None = json.loads(text).get("points")
        return found

    def watch(self, *sources: Any) -> watch.Watch:
        options = watch.Options(self.root / "submitted", self.root, WALLS, jobs=1)
        return watch.Watch(course_module.load(self.root), options, self.said.append, sources)

    def once(self, *sources: Any) -> bool:
        return self.watch(*sources).once()

    @contextlib.contextmanager
    def watching(self, *sources: Any) -> Iterator[watch.Watch]:
        one = self.watch(*sources)
        failed: list[BaseException] = []

        def body() -> None:
            try:
                one.run()
            except BaseException as error:  # noqa: BLE001
                failed.append(error)

        thread = threading.Thread(target=body)
        thread.start()
        try:
            until(lambda: failed or any("watching" in line for line in self.said))
            yield one
        finally:
            one.stop()
            thread.join(PATIENCE)
            assert not thread.is_alive()
            self.said = [line for line in self.said if "watching" not in line]
        assert failed == []


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(tmp_path, monkeypatch)


def test_what_is_there_and_what_arrives_is_judged_and_handed_out(watched: Watched) -> None:
    watched.hand_in("ada", 7)
    with watched.watching():
        until(lambda: watched.points("ada") == 13)
        watched.hand_in("bob", 4)
        until(lambda: watched.points("bob") == 10)
        watched.hand_in("ada", 8)
        until(lambda: watched.points("ada") == 14)
        until(lambda: (watched.root / "grades.csv").is_file() and watched.mini.totals() == {"ada": "14", "bob": "10"})

    assert watched.mini.exported() == {"ada": 14, "bob": 10}
    assert any(line.startswith("`bob` 1_mini: 10 points of 16 (") for line in watched.said)


def test_what_arrives_at_once_is_judged_together(watched: Watched) -> None:
    with watched.watching():
        for student in ("ada", "bob", "chiara"):
            watched.hand_in(student, 5)
        until(lambda: watched.points("chiara") and watched.points("bob") and watched.points("ada"))

    assert [student for group in watched.judged for student in group] == ["ada", "bob", "chiara"], "nobody twice"
    assert len(watched.judged) < 3


def test_each_attempt_has_a_line_and_the_same_one_again_has_none(watched: Watched) -> None:
    """Also where the work is that of somebody else, and was judged before."""
    with watched.watching():
        watched.hand_in("ada", 5)
        until(lambda: watched.points("ada"))
        watched.hand_in("bob", 5)
        until(lambda: watched.points("bob"))
        watched.hand_in("ada", 5)
        until(lambda: len(watched.judged) == 3)
        watched.hand_in("ada", 6)
        until(lambda: watched.points("ada") == 12)

    assert [re.sub(r" \(.*", "", line) for line in watched.said] == [
        "`ada` 1_mini: 11 points of 16", "`bob` 1_mini: 11 points of 16", "`ada` 1_mini: 12 points of 16",
    ]  # fmt: skip


def test_once_judges_what_is_there_and_ends(watched: Watched) -> None:
    watched.hand_in("ada", 7)

    assert watched.once()
    assert (watched.points("ada"), watched.mini.totals()) == (13, {"ada": "13"})
    assert watched.once()
    assert watched.mini.judged == 1


def test_once_says_whether_everything_could_be_judged(watched: Watched) -> None:
    def fails(student: str) -> None:
        if student == "eve":
            raise StoreError("the disk is full")

    watched.judge = fails
    watched.hand_in("ada", 7)
    watched.hand_in("eve", 7)

    assert not watched.once()
    assert (watched.points("ada"), watched.points("eve")) == (13, None)


def test_once_does_not_wait_for_what_has_to_wait(watched: Watched) -> None:
    watched.policies(tables='[watch]\nattempts = 1\nper = "24h"\n')
    for points in (7, 8):
        watched.hand_in("ada", points)
        assert watched.once()

    assert watched.points("ada") == 13
    assert any("kept; it is judged at" in line for line in watched.said)


def test_what_a_source_brings_is_judged(watched: Watched) -> None:
    brought: list[float] = []

    def source(now: float) -> list[str]:
        if not brought:
            watched.hand_in("ada", 7)
        brought.append(now)
        return ["1 collected"] if len(brought) == 1 else []

    assert watched.once(source)
    assert watched.points("ada") == 13
    assert watched.said[0] == "1 collected"


def test_a_program_that_takes_long_holds_up_nobody_else(watched: Watched) -> None:
    is_done = threading.Event()
    watched.judge = lambda student: assert_true(is_done.wait(PATIENCE)) if student == "slow" else None
    with watched.watching():
        watched.hand_in("slow", 1)
        until(lambda: ["slow"] in watched.judged)
        watched.hand_in("ada", 7)
        until(lambda: watched.points("ada") == 13)
        assert watched.points("slow") is None
        is_done.set()
        until(lambda: watched.points("slow") == 7)


def assert_true(value: bool) -> None:
    assert value


@pytest.mark.parametrize("error", [StoreError("the disk is full"), ValueError("a fault of ours"), OSError(5, "broken")])
def test_who_makes_it_fail_is_named_and_tried_again_and_the_others_are_judged(
    watched: Watched, error: Exception
) -> None:
    failures = 0

    def fails(student: str) -> None:
        nonlocal failures
        if student == "eve" and failures < 3:
            failures += 1
            raise error

    watched.judge = fails
    for student in ("ada", "bob", "eve"):
        watched.hand_in(student, 7)
    with watched.watching():
        until(lambda: watched.points("ada") == 13 and watched.points("bob") == 13)
        until(lambda: watched.points("eve") == 13)

    assert any(line.startswith("`eve` could not be judged: ") and str(error) in line for line in watched.said)


def test_a_course_that_can_not_be_read_is_named_and_waited_for(watched: Watched) -> None:
    with watched.watching():
        whole = (watched.root / "source" / "course.toml").read_text()
        (watched.root / "source" / "course.toml").write_text("id = ")
        watched.hand_in("ada", 7)
        until(lambda: any("course.toml is not valid TOML" in line for line in watched.said))
        (watched.root / "source" / "course.toml").write_text(whole)
        until(lambda: watched.points("ada") == 13)


def test_what_was_judged_is_not_judged_again_after_a_restart(watched: Watched) -> None:
    with watched.watching():
        watched.hand_in("ada", 7)
        until(lambda: watched.points("ada") == 13)
    assert watched.mini.judged == 1
    shutil.rmtree(watched.root / "feedback")
    with watched.watching():
        until(lambda: watched.points("ada") == 13)

    assert watched.mini.judged == 1


def test_what_is_beyond_the_allowance_is_kept_said_and_judged_in_time(watched: Watched) -> None:
    watched.policies(tables='[watch]\nattempts = 1\nper = "24h"\n')
    page = watched.root / "feedback" / "ada" / "1_mini" / "1_mini.html"
    with watched.watching():
        watched.hand_in("ada", 7)
        until(lambda: watched.points("ada") == 13)
        watched.hand_in("ada", 9)
        until(lambda: "Newer work of yours came on" in page.read_text())
    assert watched.points("ada") == 13, "the page is still that of the work that was judged"
    assert any("`ada` 1_mini: kept; it is judged at " in line for line in watched.said)
    (ledger,) = watched.root.rglob(allowance.LEDGER)
    told = json.loads(ledger.read_text())
    ledger.write_text(json.dumps(dict.fromkeys(told, "2026-01-01T00:00:00+00:00")))  # a day has gone by
    with watched.watching():
        until(lambda: watched.points("ada") == 15)
    assert "Newer work" not in page.read_text()


def test_the_whole_page_comes_by_itself_when_the_section_is_due(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_a_moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    watched.policies(POLICIES, DUE.format(in_a_moment))
    monkeypatch.setattr(watch, "_DATES_SECONDS", 0.0)
    watched.hand_in("ada", 7)
    page = watched.root / "feedback" / "ada" / "1_mini" / "1_mini.html"
    with watched.watching():
        until(page.is_file)
        before = page.read_text()
        until(lambda: watched.points("ada") == 13)

    if time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(page.stat().st_mtime)) < in_a_moment:
        assert "hidden checks pass" in before
    assert "13</strong> of 16 points" in page.read_text()


def test_it_waits_for_another_run_and_that_for_it(watched: Watched) -> None:
    with watched.watching():
        with atomic.lock(run.lock_of(watched.root), shared=True):
            watched.hand_in("ada", 7)
            until(lambda: any("waiting until `autograder grade` is done" in line for line in watched.said))
            assert watched.points("ada") is None
        until(lambda: watched.points("ada") == 13)
        is_done, waited = threading.Event(), list[str]()
        watched.judge = lambda _: assert_true(is_done.wait(PATIENCE))
        watched.hand_in("ada", 8)
        until(lambda: len(watched.judged) == 2)

        def grades() -> None:
            with run._beside_watch(watched.root, waited.append):
                waited.append(str(watched.points("ada")))

        other = threading.Thread(target=grades)
        other.start()
        until(lambda: waited)
        is_done.set()
        other.join(PATIENCE)

    assert waited == ["waiting until `autograder watch` has delivered what it is judging", "14.0"]


def test_one_watch_at_a_time_for_one_folder_of_results(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    with watched.watching():
        watched.mini.course.suites.mkdir(exist_ok=True)
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            code = cli.main(["watch", "--course", str(watched.root), "--no-gradebook"])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    assert code == USAGE
    assert f"another `autograder watch` writes to {watched.root}; end that one" in capsys.readouterr().err


def test_a_source_that_fails_ends_nothing(watched: Watched) -> None:
    def source(_: float) -> list[str]:
        raise OSError(5, "the share is gone")

    with watched.watching(source):
        watched.hand_in("ada", 7)
        until(lambda: watched.points("ada") == 13)

    assert len([line for line in watched.said if "the share is gone" in line]) == 1
