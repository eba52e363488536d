from __future__ import annotations

import io
import json
import os
import pickle
import socket
import stat
import struct
import tarfile
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course import Course, CourseError, Limits, Section
from autograder.submissions import archives, files, folders, limits, taking
from autograder.submissions.attempts import Attempt, Collection, Problem
from autograder.submissions.collect import CollectError, collect
from autograder.submissions.found import Found
from autograder.text import printable

LIMITS = Limits(1, 1, 1, 1, 1, 1, 1, 1, 1)
SECTIONS = tuple(
    Section(name, name, f"{name}.ipynb", modules, ("entropy_figures.py",), (), LIMITS)
    for name, modules in [("1_entropy", ("entropy.py",)), ("5_losses", ("losses.py", "elbo.py"))]
)
COURSE = Course(Path("no course"), Path(), "course", "Course", 0, SECTIONS)
MODULE = b"class InformationMeasures: ...\n"
NOTEBOOK = b'{"cells": [{"cell_type": "raw", "source": "1"}]}'
BOTH = {"entropy.py": MODULE, "1_entropy.ipynb": NOTEBOOK}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted" / "ada" / "1_entropy"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def zipped(entries: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items() if isinstance(entries, dict) else entries:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            if isinstance(name, str):
                info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def packed(home: Path, data: bytes) -> Attempt:
    home.rmdir()
    home.with_name("1_entropy.zip").write_bytes(data)
    return only(home)


def collected(home: Path) -> Collection:
    return collect(COURSE, home.parents[1])


def said(problems: Iterable[Problem]) -> list[str]:
    return [str(problem) for problem in problems]


def only(home: Path) -> Attempt:
    (attempt,) = collected(home).attempts
    return attempt


class TestFolders:
    def test_a_folder_of_student_and_section_is_an_attempt(self, home: Path) -> None:
        write(home, BOTH)

        attempt = only(home)

        assert (attempt.student, attempt.section, attempt.path) == ("ada", "1_entropy", home)
        assert attempt.files == BOTH
        assert attempt.notes == ()
        assert attempt.timestamp is None

    def test_nothing_handed_in_is_an_empty_collection(self, tmp_path: Path) -> None:
        assert collect(COURSE, tmp_path / "missing") == Collection()
        assert collect(COURSE, tmp_path) == Collection()

    def test_a_file_in_place_of_the_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "submitted").touch()

        with pytest.raises(CollectError, match="submitted can't be read"):
            collect(COURSE, tmp_path / "submitted")

    def test_an_unknown_section_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CourseError, match="no section `2`"):
            collect(COURSE, tmp_path, sections=["2"])

    def test_attempts_are_ordered_and_can_be_chosen(self, home: Path) -> None:
        root = home.parents[1]
        for name in ("zoe/5_losses", "zoe/1_entropy", "Bob/1_entropy"):
            (root / name).mkdir(parents=True)

        def keys(collection: Collection) -> list[tuple[str, str]]:
            return [(a.student, a.section) for a in collection.attempts]

        assert keys(collect(COURSE, root)) == [
            ("Bob", "1_entropy"), ("ada", "1_entropy"), ("zoe", "1_entropy"), ("zoe", "5_losses"),
        ]  # fmt: skip
        assert keys(collect(COURSE, root, sections=["5_losses"])) == [("zoe", "5_losses")]
        assert keys(collect(COURSE, root, students=["Bob"])) == [("Bob", "1_entropy")]

    def test_a_student_who_handed_in_nothing_is_named(self, home: Path) -> None:
        problems = collect(COURSE, home.parents[1], students=["adaa"]).problems

        assert said(problems) == ["`adaa` has handed in nothing. Did you mean `ada`?"]

    def test_the_digest_depends_on_the_work_alone(self, home: Path) -> None:
        write(home, BOTH)
        other = home.parents[1] / "bob" / "1_entropy"
        write(other, BOTH | {"timestamp.txt": b"2026-01-01 00:00:00 UTC", ".DS_Store": b"x", "__pycache__/a.pyc": b""})
        os.utime(other / "entropy.py", (0, 0))
        (home.parents[1] / "cy").mkdir()
        (home.parents[1] / "cy" / "1_entropy.zip").write_bytes(zipped(BOTH))

        first, second, third = collected(home).attempts

        assert first.digest == second.digest == third.digest
        assert second.timestamp == "2026-01-01 00:00:00 UTC"

    @pytest.mark.parametrize(
        "files",
        [
            {"entropy.py": MODULE}, {"entropy.py": MODULE + b"\n", "1_entropy.ipynb": NOTEBOOK},
            {"entropy.py": NOTEBOOK, "1_entropy.ipynb": MODULE}, BOTH | {"x": b""}, {},
        ],
    )  # fmt: skip
    def test_other_work_has_another_digest(self, home: Path, files: dict[str, bytes]) -> None:
        write(home, files)
        write(home.parents[1] / "bob" / "1_entropy", BOTH)

        first, second = collected(home).attempts

        assert first.digest != second.digest

    def test_an_attempt_can_not_be_changed(self, home: Path) -> None:
        write(home, BOTH)

        with pytest.raises(TypeError):
            only(home).files["entropy.py"] = b""  # type: ignore[index]

    def test_an_attempt_can_be_sent_to_another_process(self, home: Path) -> None:
        write(home, BOTH)

        assert pickle.loads(pickle.dumps(only(home))) == only(home)

    def test_equal_files_of_a_class_are_held_once(self, home: Path) -> None:
        write(home, {"data.csv": b"1" * 10_000})
        write(home.parents[1] / "bob" / "1_entropy", {"data.csv": b"1" * 10_000})

        first, second = collected(home).attempts

        assert first.files["data.csv"] is second.files["data.csv"]

    def test_an_empty_folder_is_an_attempt_without_files(self, home: Path) -> None:
        assert only(home).files == {}
        assert only(home).notes == ("There are no files in this submission.",)


