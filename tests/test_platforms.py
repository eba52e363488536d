"""Whose a file of a download is, by names as Moodle and Canvas make them.

Moodle: ``mod/assign/classes/downloader.php`` and, before 4.1, ``download_submissions`` in ``mod/assign/locallib.php``;
the words for a participant are from its language packs. Canvas: ``lib/content_zipper.rb``, and ``make_unique_filename``
in ``app/models/attachment.rb``.
"""

import pytest

from autograder.course import Section
from autograder.intake import platforms
from autograder.intake.platforms import Participant
from tests import mini_course


@pytest.fixture(scope="module")
def section(tmp_path_factory: pytest.TempPathFactory) -> Section:
    return mini_course.write(tmp_path_factory.mktemp("course") / "course").sections[0]


@pytest.mark.parametrize("folder", ["", "submissions/", "Course-Task 1-4711/hand-ins/"])
@pytest.mark.parametrize(
    ("path", "platform", "number", "name", "file", "kind", "late"),
    [
        # Moodle 4.1 and newer, and before, as folders; then as flat files
        ("Ada Lovelace_1234567_assignsubmission_file/measures.py", "moodle", "1234567", "Ada Lovelace", "measures.py", "file", ""),
        ("Ada Lovelace_1234567_assignsubmission_file_/measures.py", "moodle", "1234567", "Ada Lovelace", "measures.py", "file", ""),
        ("Ada Lovelace_1234567_assignsubmission_file_measures.py", "moodle", "1234567", "Ada Lovelace", "measures.py", "file", ""),
        ("Zoë OBrien-Żak_77_assignsubmission_file/1_mini/1_mini.ipynb", "moodle", "77", "Zoë OBrien-Żak", "1_mini/1_mini.ipynb", "file", ""),
        ("李 伟_8_assignsubmission_file/1_mini.zip", "moodle", "8", "李 伟", "1_mini.zip", "file", ""),
        ("snake case_5_assignsubmission_file_my_measures_2.py", "moodle", "5", "snake case", "my_measures_2.py", "file", ""),
        # groups, teams, blind marking
        ("Group A-Ada Lovelace_7_assignsubmission_file_/measures.py", "moodle", "7", "Group A-Ada Lovelace", "measures.py", "file", ""),
        ("Team Blue_55_assignsubmission_file/measures.py", "moodle", "55", "Team Blue", "measures.py", "file", ""),
        ("Default group_assignsubmission_file/measures.py", "moodle", "", "Default group", "measures.py", "file", ""),
        ("Participant_4711_assignsubmission_file/1_mini.zip", "moodle", "4711", "Participant", "1_mini.zip", "file", ""),
        ("Teilnehmerin_4711_assignsubmission_file/1_mini.zip", "moodle", "4711", "Teilnehmerin", "1_mini.zip", "file", ""),
        # what is no file of work
        ("Ada_7_assignsubmission_onlinetext/onlinetext.html", "moodle", "7", "Ada", "onlinetext.html", "typed", ""),
        ("Ada_7_assignsubmission_onlinetext_onlinetext.html", "moodle", "7", "Ada", "onlinetext.html", "typed", ""),
        ("Ada_7_assignfeedback_file_/measures.py", "moodle", "7", "Ada", "measures.py", "feedback", ""),
        # what lies in somebody's folder is theirs
        ("Ada_7_assignsubmission_file_/Bob_8_assignsubmission_file_/measures.py", "moodle", "7", "Ada", "Bob_8_assignsubmission_file_/measures.py", "file", ""),
        ("Ada_7_assignsubmission_file_/lovelace_1_2_measures.py", "moodle", "7", "Ada", "lovelace_1_2_measures.py", "file", ""),
        # Canvas
        ("lovelaceada_40312_5551234_measures.py", "canvas", "40312", "lovelaceada", "measures.py", "file", "no"),
        ("lovelaceada_LATE_40312_5551234_1_mini.ipynb", "canvas", "40312", "lovelaceada", "1_mini.ipynb", "file", "yes"),
        ("lovelaceada_40312_5551240_measures-1.py", "canvas", "40312", "lovelaceada", "measures.py", "file", "no"),
        ("lovelaceada_40312_5551241_1_mini-2.ipynb", "canvas", "40312", "lovelaceada", "1_mini.ipynb", "file", "no"),
        ("lovelaceada_40312_5551242_work-3.tar.gz", "canvas", "40312", "lovelaceada", "work.tar.gz", "file", "no"),
        ("lovelaceada_40312_5551243_measures-0b1f6a3e-1c2d-4e5f-8a9b-0c1d2e3f4a5b.py", "canvas", "40312", "lovelaceada", "measures.py", "file", "no"),
        ("lovelaceada_40312_5551244_notes-1.txt", "canvas", "40312", "lovelaceada", "notes-1.txt", "file", "no"),
        ("żakzoë_9_10_1_mini-1.zip", "canvas", "9", "żakzoë", "1_mini.zip", "file", "no"),
        ("_9_10_measures.py", "canvas", "9", "", "measures.py", "file", "no"),
        ("li_9_30_LATE_notes.py", "canvas", "9", "li", "LATE_notes.py", "file", "no"),
        ("team_1_40312_5551234_measures.py", "canvas", "40312", "team_1", "measures.py", "file", "no"),
        ("lovelaceada_40312_text.html", "canvas", "40312", "lovelaceada", "text.html", "typed", "no"),
        ("lovelaceada_LATE_40312_link.html", "canvas", "40312", "lovelaceada", "link.html", "typed", "yes"),
    ],
)  # fmt: skip
def test_names_are_read_as_the_platform_writes_them(
    section: Section, folder: str, path: str, platform: str, number: str, name: str, file: str, kind: str, late: str
) -> None:
    one = platforms.named([folder + path], section)[folder + path]

    assert one.participant == Participant(platform, number, name)
    assert (one.file, one.kind, one.late) == (file, kind, late)


