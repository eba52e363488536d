"""What arrives is noticed once, when it is whole. The clock is the test's own."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from autograder.grading.arrivals import PATIENT_SECONDS, QUIET_SECONDS, STALLED_SECONDS, Arrivals

FILES = ("entropy.py", "1_entropy.ipynb")
SOON, LATER, LATEST = QUIET_SECONDS + 0.01, PATIENT_SECONDS + 0.01, STALLED_SECONDS + 0.01


class Clock:
    """Looks at a folder at moments that the test chooses."""

    def __init__(self, folder: Path) -> None:
        self.arrivals = Arrivals(folder, lambda name: FILES if name == "1_entropy" else ())
        self.now = 1000.0

    def after(self, seconds: float) -> set[str]:
        self.now += seconds
        return set(self.arrivals.take(self.now))


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "submitted")


def hand_in(clock: Clock, student: str, **files: str) -> Path:
    folder = clock.arrivals.folder / student / "1_entropy"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ({"entropy": "x = 1\n", "notebook": "{}\n"} | files).items():
        (folder / ("entropy.py" if name == "entropy" else "1_entropy.ipynb")).write_text(text)
    return folder


def test_what_arrives_is_taken_once_when_it_is_quiet(clock: Clock) -> None:
    assert clock.after(0) == set(), "the folder may come later"
    hand_in(clock, "ada")

    assert clock.after(0) == set()
    assert clock.after(SOON) == {"ada"}
    assert clock.after(1) == set()


def test_what_arrives_together_is_taken_together(clock: Clock) -> None:
    for student in ("ada", "bob", "chiara"):
        hand_in(clock, student)

    assert clock.after(0) == set()
    assert clock.after(SOON) == {"ada", "bob", "chiara"}


def test_what_goes_on_changing_is_waited_for(clock: Clock) -> None:
    for size in range(1, 5):
        hand_in(clock, "ada", entropy="x = 1\n" * size)
        assert clock.after(SOON / 2) == set()

    assert clock.after(SOON) == {"ada"}


@pytest.mark.parametrize(
    ("files", "patience"),
    [
        ({"entropy": "def half("}, PATIENT_SECONDS),
        ({"notebook": '{"cells": ['}, PATIENT_SECONDS),
        ({"entropy": ""}, STALLED_SECONDS),
    ],
)
def test_a_file_that_seems_to_end_too_soon_gets_more_time(clock: Clock, files: dict[str, str], patience: float) -> None:
    hand_in(clock, "ada", **files)
    clock.after(0)

    assert clock.after(patience - 0.01) == set()
    assert clock.after(0.02) == {"ada"}, "in the end it is what was handed in"


def test_a_folder_without_all_its_files_gets_more_time(clock: Clock) -> None:
    (hand_in(clock, "ada") / "entropy.py").unlink()
    clock.after(0)

    assert clock.after(SOON) == set()
    hand_in(clock, "ada")
    assert clock.after(SOON) == set()
    assert clock.after(SOON) == {"ada"}, "now it is whole"


def test_an_empty_folder_is_waited_for_as_its_files_will_come(clock: Clock) -> None:
    (clock.arrivals.folder / "ada").mkdir(parents=True)
    clock.after(0)

    assert clock.after(LATER) == set()
    hand_in(clock, "ada")
    clock.after(0)
    assert clock.after(SOON) == {"ada"}


def test_half_an_archive_is_waited_for(clock: Clock, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        archive.writestr("entropy.py", "x = 1\n" * 1000)
    whole = (tmp_path / "whole.zip").read_bytes()
    place = clock.arrivals.folder / "ada" / "1_entropy.zip"
    place.parent.mkdir(parents=True)
    place.write_bytes(whole[: len(whole) // 2])
    clock.after(0)

    assert clock.after(LATER) == set()
    with place.open("ab") as file:
        file.write(whole[len(whole) // 2 :])
    clock.after(0)
    assert clock.after(SOON) == {"ada"}


def test_an_archive_that_never_becomes_whole_is_handed_in_nevertheless(clock: Clock) -> None:
    place = clock.arrivals.folder / "ada" / "1_entropy.zip"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"PK\3\4 and no more")
    clock.after(0)

    assert clock.after(LATEST) == {"ada"}


def test_what_is_moved_into_its_place_is_an_arrival(clock: Clock, tmp_path: Path) -> None:
    other = Clock(tmp_path / "elsewhere")
    hand_in(clock, "ada")
    clock.after(0)
    clock.after(SOON)
    (hand_in(other, "ada", entropy="x = 2\n") / "entropy.py").replace(
        clock.arrivals.folder / "ada" / "1_entropy" / "entropy.py"
    )
    clock.after(LATEST)

    assert clock.after(SOON) == {"ada"}


def test_a_file_overwritten_in_its_place_is_found_in_turn_long_after(clock: Clock) -> None:
    """No folder changes with it."""
    folder = hand_in(clock, "ada")
    for number in range(40):
        hand_in(clock, f"student-{number:02}")
    clock.after(0)
    clock.after(SOON)
    clock.after(3600)
    (folder / "entropy.py").write_text("x = 2\n")

    assert {"ada"} in [clock.after(SOON) for _ in range(40)]


def test_the_same_size_and_an_old_time_hide_nothing(clock: Clock) -> None:
    path = hand_in(clock, "ada") / "entropy.py"
    clock.after(0)
    clock.after(SOON)
    before = path.stat()
    path.write_text("x = 2\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    clock.after(0)

    assert clock.after(SOON) == {"ada"}


def test_who_is_gone_is_nothing_to_judge_and_may_come_back(clock: Clock, tmp_path: Path) -> None:
    hand_in(clock, "ada")
    clock.after(0)
    clock.after(SOON)
    (clock.arrivals.folder / "ada").rename(tmp_path / "gone")
    assert clock.after(LATEST) == set()
    (tmp_path / "gone").rename(clock.arrivals.folder / "ada")
    clock.after(0)

    assert clock.after(SOON) == {"ada"}


def test_nothing_that_lies_there_blocks_or_leads_elsewhere(clock: Clock, tmp_path: Path) -> None:
    folder = hand_in(clock, "ada")
    (folder / "entropy.py").unlink()
    os.mkfifo(folder / "entropy.py")
    (folder / "loop").symlink_to(folder)
    (tmp_path / "other").mkdir()
    clock.arrivals.folder.joinpath("link").symlink_to(tmp_path / "other")
    clock.after(0)
    assert clock.after(SOON) == {"ada", "link"}
    (tmp_path / "other" / "file").write_text("changes")

    assert clock.after(LATEST) | clock.after(SOON) == set()


def test_what_programs_leave_behind_is_no_arrival(clock: Clock) -> None:
    clock.arrivals.folder.mkdir(parents=True)
    (clock.arrivals.folder / ".DS_Store").write_text("x")
    clock.after(0)

    assert clock.after(LATEST) == set()
    assert not clock.arrivals.waits