class TestProblems:
    def test_a_misspelt_section_is_named_with_the_right_one(self, home: Path) -> None:
        for name in ("1_entropie", "5_loses", "holiday"):
            (home.parent / name).mkdir()
        (home.parent / "1_entrop.zip").touch()

        problems = collected(home).problems

        assert said(problems) == [
            "`ada/1_entrop.zip` is not a section of the course and was not judged. "
            "Call it `1_entropy.zip` if it was meant as that.",
            "`ada/1_entropie` is not a section of the course and was not judged. "
            "Call it `1_entropy` if it was meant as that.",
            "`ada/5_loses` is not a section of the course and was not judged. "
            "Call it `5_losses` if it was meant as that.",
            "`ada/holiday` is not a section of the course and was not judged. "
            "If it is work, move it to the section's folder.",
        ]
        assert [(problem.student, problem.section) for problem in problems] == [
            ("ada", "1_entropy"), ("ada", "1_entropy"), ("ada", "5_losses"), ("ada", None),
        ]  # fmt: skip

    def test_things_that_are_no_students_are_named(self, home: Path) -> None:
        root = home.parents[1]
        (root / "grades.csv").touch()
        (root / "1_entropy" / "bob").mkdir(parents=True)
        (root / "link").symlink_to("ada")

        collection = collected(home)

        assert [a.student for a in collection.attempts] == ["ada"]
        assert [problem.text for problem in collection.problems] == [
            "`1_entropy` is the name of a section, not of a student.",
            "`grades.csv` is not a folder, so none of it was judged.",
            "`link` is a symbolic link and was not followed.",
        ]
        assert all("<student>/<section>/" in str(problem) for problem in collection.problems[:2])

    @pytest.mark.parametrize("files", [(), (".DS_Store", "__pycache__/a.pyc")])
    def test_a_student_whose_folder_is_empty_is_named(self, tmp_path: Path, files: tuple[str, ...]) -> None:
        (tmp_path / "kim").mkdir()
        write(tmp_path / "kim", dict.fromkeys(files, b""))
        write(tmp_path / "ada" / "1_entropy", BOTH)

        for sections in (None, ["5_losses"]):
            (problem,) = collect(COURSE, tmp_path, sections).problems
            assert (problem.student, problem.text) == ("kim", "The folder of `kim` is empty.")

    def test_junk_is_passed_over_in_silence(self, home: Path) -> None:
        root = home.parents[1]
        for name in (".DS_Store", ".gitkeep", "ada/.DS_Store", "ada/._1_entropy", "ada/1_entropy/Thumbs.db"):
            (root / name).touch()
        (root / "ada" / "__MACOSX").mkdir()
        write(home, BOTH | {".git/config": b"", ".ipynb_checkpoints/1_entropy-checkpoint.ipynb": NOTEBOOK})

        assert collected(home).problems == ()
        assert only(home).files == BOTH

    def test_odd_student_names_are_printable_and_kept_apart(self, tmp_path: Path) -> None:
        odd = [
            b"<img src=x onerror=alert(1)> $(touch pwned)",
            b"red\x1b[31m",
            b"\xff\xfe",
            "\u202eevil".encode(),
            b"-rf",
            b"\xc3\xa9",
        ]
        for name in odd:
            (tmp_path / os.fsdecode(name) / "1_entropy").mkdir(parents=True)

        students = [attempt.student for attempt in collect(COURSE, tmp_path).attempts]

        assert students == [
            "-rf", "<img src=x onerror=alert(1)> $(touch pwned)", r"\u202eevil", r"\udcff\udcfe", r"red\x1b[31m", "é",
        ]  # fmt: skip

    def test_a_name_that_escaping_makes_too_long_for_a_file_is_cut_and_kept_apart(self, tmp_path: Path) -> None:
        for name in ("\x1b" * 100, "\x1b" * 101, "n" * 255):
            (tmp_path / name / "1_entropy").mkdir(parents=True)

        students = [attempt.student for attempt in collect(COURSE, tmp_path).attempts]

        assert len(set(students)) == 3
        assert "n" * 255 in students
        for student in students:
            (tmp_path / "elsewhere" / student).mkdir(parents=True)

    def test_two_names_that_look_alike_are_not_mixed_up(self, tmp_path: Path) -> None:
        for name in ("a\x1b", r"a\x1b"):
            (tmp_path / name / "1_entropy").mkdir(parents=True)

        collection = collect(COURSE, tmp_path)

        assert len(collection.attempts) == 1
        assert "Another folder has a name that looks like" in collection.problems[0].text


class TestSeveralFoldersOfOneStudent:
    OLD = MODULE + b"# old\n"

    @pytest.fixture
    def submitted(self, tmp_path: Path) -> Path:
        (tmp_path / "aliases.csv").write_text("alias,student\nada_1,ada\nada_2,ada\n")
        return tmp_path / "submitted"

    def collect(self, submitted: Path, students: list[str] | None = None) -> Collection:
        return collect(replace(COURSE, root=submitted.parent), submitted, students=students)

    @pytest.mark.parametrize("order", [("jos\u00e9", "jose\u0301"), ("jose\u0301", "jos\u00e9")])
    def test_sections_come_from_the_folder_that_has_them_in_either_unicode_form(
        self, submitted: Path, order: tuple[str, str]
    ) -> None:
        write(submitted / order[0] / "1_entropy", BOTH)
        write(submitted / order[1] / "5_losses", {"losses.py": MODULE})

        found = self.collect(submitted)

        assert [(a.student, a.section) for a in found.attempts] == [
            ("jos\u00e9", "1_entropy"),
            ("jos\u00e9", "5_losses"),
        ]
        assert len(found.problems) == 1
        assert "work was taken from both. Move all work into one of them" in str(found.problems[0])

    def test_of_one_section_in_both_unicode_forms_that_of_the_id_itself_counts(self, submitted: Path) -> None:
        write(submitted / "jos\u00e9" / "1_entropy", {"entropy.py": self.OLD})
        write(submitted / "jose\u0301" / "1_entropy", {"entropy.py": MODULE})
        os.utime(submitted / "jos\u00e9" / "1_entropy" / "entropy.py", (1, 1))

        found = self.collect(submitted)

        assert [a.files["entropy.py"] for a in found.attempts] == [self.OLD]
        assert "is different in the two folders" in found.problems[1].text

    def test_a_folder_of_another_name_is_the_students(self, submitted: Path) -> None:
        write(submitted / "ada_1" / "1_entropy", BOTH)

        found = self.collect(submitted)

        assert [(a.student, a.path) for a in found.attempts] == [("ada", submitted / "ada_1" / "1_entropy")]
        assert found.problems == ()
        assert self.collect(submitted, ["ada_1"]).attempts == found.attempts
        assert self.collect(submitted, ["ada"]).attempts == found.attempts

    def test_sections_of_several_names_are_put_together_in_the_order_of_the_course(self, submitted: Path) -> None:
        write(submitted / "ada" / "5_losses", {"losses.py": MODULE})
        write(submitted / "ada_1" / "1_entropy", BOTH)
        write(submitted / "ada_2" / "1_entropy", BOTH)

        found = self.collect(submitted)

        assert [(a.student, a.section) for a in found.attempts] == [("ada", "1_entropy"), ("ada", "5_losses")]
        assert found.problems == ()

    @pytest.mark.parametrize("newest", ["ada", "ada_1"])
    def test_of_several_names_the_newest_work_counts_and_that_is_said(self, submitted: Path, newest: str) -> None:
        write(submitted / "ada" / "1_entropy", {"entropy.py": MODULE, "sub/a.txt": b"1"})
        write(submitted / "ada_1" / "1_entropy", {"entropy.py": self.OLD})
        for name, days in (("ada", 10), ("ada_1", 10)):
            for path in (submitted / name / "1_entropy").rglob("*"):
                os.utime(path, (days, days + (name == newest)))

        found = self.collect(submitted)

        assert [a.path.parent.name for a in found.attempts] == [newest]
        assert [a.student for a in found.attempts] == ["ada"]
        assert f"`{newest}/1_entropy`, which was changed last, was judged" in str(found.problems[0])


