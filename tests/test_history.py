"""The history: every attempt that was judged, kept whole, whoever disturbs."""

from __future__ import annotations

import dataclasses
import errno
import multiprocessing
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder import atomic
from autograder.course import Course
from autograder.submissions import history
from autograder.submissions.attempts import Attempt, make_attempt
from autograder.submissions.history import HistoryError
from tests import mini_course

HOSTILE = "../../etc/<script>"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return mini_course.write(tmp_path / "course")


def attempt(course: Course, work: bytes = b"x = 1\n", student: str = "ada", **about: Any) -> Attempt:
    files = {"measures.py": work, "data/größe.csv": b"\x00\xff" * 10}
    made = make_attempt(course.sections[0], student, Path(), files, ["A note."], about.get("timestamp"))
    return dataclasses.replace(made, **about)


def load(course: Course, output: Path) -> tuple[dict[tuple[str, str], list[Attempt]], list[str]]:
    problems: list[str] = []
    return history.load(course, output, lambda *_: True, lambda *said: problems.append("; ".join(said))), problems


def test_an_attempt_comes_back_as_it_was_judged(course: Course, tmp_path: Path) -> None:
    kept = [
        attempt(course, timestamp="2026-11-30 22:59:00 UTC"),
        attempt(course, b"", "bob", late=True, taken=("A note.",)),
        attempt(course, b"x = 3\n", HOSTILE, timestamp="\x1b[2J yesterday"),
    ]
    history.keep(kept, tmp_path / "out")

    found, problems = load(course, tmp_path / "out")
    assert problems == []
    back = {student: several for (student, _), several in found.items()}
    assert sorted(back) == sorted(["ada", "bob", HOSTILE])
    for one in kept:
        (again,) = back[one.student]
        assert again.seen
        assert dataclasses.replace(again, seen="", path=one.path) == one


def test_a_hostile_name_leads_nowhere_else(course: Course, tmp_path: Path) -> None:
    history.keep([attempt(course, student=HOSTILE)], tmp_path / "out")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "out"]
    (home,) = (tmp_path / "out" / ".autograder" / "history").iterdir()
    assert (home / "student.txt").read_text(encoding="utf-8") == HOSTILE


def test_each_attempt_is_kept_once_and_the_first_sight_of_it_stays(course: Course, tmp_path: Path) -> None:
    first, second = attempt(course), attempt(course, b"x = 2\n")
    history.keep([first], tmp_path)
    before = mini_course.files(tmp_path / ".autograder")

    history.keep([second, first], tmp_path)

    after = mini_course.files(tmp_path / ".autograder")
    assert {name: after[name] for name in before} == before
    found, _ = load(course, tmp_path)
    assert [one.files["measures.py"] for one in found["ada", "1_mini"]] == [b"x = 1\n", b"x = 2\n"]


def test_the_same_work_that_comes_again_is_another_attempt(course: Course, tmp_path: Path) -> None:
    times = ("2026-11-30 22:59:00 UTC", "2026-12-01 22:59:00 UTC")
    history.keep([attempt(course, timestamp=time) for time in times], tmp_path)

    found, _ = load(course, tmp_path)
    assert [one.timestamp for one in found["ada", "1_mini"]] == list(times)


@pytest.mark.parametrize("damage", ["cut", "empty", "swapped", "other"])
def test_a_damaged_attempt_is_named_and_costs_no_other(course: Course, tmp_path: Path, damage: str) -> None:
    history.keep([attempt(course), attempt(course, b"x = 2\n"), attempt(course, student="bob")], tmp_path)
    path = next(path for path in tmp_path.rglob("*.zip") if "ada" in path.relative_to(tmp_path).parts)
    if damage == "swapped":  # work that is not what was judged under that name
        with zipfile.ZipFile(path) as archive:
            contents = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in contents.items():
                archive.writestr(name, b"x = 100\n" if name == "files/measures.py" else data)
    else:
        path.write_bytes({"cut": path.read_bytes()[:-30], "empty": b"", "other": b"no zip"}[damage])

    found, problems = load(course, tmp_path)
    assert {key[0]: len(several) for key, several in found.items()} == {"ada": 1, "bob": 1}
    (line,) = problems
    assert line.startswith("`ada` 1_mini: ")
    assert str(path) in line
    assert "put a backup there, or remove it" in line


def test_a_full_disk_is_named_and_leaves_nothing_half(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic, "create", full)
    with pytest.raises(HistoryError, match=r"can't be written \(No space left on device\); free some space"):
        history.keep([attempt(course)], tmp_path)
    assert load(course, tmp_path) == ({}, [])


def test_what_a_writer_that_was_killed_left_is_no_attempt(course: Course, tmp_path: Path) -> None:
    history.keep([attempt(course)], tmp_path)
    place = next(tmp_path.rglob("*.zip"))
    (place.parent / f".{place.name[:40]}.abc").write_bytes(b"half")

    history.keep([attempt(course, b"x = 2\n")], tmp_path)
    found, problems = load(course, tmp_path)
    assert (len(found["ada", "1_mini"]), problems) == (2, [])


def _keep(root: Path, output: Path, first: int) -> None:
    course = mini_course.course.load(root)
    for number in range(first, first + 20):
        history.keep([attempt(course, b"x = %d\n" % number)], output)


def test_two_graders_at_once_keep_everything(course: Course, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    graders = [context.Process(target=_keep, args=(course.root, tmp_path, first)) for first in (0, 10, 0)]
    for grader in graders:
        grader.start()
    for grader in graders:
        grader.join(60)

    assert [grader.exitcode for grader in graders] == [0, 0, 0]
    found, problems = load(course, tmp_path)
    assert len(found["ada", "1_mini"]) == 30
    assert problems == []
    assert all(path.suffix in (".zip", ".txt") for path in tmp_path.rglob("history/**/*") if path.is_file())
