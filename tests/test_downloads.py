"""Downloads of Moodle and Canvas: whose file is whose, and what ``nbgrader zip_collect`` makes of a whole class."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder import downloads
from autograder.course import Section
from autograder.downloads import DownloadError, Known, Participant
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


@pytest.fixture
def section(tmp_path: Path) -> Section:
    return mini_course.write(tmp_path / "course").sections[0]


def packed(entries: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


def extracted(
    folder: Path, section: Section, entries: Mapping[str, bytes], unpacked: bool = False
) -> tuple[dict[str, bytes], list[str]]:
    """Return what `extract` makes of one download, and what it left out."""
    archive = folder / "archive"
    archive.mkdir()
    for name, data in entries.items() if unpacked else [("download.zip", packed(entries))]:
        (archive / name).write_bytes(data)
    found = list(downloads.extract(archive, section))
    contents = {path: content for path, content in found if isinstance(content, bytes)}
    return contents, [f"{path} {content}" for path, content in found if isinstance(content, str)]


class TestNames:
    @pytest.mark.parametrize(
        ("path", "platform", "number", "name", "file"),
        [
            ("Ada Lovelace_1234567_assignsubmission_file_/measures.py", "moodle", "1234567", "Ada Lovelace", "measures.py"),
            ("Ada Lovelace_1234567_assignsubmission_file/measures.py", "moodle", "1234567", "Ada Lovelace", "measures.py"),
            ("Ada Lovelace_1234567_assignsubmission_file_measures.py", "moodle", "1234567", "Ada Lovelace", "measures.py"),
            ("Zoë O'Brien-Żak_77_assignsubmission_file_/1_mini/1_mini.ipynb", "moodle", "77", "Zoë O'Brien-Żak", "1_mini/1_mini.ipynb"),
            ("Participant_4711_assignsubmission_file_/1_mini.zip", "moodle", "4711", "Participant", "1_mini.zip"),
            ("snake_case name_5_assignsubmission_file_my_measures_2.py", "moodle", "5", "snake_case name", "my_measures_2.py"),
            ("lovelaceada_40312_5551234_measures.py", "canvas", "40312", "lovelaceada", "measures.py"),
            ("lovelaceada_LATE_40312_5551234_1_mini.ipynb", "canvas", "40312", "lovelaceada", "1_mini.ipynb"),
            ("lovelaceada_40312_5551240_measures-1.py", "canvas", "40312", "lovelaceada", "measures.py"),
            ("lovelaceada_40312_5551241_1_mini-2.ipynb", "canvas", "40312", "lovelaceada", "1_mini.ipynb"),
            ("lovelaceada_40312_5551242_notes-1.txt", "canvas", "40312", "lovelaceada", "notes-1.txt"),
            ("liwei_9_10_1_mini-1.zip", "canvas", "9", "liwei", "1_mini.zip"),
        ],
    )  # fmt: skip
    def test_they_are_read_as_the_platform_writes_them(
        self, section: Section, path: str, platform: str, number: str, name: str, file: str
    ) -> None:
        found = downloads.parsed(path, section)

        assert found is not None
        assert found[:2] == (Participant(platform, number, name), file)

    @pytest.mark.parametrize(
        "path",
        ["a" * 5000 + "_1_2_measures.py", "measures.py", "Ada Lovelace_12_assignsubmission_onlinetext_/onlinetext.html", "lovelaceada_40312_text.html",
         "anonymous_measures.py", "../../lovelaceada_1_2_x/measures.py"],
    )  # fmt: skip
    def test_others_are_nobodys(self, section: Section, path: str) -> None:
        assert downloads.parsed(path, section) is None


class TestStudents:
    ADA, ADA_AGAIN = Participant("moodle", "1", "Ada Lovelace"), Participant("moodle", "2", "Ada Lovelace")
    CANVAS = Participant("canvas", "40312", "lovelaceada")

    @pytest.mark.parametrize(
        ("participant", "known", "student"),
        [
            (ADA, [], "ada_lovelace"),
            (ADA, [Known("al15", "Ada", "Lovelace")], "al15"),
            (ADA, [Known("al15", "ADA", "Lovelace"), Known("bb", "Bob", "B")], "al15"),
            (Participant("moodle", "1", "Zoë Żak"), [Known("zz", "Zoe", "Zak")], "zz"),
            (CANVAS, [], "lovelaceada"),
            (CANVAS, [Known("al15", "Ada", "Lovelace")], "al15"),
            (CANVAS, [Known("al15", "Someone", "Else", "40312"), Known("x", "Ada", "Lovelace")], "al15"),
            (Participant("moodle", "1", "李 伟"), [], "李_伟"),
            (Participant("moodle", "1", "../.."), [], "student"),
        ],
    )
    def test_one_is_found_in_the_gradebook_or_called_after_his_name(
        self, participant: Participant, known: list[Known], student: str
    ) -> None:
        assert downloads.student_ids([participant], known) == ({participant: student}, [])

    def test_two_persons_of_one_name_are_kept_apart_and_named(self) -> None:
        found, complaints = downloads.student_ids([self.ADA, self.ADA_AGAIN], [Known("al15", "Ada", "Lovelace")])

        assert found == {self.ADA: "ada_lovelace_1", self.ADA_AGAIN: "ada_lovelace_2"}
        assert len(complaints) == 2

    def test_one_name_of_two_students_in_the_gradebook_is_not_guessed(self) -> None:
        known = [Known("a1", "Ada", "Lovelace"), Known("a2", "Ada", "Lovelace")]

        found, complaints = downloads.student_ids([self.ADA], known)

        assert found == {self.ADA: "ada_lovelace_1"}
        assert "rename that folder" in complaints[0]


class TestExtraction:
    def test_zips_of_students_are_unpacked_and_files_beside_them_count(self, tmp_path: Path, section: Section) -> None:
        inner = packed({"1_mini/measures.py": b"# in the zip\n", "1_mini/1_mini.ipynb": NOTEBOOK})
        who = "Ada Lovelace_1_assignsubmission_file_"

        found, left_out = extracted(tmp_path, section, {f"{who}/1_mini.zip": inner, f"{who}/measures.py": MODULE})

        assert found == {"moodle 1 Ada Lovelace/measures.py": MODULE, "moodle 1 Ada Lovelace/1_mini.ipynb": NOTEBOOK}
        assert left_out == []

    def test_of_files_that_were_handed_in_again_the_last_one_counts(self, tmp_path: Path, section: Section) -> None:
        found, _ = extracted(
            tmp_path,
            section,
            {"li_9_30_measures-2.py": b"third", "li_9_10_measures.py": b"first", "li_9_20_measures-1.py": b"second"},
        )

        assert found == {"canvas 9 li/measures.py": b"third"}

    def test_hostile_zips_are_limited_and_cost_nobody_else(self, tmp_path: Path, section: Section) -> None:
        bomb = packed({"measures.py": bytes(30 << 20)})
        slip = packed({"../../../measures.py": b"evil", "/etc/x": b"evil", "1_mini.ipynb": NOTEBOOK})

        found, left_out = extracted(
            tmp_path,
            section,
            {"eve_1_1_1_mini.zip": bomb, "mal_2_2_1_mini.zip": slip, "ned_3_3_1_mini.zip": b"no zip", "li_9_9_measures.py": MODULE},
        )  # fmt: skip

        assert found == {
            "canvas 1 eve/1_mini.zip": bomb, "canvas 2 mal/1_mini.ipynb": NOTEBOOK, "canvas 3 ned/1_mini.zip": b"no zip",
            "canvas 9 li/measures.py": MODULE,
        }  # fmt: skip
        assert len(left_out) == 4
        assert not list(tmp_path.rglob("x"))

    @pytest.mark.parametrize("unpacked", [False, True])
    def test_outputs_of_a_large_notebook_stay_behind(
        self, tmp_path: Path, section: Section, unpacked: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(downloads, "MAX_ZIP_BYTES", 11 << 20)
        large = b'{"cells": [{"outputs": ["%s"], "source": "x"}]}' % (b"A" * (11 << 20))
        entries = {"li_9_9_1_mini.ipynb": large, "eve_8_8_1_mini.ipynb": large[:-1]}

        found, left_out = extracted(tmp_path, section, entries, unpacked)

        assert found == {"canvas 9 li/1_mini.ipynb": b'{"cells": [{"outputs": [], "source": "x"}]}'}
        assert left_out == [
            "eve_8_8_1_mini.ipynb is larger than 10 MB; clear all outputs of the notebook in Jupyter and hand it in again"
        ]

    def test_a_download_that_is_no_zip_is_named(self, tmp_path: Path, section: Section) -> None:
        (tmp_path / "archive").mkdir()
        (tmp_path / "archive" / "download.zip").write_bytes(b"cut off")

        with pytest.raises(DownloadError, match=r"download\.zip can't be read as a zip .*; download it again"):
            list(downloads.extract(tmp_path / "archive", section))


class TestCommand:
    @pytest.mark.parametrize("platform", ["moodle", "canvas"])
    def test_a_class_is_collected(self, nbgrader: Nbgrader, tmp_path: Path, platform: str) -> None:
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
                "Emmy Noether_81003_assignsubmission_onlinetext_/onlinetext.html": b"<p>Sorry</p>",
            },
            "canvas": {
                "lovelaceada_40001_500001_entropy.py": b"# first try\n",
                "lovelaceada_40001_500007_entropy-1.py": module,
                "lovelaceada_40001_500008_1_entropy-1.ipynb": notebook,
                "boolegeorge_LATE_40002_500003_1_entropy.zip": inner,
                "noetheremmy_40003_500004_entropy.py": module,
                "noetheremmy_40003_text.html": b"<p>Sorry</p>",
            },
        }[platform]
        archive = root / "downloaded" / "1_entropy" / "archive"
        archive.mkdir(parents=True)
        (archive / "submissions.zip").write_bytes(packed(entries))

        done = nbgrader.works(root, "zip_collect", "1_entropy")

        third = {"moodle": "emmy_noether", "canvas": "noetheremmy"}[platform]
        assert files(root / "submitted") == {
            "al15/1_entropy/entropy.py": module, "al15/1_entropy/1_entropy.ipynb": notebook,
            "gb/1_entropy/entropy.py": module, "gb/1_entropy/1_entropy.ipynb": notebook,
            f"{third}/1_entropy/entropy.py": module,
        }  # fmt: skip
        assert "is not named as Moodle or Canvas name" in done.err

    def test_an_unpacked_download_is_collected_too(self, nbgrader: Nbgrader, tmp_path: Path) -> None:
        root = harness.course_copy(tmp_path / "course")
        place = root / "downloaded" / "1_entropy" / "archive" / "Kurs-Aufgabe 1-4711" / "Ada L_7_assignsubmission_file_"
        place.mkdir(parents=True)
        (place / "entropy.py").write_bytes(MODULE)

        nbgrader.works(root, "zip_collect", "1_entropy")

        assert files(root / "submitted") == {"ada_l/1_entropy/entropy.py": MODULE}