@pytest.mark.parametrize(
    ("path", "number", "file", "kind", "late"),
    [
        ("anon_Ab3xZ_5551234_measures.py", "Ab3xZ", "measures.py", "file", "no"),
        ("LATE_anon_Ab3xZ_5551234_1_mini.ipynb", "Ab3xZ", "1_mini.ipynb", "file", "yes"),
        ("anon_12345_5551234_measures-1.py", "12345", "measures.py", "file", "no"),
        ("LATE_anon_12345_5551234_measures.py", "12345", "measures.py", "file", "yes"),
        ("anon_Ab3xZ_text.html", "Ab3xZ", "text.html", "typed", "no"),
    ],
)
def test_anonymous_names_keep_their_ids(
    section: Section, path: str, number: str, file: str, kind: str, late: str
) -> None:
    one = platforms.named([path], section)[path]

    assert one.participant == Participant("canvas", number, "anon", is_anonymous=True)
    assert (one.file, one.kind, one.late) == (file, kind, late)


def test_who_is_called_anon_is_not_anonymous_where_others_have_names(section: Section) -> None:
    found = platforms.named(["anon_12345_7_measures.py", "booleg_9_8_measures.py"], section)

    assert found["anon_12345_7_measures.py"].participant == Participant("canvas", "12345", "anon")


@pytest.mark.parametrize(
    "path",
    ["a" * 5000 + "_1_2_measures.py", "measures.py", "anonymous_measures.py", "li_9_measures.py", "_assignsubmission_file_", "a_1_2_"],
)  # fmt: skip
def test_other_names_are_nobodys(section: Section, path: str) -> None:
    assert platforms.named([path], section) == {}


@pytest.mark.parametrize("work", ["mal_1_2_40312_5551234_measures.py", "mal_1_2_LATE_40312_5551234_1_mini.ipynb"])
def test_what_a_student_calls_a_file_makes_it_nobody_elses(section: Section, work: str) -> None:
    found = platforms.named([work, "booleg_40312_5_measures.py"], section)

    assert found[work].participant == Participant("canvas", "1", "mal")


def test_what_a_student_calls_himself_makes_his_work_nobody_elses(section: Section) -> None:
    """Canvas takes `_<number>_` out of names, and leaves one number at the end."""
    paths = ["mal_40312_66_777_measures.py", "mal_40312_66_778_notes.txt", "booleg_40312_5_measures.py"]

    found = platforms.named(paths, section)

    assert [found[path].participant.number for path in paths] == ["66", "66", "40312"]


def test_a_file_that_can_be_two_persons_is_nobodys(section: Section) -> None:
    found = platforms.named(["mal_40312_66_777_notes.txt", "booleg_40312_5_measures.py"], section)

    assert list(found) == ["booleg_40312_5_measures.py"]


def test_what_was_unpacked_beside_files_of_canvas_is_nobodys(section: Section) -> None:
    found = platforms.named(["dl/booleg_9_5_measures.py", "dl/unzipped/booleg_9_99_measures.py"], section)

    assert list(found) == ["dl/booleg_9_5_measures.py"]


def test_the_way_back_is_kept(section: Section) -> None:
    paths = [
        "a/Ada_7_assignsubmission_file_/x/measures.py",
        "b/Bob_8_assignsubmission_file_measures.py",
        "li_9_3_measures-1.py",
    ]

    found = platforms.named(paths, section)

    assert [found[path].under for path in paths] == [
        "Ada_7_assignsubmission_file_", "Bob_8_assignsubmission_file_", "li_9_3_measures-1.py",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Participant", "Teilnehmer/in", "Katılımcı", "Group 1-Participant", "Účastník"])
def test_blind_marking_is_known_in_other_languages(name: str) -> None:
    assert platforms.is_blind(name.replace("/", ""))


@pytest.mark.parametrize("name", ["Ada Lovelace", "Participant Smith", ""])
def test_names_of_people_are_not_blind(name: str) -> None:
    assert not platforms.is_blind(name)
