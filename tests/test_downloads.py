"""Downloads of a whole class: what lands in ``submitted/``, what is said, and what is kept for the way back.

The layouts are written after the platforms' own code, which :mod:`autograder.intake.platforms` and :mod:`autograder.intake.lists` name.
Each is tried as it comes, below a folder, and unpacked with and without that folder, always with hostile work in it.
"""

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.course import Course
from autograder.grading import deliver
from autograder.intake import collected, collecting, downloads
from autograder.people.roster import Entry
from autograder.submissions.collect import collect
from tests import mini_course
from tests import nbgrader_harness as harness
from tests.mini_course import files
from tests.nbgrader_harness import Nbgrader

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it make an empty gradebook; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

MODULE = b"# a module\n"
NOTEBOOK = b"{}\n"
CLASS = [
    Entry("al15", "Ada", "Lovelace", canvas_id="40001"),
    Entry("gb", "George", "Boole"),
    Entry("en", "Emmy", "Noether"),
]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return mini_course.write(tmp_path / "course")


def packed(entries: Mapping[str, bytes], **how: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data, **how)
    return stream.getvalue()


def placed(archive: Path, entries: Mapping[str, bytes], how: str) -> None:
    """Put a download into `archive` as it comes, or as instructors unpack it."""
    below = {f"Course-Task 1-4711/{name}": data for name, data in entries.items()}
    archive.mkdir(parents=True, exist_ok=True)
    if how in ("zip", "zip with a folder"):
        (archive / "download.zip").write_bytes(packed(entries if how == "zip" else below))
        return
    for name, data in (entries if how == "unpacked" else below).items():
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_bytes(data)


def run(course: Course, *paths: Path, known: Sequence[Entry] = CLASS, ordered: bool = False) -> collecting.Outcome:
    section = course.sections[0]
    return collecting.run(course, section, paths, course.root / "submitted", known, ordered)


def taken(course: Course, entries: Mapping[str, bytes], known: Sequence[Entry] = CLASS) -> collecting.Outcome:
    """Collect one download."""
    (course.root / "download.zip").write_bytes(packed(entries))
    return run(course, course.root / "download.zip", known=known)


def submitted(course: Course) -> dict[str, bytes]:
    return files(course.root / "submitted")


INNER = packed({"1_mini/measures.py": MODULE, "1_mini/1_mini.ipynb": NOTEBOOK})
# Whose work these would be, were they taken for downloads.
EVIL = packed({
    "Ada Lovelace_81001_assignsubmission_file_/measures.py": b"evil", "lovelaceada_40001_999999_measures.py": b"evil",
    "../../../measures.py": b"evil", "/etc/measures.py": b"evil", "measures.py": b"# of Mallory\n", "timestamp.txt": b"2001-01-01 00:00:00 UTC",
})  # fmt: skip
MOODLE = {
    "Ada Lovelace_81001_assignsubmission_file/measures.py": MODULE,
    "Ada Lovelace_81001_assignsubmission_file/1_mini.ipynb": NOTEBOOK,
    "George Boole_81002_assignsubmission_file/1_mini.zip": INNER,
    "Mallory_81003_assignsubmission_file/1_mini.zip": EVIL,
    "Ned_81004_assignsubmission_file/1_mini.zip": b"PK cut off",
    "Emmy Noether_81005_assignsubmission_onlinetext/onlinetext.html": b"<p>Sorry</p>",
}
LAYOUTS = {
    "moodle": MOODLE,
    "moodle before 4.1": {name.replace("_file/", "_file_/").replace("text/", "text_/"): data for name, data in MOODLE.items()},
    "moodle, flat": {name.replace("_file/", "_file_").replace("text/", "text_"): data for name, data in MOODLE.items()},
    "moodle, groups": {f"Group A-{name}".replace("_file/", "_file_/"): data for name, data in MOODLE.items()},
    "canvas": {
        "lovelaceada_40001_500001_measures.py": b"# first try\n",
        "lovelaceada_40001_500007_measures-1.py": MODULE,
        "lovelaceada_40001_500008_1_mini-1.ipynb": NOTEBOOK,
        "boolegeorge_LATE_40002_500003_1_mini.zip": INNER,
        "mallory_40003_500004_1_mini.zip": EVIL,
        "ned_40004_500005_1_mini-2.zip": b"PK cut off",
        "noetheremmy_40005_text.html": b"<p>Sorry</p>",
    },
}  # fmt: skip


