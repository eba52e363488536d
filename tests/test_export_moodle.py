"""Moodle's grading worksheet comes back as Moodle wrote it, but for grades and comments, in any language.

Worksheets are written after mod/assign/gradingtable.php and the language packs; the readers (`moodle_import`,
`moodle_page`) after mod/assign/feedback/offline and mod/assign/feedback/file of moodle/moodle.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from autograder.exports import ExportError
from autograder.exports.filling import Filled
from autograder.exports.moodle import Worksheet, comment
from autograder.exports.pages import canvas_name, moodle_name, zipped
from autograder.intake.collected import HandedIn
from autograder.people.roster import Entry

from .export_harness import (
    ENGLISH,
    FRENCH,
    GERMAN,
    POLISH,
    Language,
    canvas_page,
    directory,
    entropy,
    explained,
    given,
    late,
    moodle_import,
    moodle_page,
    stopped,
    unzipped,
)
from .records import COURSE, ENTROPY, EXPLAINED

MODIFIED = "Thursday, 1 October 2026, 11:59 PM"
ADA, BOB, EVE = (4711, "Ada Lovelace", "ada@uni.example"), (4712, "Bob B", "bob@x"), (4713, "Eve O'Neil", "eve@x")


def cells(said: Language, most: float, grade: str = "", comments: str = "", changeable: bool = True) -> list[str]:
    maximum = f"{most:.2f}".replace(".", said.decimal)
    return ["Submitted", grade, maximum, said.yes if changeable else said.no, MODIFIED, "-", comments]


def written(
    path: Path, said: Language, *people: tuple[int, str, str], blind: bool = False, most: float = 16, bom: bool = False,
    end: str = "\n", **how: object,
) -> Path:  # fmt: skip
    about = [] if blind else [said.name, said.email]
    header = [
        said.identifier, *about, said.status, said.grade, said.maximum, said.changeable, said.submitted, said.modified,
        said.comments,
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, delimiter=said.separator, lineterminator=end)
    writer.writerow(header)
    for number, name, email in people:
        who = [] if blind else [name, email]
        writer.writerow([f"{said.participant}{number}", *who, *cells(said, most, **how)])  # type: ignore[arg-type]
    path.write_bytes(text.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    return path


def filled(path: Path, grades, people, section=ENTROPY, scale=False, **columns) -> Filled:  # type: ignore[no-untyped-def]
    sheet = Worksheet(path, **columns)
    return sheet.fill(section, grades, sheet.target(section, scale=scale), people)


def numbered(*students: str) -> tuple[HandedIn, ...]:
    return tuple(HandedIn(student, "moodle", str(4711 + place)) for place, student in enumerate(students))


@pytest.mark.parametrize("said", [ENGLISH, GERMAN, FRENCH, POLISH])
@pytest.mark.parametrize("blind", [False, True])
def test_importer_reads_points_and_comments_in_any_language(tmp_path: Path, said: Language, blind: bool) -> None:
    path = written(tmp_path / "w.csv", said, ADA, BOB, EVE, blind=blind, bom=True, end="\r\n")
    grades = given(("ada", entropy(15.25)), ("bob", entropy(16)))

    result = filled(path, grades, directory("moodle", grades, collected=numbered("ada", "bob")))

    assert moodle_import(result.content, said, most=16) == {
        4711: (15.25, "-", comment(grades["1_entropy"]["ada"])),
        4712: (16.0, "-", comment(grades["1_entropy"]["bob"])),
    }
    assert result.changed == 2
    assert [line for line in result.remarks if "4713" not in line] == []


def test_every_other_byte_stays(tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", GERMAN, ADA, BOB, bom=True, end="\r\n")
    before = path.read_bytes()
    grades = given(("bob", entropy(15.5)))

    after = filled(path, grades, directory("moodle", grades, collected=numbered("x", "bob"))).content

    start = before.index(b"4712")
    cells_of_bob = b';Submitted;"15,50";'.replace(b'"', b"")
    assert after[:start] == before[:start]
    assert cells_of_bob in after
    assert b";16,00;Ja;" + MODIFIED.encode() in after.partition(b"4712")[2]


def test_a_comma_in_a_number_is_quoted_where_commas_separate(tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", FRENCH, ADA)
    grades = given(("ada", entropy(15.5)))

    content = filled(path, grades, directory("moodle", grades, collected=numbered("ada"))).content

    assert b',"15,50",' in content
    assert moodle_import(content, FRENCH, most=16)[4711][0] == 15.5


def test_groups_teams_workflow_and_online_texts_are_in_nobodys_way(tmp_path: Path) -> None:
    header = [
        "Identifier", "Full name", "ID number", "Email address", "Department", "Status", "Group", "Marker", "Grade",
        "Maximum grade", "Marking workflow state", "Grade can be changed", "Last modified (submission)", "Online text",
        "Last modified (grade)", "Feedback comments", "Outcomes",
    ]  # fmt: skip
    rows = [
        ["Participant1", "A", "m-1", "a@x", "Physics", "Submitted", "ada", "", "", "16.00", "Not marked", "Yes", "-", "my\ntext", "-", "", ""],
        ["Participant2", "B", "m-2", "b@x", "Physics", "Submitted", "ada", "", "3.00", "16.00", "Not marked", "No", "-", "", "-", "", ""],
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    (tmp_path / "w.csv").write_bytes(text.getvalue().encode())
    grades = given(("m-1", entropy(15)), ("m-2", entropy(16)))

    result = filled(tmp_path / "w.csv", grades, directory("moodle", grades))

    read = moodle_import(result.content, ENGLISH, most=16)
    assert (read[1][0], read[2][0]) == (15.0, 3.0)
    assert result.remarks == [
        "1_entropy: can't be changed in Moodle, so the cell stays as it is: `Participant2 B` (line 4)"
    ]


@pytest.mark.parametrize("known_by", ["roster", "address", "name"])
def test_students_are_known_by_address_or_by_a_name_that_nobody_else_has(tmp_path: Path, known_by: str) -> None:
    ids = {"roster": "al", "address": "ADA@uni.example", "name": "l1"}
    grades = given((ids[known_by], entropy(16)))
    entry = {
        "roster": Entry("al", email="ada@uni.example"),
        "address": Entry("other"),
        "name": Entry("l1", first_name="Ada", last_name="Lovelace"),
    }[known_by]
    path = written(tmp_path / "w.csv", ENGLISH, ADA, BOB)

    read = moodle_import(filled(path, grades, directory("moodle", grades, entry)).content, ENGLISH, most=16)

    assert read[4711][0] == 16.0


def test_a_name_of_two_is_nobodys(tmp_path: Path) -> None:
    two = [(1, "Ada Lovelace", "a@x"), (2, "ada  lovelace", "b@x")]
    grades = given(("l1", entropy(16)))
    people = directory("moodle", grades, Entry("l1", first_name="Ada", last_name="Lovelace"))

    assert (
        moodle_import(filled(written(tmp_path / "w.csv", ENGLISH, *two), grades, people).content, ENGLISH, most=16)
        == {}
    )


def test_a_comment_that_somebody_wrote_stays_and_ours_is_replaced(tmp_path: Path) -> None:
    grades, old = given(("ada", entropy(16))), given(("ada", entropy(15)))
    people = directory("moodle", grades, collected=numbered("ada"))
    theirs = written(tmp_path / "w.csv", ENGLISH, ADA, comments="See me.")
    ours = written(tmp_path / "v.csv", ENGLISH, ADA, comments=comment(old["1_entropy"]["ada"]), grade="15.00")

    kept, replaced = (filled(path, grades, people) for path in (theirs, ours))

    assert moodle_import(kept.content, ENGLISH, most=16)[4711] == (16.0, "-", "See me.")
    assert any("has a comment already" in line and "`ada`" in line for line in kept.remarks)
    assert moodle_import(replaced.content, ENGLISH, most=16)[4711] == (16.0, "-", comment(grades["1_entropy"]["ada"]))


def test_filling_in_twice_changes_nothing_more(tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", GERMAN, ADA, BOB)
    grades = given(("ada", entropy(15.25)), ("bob", late(entropy(16), 1 / 3)))
    people = directory("moodle", grades, collected=numbered("ada", "bob"))
    once = filled(path, grades, people).content
    path.write_bytes(once)

    again = filled(path, grades, people)

    assert (again.content, again.changed) == (once, 0)


def test_comment_is_harmless_html_with_points_penalty_and_what_a_person_said() -> None:
    grades = given(("ada", late(explained("judged", 1.5, "Good, but <b>why</b>?\n" + "x" * 900), 0.75)))

    text = comment(grades["3_explained"]["ada"])

    assert text.startswith(
        "Points by item: Two columns: 6 of 6<br>Explain: 1.5 of 2 (Good, but &lt;b&gt;why&lt;/b&gt;? x"
    )
    assert "late: &minus;0.75<br>in all: 6.75 of 8" in text
    assert len(text) < 800
    assert "SECRET" not in text


def test_what_waits_stays_empty_without_a_comment(tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", ENGLISH, ADA, most=8)
    grades = given(("ada", explained()))

    result = filled(path, grades, directory("moodle", grades, collected=numbered("ada")), EXPLAINED)

    assert result.content == path.read_bytes()
    assert "waits for a person" in result.remarks[0]


def test_other_points_are_refused_or_scaled(tmp_path: Path) -> None:
    path = written(tmp_path / "w.csv", ENGLISH, ADA, most=100)
    grades = given(("ada", entropy(15.5)))
    people = directory("moodle", grades, collected=numbered("ada"))

    with pytest.raises(ExportError, match="--scale"):
        filled(path, grades, people)
    read = moodle_import(filled(path, grades, people, scale=True).content, ENGLISH, most=100)

    assert read[4711][0] == pytest.approx(96.875)


@pytest.mark.parametrize(
    ("header", "row", "says"),
    [
        ("Student,ID", "Ada,1x", "not a grading worksheet"),
        ("Identifier,Full name,Status,Grade,Scale,Grade can be changed", 'Participant1,A,S,,"bad\ngood",Yes', "--grade-column"),
        ("Identifier,Full name,Status,Score,Out of,Result,Of all", "Participant1,A,S,,16,,20", "--grade-column"),
        ("Identifier,Full name,Status", "", "not a grading worksheet"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_with_a_reason(tmp_path: Path, header: str, row: str, says: str) -> None:
    (tmp_path / "w.csv").write_text(f"{header}\n{row}\n")

    with pytest.raises(ExportError) as error:
        Worksheet(tmp_path / "w.csv")

    assert says in str(error.value)


def test_columns_that_can_not_be_told_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text(
        "Nr,Status,Score,Out of,Result,Of all,Changed (x),A,B\nParticipant4711,S,,16,,20,-,,\n"
    )
    grades = given(("ada", entropy(16)))
    people = directory("moodle", grades, collected=numbered("ada"))

    result = filled(tmp_path / "w.csv", grades, people, grade_title="Score", comments_title="B")
    without = filled(tmp_path / "w.csv", grades, people, grade_title="Score")

    assert b'S,16,16,,20,-,,"Points by item' in result.content
    assert "no column known to hold comments" in without.remarks[-1]
    with pytest.raises(ExportError, match="no column `C`; pass --comments-column"):
        Worksheet(tmp_path / "w.csv", "Score", "C")


@pytest.mark.parametrize(
    ("came", "name", "number", "read"),
    [
        ("Ada Lovelace_4711_assignsubmission_file", "Ada Lovelace", "4711", "/1_entropy.html"),
        ("Ada Lovelace_4711_assignsubmission_file_", "Ada Lovelace", "4711", "1_entropy.html"),
        ("Ada_4711_assignsubmission_file_entropy.py", "Ada", "4711", "1_entropy.html"),
        ("Group 1-Ada_4711_assignsubmission_file_/work.zip", "Ada", "4711", "1_entropy.html"),
        ("", "Ada_the_second", "4711", "1_entropy.html"),
        ("Bob_9_assignsubmission_file_", "Ada", "4711", "1_entropy.html"),
        ("a_b_4711_assignsubmission_file_", "A B", "4711", "1_entropy.html"),
        ("", "../../etc/..", "4711", "1_entropy.html"),
        ("", "~.hidden\x1b[31m\u202e" + "n" * 4000, "4711", "1_entropy.html"),
        ("", "", "4711", "1_entropy.html"),
    ],
)
def test_moodle_knows_whose_page_it_is(came: str, name: str, number: str, read: str) -> None:
    grade = given(("ada", entropy(16)))["1_entropy"]["ada"]

    path = moodle_name(COURSE, grade, number, name, HandedIn("ada", "moodle", number, name, file=came))

    assert ".." not in path.split("/")
    assert path.count("/") == 1
    assert path.isprintable()
    assert max(len(part.encode()) for part in path.split("/")) <= 255
    if came.endswith("file"):  # from 4.1 on
        path = path.replace("_file/", "_file_/")
    found = moodle_page(path)
    assert found is not None
    assert (found[0], found[1]) == (4711, read.strip("/"))


@pytest.mark.parametrize(
    ("came", "number", "read"),
    [
        ("lovelaceada_101_555_entropy.py", "101", ("101", "555")),
        ("lovelaceada_LATE_101_555_entropy-1.py", "101", ("101", "555")),
        ("LATE_anon_x7Bq2_555_entropy.py", "x7Bq2", ("x7Bq2", "555")),
        ("submissions/lovelaceada_101_555_1_entropy.zip", "101", ("101", "555")),
        ("van_der_bergjan_7_101_555_1_entropy.zip", "101", ("101", "555")),
        ("7_101_555_entropy.py", "101", ("101", "555")),
        ("a_12_b_LATE_101_555_entropy.py", "101", ("101", "555")),
        ("anon_101_555_entropy.py", "101", ("101", "555")),
        ("lovelaceada_101_link.html", "101", None),
        ("lovelaceada_101_555", "101", None),
        ("lovelaceada_102_555_entropy.py", "101", None),
        ("LATE", "101", None),
        ("", "101", None),
    ],
)
def test_canvas_knows_whose_page_it_is(came: str, number: str, read: tuple[str, str] | None) -> None:
    name = canvas_name(HandedIn("ada", "canvas", number, "lovelaceada", file=came))

    assert (canvas_page(name) if name else None) == read
    assert name is None or (name.endswith(".html") and "/" not in name)


def test_pages_in_the_zip_are_the_students_own_and_the_same_again() -> None:
    grades = given(("ada", entropy(15)), ("bob", entropy(16)))["1_entropy"]

    content = zipped(COURSE, {"b/1.html": grades["bob"], "a/1.html": grades["ada"]})

    pages = unzipped(content)
    assert list(pages) == ["a/1.html", "b/1.html"]
    shown = BeautifulSoup(pages["a/1.html"], "html.parser").get_text(" ")
    assert "15 of 16 points" in " ".join(shown.split())
    assert b"bob" not in pages["a/1.html"]
    assert content == zipped(COURSE, {"a/1.html": grades["ada"], "b/1.html": grades["bob"]})


def test_points_that_are_missing_for_a_technical_reason_are_not_told_like_wrong_answers() -> None:
    grades = given(("ada", stopped()), ("bob", entropy(15)))

    ada, bob = (comment(grades["1_entropy"][student]) for student in ("ada", "bob"))

    assert "conditional entropy: 0 of 10 (no answer was wrong: the code was stopped before it answered)" in ada
    assert "no answer was wrong" not in bob
