"""A class run: parallel, resumed from the store, and not stopped by a judge or a worker that dies."""

import contextlib
import dataclasses
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from autograder.course import CourseError
from autograder.grading.batch import Batch
from autograder.records.store import Store, encode
from autograder.sandbox.walls import WALLS

from . import mini_course
from .conftest import attempt_of, notebook_bytes

SLOW = b"import time\nclass InformationMeasures:\n    @staticmethod\n    def entropy(p, base=2):\n        time.sleep(0.05)\n"


@pytest.fixture
def batch(course, tmp_path):
    return Batch(course, Store(tmp_path / "store"), seed=course.seed, jobs=2, walls=WALLS)


@pytest.fixture(scope="module")
def attempts(course):
    solution = (course.root / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    stub = (course.root / "assignments" / "1_entropy" / "entropy.py").read_bytes()
    cell = notebook_bytes(("exercise-1", "die_entropy = 2.584962500721156"))
    return [
        attempt_of(course, {"entropy.py": solution, "1_entropy.ipynb": cell}, "ada"),
        attempt_of(course, {"entropy.py": stub, "1_entropy.ipynb": cell}, "bela"),
        attempt_of(course, {"entropy.py": solution, "1_entropy.ipynb": cell}, "copy"),
    ]


def family(name):
    children = psutil.Process().children(recursive=True)
    return [child for child in children if name in " ".join(child.cmdline())]


def test_a_class_is_judged_once_and_in_order(batch, attempts):
    advanced = []

    outcomes = batch.run(attempts, lambda: advanced.append(1))

    assert [outcome.attempt.student for outcome in outcomes] == ["ada", "bela", "copy"]
    assert [outcome.record.items["example-1"].points for outcome in outcomes] == [10, 0, 10]
    assert [outcome.record.items["exercise-1"].points for outcome in outcomes] == [1.5, 1.5, 1.5]
    assert len(advanced) == 2, "equal attempts are judged once"


def test_what_is_stored_is_not_judged_again(batch, attempts, monkeypatch):
    first = batch.run(attempts)
    monkeypatch.setattr("autograder.grading.batch.Pools", None)

    second = batch.run(attempts)

    assert batch.missing(attempts) == 0
    assert [encode(outcome.record) for outcome in first] == [encode(outcome.record) for outcome in second]
    assert all(outcome.times is None for outcome in second)


def test_a_new_seed_is_a_new_judgement(batch, course, attempts):
    batch.run(attempts)
    other = Batch(course, batch.store, seed=course.seed + 1, jobs=1, walls=WALLS)

    assert other.missing(attempts) == 2


def test_a_damaged_record_is_judged_again(batch, attempts):
    first = batch.run(attempts[:1])
    next(batch.store.folder.rglob("*.json")).write_bytes(b"{")

    assert encode(batch.run(attempts[:1])[0].record) == encode(first[0].record)


def kill_when_seen(name, count=1):
    """Kill the first `count` processes of that name as they come up, one after the other."""

    def hunt():
        killed = set()
        deadline = time.monotonic() + 60
        while len(killed) < count and time.monotonic() < deadline:
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended while it was looked at
                for process in family(name):
                    if process.pid not in killed and process.children():  # it has forked: it is at work
                        killed.add(process.pid)
                        os.kill(process.pid, signal.SIGKILL)
                        break
            time.sleep(0.05)

    thread = threading.Thread(target=hunt, daemon=True)
    thread.start()
    return thread


def test_an_attempt_that_needs_more_than_its_section_does_gets_it(batch, course, attempts):
    """Importing torch takes longer than a module may; the worker for it is started when the first attempt asks."""
    solution = (course.root / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    with_torch = attempt_of(course, {"entropy.py": solution + b"\nimport torch\n"}, "torch")

    outcomes = batch.run([with_torch, *attempts[:1]])

    assert [outcome.record.items["example-1"].points for outcome in outcomes] == [10, 10]


def test_a_worker_that_dies_is_replaced_and_its_attempt_judged(batch, course, attempts):
    slow = attempt_of(course, {"entropy.py": SLOW}, "slow")
    hunter = kill_when_seen("autograder.sandbox.worker")

    outcomes = batch.run([slow, *attempts[:2]])
    hunter.join()

    assert [outcome.record.status for outcome in outcomes] == ["judged"] * 3
    assert outcomes[1].record.items["example-1"].points == 10


def test_a_program_that_sleeps_holds_up_nobody(course, tmp_path, attempts):
    """There is only one job, but the class goes on while the code of one attempt sleeps."""

    class Watched(Store):
        timed_out = ()

        def put(self, key, record):
            self.timed_out += ("time limit" in encode(record).decode(),)
            super().put(key, record)

    batch = Batch(course, Watched(tmp_path), seed=1, jobs=1, walls=WALLS)
    asleep = attempt_of(course, {"entropy.py": b"import time\ntime.sleep(1000)\n"}, "asleep")
    others = [attempt_of(course, {"entropy.py": b"# %d" % number}, f"student-{number}") for number in range(4)]

    batch.run([asleep, *others])

    assert batch.store.timed_out == (False, False, False, False, True)


def test_judges_that_cannot_run_give_no_points_and_end(course, tmp_path, attempts, monkeypatch):
    """A course that the judges can't load ends every judge; nobody gets a point or a zero because of that."""
    batch = Batch(course, Store(tmp_path), seed=1, jobs=2, walls=WALLS)
    monkeypatch.setattr(batch, "course", dataclasses.replace(course, root=tmp_path))

    outcomes = batch.run(attempts)

    assert {outcome.record.status for outcome in outcomes} == {"not judged"}
    assert {item.points for outcome in outcomes for item in outcome.record.items.values()} == {None}
    assert list(tmp_path.rglob("*.json")) == []


def test_a_suite_that_contradicts_the_course_stops_the_class(course, tmp_path, attempts):
    """The judges read a course from disk whose points are not those of the suite; nobody is judged by it."""
    mini_course.copy_course(tmp_path)
    table = tmp_path / "source" / "course.toml"
    table.write_text(table.read_text().replace("points = 6", "points = 7"))
    batch = Batch(dataclasses.replace(course, root=tmp_path), Store(tmp_path / "store"), seed=1, jobs=1, walls=WALLS)

    with pytest.raises(CourseError, match=r"worth 6 points, course\.toml says 7"):
        batch.run(attempts)
    assert not (tmp_path / "store").exists()


GRADE = """
import pickle, sys
from pathlib import Path
from autograder import course
from autograder.grading.batch import Batch
from autograder.sandbox.walls import WALLS
from autograder.records.store import Store

attempts = pickle.loads(Path(sys.argv[1]).read_bytes())
the_course = course.load(Path(sys.argv[2]))
Batch(the_course, Store(Path(sys.argv[3])), seed=1, jobs=1, walls=WALLS).run(attempts)
"""


def test_a_class_that_is_killed_goes_on_where_it_stood(course, tmp_path, attempts):
    """The grader is killed after its first record; the second run ends with the records of an undisturbed one."""
    undisturbed = Batch(course, Store(tmp_path / "other"), seed=1, jobs=1, walls=WALLS).run(attempts[:2])
    (tmp_path / "class").write_bytes(pickle.dumps(attempts[:2]))
    store = tmp_path / "store"
    grader = subprocess.Popen([sys.executable, "-c", GRADE, tmp_path / "class", course.root, store])
    while grader.poll() is None and not list(store.rglob("*.json")):
        time.sleep(0.01)
    grader.kill()
    grader.wait()
    interrupted = Batch(course, Store(store), seed=1, jobs=1, walls=WALLS)
    stored = 2 - interrupted.missing(attempts[:2])

    resumed = interrupted.run(attempts[:2])

    assert stored >= 1
    assert [encode(outcome.record) for outcome in resumed] == [encode(outcome.record) for outcome in undisturbed]
    assert {path.suffix for path in store.rglob("*") if path.is_file()} == {".json"}


SLEEPS = b"""
import time
class InformationMeasures(InformationMeasures):
    @staticmethod
    def joint_entropy(joint_p, base=2, right=InformationMeasures.joint_entropy):
        time.sleep(%s)
        return right(joint_p, base)
"""


def test_what_sleeps_is_judged_again_after_all_others_and_held_to_the_limit_only_then(course, tmp_path, monkeypatch):
    """While others are judged, no verdict comes from the clock; afterwards, a nap below the limit is fine too."""
    solution = (course.root / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    napping, endless = (
        attempt_of(course, {"entropy.py": solution + SLEEPS % s}, s.decode()) for s in (b"0.3", b"3600")
    )
    honest = attempt_of(course, {"entropy.py": solution}, "honest")
    monkeypatch.setattr("autograder.grading.batch._PATIENCE_SECONDS", 0.2)
    batch = Batch(course, Store(tmp_path / "store"), seed=course.seed, jobs=2, walls=WALLS)
    order = []
    put = batch.store.put
    monkeypatch.setattr(batch.store, "put", lambda key, record: (order.append(record.header.attempt), put(key, record)))

    outcomes = batch.run([endless, napping, honest])

    points = [outcome.record.items["example-1"].points for outcome in outcomes]
    assert points == [7.5, 10, 10]
    assert order[0] == honest.digest
    assert {check.verdict for check in outcomes[0].record.items["example-1"].checks} == {
        "passed",
        "time limit",
    }