class TestLayouts:
    @pytest.mark.parametrize("how", ["zip", "zip with a folder", "unpacked", "unpacked with its folder"])
    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_a_class_is_collected_and_hostile_work_costs_nobody_else(
        self, course: Course, layout: str, how: str
    ) -> None:
        placed(course.root / "archive", LAYOUTS[layout], how)

        outcome = run(course, course.root / "archive")

        mallory, ned = ("group_a_mallory", "group_a_ned") if "groups" in layout else ("mallory", "ned")
        there = submitted(course)
        evil = {name: there.pop(name) for name in list(there) if name.startswith(mallory)}
        assert there == {
            "al15/1_mini/measures.py": MODULE, "al15/1_mini/1_mini.ipynb": NOTEBOOK,
            "gb/1_mini/measures.py": MODULE, "gb/1_mini/1_mini.ipynb": NOTEBOOK,
            f"{ned}/1_mini/1_mini.zip": b"PK cut off",
        }  # fmt: skip
        assert evil == {f"{mallory}/1_mini/1_mini.zip": EVIL}
        assert len(outcome.left) == 1
        assert "Noether" in outcome.left[0] or "noether" in outcome.left[0]
        assert "handed in no file; read it there" in outcome.left[0]
        assert (outcome.doubts, outcome.problems) == ([], [])
        assert outcome.lines()[-1] == "1_mini: 4 collected, 0 unchanged, 1 not collected"

    @pytest.mark.parametrize("how", ["zip", "zip with a folder", "unpacked", "unpacked with its folder"])
    def test_blind_marking_keeps_numbers(self, course: Course, how: str) -> None:
        entries = {f"Participant_{n}_assignsubmission_file/measures.py": b"# %d\n" % n for n in (4711, 4712)}
        placed(course.root / "archive", entries, how)

        outcome = run(course, course.root / "archive")

        assert submitted(course) == {f"participant_{n}/1_mini/measures.py": b"# %d\n" % n for n in (4711, 4712)}
        assert outcome.is_complete
        assert collected.load(course.root, "1_mini")["participant_4711"].number == "4711"

    def test_blind_marking_with_the_worksheet_finds_people_and_times(self, course: Course) -> None:
        """Columns as in ``gradingtable.php``, times as ``userdate`` writes them."""
        archive = course.root / "archive"
        placed(archive, {"Participant_4711_assignsubmission_file/measures.py": MODULE}, "zip")
        (archive / "Grades-Course-Task 1-4711.csv").write_text(
            'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback comments"\n'
            '"Participant 4711","Ada Lovelace",ada@x.org,"Submitted for grading - 2 hours 3 mins late - ",,100.00,Yes,"Sunday, 29 November 2026, 11:58 PM",-,\n'
            '"Participant 4712","Emmy Noether",emmy@x.org,"Submitted for grading - ",,100.00,Yes,"Saturday, 28 November 2026, 1:02 AM",-,\n'
            '"Participant 4713","George Boole",gb@x.org,"No submission - ",,100.00,Yes,-,-,\n'
        )

        outcome = run(course, archive)

        row = collected.load(course.root, "1_mini")["al15"]
        assert (row.platform, row.number, row.late, row.came) == ("moodle", "4711", "yes", "2026-11-29T23:58:00+00:00")
        assert row.file == "Participant_4711_assignsubmission_file"
        assert submitted(course)["al15/1_mini/timestamp.txt"] == b"2026-11-29 23:58:00.000000 UTC\n"
        assert len(outcome.left) == 1
        assert "`Emmy Noether` is not collected: Moodle's worksheet says that they submitted" in outcome.left[0]

    def test_work_of_a_team_is_that_of_each_member(self, course: Course) -> None:
        """Moodle 4 writes it once, under the group's name and id; the worksheet has the group of each."""
        archive = course.root / "archive"
        placed(
            archive,
            {
                "Team Blue_55_assignsubmission_file/measures.py": MODULE,
                "Default group_assignsubmission_file/measures.py": b"# alone\n",
            },
            "zip",
        )
        (archive / "grades.csv").write_text(
            'Identifier,"Full name",Status,Group,Grade,"Last modified (submission)"\n'
            '"Participant 1","Ada Lovelace","Submitted for grading","Team Blue",,"Sunday, 29 November 2026, 11:58 PM"\n'
            '"Participant 2","George Boole","Submitted for grading","Team Blue",,"Sunday, 29 November 2026, 11:58 PM"\n'
            '"Participant 3","Emmy Noether","Submitted for grading","Default group",,"Sunday, 29 November 2026, 11:58 PM"\n'
        )

        outcome = run(course, archive)

        modules = {name: data for name, data in submitted(course).items() if name.endswith(".py")}
        assert modules == {
            "al15/1_mini/measures.py": MODULE, "gb/1_mini/measures.py": MODULE, "en/1_mini/measures.py": b"# alone\n",
        }  # fmt: skip
        assert outcome.is_complete
        rows = collected.load(course.root, "1_mini")
        assert {row.file for row in rows.values()} == {
            "Team Blue_55_assignsubmission_file",
            "Default group_assignsubmission_file",
        }
        assert [rows[student].number for student in ("al15", "gb", "en")] == ["1", "2", "3"]

    def test_a_team_that_nothing_tells_of_is_said(self, course: Course) -> None:
        outcome = taken(course, {"Team Blue_55_assignsubmission_file/measures.py": MODULE})

        assert submitted(course) == {"team_blue/1_mini/measures.py": MODULE}
        assert "`Team Blue` (Moodle 55) is neither on the roster nor in the gradebook" in "".join(outcome.notes)

    @pytest.mark.parametrize("how", ["zip", "zip with a folder", "unpacked", "unpacked with its folder"])
    def test_anonymous_people_of_canvas_keep_their_ids(self, course: Course, how: str) -> None:
        entries = {
            "anon_Ab3xZ_500001_measures.py": b"# 1\n", "anon_aB3xZ_500002_measures.py": b"# 2\n",
            "LATE_anon_40001_500003_measures-1.py": b"# 3\n", "anon_7Hk2p_text.html": b"x",
        }  # fmt: skip
        placed(course.root / "archive", entries, how)

        outcome = run(course, course.root / "archive")

        assert submitted(course) == {
            "anon_Ab3xZ/1_mini/measures.py": b"# 1\n", "anon_aB3xZ/1_mini/measures.py": b"# 2\n",
            "anon_40001/1_mini/measures.py": b"# 3\n",
        }  # fmt: skip
        rows = collected.load(course.root, "1_mini")
        assert {student: (row.number, row.late) for student, row in rows.items()} == {
            "anon_Ab3xZ": ("Ab3xZ", "no"), "anon_aB3xZ": ("aB3xZ", "no"), "anon_40001": ("40001", "yes"),
        }  # fmt: skip
        assert "anon_7Hk2p" in outcome.left[0]

    @pytest.mark.parametrize("how", ["zip", "zip with a folder", "unpacked", "unpacked with its folder"])
    def test_a_list_says_whose_the_files_of_other_platforms_are(self, course: Course, how: str) -> None:
        listed = (
            "file,student,number,late,came\n"
            "submission_1/,al15,1,no,2026-11-29T23:58:00+01:00\nsubmission_2,gb,2,yes,\nflat/en.py,en,,,\n"
            "team,gb-team-1,,,\nteam,gb-team-2,,,\nnowhere,lost,,,\n"
        )
        entries = {
            "people.csv": listed.encode(), "submission_1/measures.py": MODULE, "submission_1/data/x.txt": b"x",
            "submission_2/1_mini.zip": INNER, "flat/en.py": b"# en\n", "team/measures.py": b"# team\n",
            "submission_3/measures.py": b"# whose?\n",
        }  # fmt: skip
        placed(course.root / "archive", entries, how)

        outcome = run(course, course.root / "archive")

        assert submitted(course) == {
            "al15/1_mini/measures.py": MODULE, "al15/1_mini/data/x.txt": b"x",
            "al15/1_mini/timestamp.txt": b"2026-11-29 22:58:00.000000 UTC\n",
            "gb/1_mini/measures.py": MODULE, "gb/1_mini/1_mini.ipynb": NOTEBOOK, "en/1_mini/en.py": b"# en\n",
            "gb-team-1/1_mini/measures.py": b"# team\n", "gb-team-2/1_mini/measures.py": b"# team\n",
        }  # fmt: skip
        rows = collected.load(course.root, "1_mini")
        assert (rows["gb"].platform, rows["gb"].number, rows["gb"].late) == ("other", "2", "yes")
        assert len(outcome.left) == len(outcome.problems) == 1
        assert outcome.left[0].startswith("`lost` is not collected: the list names `")
        assert outcome.left[0].endswith("nowhere` (line 7), which is not in the download; correct the line")
        assert "submission_3/measures.py` in" in outcome.problems[0]
        assert not outcome.is_complete

    def test_a_list_may_say_who_a_participant_is(self, course: Course) -> None:
        archive = course.root / "archive"
        placed(
            archive,
            {"Participant_4711_assignsubmission_file_/measures.py": MODULE, "anon_Ab3xZ_7_measures.py": b"# b\n"},
            "unpacked",
        )
        (archive / "who.csv").write_text(
            "file;student\nParticipant_4711_assignsubmission_file_;al15\nanon_Ab3xZ_7_measures.py;gb\n"
        )

        outcome = run(course, archive)

        assert submitted(course) == {"al15/1_mini/measures.py": MODULE, "gb/1_mini/measures.py": b"# b\n"}
        assert outcome.is_complete
        rows = collected.load(course.root, "1_mini")
        assert [(rows[s].platform, rows[s].number) for s in ("al15", "gb")] == [("moodle", "4711"), ("canvas", "Ab3xZ")]

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            ("../secret,ada,,", "must name a file or folder beside the list"),
            ("/etc/passwd,ada,,", "must name a file"),
            ("x.py,../ada,,", "can't be the name of a folder"),
            ("x.py,ada,perhaps,", "`late` is yes or no"),
            ("x.py,ada,,yesterday", "`came` is a time such as"),
        ],
    )
    def test_a_mistake_in_a_list_is_said_with_its_line(self, course: Course, row: str, says: str) -> None:
        outcome = taken(course, {"who.csv": f"file,student,late,came\n{row}\n".encode(), "x.py": MODULE})

        said = [*outcome.left, *outcome.problems][0]
        assert "who.csv, line 2: " in said
        assert says in said
        assert len(outcome.left) == (",ada," in row)
        assert submitted(course) == {}

    def test_two_files_of_one_name_in_a_list_are_both_kept(self, course: Course) -> None:
        entries = {"a/measures.py": b"# a\n", "b/measures.py": b"# b\n", "b/data.txt": b"x"}

        outcome = taken(course, entries | {"who.csv": b"file,student\na,al15\nb,al15\n"})

        assert submitted(course) == {
            "al15/1_mini/a/measures.py": b"# a\n", "al15/1_mini/b/measures.py": b"# b\n", "al15/1_mini/data.txt": b"x",
        }  # fmt: skip
        assert outcome.notes[0].startswith("`al15`: the list gives them `a/measures.py` and `b/measures.py`")

    def test_of_a_file_that_canvas_names_twice_a_list_takes_the_newest(self, course: Course) -> None:
        entries = {"x_1_9_measures-1.py": b"# new\n", "x_1_7_measures.py": b"# old\n"}
        rows = "".join(f"{name},al15\n" for name in entries)

        taken(course, entries | {"who.csv": f"file,student\n{rows}".encode()})

        assert submitted(course) == {"al15/1_mini/measures.py": b"# new\n"}

    def test_what_any_row_of_a_student_says_is_kept(self, course: Course) -> None:
        rows = "a.py,al15,,,no,2026-11-29T10:00Z\nmeasures.py,al15,Ada L,77,yes,2026-11-30T10:00Z\nb.py,gb,,,no,\n"
        files = {"a.py": b"", "measures.py": MODULE, "b.py": b"# b\n"}

        taken(course, files | {"who.csv": f"file,student,name,number,late,came\n{rows}".encode()})

        row = collected.load(course.root, "1_mini")["al15"]
        assert (row.name, row.number, row.late, row.came) == ("Ada L", "77", "yes", "2026-11-30T10:00:00+00:00")

    def test_a_list_can_not_call_a_student_like_a_section(self, course: Course) -> None:
        outcome = taken(course, {"a.py": MODULE, "who.csv": b"file,student\na.py,1_mini\n"})

        assert "is the name of a section; correct it" in outcome.left[0]
        assert submitted(course) == {}

    def test_the_work_of_a_group_on_canvas_is_said_to_be_one_members(self, course: Course) -> None:
        """`add_submission` gives one representative's number and the group's name."""
        outcome = taken(course, {"projectgroup1_40001_7_measures.py": MODULE})

        assert submitted(course) == {"al15/1_mini/measures.py": MODULE}
        assert "name the others in a list" in outcome.notes[0]

    def test_a_worksheet_of_another_assignment_is_said(self, course: Course) -> None:
        sheet = 'Identifier,"Full name",Status,Grade\n"Participant 99","Emmy Noether","Submitted for grading",\n'
        outcome = taken(course, {"Ada Lovelace_1_assignsubmission_file/measures.py": MODULE, "g.csv": sheet.encode()})

        assert outcome.collected == ["al15"]
        assert "it is for another assignment" in outcome.problems[0]

    def test_a_worksheet_in_another_language_gives_names_and_says_that_it_gives_no_times(self, course: Course) -> None:
        sheet = (
            'ID,"Vollständiger Name",Status,"Zuletzt geändert (Abgabe)"\n'
            'Teilnehmer/in1,"Ada Lovelace",Abgegeben,"Sonntag, 29. November 2026, 23:58"\n'
        )
        entries = {"Teilnehmerin_1_assignsubmission_file/measures.py": MODULE, "g.csv": sheet.encode()}
        outcome = taken(course, entries)

        assert outcome.collected == ["al15"]
        assert "set it to English and download the worksheet again" in outcome.notes[0]
        assert outcome.is_complete

    def test_who_was_renamed_since_is_found_under_the_new_name(self, course: Course) -> None:
        taken(course, {"anon_Ab3xZ_7_measures.py": MODULE})
        (course.root / "aliases.csv").write_text("alias,student\nanon_Ab3xZ,al15\n")
        (course.root / "submitted" / "anon_Ab3xZ").rename(course.root / "submitted" / "al15")

        assert collected.load(course.root, "1_mini")["al15"].number == "Ab3xZ"
        assert taken(course, {"anon_Ab3xZ_7_measures.py": MODULE}).unchanged == ["al15"]

    def test_feedback_files_and_what_systems_leave_behind_are_no_work(self, course: Course) -> None:
        outcome = taken(course, {
            "Ada Lovelace_1_assignsubmission_file/measures.py": MODULE, "Ada Lovelace_1_assignfeedback_file/measures.py": b"# by staff\n",
            "__MACOSX/._x": b"x", ".DS_Store": b"x",
        })  # fmt: skip

        assert submitted(course) == {"al15/1_mini/measures.py": MODULE}
        assert outcome.is_complete
        assert "1 file of feedback left out" in outcome.notes[0]

    def test_names_in_utf_8_that_a_zip_does_not_call_so_are_read(self, course: Course) -> None:
        path = "Zoë Żak_7_assignsubmission_file/measures.py"
        data = packed({path: MODULE})
        flagged = bytearray(data)
        for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            start = data.index(sign) + at
            flagged[start : start + 2] = b"\0\0"
        (course.root / "d.zip").write_bytes(flagged)

        run(course, course.root / "d.zip")

        assert submitted(course) == {"zoë_żak/1_mini/measures.py": MODULE}