class TestHostileFolders:
    def test_of_many_things_that_are_no_section_the_first_are_named_and_the_rest_counted(self, home: Path) -> None:
        write(home.parent, {f"1_entropi{number}": b"" for number in range(30)})

        problems = collected(home).problems

        assert len(problems) == 21
        assert problems[-1].text == "`ada` holds 10 more that are not sections of the course."

    def test_sections_are_found_among_more_things_than_are_listed(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_ENTRIES", 10)
        write(home.parent, {f"a{number}": b"" for number in range(30)} | {"1_entropy/entropy.py": MODULE})

        found = collected(home)

        assert [dict(attempt.files) for attempt in found.attempts] == [{"entropy.py": MODULE}]
        (problem,) = found.problems
        assert problem.text == "`ada` holds more than 10 files and folders; only its sections were looked for."

    def test_names_are_listed_up_to_a_bound_all_together(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_ENTRIES", 10)
        monkeypatch.setattr(limits, "MAX_LISTED", 25)
        write(home, {f"{folder}/{n}.txt": b"" for folder in "abcde" for n in range(8)} | {"e/entropy.py": MODULE})
        listed: list[str] = []
        listing = folders.listing

        def counted(descriptor: int, limit: int | None = None) -> list[str]:
            names = listing(descriptor, limit)
            listed.extend(names)
            return names

        monkeypatch.setattr(folders, "listing", counted)

        attempt = only(home)

        assert len(listed) == 2 + 26  # the student, the section, and what was listed in it
        assert attempt.files == {"entropy.py": MODULE}
        assert sum("there are more than 10" in note for note in attempt.notes) == 5

    def test_links_are_left_out_and_noted(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "secret").write_bytes(b"secret")
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "entropy.py").write_bytes(b"secret")
        (home / "entropy.py").symlink_to(tmp_path / "secret")
        (home / "inner").symlink_to(tmp_path / "folder")
        (home / "loop").symlink_to(".")
        (home / "nowhere").symlink_to("/does/not/exist")

        attempt = only(home)

        assert attempt.files == {}
        assert attempt.notes == tuple(
            f"`{name}` is a symbolic link and was left out." for name in ("entropy.py", "inner", "loop", "nowhere")
        )

    @pytest.mark.parametrize("name", ["1_entropy", "1_entropy.zip"])
    def test_a_section_that_is_a_link_is_an_attempt_without_files(self, home: Path, tmp_path: Path, name: str) -> None:
        home.rmdir()
        write(tmp_path / "elsewhere", BOTH)
        (tmp_path / "good.zip").write_bytes(zipped(BOTH))
        home.with_name(name).symlink_to(tmp_path / ("good.zip" if name.endswith("zip") else "elsewhere"))

        assert only(home).files == {}
        assert "is a symbolic link" in only(home).notes[0]

    def test_a_link_that_takes_a_files_place_between_listing_and_reading_is_not_followed(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "secret").write_bytes(b"secret")
        write(home, {"inner/entropy.py": MODULE, "a.txt": b"a"})
        real = taking.take

        def swapped(found: Found, released: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, str]]:
            (home / "a.txt").unlink()
            (home / "a.txt").symlink_to(tmp_path / "secret")
            (home / "inner").rename(tmp_path / "moved")
            (home / "inner").symlink_to(tmp_path / "moved")
            return real(found, released)

        monkeypatch.setattr(taking, "take", swapped)

        assert only(home).files == {}

    def test_pipes_sockets_and_devices_are_left_out_without_being_opened(self, home: Path) -> None:
        os.mkfifo(home / "entropy.py")
        with socket.socket(socket.AF_UNIX) as server:
            here = Path.cwd()
            os.chdir(home)
            try:
                server.bind("socket")
            finally:
                os.chdir(here)

            attempt = only(home)

        assert attempt.files == {}
        assert attempt.notes == (
            "`entropy.py` is a named pipe and was left out.",
            "`socket` is a socket and was left out.",
        )

    def test_a_pipe_in_place_of_the_zip_does_not_block(self, home: Path) -> None:
        home.rmdir()
        os.mkfifo(home.with_name("1_entropy.zip"))

        assert "is a named pipe, not a zip file" in only(home).notes[0]

    def test_hard_links_are_files(self, home: Path) -> None:
        write(home, BOTH)
        os.link(home / "entropy.py", home / "copy.py")

        assert only(home).files["copy.py"] == MODULE

    def test_large_files_are_left_out_even_if_they_take_no_room_on_the_disk(self, home: Path) -> None:
        write(home, BOTH)
        with (home / "sparse.bin").open("wb") as file:
            file.truncate(1 << 40)

        assert only(home).files == BOTH
        assert only(home).notes == ("`sparse.bin` was left out: it is larger than 10 MB.",)

    def test_a_file_that_grew_since_it_was_listed_is_read_no_further_than_the_limit(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_FILE_BYTES", 100)
        write(home, {"a.txt": b"a"})
        real = taking.take

        def grown(found: Found, released: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, str]]:
            (home / "a.txt").write_bytes(b"a" * 200)
            return real(found, released)

        monkeypatch.setattr(taking, "take", grown)

        assert only(home).files == {}
        assert "larger than" in only(home).notes[0]

    def test_what_is_asked_for_is_read_before_any_limit_strikes(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_FILES", 3)
        monkeypatch.setattr(limits, "MAX_TOTAL_BYTES", 100)
        write(home, BOTH | {f"{i:03}.txt": b"" for i in range(50)} | {"000.txt": b"a" * 90})

        attempt = only(home)

        assert set(attempt.files) == {*BOTH, "001.txt"}
        assert attempt.notes == (
            "`000.txt` was left out: all files together are larger than 0 MB.",
            "Only the first 3 files were read; `002.txt` and others were left out.",
        )

    def test_nesting_and_long_names_have_a_limit(self, home: Path) -> None:
        write(home, BOTH | {"a/" * 12 + "deep.py": b"", "b" * 250: b"", "c/" * 7 + "fine.py": b""})

        attempt = only(home)

        assert set(attempt.files) == {*BOTH, "c/" * 7 + "fine.py"}
        assert len(attempt.notes) == 2

    def test_a_flood_of_files_is_cut_off(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_ENTRIES", 40)
        write(home, BOTH | {f"flood/{i}.txt": b"" for i in range(50)})

        assert only(home).files == BOTH
        assert only(home).notes == ("`flood` was left out: there are more than 40 files and folders.",)

    def test_what_is_asked_for_is_found_in_a_flood(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_ENTRIES", 40)
        flood = {f"{i}.txt": b"" for i in range(50)}
        write(home, {"Entropy.py": MODULE, "1_entropy.ipynb": NOTEBOOK} | flood)
        monkeypatch.setattr(limits, "MAX_LISTED", 80)
        write(home.parents[1] / "bob" / "1_entropy", BOTH | flood | {f"{i}.csv": b"" for i in range(50)})

        first, second = collected(home).attempts

        assert first.files == second.files == BOTH
        assert second.notes == (
            "`1_entropy` was left out, except the files that are asked for: there are more than 40 files and folders.",
        )

    def test_notes_are_printable_short_and_few(self, home: Path) -> None:
        names = [os.fsdecode(b"\xff%d" % i) for i in range(40)] + ["a\x1b[2J\nb", "x" * 200 + "\u202e", "a\\b.py"]
        write(home, dict.fromkeys(names, b""))

        attempt = only(home)

        assert attempt.files == {}
        assert len(attempt.notes) == limits.MAX_NOTES + 1
        assert all(note.isprintable() and len(note) <= 300 for note in attempt.notes)
        assert r"a\x1b[2J\x0ab" in attempt.notes[0]

    def test_unreadable_things_are_noted(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(home, BOTH | {"inner/x.py": b""})
        real = os.open

        def refusing(name: str, *arguments: int, **options: int) -> int:
            if name in ("inner", "entropy.py"):
                raise PermissionError(13, "Permission denied")
            return real(name, *arguments, **options)

        monkeypatch.setattr(os, "open", refusing)

        attempt = only(home)

        assert set(attempt.files) == {"1_entropy.ipynb"}
        assert attempt.notes == (
            "`inner` could not be read: Permission denied.",
            "`entropy.py` was left out: it could not be read (Permission denied).",
        )

    def test_a_student_that_can_not_be_read_is_a_problem(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refusing(parent: int, name: str) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(folders, "directory", refusing)

        assert collected(home) == Collection(
            problems=(
                Problem("ada", None, "`ada` can't be read: Permission denied.", "Check the folder's permissions."),
            )
        )


class TestNames:
    @pytest.mark.parametrize(
        ("name", "note"),
        [
            ("entopy.py", "Found `entopy.py`; the module must be called `entropy.py`."),
            ("entropy_final2.py", "Found `entropy_final2.py`; the module must be called `entropy.py`."),
        ],
    )
    def test_a_module_of_another_name_is_named_and_not_taken(self, home: Path, name: str, note: str) -> None:
        write(home, {name: MODULE, "1_entropy.ipynb": NOTEBOOK})

        assert only(home).notes == (note,)
        assert "entropy.py" not in only(home).files

    def test_a_notebook_of_any_other_name_is_named(self, home: Path) -> None:
        write(home, {"entropy.py": MODULE, "homework.ipynb": NOTEBOOK})

        assert only(home).notes == ("Found `homework.ipynb`; the notebook must be called `1_entropy.ipynb`.",)

    def test_other_files_are_nobodys_business(self, home: Path) -> None:
        write(home, BOTH | {"entropy (1).py": b"", "notes.md": b"", "helpers.py": b""})

        assert only(home).notes == ()

    def test_files_that_were_released_are_no_candidates(self, home: Path) -> None:
        write(home, {"1_entropy.ipynb": NOTEBOOK, "entropy_figures.py": b""})

        assert only(home).notes == ()

    def test_names_that_differ_in_case_only_leave_the_right_one(self, home: Path) -> None:
        write(home, BOTH | {"Entropy.py": b"other"})

        assert only(home).files == BOTH
        assert only(home).notes == ("`Entropy.py` was left out: `entropy.py` has the same name except for case.",)

    def test_the_exchange_s_time_is_read_whatever_stands_before_it_in_the_alphabet(self, home: Path) -> None:
        many = {f"a{number}.csv": b"1" for number in range(limits.MAX_FILES + 5)}
        write(home, BOTH | many | {"timestamp.txt": b"2026-01-01 00:00:00 UTC"})

        attempt = only(home)

        assert attempt.timestamp == "2026-01-01 00:00:00 UTC"
        assert attempt.files.keys() >= BOTH.keys()

    def test_a_student_s_zip_holds_no_time_of_the_exchange(self, tmp_path: Path) -> None:
        home = tmp_path / "submitted" / "ada"
        home.mkdir(parents=True)
        files = BOTH | {"timestamp.txt": b"2001-01-01 00:00:00 UTC", "submission_secret.txt": b"mine"}
        (home / "1_entropy.zip").write_bytes(zipped(files))

        (attempt,) = collect(COURSE, tmp_path / "submitted").attempts

        assert (attempt.timestamp, attempt.secret) == (None, None)
        assert attempt.files == BOTH

    @pytest.mark.parametrize("top", ["1_entropy", "submission/1_entropy", "Ada's work"])
    def test_files_one_level_too_deep_are_found(self, home: Path, top: str) -> None:
        write(home, {f"{top}/{name}": content for name, content in BOTH.items()} | {"timestamp.txt": b"now", "x": b""})

        attempt = only(home)

        assert attempt.files == BOTH
        assert attempt.timestamp == "now"
        assert attempt.notes == (
            f"The files were found in `{top}/`; they belong directly in `1_entropy`.",
            "`x` is outside that folder and was left out.",
        )

    def test_files_in_two_folders_are_not_guessed(self, home: Path) -> None:
        write(home, {"old/entropy.py": b"1", "new/entropy.py": b"2"})

        assert set(only(home).files) == {"old/entropy.py", "new/entropy.py"}
        assert only(home).notes == (
            "`new/entropy.py` and `old/entropy.py` differ, and each could be meant as `entropy.py`; none was taken. "
            "Hand in one of them, as `entropy.py`, directly in `1_entropy`.",
        )

    def test_a_module_beside_nothing_is_found_in_its_folder(self, home: Path) -> None:
        write(home, {"1_entropy.ipynb": NOTEBOOK, "src/entropy.py": MODULE})

        assert only(home).notes == ("Found `src/entropy.py`; it belongs directly in `1_entropy`.",)
        assert only(home).files == {"1_entropy.ipynb": NOTEBOOK, "entropy.py": MODULE, "src/entropy.py": MODULE}


def taken_for(name: str, expected: str) -> str:
    return f"`{printable(name)}` was taken for `{expected}`; hand it in under that name."


def tarred(entries: Mapping[str, bytes | tarfile.TarInfo], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in entries.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(content, tarfile.TarInfo) else content
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


class TestNearMisses:
    """One rule, :mod:`autograder.submissions.near_names`, and a note for each file that it takes."""

    @pytest.mark.parametrize(
        "name",
        [
            "entropy (1).py", "Entropy.py", "entropy.py.txt", "entropy.py ", "entropy\xa0.py", "Copy of entropy.py",
            "entropy - Kopie.py", "\u200bentropy.py", "entropy\xa0(1).py",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("as_zip", [False, True])
    def test_a_module_that_was_meant_is_taken_with_a_note(self, home: Path, name: str, as_zip: bool) -> None:
        files = {name: MODULE, "1_entropy.ipynb": NOTEBOOK}
        if as_zip:
            attempt = packed(home, zipped(files))
        else:
            write(home, files)
            attempt = only(home)

        assert attempt.files == BOTH
        assert attempt.notes == (taken_for(name, "entropy.py"),)

    @given(st.data())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
    def test_however_names_and_folders_were_changed_the_work_is_taken_or_every_candidate_named(
        self, tmp_path: Path, data: st.DataObject
    ) -> None:
        marks = st.sampled_from(["{}", "{} (2)", "{} copy", "Copy of {}", "{}-Copy1", "{} - Copie (3)"])
        folders = st.sampled_from(["", "1_entropy/", "1_Entropy (1)/", "work/", "a/b/"])
        endings = st.sampled_from(["", ".txt", " (1).txt"])
        mark = data.draw(marks)
        names = st.tuples(folders, st.just(mark), endings)
        content = [MODULE, b"import math\n"]
        files: dict[str, bytes] = {}
        for folder, pattern, ending in data.draw(st.lists(names, min_size=1, max_size=3, unique=True)):
            files[f"{folder}{pattern.format('entropy')}.py{ending}"] = data.draw(st.sampled_from(content))
        home = Path(tempfile.mkdtemp(dir=tmp_path)) / "ada" / "1_entropy"
        write(home, files | {"1_entropy.ipynb": NOTEBOOK})

        (attempt,) = collect(COURSE, home.parents[1]).attempts

        if len(set(files.values())) == 1:
            assert attempt.files["entropy.py"] == next(iter(files.values()))
        elif "entropy.py" in attempt.files:
            assert attempt.files["entropy.py"] in files.values()
            assert any("was judged; " in note for note in attempt.notes)
        else:
            assert any("none was taken" in note for note in attempt.notes)
        assert len(attempt.notes) <= 4

    def test_two_that_differ_are_never_guessed_between(self, home: Path) -> None:
        write(home, {"entropy (1).py": MODULE, "entropy (2).py": b"import math\n", "1_entropy.ipynb": NOTEBOOK})

        assert "entropy.py" not in only(home).files
        assert only(home).notes == (
            "`entropy (1).py` and `entropy (2).py` differ, and each could be meant as `entropy.py`; none was taken. "
            "Hand in one of them, as `entropy.py`, directly in `1_entropy`.",
        )

    def test_a_better_name_in_a_worse_place_is_not_guessed_either(self, home: Path) -> None:
        write(home, {"Entropy.py": MODULE, "old/entropy.py": b"import math\n", "1_entropy.ipynb": NOTEBOOK})

        assert "none was taken" in only(home).notes[0]

    def test_equal_copies_are_one(self, home: Path) -> None:
        write(
            home,
            {"entropy (1).py": MODULE, "entropy (2).py": MODULE.replace(b"\n", b"\r\n"), "1_entropy.ipynb": NOTEBOOK},
        )

        assert only(home).files["entropy.py"] == MODULE
        assert only(home).notes == (taken_for("entropy (1).py", "entropy.py"),)

    def test_the_right_name_wins_and_the_note_names_the_other(self, home: Path) -> None:
        write(home, BOTH | {"entropy (1).py": b"import math\n"})

        assert only(home).files["entropy.py"] == MODULE
        assert only(home).notes == ("`entropy.py` was judged; `entropy (1).py` is different.",)

    @pytest.mark.parametrize("nothing", [b"", b"\n \n", b"# released\r\n\r\nraise\r\n"])
    def test_the_stub_yields_to_work(self, home: Path, tmp_path: Path, nothing: bytes) -> None:
        write(tmp_path / "assignments" / "1_entropy", {"entropy.py": b"# released\nraise\n"})
        write(home, {"entropy.py": nothing, "entropy (1).py": MODULE, "1_entropy.ipynb": NOTEBOOK})

        (attempt,) = collect(replace(COURSE, root=tmp_path), home.parents[1]).attempts

        assert attempt.files == BOTH
        assert attempt.notes == (
            taken_for("entropy (1).py", "entropy.py"),
            "`entropy.py` is empty or as it was released, so `entropy (1).py` was judged.",
        )

    def test_a_stub_alone_is_taken_and_named(self, home: Path, tmp_path: Path) -> None:
        write(tmp_path / "assignments" / "1_entropy", BOTH)
        write(home, BOTH | {"entropy.py": b" \n"})

        (attempt,) = collect(replace(COURSE, root=tmp_path), home.parents[1]).attempts

        assert attempt.files == BOTH | {"entropy.py": b" \n"}
        assert attempt.notes == (
            "`entropy.py` is empty; hand in the one with your work.",
            "`1_entropy.ipynb` is as it was released; hand in the one with your work.",
        )
        assert attempt.taken == ()

    def test_the_folder_of_the_section_wins_over_its_backup(self, home: Path) -> None:
        write(home, {f"1_entropy/{name}": content for name, content in BOTH.items()})
        write(home, {f"1_entropy_backup/{name}": b"import math\n" for name in BOTH})

        assert only(home).files == BOTH
        assert only(home).notes[0] == "The files were found in `1_entropy/`; they belong directly in `1_entropy`."

    def test_files_beside_what_was_taken_keep_their_place_relative_to_it(self, home: Path) -> None:
        write(
            home,
            {"code/entropy.py": MODULE, "code/tables/a.csv": b"1", "nb/1_entropy.ipynb": NOTEBOOK, "nb/b.csv": b"2"},
        )

        assert only(home).files == BOTH | {"tables/a.csv": b"1", "b.csv": b"2"}

    def test_files_for_one_place_are_noted(self, home: Path) -> None:
        write(home, {"code/entropy.py": MODULE, "code/a.csv": b"1", "nb/1_entropy.ipynb": NOTEBOOK, "nb/a.csv": b"2"})

        assert only(home).files["a.csv"] == b"1"
        assert "`nb/a.csv` was left out: another file has its place." in only(home).notes

    def test_a_time_stamp_in_a_folder_of_the_student_s_is_none(self, home: Path) -> None:
        write(home, {f"work/{name}": content for name, content in BOTH.items()} | {"work/timestamp.txt": b"2001-01-01"})

        assert only(home).timestamp is None

    @pytest.mark.parametrize("name", ["1_Entropy", "1_entropy (1)", "1_entropy\xa0", "1_ENTROPY - Copy"])
    def test_a_folder_that_was_meant_is_taken(self, home: Path, name: str) -> None:
        write(home, BOTH)
        home.rename(home.with_name(name))

        attempt = only(home)

        assert attempt.files == BOTH
        assert attempt.notes == (
            f"`{printable(name)}` was taken for `1_entropy`; hand in a folder or zip of that name.",
        )
        assert collected(home).problems == ()

    @pytest.mark.parametrize(
        "name", ["1_entropy (1).zip", "1_Entropy.ZIP", "1_entropy.tar.gz", "1_entropy.tar", "1_entropy.tar (1).gz"]
    )
    def test_an_archive_that_was_meant_is_taken(self, home: Path, name: str) -> None:
        home.rmdir()
        files = {f"1_entropy/{name}": content for name, content in BOTH.items()}
        data = zipped(files) if name.lower().endswith("zip") else tarred(files, "w" if name.endswith("tar") else "w:gz")
        home.with_name(name).write_bytes(data)

        assert only(home).files == BOTH
        assert only(home).path == home.with_name(name)

    def test_of_two_folders_that_were_meant_the_one_with_the_work_is_taken(self, home: Path) -> None:
        home.rmdir()
        write(home.with_name("1_entropy (1)"), BOTH)
        write(home.with_name("1_entropy (2)"), dict.fromkeys(BOTH, b""))

        assert only(home).files == BOTH

    def test_of_two_folders_with_other_work_none_is_taken(self, home: Path) -> None:
        home.rmdir()
        write(home.with_name("1_entropy (1)"), BOTH)
        write(home.with_name("1_entropy (2)"), dict.fromkeys(BOTH, b"other"))

        assert not only(home).files.keys() & BOTH.keys()
        assert "none was taken" in only(home).notes[0]

    def test_a_folder_that_is_there_wins_and_the_other_is_a_problem(self, home: Path) -> None:
        write(home, BOTH)
        write(home.with_name("1_entropy (1)"), {"entropy.py": b"other"})

        assert only(home).files == BOTH
        assert said(collected(home).problems) == [
            "`ada/1_entropy (1)` was not judged, because there is `1_entropy`. Remove one of them."
        ]

    @pytest.mark.parametrize("name", ["1_entropy.zip", "1_entropy (1).zip", "1_entropy (1)"])
    def test_what_lies_beside_a_folder_without_work_is_taken(self, home: Path, tmp_path: Path, name: str) -> None:
        stub = dict.fromkeys(BOTH, b"released\n")
        write(tmp_path / "assignments" / "1_entropy", stub)
        write(home, stub | {"timestamp.txt": b"2026-01-01 00:00:00 UTC", "mine.csv": b"1"})
        if name.endswith(".zip"):
            home.with_name(name).write_bytes(zipped(BOTH | {"timestamp.txt": b"2001"}))
        else:
            write(home.with_name(name), BOTH | {"timestamp.txt": b"2001"})

        collection = collect(replace(COURSE, root=tmp_path), home.parents[1])

        (attempt,) = collection.attempts
        assert attempt.files == BOTH
        assert attempt.timestamp == "2026-01-01 00:00:00 UTC"
        assert attempt.notes[0] == f"The files were found in `{name}/`; they belong directly in `1_entropy`."
        assert collection.problems == ()

    def test_of_many_folders_few_are_opened(self, home: Path) -> None:
        home.rmdir()
        for number in range(40):
            home.with_name(f"1_entropy ({number}).zip").write_bytes(zipped(BOTH))

        assert only(home).files == BOTH
        assert len(collected(home).problems) <= limits.MAX_NOTES

    def test_files_without_a_folder_are_taken(self, home: Path) -> None:
        home.rmdir()
        write(home.parent, BOTH | {"losses.py": MODULE, "holiday.jpg": b""})

        first, second = collected(home).attempts

        assert (first.files, second.files) == (BOTH, {"losses.py": MODULE})
        assert first.notes == ("The files were not in a folder `1_entropy`; hand in that folder, or a zip of it.",)
        assert len(collected(home).problems) == 1

    def test_one_student_in_two_unicode_forms_is_one(self, tmp_path: Path) -> None:
        write(tmp_path / "Zoe\u0308" / "1_entropy", BOTH)

        collection = collect(COURSE, tmp_path, students=["Zo\u00eb"])

        assert [attempt.student for attempt in collection.attempts] == ["Zo\u00eb"]
        assert collection.problems == ()

    def test_two_folders_of_one_student_are_a_problem_that_says_so(self, tmp_path: Path) -> None:
        for name in ("Zo\u00eb", "Zoe\u0308"):
            write(tmp_path / name / "1_entropy", BOTH)

        collection = collect(COURSE, tmp_path)

        assert len(collection.attempts) == 1
        assert "two Unicode forms" in collection.problems[0].text


class TestArchivesInside:
    @pytest.mark.parametrize("name", ["work.zip", "1_entropy.tar", "work.tgz", "work.tar.bz2", "work.tar.xz"])
    @pytest.mark.parametrize("top", ["", "1_entropy/", "./deep/er/"])
    def test_one_that_holds_what_is_lacking_is_opened(self, home: Path, name: str, top: str) -> None:
        files = {top + name: content for name, content in BOTH.items()} | {top + "a/b.csv": b"1"}
        modes = {"zip": "", "tar": "w", "tgz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}
        mode = modes[name.rpartition(".")[2]]
        write(home, {name: tarred(files, mode) if mode else zipped(files)})

        attempt = only(home)

        assert attempt.files == BOTH | {"a/b.csv": b"1"}
        assert len(attempt.notes) == 1
        assert attempt.notes[0].startswith(f"The files were found in `{name}/")

    def test_two_levels_are_looked_into_and_no_third(self, home: Path) -> None:
        twice = zipped({"1_entropy.zip": zipped(BOTH)})
        write(home, {"a.zip": twice})
        write(home.parents[1] / "bob" / "1_entropy", {"a.zip": zipped({"b.zip": twice})})

        first, second = collected(home).attempts

        assert first.files == BOTH
        assert set(second.files) == {"a.zip"}

    def test_nothing_is_opened_where_nothing_is_lacking(self, home: Path) -> None:
        write(home, BOTH | {"old.zip": zipped({"entropy.py": b"old"}), "broken.rar": b"Rar!"})

        assert only(home).files == BOTH | {"old.zip": zipped({"entropy.py": b"old"}), "broken.rar": b"Rar!"}
        assert only(home).notes == ()

    def test_an_archive_beside_empty_files_is_opened(self, home: Path) -> None:
        write(home, dict.fromkeys(BOTH, b"") | {"work.zip": zipped(BOTH)})

        assert only(home).files == BOTH

    @pytest.mark.parametrize("name", ["work.7z", "work.rar"])
    def test_kinds_that_can_not_be_opened_say_what_to_do(self, home: Path, name: str) -> None:
        write(home, {name: b"7z\xbc\xaf"})

        assert only(home).notes == (f"`{name}` can't be opened here; hand in the folder, or a zip of it.",)

    def test_links_devices_and_paths_of_a_tar_are_left_out(self, home: Path) -> None:
        odd: dict[str, bytes | tarfile.TarInfo] = dict(BOTH)
        for name, kind in {"entropy.csv": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "d": tarfile.CHRTYPE}.items():
            odd[name] = tarfile.TarInfo(name)
            odd[name].type, odd[name].linkname = kind, "/etc/passwd"  # type: ignore[union-attr]
        write(home, {"work.tar": tarred(odd | {"../evil.py": b"evil", "/etc/evil.py": b"evil"}, "w")})

        attempt = only(home)

        assert attempt.files == BOTH
        assert len(attempt.notes) == 6

    def test_cutting_or_changing_a_tar_anywhere_never_raises(self, home: Path) -> None:
        for data in (tarred(BOTH, "w"), tarred(BOTH), tarred(BOTH, "w:xz"), tarred(BOTH, "w:bz2")):
            for at in range(0, min(len(data), 2000), 7):
                for changed in (data[:at], data[:at] + b"\xff" + data[at + 1 :]):
                    (home / "work.tar").write_bytes(changed)
                    attempt = only(home)
                    for name in BOTH.keys() & attempt.files.keys():
                        assert len(attempt.files[name]) == len(BOTH[name])

    def test_tars_unpack_to_a_bound_all_together(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archives, "MAX_STREAM_BYTES", 200_000)
        write(
            home,
            {f"{i}.tgz": tarred({"a.bin": bytes(150_000), **({"entropy.py": MODULE} if i else {})}) for i in range(2)},
        )

        assert "entropy.py" not in only(home).files
        assert any("unpacks to more than" in note for note in only(home).notes)

    def test_what_is_asked_for_is_held_before_the_rest_of_a_tar(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_ZIP_BYTES", 1000)
        write(home, {"work.tar": tarred({"a.csv": bytes(900), "b.csv": bytes(900)} | BOTH, "w")})

        attempt = only(home)

        assert set(attempt.files) == {*BOTH, "a.csv"}
        assert "`work.tar/b.csv` comes after" in attempt.notes[-1] or "`b.csv` comes after" in attempt.notes[-1]

    def test_no_more_than_a_few_are_opened(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_ARCHIVES", 2)
        write(home, {f"{i}.zip": zipped({}) for i in range(5)})

        assert only(home).notes == ("`2.zip` and other archives were not opened: there are too many.",)

    def test_a_notebook_with_large_outputs_in_a_tar_is_taken_without_them(self, home: Path) -> None:
        large = illustrated(11 << 20)
        write(home, {"work.tgz": tarred({"entropy.py": MODULE, "1_entropy.ipynb": large})})

        assert only(home).files == {"entropy.py": MODULE, "1_entropy.ipynb": cleared(large)}


def entry(name: str, mode: int = 0, **changes: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    for key, value in changes.items():
        setattr(info, key, value)
    return info


class TestZips:
    @pytest.mark.parametrize("top", ["", "1_entropy/", "./", "1_entropy\\"])
    def test_a_zip_of_the_folder_or_of_its_content_is_the_folder(self, home: Path, top: str) -> None:
        write(home.parents[1] / "bob" / "1_entropy", BOTH)
        packed_files = {top + name: content for name, content in BOTH.items()}
        home.rmdir()
        home.with_name("1_entropy.zip").write_bytes(zipped(packed_files | {"__MACOSX/._entropy.py": b""}))

        first, second = collected(home).attempts

        assert first.files == BOTH
        assert first.digest == second.digest
        assert first.path == home.with_name("1_entropy.zip")

    @pytest.mark.parametrize(
        "name",
        [
            "../entropy.py", "1_entropy/../../evil.py", "/etc/passwd", "C:/evil.py", "c:evil.py", "..\\..\\evil.py",
            "\\\\server\\share", "..", "a/..", "evil\x1b.py", "x" * 300, "\u202eyp.live",
        ],
    )  # fmt: skip
    def test_names_that_lead_elsewhere_are_left_out(self, home: Path, name: str) -> None:
        attempt = packed(home, zipped([*BOTH.items(), (name, b"evil")]))

        assert attempt.files == BOTH
        assert len(attempt.notes) == 1
        assert "was left out: its name" in attempt.notes[0]
        assert attempt.notes[0].isprintable()

    def test_a_name_is_not_cut_at_a_zero_byte(self, home: Path) -> None:
        data = zipped({"entropy.pyX.txt": b"evil", "1_entropy.ipynb": NOTEBOOK}).replace(b".pyX", b".py\0")

        assert set(packed(home, data).files) == {"1_entropy.ipynb"}

    @pytest.mark.parametrize(
        ("info", "reason"),
        [
            (entry("x.py", stat.S_IFLNK | 0o777), "it is a symbolic link"),
            (entry("x.py", stat.S_IFIFO), "it is a named pipe"),
            (entry("x.py", stat.S_IFCHR), "it is a device"),
            (entry("x.py", compress_type=zipfile.ZIP_LZMA), "it is compressed by an unusual method"),
            (entry("x.py", compress_type=zipfile.ZIP_BZIP2), "it is compressed by an unusual method"),
        ],
    )
    def test_entries_that_are_no_plain_files_are_left_out(self, home: Path, info: zipfile.ZipInfo, reason: str) -> None:
        attempt = packed(home, zipped([*BOTH.items(), (info, b"/etc/passwd")]))

        assert attempt.files == BOTH
        assert reason in attempt.notes[0]

    def test_encrypted_entries_are_left_out(self, home: Path) -> None:
        data = bytearray(zipped({"entropy.py": MODULE}))
        at = data.index(b"PK\x01\x02")
        data[at + 8] |= 1
        data[6] |= 1

        attempt = packed(home, bytes(data))

        assert attempt.files == {}
        assert "it is encrypted" in attempt.notes[0]

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", "is empty"),
            (b"entropy", "is not a zip file"),
            (zipped(BOTH)[:-30], "is damaged or was cut off on the way"),
            (b"PK\x05\x06" + b"\xff" * 18, "is damaged or was cut off on the way"),
            (b"Rar!\x1a\x07", "an archive of another kind"),
            (b"\x1f\x8b\x08", "an archive of another kind"),
        ],
    )
    def test_what_can_not_be_read_is_an_attempt_without_files(self, home: Path, data: bytes, reason: str) -> None:
        attempt = packed(home, data)

        assert attempt.files == {}
        assert reason in attempt.notes[0]

    def test_cutting_or_changing_a_zip_anywhere_never_raises(self, home: Path) -> None:
        data = zipped(BOTH)
        home.rmdir()
        for at in range(0, len(data), 3):
            for changed in (data[:at], data[:at] + b"\xff" + data[at + 1 :], data[:at] + b"\0\0\0\0" + data[at + 4 :]):
                home.with_name("1_entropy.zip").write_bytes(changed)
                attempt = only(home)
                assert all(attempt.files[name] == BOTH[name] for name in BOTH if name in attempt.files)

    def test_a_bomb_is_not_unpacked(self, home: Path) -> None:
        attempt = packed(home, zipped(BOTH | {"bomb.txt": bytes(30 << 20)}))

        assert attempt.files == BOTH
        assert attempt.notes == ("`bomb.txt` was left out: it is larger than 10 MB.",)

    def test_a_bomb_that_lies_about_its_size_is_found_out(self, home: Path) -> None:
        data = bytearray(zipped({"entropy.py": MODULE, "bomb.txt": bytes(5 << 20)}))
        at = data.rindex(b"PK\x01\x02")
        struct.pack_into("<I", data, at + 24, 10)

        attempt = packed(home, bytes(data))

        assert attempt.files == {"entropy.py": MODULE}
        assert attempt.notes == ("`bomb.txt` is damaged in the zip and was left out.",)

    def test_broken_entries_are_not_unpacked_for_ever(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_TOTAL_BYTES", 1 << 16)
        data = bytearray(zipped({"entropy.py": MODULE} | {f"{i}.bin": bytes(1 << 16) for i in range(8)}))
        for at in [i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"][1:]:
            data[at + 16] ^= 1

        attempt = packed(home, bytes(data))

        assert set(attempt.files) == {"entropy.py"}
        assert "`7.bin` comes after more than may be unpacked and was left out." in attempt.notes

    def test_what_is_asked_for_is_found_among_too_many_entries(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "MAX_ENTRIES", 20)

        attempt = packed(home, zipped({f"{i}": b"" for i in range(30)} | BOTH))

        assert attempt.files == BOTH
        assert attempt.notes == ("`1_entropy.zip` holds more than 20 files; only those that are asked for were read.",)

    def test_junk_is_not_counted(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "MAX_ENTRIES", 20)
        junk = {f".venv/lib/{i}.py": b"" for i in range(30)} | {f"._{i}": b"" for i in range(30)}
        write(home.parents[1] / "bob" / "1_entropy", BOTH | junk)
        home.rmdir()
        home.with_name("1_entropy.zip").write_bytes(zipped(BOTH | junk))

        first, second = collected(home).attempts

        assert first.files == second.files == BOTH
        assert first.notes == second.notes == ()

    def test_a_large_directory_is_refused_before_it_is_parsed(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 200_000)

        attempt = packed(home, zipped({f"{i:0200}": b"" for i in range(1000)}))

        assert attempt.files == {}
        assert attempt.notes == ("`1_entropy.zip` lists too many files; hand in the folder, or zip it again.",)

    def test_entries_that_are_the_same_bytes_are_refused_before_they_are_unpacked(self, home: Path) -> None:
        whole = zipped({"a.py": os.urandom(1000)})
        start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
        directory = b"".join(whole[start:end].replace(b"a.py", b"%c.py" % letter) for letter in b"abcd")
        tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 4, 4, len(directory), start, 0)

        attempt = packed(home, whole[:start] + directory + tail)

        assert attempt.files == {}
        assert attempt.notes == (
            "`1_entropy.zip` is damaged: its entries overlap; hand in the folder, or zip it again.",
        )

    def test_a_zip_with_a_large_file_is_read_without_it(self, home: Path) -> None:
        home.rmdir()
        with zipfile.ZipFile(home.with_name("1_entropy.zip"), "w") as archive:
            archive.writestr("samples.bin", bytes(60 << 20))
            for name, content in BOTH.items():
                archive.writestr(name, content)

        tracemalloc.start()
        attempt = only(home)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert attempt.files == BOTH
        assert attempt.notes == ("`samples.bin` was left out: it is larger than 10 MB.",)
        assert peak < 8 << 20

    def test_a_file_without_end_that_is_named_like_a_zip_is_not_read(self, home: Path) -> None:
        home.rmdir()
        with home.with_name("1_entropy.zip").open("wb") as file:
            file.truncate(1 << 40)

        assert "is not a zip file" in only(home).notes[0]

    @pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
    def test_of_an_entry_that_stands_twice_the_last_is_taken(self, home: Path) -> None:
        attempt = packed(home, zipped([("entropy.py", b"old"), *BOTH.items()]))

        assert attempt.files == BOTH
        assert attempt.notes == ("`entropy.py` is in the zip more than once; the last one was taken.",)

    def test_a_file_that_is_also_a_folder_leaves_the_file(self, home: Path) -> None:
        attempt = packed(home, zipped([*BOTH.items(), ("entropy.py/x.py", b"")]))

        assert attempt.files == BOTH
        assert attempt.notes == ("`entropy.py/x.py` was left out: the folder it lies in is also a file.",)

    def test_a_name_that_is_no_utf8_costs_its_own_file_only(self, home: Path) -> None:
        data = zipped(BOTH | {"é.txt": b"x"}).replace("é.txt".encode(), b"\xff\xfe.txt")

        attempt = packed(home, data)

        assert attempt.files == BOTH
        assert len(attempt.notes) == 1

    def test_the_folder_wins_over_the_zip(self, home: Path) -> None:
        write(home, BOTH)
        home.with_name("1_entropy.zip").write_bytes(zipped({"entropy.py": b"other"}))

        attempt = only(home)

        assert attempt.files == BOTH
        assert attempt.path == home
        assert attempt.notes == ("There are both `1_entropy` and `1_entropy.zip`; the folder was judged.",)

    def test_the_zip_wins_over_an_empty_folder(self, home: Path) -> None:
        home.with_name("1_entropy.zip").write_bytes(zipped(BOTH))

        assert only(home).files == BOTH
        assert only(home).path == home.with_name("1_entropy.zip")


def illustrated(size: int, source: str = "x = 1", after: bytes = b"") -> bytes:
    """Return a notebook with `size` bytes of outputs."""
    cell = {"cell_type": "code", "outputs": [{"data": {"image/png": "iVBORw0KGgo"}}], "source": source}
    data = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}, indent=1).encode()
    return data.replace(b"iVBORw0KGgo", b"iVBORw0KGgo" + b"A" * size) + after


def cleared(data: bytes) -> bytes:
    head, _, tail = data.partition(b'"outputs": [')
    return head + b'"outputs": [' + tail[tail.rindex(b'],\n   "source"') :]


class TestOutputs:
    """Sizes count what is judged. Notebooks here are small; so are the limits."""

    LARGE = illustrated(40_000)

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sizes = {"SMALL_NOTEBOOK": 2000, "MAX_FILE": 10_000, "MAX_TOTAL": 20_000, "MAX_NOTEBOOK": 100_000}
        for name, size in sizes.items():
            monkeypatch.setattr(limits, f"{name}_BYTES", size)

    @pytest.mark.parametrize("name", ["1_entropy.ipynb", "more/Draft.IPYNB"])
    def test_a_large_notebook_is_taken_without_them_and_without_a_note(self, home: Path, name: str) -> None:
        files = BOTH | {name: self.LARGE}
        write(home, files)
        other = home.parents[1] / "bob"
        other.mkdir()
        (other / "1_entropy.zip").write_bytes(zipped(files))

        first, second = collected(home).attempts

        assert first.files == second.files == files | {name: cleared(self.LARGE)}
        assert first.notes == second.notes == ()
        assert first.digest == second.digest
        assert json.loads(first.files[name])["cells"][0]["source"] == "x = 1"

    def test_a_small_notebook_is_taken_as_it_is(self, home: Path) -> None:
        data = illustrated(2000 - len(illustrated(0)))
        write(home, BOTH | {"1_entropy.ipynb": data})

        assert only(home).files["1_entropy.ipynb"] == data

    def test_work_with_other_outputs_has_the_same_digest(self, home: Path) -> None:
        write(home, BOTH | {"1_entropy.ipynb": self.LARGE})
        write(home.parents[1] / "bob" / "1_entropy", BOTH | {"1_entropy.ipynb": illustrated(50_000)})

        first, second = collected(home).attempts

        assert first.digest == second.digest

    @pytest.mark.parametrize("as_zip", [False, True])
    def test_what_was_dropped_takes_no_room_from_others(self, home: Path, as_zip: bool) -> None:
        files = BOTH | {
            "1_entropy.ipynb": self.LARGE,
            "b.ipynb": self.LARGE,
            "c.txt": b"c" * 9000,
            "d.txt": b"d" * 9000,
        }

        if as_zip:
            attempt = packed(home, zipped(files))
        else:
            write(home, files)
            attempt = only(home)

        assert set(attempt.files) == set(files)
        assert attempt.notes == ()

    def test_files_of_other_names_keep_everything(self, home: Path) -> None:
        write(home, BOTH | {"1_entropy.json": illustrated(5000), "1_entropy.ipynb.bak": self.LARGE})

        attempt = only(home)

        assert attempt.files["1_entropy.json"] == illustrated(5000)
        assert "`1_entropy.ipynb.bak` was left out: it is larger than 0 MB." in attempt.notes

    @pytest.mark.parametrize("as_zip", [False, True])
    @pytest.mark.parametrize(
        "notebook",
        [
            illustrated(0, source="x" * 11_000),
            illustrated(11_000, after=b"<<<<<<< HEAD"),
            illustrated(11_000)[:-1],
            illustrated(11_000).decode().encode("utf-16"),
            illustrated(110_000),
        ],
    )
    def test_one_that_is_too_large_all_the_same_is_left_out_with_what_to_do(
        self, home: Path, notebook: bytes, as_zip: bool
    ) -> None:
        files = BOTH | {"1_entropy.ipynb": notebook}

        if as_zip:
            attempt = packed(home, zipped(files))
        else:
            write(home, files)
            attempt = only(home)

        assert attempt.files == {"entropy.py": MODULE}
        assert attempt.notes == (
            "`1_entropy.ipynb` was left out: it is larger than 0 MB; clear all outputs of the notebook in Jupyter and "
            "hand it in again.",
        )

    @pytest.mark.parametrize("after", [b"<<<<<<< HEAD", b"\0", b"}"])
    def test_one_that_is_damaged_is_taken_as_it_is(self, home: Path, after: bytes) -> None:
        data = illustrated(5000, after=after)
        write(home, BOTH | {"1_entropy.ipynb": data})

        assert only(home).files["1_entropy.ipynb"] == data
        assert only(home).notes == ()

    def test_all_notebooks_together_have_a_bound_and_the_one_that_is_judged_comes_first(self, home: Path) -> None:
        write(home, BOTH | dict.fromkeys(("1_entropy.ipynb", "a.ipynb", "b.ipynb"), self.LARGE))

        attempt = only(home)

        assert set(attempt.files) == {*BOTH, "a.ipynb"}
        assert attempt.notes[0] == (
            "`b.ipynb` was left out: it makes the notebooks together larger than 0 MB; clear all outputs of the notebook "
            "in Jupyter and hand it in again."
        )

    def test_one_that_is_damaged_in_a_zip_is_found_out(self, home: Path) -> None:
        data = bytearray(zipped(BOTH | {"1_entropy.ipynb": self.LARGE}))
        data[data.rindex(b"PK\x01\x02") + 16] ^= 1  # its checksum

        attempt = packed(home, bytes(data))

        assert attempt.files == {"entropy.py": MODULE}
        assert attempt.notes == ("`1_entropy.ipynb` is damaged in the zip and was left out.",)

    def test_one_that_can_not_be_read_to_its_end_is_noted(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(file: IO[bytes], size: int) -> Iterator[bytes]:
            yield file.read(100)
            raise OSError(5, "Input/output error")

        write(home, {"1_entropy.ipynb": self.LARGE})
        monkeypatch.setattr(files, "chunks_of", failing)

        assert only(home).notes[0] == "`1_entropy.ipynb` was left out: it could not be read (Input/output error)."

    def test_one_that_is_not_read_to_its_end_is_closed(self, home: Path) -> None:
        write(home, {"1_entropy.ipynb": b"{" + self.LARGE})
        before = len(list(Path("/proc/self/fd").iterdir()))

        collected(home)

        assert len(list(Path("/proc/self/fd").iterdir())) == before


class TestPrintable:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("entropy.py", "entropy.py"), ("café 熵", "café 熵"), ("a\nb", r"a\x0ab"), ("\x1b[31m", r"\x1b[31m"),
            ("\u202e", r"\u202e"), ("\udcff", r"\udcff"), ("\U000e0001", r"\U000e0001"), ("\xa0", r"\xa0"), ("", ""),
        ],
    )  # fmt: skip
    def test_what_acts_on_a_terminal_is_escaped(self, text: str, shown: str) -> None:
        assert printable(text) == shown

    def test_long_text_is_cut_in_the_middle(self) -> None:
        shown = printable("a" * 100 + "b" * 100)

        assert len(shown) <= 80
        assert shown.startswith("aaa")
        assert shown.endswith("bbb")
