"""A class run that is killed, finds the disk full, or meets another: nothing is lost, doubled or half written."""

import random
import resource
import sqlite3
from pathlib import Path

import pytest

from autograder import atomic

from .crash_harness import ClassRun, difference, gradebook


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    run = ClassRun(tmp_path_factory.mktemp("undisturbed") / "class")
    code, said = run.run()
    assert code == 0, said
    return run


@pytest.fixture(scope="module")
def wanted(undisturbed):
    """What an undisturbed run leaves."""
    return undisturbed.state()


def test_the_undisturbed_run_leaves_what_it_should(wanted):
    names = list(wanted)

    assert sum(name.startswith(".autograder/store/") for name in names) == 3, "ada and dora hand in the same"
    assert sum(name.startswith("feedback/") and name.endswith(".html") for name in names) == 4
    assert sum(name.startswith("autograded/") and name.endswith(".ipynb") for name in names) == 4
    assert sum(name.startswith(".autograder/history/") and name.endswith(".zip") for name in names) == 4
    assert wanted["grades.csv"].count(b"\n") >= 5
    assert sum(row[0] == "grade" for row in wanted["gradebook.db"]) == 4 * 2
    assert wanted["beside it"] == []


@pytest.mark.parametrize(
    ("since", "whole_tree"),
    [
        ("the start", True),
        ("a record half written", True),
        ("the first record", False),
        ("the gradebook is written", True),
        ("the first page", False),
    ],
)
def test_a_run_that_is_killed_ends_like_an_undisturbed_one(tmp_path, wanted, since, whole_tree):
    """The moment of the kill is another one in every run, on purpose; a failure names it."""
    run = ClassRun(tmp_path / "class")
    longest = 4.0 if since == "the start" else 0.1  # so much later what followed may be over
    seconds = random.uniform(0.0, longest)

    run.kill_when(some_time_after(run.moments()[since], seconds), whole_tree=whole_tree)
    code, said = run.run()

    assert code == 0, said
    assert difference(run.state(), wanted) == [], f"killed {seconds:.3f} s after {since}"


@pytest.mark.parametrize("part", ["worker", "judge"])
def test_a_run_that_loses_one_of_its_processes_ends_like_an_undisturbed_one(tmp_path, wanted, part):
    run = ClassRun(tmp_path / "class")

    ending = run.run_losing(part, random.uniform(0.0, 2.0), random.choice)

    assert (ending.code, ending.lost) == (0, True), ending.said
    assert difference(run.state(), wanted) == []


def some_time_after(moment, seconds):
    """Return the moment `seconds` after the first time that `moment` is there."""
    seen = []

    def later(passed):
        if not seen and moment(passed):
            seen.append(passed)
        return bool(seen) and passed >= seen[0] + seconds

    return later


def test_a_full_disk_is_named_and_nothing_is_lost(tmp_path, wanted):
    """Files of the grader can't grow beyond 2 KB: what a quota does, and as sudden as a full disk."""
    run = ClassRun(tmp_path / "class")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    grader = run.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, hard)))
    _, said = grader.communicate(timeout=120)

    assert grader.returncode == 3
    assert "free some space" in said
    assert "Traceback" not in said
    assert not (run.folder / "feedback").exists()
    assert not [path for path in run.store.rglob("*") if path.is_file()]

    assert run.run()[0] == 0
    assert difference(run.state(), wanted) == []


def test_a_store_that_cannot_be_written_is_named_and_nothing_is_lost(tmp_path, wanted):
    run = ClassRun(tmp_path / "class")
    run.store.parent.mkdir()
    run.store.write_text("a file where the store should be")

    code, said = run.run()

    assert code == 3
    assert "store" in said.splitlines()[-1]
    assert "cannot be" in said.splitlines()[-1]
    assert not (run.folder / "feedback").exists()
    run.store.unlink()
    assert run.run()[0] == 0
    assert difference(run.state(), wanted) == []


def test_a_gradebook_that_is_locked_or_damaged_is_named_and_nothing_is_lost(tmp_path, wanted):
    run = ClassRun(tmp_path / "class")
    book = run.folder / "gradebook.db"
    other = sqlite3.connect(book)
    other.execute("BEGIN EXCLUSIVE")

    code, said = run.run()
    other.close()

    assert code == 3
    assert "is locked by another program" in said
    assert not (run.folder / "feedback").exists(), "no student has been told anything yet"
    assert len(list(run.store.rglob("*.json"))) == 3, "what was judged is stored"
    book.write_bytes(b"no database " * 1000)
    code, said = run.run()
    assert code == 3
    assert "is damaged; put a backup in its place" in said
    assert book.read_bytes() == b"no database " * 1000
    book.unlink()
    assert run.run()[0] == 0
    assert difference(run.state(), wanted) == []


def test_two_graders_at_once_end_like_one(tmp_path, wanted):
    """Each may find the gradebook locked by the other, and says so; then the same command again is all it takes."""
    run = ClassRun(tmp_path / "class")
    graders = [run.start(), run.start()]
    endings = [(grader.communicate(timeout=120)[1], grader.returncode) for grader in graders]

    assert {code for _, code in endings} <= {0, 3}
    for said, code in endings:
        assert code == 0 or "run the same command again" in said, said
    assert run.run()[0] == 0
    assert difference(run.state(), wanted) == []


@pytest.mark.parametrize("content", [b"short", b"long" * 10**5], ids=["short", "long"])
@pytest.mark.parametrize(("publish", "step"), [(atomic.write, "replace"), (atomic.create, "hardlink_to")])
def test_a_file_is_whole_before_it_gets_its_name(tmp_path, monkeypatch, content, publish, step):
    """A kill, or a full disk, at the very moment at which it gets its name leaves no half of it."""
    path = tmp_path / "page.html"
    real = getattr(Path, step)
    seen = []

    def watched(self, other):
        temporary = self if step == "replace" else other
        seen.append(temporary.read_bytes())
        return real(self, other)

    monkeypatch.setattr(Path, step, watched)
    publish(path, content)

    assert seen == [content]
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_swept_away_and_what_a_living_one_holds_is_not(tmp_path):
    path = tmp_path / "record.json"
    left = tmp_path / ".record.json.abandoned"
    left.write_bytes(b"half")
    held, temporary = atomic._locked_file(tmp_path, ".record.json.")

    with held:
        atomic.write(path, b"whole")
        assert temporary.exists()

    assert path.read_bytes() == b"whole"
    assert not left.exists()
    atomic.write(path, b"new")
    assert not temporary.exists()


def test_the_comparison_sees_a_changed_grade(tmp_path, undisturbed, wanted):
    """The rows' random ids are taken out of the comparison; nothing else is."""
    changed = tmp_path / "gradebook.db"
    changed.write_bytes((undisturbed.folder / "gradebook.db").read_bytes())
    assert gradebook(changed) == wanted["gradebook.db"]
    connection = sqlite3.connect(changed)
    connection.execute("UPDATE grade SET auto_score = auto_score + 1 WHERE rowid = (SELECT min(rowid) FROM grade)")
    connection.commit()
    connection.close()

    assert gradebook(changed) != wanted["gradebook.db"]