class TestReading:
    def test_a_zip_beside_a_file_that_it_holds_too_stays_packed(self, course: Course) -> None:
        """Grading has the rule which of the two counts, and says so."""
        who = "Ada Lovelace_1_assignsubmission_file"
        taken(course, {f"{who}/1_mini.zip": INNER, f"{who}/measures.py": b"# beside\n"})

        assert submitted(course) == {"al15/1_mini/measures.py": b"# beside\n", "al15/1_mini/1_mini.zip": INNER}

    def test_what_is_left_out_of_a_zip_is_told_to_whom_it_belongs(self, course: Course) -> None:
        """Only notes of an attempt reach its page; collecting is over by then."""
        stored = packed({"1_mini/measures.py": MODULE, "../evil.py": b"", "1_mini/timestamp.txt": b"2020-01-01 UTC"})
        taken(course, {"li_9_7_1_mini.zip": stored})

        (of_li,) = collect(course, course.root / "submitted").attempts

        assert (of_li.files["measures.py"], of_li.timestamp) == (MODULE, None)
        assert "`../evil.py` in the zip was left out: its name leads out of the folder." in of_li.notes

    def test_of_files_that_were_handed_in_again_the_last_one_counts(self, course: Course) -> None:
        taken(
            course,
            {"li_9_30_measures-2.py": b"third", "li_9_10_measures.py": b"first", "li_9_20_measures-1.py": b"second"},
        )

        assert submitted(course) == {"li/1_mini/measures.py": b"third"}

    @pytest.mark.parametrize("name", ["../../x.py", "a/../../x.py", "/x.py", "a\\..\\x.py", "a\x1b[31m.py", "x" * 300])
    def test_no_name_leads_out_or_acts(self, course: Course, name: str) -> None:
        outcome = taken(course, {
            f"Ada Lovelace_1_assignsubmission_file/{name}": b"evil", "Ada Lovelace_1_assignsubmission_file/measures.py": MODULE,
        })  # fmt: skip

        assert submitted(course) == {"al15/1_mini/measures.py": MODULE}
        assert "was left out: its name" in outcome.notes[0]
        assert "\x1b" not in "".join(outcome.lines())
        assert not [path for path in course.root.parent.rglob("x.py") if "download" not in path.parts]

    def test_a_bomb_is_kept_as_it_is_and_judged_with_limits(self, course: Course) -> None:
        bomb = packed({"measures.py": bytes(30 << 20)})

        outcome = taken(course, {"eve_1_1_1_mini.zip": bomb, "li_9_9_measures.py": MODULE})

        assert submitted(course) == {"eve/1_mini/1_mini.zip": bomb, "li/1_mini/measures.py": MODULE}
        assert "larger than" in "".join(outcome.notes)

    @pytest.mark.parametrize("how", ["zip", "unpacked"])
    def test_outputs_of_a_large_notebook_stay_behind(
        self, course: Course, how: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(downloads, "MAX_ZIP_BYTES", 11 << 20)
        large = b'{"cells": [{"outputs": ["%s"], "source": "x"}]}' % (b"A" * (11 << 20))
        placed(course.root / "archive", {"li_9_9_1_mini.ipynb": large, "eve_8_8_1_mini.ipynb": large[:-1]}, how)

        outcome = run(course, course.root / "archive")

        assert submitted(course) == {"li/1_mini/1_mini.ipynb": b'{"cells": [{"outputs": [], "source": "x"}]}'}
        assert "is larger than 10 MB; clear all outputs" in outcome.left[0]

    def test_a_damaged_entry_costs_its_owner_only(self, course: Course) -> None:
        entries = {"li_9_9_measures.py": os.urandom(2000), "eve_8_8_measures.py": MODULE}
        data = bytearray(packed(entries))
        at = data.index(b"li_9_9_measures.py") + 100
        data[at : at + 50] = bytes(50)
        (course.root / "d.zip").write_bytes(data)

        outcome = run(course, course.root / "d.zip")

        assert submitted(course) == {"eve/1_mini/measures.py": MODULE}
        assert "can't be read from the download" in outcome.left[0]

    @pytest.mark.parametrize("content", [b"cut off", b"", b"PK\x03\x04 cut off", b"Rar!\x1a\x07"])
    def test_a_download_that_is_no_zip_is_named_and_others_are_collected(self, course: Course, content: bytes) -> None:
        archive = course.root / "archive"
        placed(archive, {"li_9_9_measures.py": MODULE}, "zip")
        (archive / "other.zip").write_bytes(content)

        outcome = run(course, archive)

        assert submitted(course) == {"li/1_mini/measures.py": MODULE}
        assert "`other.zip` " in outcome.problems[0]
        assert "download it again" in outcome.problems[0]

    def test_links_in_an_unpacked_download_are_not_followed(self, course: Course) -> None:
        archive = course.root / "archive"
        placed(archive, {"li_9_9_measures.py": MODULE}, "unpacked")
        (archive / "eve_8_8_measures.py").symlink_to("/etc/passwd")

        outcome = run(course, archive)

        assert submitted(course) == {"li/1_mini/measures.py": MODULE}
        assert "`eve_8_8_measures.py` is not a file" in outcome.problems[0]

    def test_a_download_of_too_many_files_is_read_up_to_a_limit(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(downloads, "MAX_DOWNLOAD_FILES", 2)
        outcome = taken(course, {f"p{n}_{n}_9_measures.py": MODULE for n in range(1, 5)})

        assert len(outcome.collected) == 2
        assert "holds more than 2 files" in outcome.problems[0]

    def test_a_download_with_an_endless_directory_is_refused(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(downloads, "MAX_DIRECTORY_BYTES", 1 << 10)
        outcome = taken(course, {f"p{n}_{n}_9_measures.py": b"" for n in range(3000)})

        assert "lists too many files" in outcome.problems[0]

    def test_a_zip_with_one_large_file_costs_that_file_only(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(downloads, "MAX_ZIP_BYTES", 11 << 20)
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as archive:
            archive.writestr("1_mini/measures.py", MODULE)
            archive.writestr("1_mini/data.csv", b"x" * (11 << 20))

        outcome = taken(course, {"li_9_7_1_mini.zip": stored.getvalue()})

        assert submitted(course) == {"li/1_mini/measures.py": MODULE}
        assert "`li`: `data.csv` was left out: it is larger than 10 MB" in outcome.notes

    def test_work_that_is_too_large_is_taken_up_to_a_limit_the_expected_files_first(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(downloads, "MAX_WORK_BYTES", 100)
        who = "Ada Lovelace_1_assignsubmission_file"
        outcome = taken(course, {f"{who}/a{n}.txt": b"x" * 90 for n in range(5)} | {f"{who}/measures.py": MODULE})

        assert MODULE in submitted(course).values()
        assert len(submitted(course)) == 2
        assert "and other files were left out" in outcome.notes[-1]


class TestAgain:
    def test_a_second_run_changes_nothing(self, course: Course) -> None:
        entries = LAYOUTS["moodle"]
        taken(course, entries)
        before = {path: path.stat().st_mtime_ns for path in (course.root / "submitted").rglob("*")}

        outcome = taken(course, entries)

        assert {path: path.stat().st_mtime_ns for path in (course.root / "submitted").rglob("*")} == before
        assert outcome.lines()[-1] == "1_mini: 0 collected, 4 unchanged, 1 not collected"

    def test_newer_work_takes_the_place_of_older_which_is_kept(self, course: Course) -> None:
        home = course.root / "submitted" / "al15"
        taken(course, {"lovelaceada_40001_1_measures.py": b"# old\n", "lovelaceada_40001_1_extra.txt": b"x"})
        (home / "1_mini.zip").write_bytes(INNER)

        outcome = taken(course, {"lovelaceada_40001_2_measures-1.py": b"# new\n"})

        assert submitted(course) == {"al15/1_mini/measures.py": b"# new\n"}
        kept = files(course.root / ".autograder" / "replaced" / "1_mini" / "al15")
        assert kept == {"1/measures.py": b"# old\n", "1/extra.txt": b"x", "2": INNER}
        assert "(1 replaced earlier work)" in outcome.lines()[-1]
        assert "this replaces earlier work, which is kept in" in "".join(outcome.notes)

    def test_a_correction_by_hand_survives_the_same_download(self, course: Course) -> None:
        taken(course, {"lovelaceada_40001_1_measures.py": b"# 1\n"})
        (course.root / "submitted" / "al15" / "1_mini" / "measures.py").write_bytes(b"# corrected\n")

        outcome = taken(course, {"lovelaceada_40001_1_measures.py": b"# 1\n"})

        assert submitted(course) == {"al15/1_mini/measures.py": b"# corrected\n"}
        assert outcome.unchanged == ["al15"]

    def test_what_was_left_out_is_a_note_of_the_attempt_until_the_work_is_another(self, course: Course) -> None:
        work = {"measures.py": MODULE, "1_mini.ipynb": NOTEBOOK, "data.bin": os.urandom(11 << 20)}
        taken(course, {f"Ada Lovelace_4711_assignsubmission_file/{name}": data for name, data in work.items()})
        submissions = course.root / "submitted"

        (noted,) = deliver.gather(course, submissions, course.root).attempts
        (submissions / "al15" / "1_mini" / "data.bin").write_bytes(b"smaller")
        (corrected,) = deliver.gather(course, submissions, course.root).attempts

        assert noted.notes == ("`data.bin` was left out: it is larger than 10 MB.",)
        assert corrected.notes == ()
        assert noted.digest != corrected.digest

    def test_what_was_said_of_its_time_survives_a_collection_that_does_not_say_it(self, course: Course) -> None:
        work = {"Ada Lovelace_4711_assignsubmission_file/measures.py": MODULE}
        listed = f"file,student,late,came\n{next(iter(work))},al15,yes,2026-11-30T12:30:00+01:00\n".encode()
        taken(course, {"who.csv": listed, **work})
        stamp = course.root / "submitted" / "al15" / "1_mini" / "timestamp.txt"
        stamp.write_text("2026-11-29 09:00:00 UTC")

        taken(course, work)
        row = collected.load(course.root, "1_mini")["al15"]
        taken(course, {"who.csv": listed, **work})

        assert (row.late, row.came) == ("yes", "2026-11-30T12:30:00+01:00")
        assert stamp.read_text() == "2026-11-29 09:00:00 UTC", "it was corrected by hand"

    def test_work_that_came_later_another_way_is_not_replaced(self, course: Course) -> None:
        place = course.root / "submitted" / "al15" / "1_mini"
        place.mkdir(parents=True)
        (place / "timestamp.txt").write_text("2026-11-30 12:00:00.123456 UTC")
        (place / "measures.py").write_bytes(b"# by the exchange\n")
        listed = b"file,student,came\nx.py,al15,2026-11-30T12:30:00+01:00\n"

        outcome = taken(course, {"who.csv": listed, "x.py": MODULE})

        assert (place / "measures.py").read_bytes() == b"# by the exchange\n"
        assert "came later (2026-11-30 12:00 UTC) than what is in the download, and was kept" in outcome.left[0]

    @pytest.mark.parametrize("how", [["old", "new"], ["new", "old"]])
    def test_of_two_downloads_of_canvas_the_newer_files_count(self, course: Course, how: list[str]) -> None:
        (course.root / "old.zip").write_bytes(
            packed({"lovelaceada_40001_1_measures.py": b"# old\n", "lovelaceada_40001_2_1_mini.ipynb": NOTEBOOK})
        )
        (course.root / "new.zip").write_bytes(packed({"lovelaceada_40001_7_measures-1.py": b"# new\n"}))

        run(course, *(course.root / f"{name}.zip" for name in how), ordered=True)

        assert submitted(course) == {"al15/1_mini/measures.py": b"# new\n"}

    def test_of_two_downloads_of_moodle_the_one_named_last_counts(self, course: Course) -> None:
        for name in ("old", "new"):
            (course.root / f"{name}.zip").write_bytes(
                packed({"Ada Lovelace_1_assignsubmission_file/measures.py": name.encode()})
            )

        run(course, course.root / "old.zip", course.root / "new.zip", ordered=True)

        assert submitted(course) == {"al15/1_mini/measures.py": b"new"}

    def test_of_two_downloads_without_an_order_none_is_guessed(self, course: Course) -> None:
        archive = course.root / "archive"
        archive.mkdir()
        for name in ("old", "new"):
            entries = {
                "Ada Lovelace_1_assignsubmission_file/measures.py": name.encode(),
                "George Boole_2_assignsubmission_file/measures.py": MODULE,
            }
            (archive / f"{name}.zip").write_bytes(packed(entries))

        outcome = run(course, archive)

        assert submitted(course) == {"gb/1_mini/measures.py": MODULE}
        assert "`new.zip` and `old.zip` have different work of theirs; remove the older download" in outcome.left[0]

    def test_the_zip_and_what_was_unpacked_of_it_are_one(self, course: Course) -> None:
        archive = course.root / "archive"
        placed(archive, LAYOUTS["canvas"], "zip")
        placed(archive, LAYOUTS["canvas"], "unpacked with its folder")

        outcome = run(course, archive)

        assert outcome.lines()[-1] == "1_mini: 4 collected, 0 unchanged, 1 not collected"
        assert submitted(course)["al15/1_mini/measures.py"] == MODULE

    def test_one_student_under_two_names_is_not_merged(self, course: Course) -> None:
        outcome = taken(course, {
            "lovelaceada_40001_1_measures.py": b"# 1\n", "Ada Lovelace_7_assignsubmission_file/measures.py": b"# 2\n",
        })  # fmt: skip

        assert submitted(course) == {"al15/1_mini/measures.py": b"# 1\n", "ada_lovelace_7/1_mini/measures.py": b"# 2\n"}
        assert len(outcome.doubts) == 1
        assert not outcome.is_complete

    def test_what_a_killed_collection_left_is_kept_and_not_collected(self, course: Course) -> None:
        home = course.root / "submitted" / "al15"
        (home / "._1_mini.abc").mkdir(parents=True)
        (home / "._1_mini.abc" / "measures.py").write_bytes(b"# earlier\n")

        taken(course, {"lovelaceada_40001_1_measures.py": MODULE})

        assert submitted(course) == {"al15/1_mini/measures.py": MODULE}
        assert b"# earlier\n" in files(course.root / ".autograder" / "replaced").values()

    @pytest.mark.parametrize("exchanges", [True, False])
    def test_a_disk_that_fails_changes_nothing(
        self, course: Course, exchanges: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken(course, {"lovelaceada_40001_1_measures.py": b"# old\n"})

        def full(path: Path, content: bytes) -> None:
            raise OSError(28, "No space left on device", str(path))

        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", full)
            (course.root / "d.zip").touch()
            with (course.root / "d.zip").open("wb") as file:
                file.write(packed({"lovelaceada_40001_2_measures.py": b"# new\n"}))
            outcome = run(course, course.root / "d.zip")

        assert submitted(course) == {"al15/1_mini/measures.py": b"# old\n"}
        assert "No space left on device" in outcome.left[0]
        if not exchanges:
            monkeypatch.setattr(collecting, "_exchanged", lambda *_: False)
        assert run(course, course.root / "d.zip").replaced == ["al15"]
        assert submitted(course) == {"al15/1_mini/measures.py": b"# new\n"}

    @pytest.mark.parametrize("exchanges", [True, False])
    @pytest.mark.parametrize("step", range(1, 7))
    def test_a_collection_that_is_killed_loses_nothing(
        self, course: Course, step: int, exchanges: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It ends before the `step`-th change of names, and goes on at the next run."""
        taken(course, {"lovelaceada_40001_1_measures.py": b"# old\n", "boolegeorge_2_1_measures.py": MODULE})
        done = 0

        def ends(function: Any) -> Any:
            def counted(*arguments: Any, **named: Any) -> Any:
                nonlocal done
                done += 1
                if done == step:
                    raise KeyboardInterrupt
                return function(*arguments, **named)

            return counted

        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", ends(Path.rename))
            patch.setattr(collecting.shutil, "move", ends(collecting.shutil.move))
            patch.setattr(Path, "chmod", ends(Path.chmod))
            patch.setattr(collecting, "_exchanged", collecting._exchanged if exchanges else lambda *_: False)
            with suppress(KeyboardInterrupt):
                taken(course, {"lovelaceada_40001_2_measures.py": b"# new\n", "boolegeorge_2_1_measures.py": MODULE})
            there = [data for name, data in submitted(course).items() if name.startswith("al15/1_mini/")]
            assert there in ([b"# old\n"], [b"# new\n"]) or not exchanges

        taken(course, {"lovelaceada_40001_2_measures.py": b"# new\n", "boolegeorge_2_1_measures.py": MODULE})

        assert submitted(course) == {"al15/1_mini/measures.py": b"# new\n", "gb/1_mini/measures.py": MODULE}
        assert b"# old\n" in files(course.root / ".autograder" / "replaced").values()
        assert collected.load(course.root, "1_mini").keys() == {"al15", "gb"}

    def test_a_folder_that_a_mac_named_is_the_students(self, course: Course) -> None:
        (course.root / "submitted" / "zoe\u0308" / "1_mini").mkdir(parents=True)

        taken(course, {"x.csv": "file,student\nx.py,zoë\n".encode(), "x.py": MODULE})

        assert submitted(course) == {"zoe\u0308/1_mini/x.py": MODULE}

    def test_a_link_in_submitted_is_not_written_through(self, course: Course, tmp_path: Path) -> None:
        (course.root / "submitted").mkdir()
        (tmp_path / "elsewhere").mkdir()
        (course.root / "submitted" / "al15").symlink_to(tmp_path / "elsewhere")

        outcome = taken(course, {"lovelaceada_40001_1_measures.py": MODULE})

        assert list((tmp_path / "elsewhere").iterdir()) == []
        assert "not a folder of its own" in outcome.left[0]

    def test_what_is_collected_is_what_grading_finds(self, course: Course) -> None:
        taken(course, LAYOUTS["canvas"])

        found = collect(course, course.root / "submitted")

        assert [attempt.student for attempt in found.attempts] == ["al15", "gb", "mallory", "ned"]
        assert found.problems == ()

    def test_who_is_not_collected_is_remembered_until_they_are(self, course: Course) -> None:
        taken(course, {"noetheremmy_3_text.html": b"x", "boolegeorge_2_link.html": b"x"})
        first = collected.load_left(course.root, "1_mini")
        taken(course, {"noetheremmy_3_7_measures.py": MODULE})

        assert first.keys() == {"en", "gb"}
        assert first["en"].why.startswith("they typed text")
        assert first["en"].remedy == "read it there, or ask for the files"
        assert collected.load_left(course.root, "1_mini").keys() == {"gb"}


class TestCommand:
    @pytest.fixture
    def class_of(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        root = harness.course_copy(tmp_path / "course")
        (root / "roster.csv").write_text(
            "student,first_name,last_name,canvas_id\nal15,Ada,Lovelace,40001\ngb,George,Boole,\n"
        )
        monkeypatch.chdir(root)
        return root

    def test_it_says_who_was_collected_and_who_was_not(
        self, class_of: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        entries = {
            "lovelaceada_40001_1_entropy.py": MODULE,
            "boolegeorge_LATE_2_2_entropy.py": MODULE,
            "noetheremmy_3_text.html": b"x",
        }
        (class_of / "d.zip").write_bytes(packed(entries))

        code = cli.main(["collect", "1_entropy", "d.zip"])

        said = capsys.readouterr().err.splitlines()
        assert code == 1
        assert said[-1] == "1_entropy: 2 collected, 0 unchanged, 1 not collected"
        assert said[-2].startswith("`noetheremmy` is not collected: they typed text")
        assert files(class_of / "submitted") == {"al15/1_entropy/entropy.py": MODULE, "gb/1_entropy/entropy.py": MODULE}
        assert collected.load(class_of, "1_entropy")["gb"].late == "yes"

    def test_everybody_collected_is_exit_code_0(self, class_of: Path) -> None:
        archive = class_of / "downloaded" / "1_entropy" / "archive"
        placed(archive, {"lovelaceada_40001_1_entropy.py": MODULE}, "unpacked with its folder")

        assert [cli.main(["collect", "1_entropy"]) for _ in range(2)] == [0, 0]

    def test_a_list_and_a_worksheet_can_be_named(self, class_of: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Of the folder that a list lies in, nothing else is read."""
        (class_of / "mine").mkdir()
        (class_of / "mine" / "people.csv").write_text("file,student\nwork.py,al15\nbob/,gb\n")
        (class_of / "mine" / "work.py").write_bytes(MODULE)
        (class_of / "mine" / "private.txt").write_text("x")
        (class_of / "mine" / "bob").mkdir()
        (class_of / "mine" / "bob" / "entropy.py").write_bytes(MODULE)
        (class_of / "d.zip").write_bytes(packed({"Participant_7_assignsubmission_file/entropy.py": MODULE}))
        (class_of / "grades.csv").write_text(
            'Identifier,"Full name",Status,"Last modified (submission)"\n'
            '"Participant 7","George Boole","Submitted for grading","Sunday, 29 November 2026, 11:58 PM"\n'
        )

        assert cli.main(["collect", "1_entropy", "mine/people.csv"]) == 0
        assert cli.main(["collect", "1_entropy", "d.zip", "grades.csv"]) == 0

        assert set(files(class_of / "submitted")) == {
            "al15/1_entropy/work.py", "gb/1_entropy/entropy.py", "gb/1_entropy/timestamp.txt",
        }  # fmt: skip
        assert "private" not in capsys.readouterr().err
        assert cli.main(["collect", "1_entropy", "roster.csv"]) == 1
        assert "`roster.csv` is neither a list of files nor Moodle's grading worksheet" in capsys.readouterr().err

    def test_an_alias_of_the_roster_is_obeyed(self, class_of: Path) -> None:
        (class_of / "aliases.csv").write_text("alias,student\nanon_Ab3xZ,al15\n")
        (class_of / "d.zip").write_bytes(packed({"anon_Ab3xZ_1_entropy.py": MODULE}))

        cli.main(["collect", "1_entropy", "d.zip"])

        assert files(class_of / "submitted") == {"al15/1_entropy/entropy.py": MODULE}

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["9_chaos"], "no section `9_chaos`"),
            (["1_entropy"], "put the platform's zip there, or name it"),
            (["1_entropy", "nowhere.zip"], "nowhere.zip does not exist"),
            (["1_entropy", "roster.txt"], "roster.txt is neither a zip"),
        ],
    )
    def test_a_mistake_is_told(
        self, class_of: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (class_of / "roster.txt").touch()

        assert cli.main(["collect", *arguments]) == 2
        assert says in capsys.readouterr().err

    @pytest.mark.parametrize("platform", ["moodle", "canvas"])
    def test_nbgraders_command_does_the_same(self, nbgrader: Nbgrader, tmp_path: Path, platform: str) -> None:
        root = harness.course_copy(tmp_path / "course")
        for arguments in (
            ("al15", "--first-name=Ada", "--last-name=Lovelace"),
            ("gb", "--first-name=George", "--last-name=Boole"),
        ):
            nbgrader.works(root, "db", "student", "add", *arguments)
        module, notebook = b"# entropy\n", json.dumps({"cells": []}).encode()
        inner = packed({"1_entropy/entropy.py": module, "1_entropy/1_entropy.ipynb": notebook})
        entries = {
            "moodle": {
                "Ada Lovelace_81001_assignsubmission_file_/entropy.py": module,
                "Ada Lovelace_81001_assignsubmission_file_/1_entropy.ipynb": notebook,
                "George Boole_81002_assignsubmission_file_/1_entropy.zip": inner,
                "Emmy Noether_81003_assignsubmission_file_/entropy.py": module,
            },
            "canvas": {
                "lovelaceada_40001_500001_entropy.py": b"# first try\n",
                "lovelaceada_40001_500007_entropy-1.py": module,
                "lovelaceada_40001_500008_1_entropy-1.ipynb": notebook,
                "boolegeorge_LATE_40002_500003_1_entropy.zip": inner,
                "noetheremmy_40003_500004_entropy.py": module,
            },
        }[platform]
        archive = root / "downloaded" / "1_entropy" / "archive"
        placed(archive, entries, "zip")

        done = nbgrader.works(root, "zip_collect", "1_entropy")

        third = {"moodle": "emmy_noether", "canvas": "noetheremmy"}[platform]
        assert files(root / "submitted") == {
            "al15/1_entropy/entropy.py": module, "al15/1_entropy/1_entropy.ipynb": notebook,
            "gb/1_entropy/entropy.py": module, "gb/1_entropy/1_entropy.ipynb": notebook,
            f"{third}/1_entropy/entropy.py": module,
        }  # fmt: skip
        assert "1_entropy: 3 collected, 0 unchanged, 0 not collected" in done.err
        placed(archive, {"x_9_text.html": b"x"}, "unpacked")
        again = nbgrader.run(root, "zip_collect", "1_entropy")
        assert again.code == 1
        assert "1_entropy: 0 collected, 3 unchanged, 1 not collected" in again.err


def test_nothing_stays_open(course: Course) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    taken(course, LAYOUTS["moodle"])

    assert len(list(Path("/proc/self/fd").iterdir())) == before
