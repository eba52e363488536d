"""Canvas's gradebook comes back as Canvas wrote it, but for our cells, and its importer reads in them what we meant.

The files are written after lib/gradebook_exporter.rb and lib/csv_with_i18n.rb of instructure/canvas-lms, the reader
(`canvas_import`) after lib/gradebook_importer.rb.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from autograder.exports import ExportError
from autograder.exports.canvas import Gradebook
from autograder.exports.filling import Filled
from autograder.intake.collected import HandedIn
from autograder.people.roster import Entry

from .export_harness import (
    canvas_import,
    directory,
    entropy,
    explained,
    given,
    late,
)
from .records import COURSE, ENTROPY, EXPLAINED, explanation, item, record

TITLES = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
TOTALS = ["Assignments Current Score", "Assignments Final Score", "Current Score", "Final Score"]
ADA = ["Lovelace, Ada", "101", "m-1", "ada", "Group 1"]
BOB = ["Bernoulli, Bob", "102", "m-2", "bob", "Group 1 and Group 2"]
EVE = ["O'\"Neil, Eve", "103", "m-3", "eve@uni.example", "Group 2"]
TEST = ["Student, Test", "199", "", "3f2a9c", "Group 1"]


def rows(*people: list[str], cells: list[str] | None = None, possible: str = "16.00") -> list[list[str]]:
    return [
        [*TITLES, "Homework 0 (7)", "1 Entropy (11)", "Mutual information (12)", *TOTALS],
        ["    Points Possible", "", "", "", "", "5.00", possible, "8.00", *["(read only)"] * 4],
        *([*person, *(cells or ["4.5", "", ""]), "90", "90", "90", "90"] for person in people),
    ]


def written(
    path: Path, table: list[list[str]], separator: str = ",", end: str = "\n", bom: bool = False, **how: object
) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end, **how).writerows(table)  # type: ignore[arg-type]
    path.write_bytes(text.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    return path


def filled(path: Path, grades, people, named=None, scale=False) -> Filled:  # type: ignore[no-untyped-def]
    book = Gradebook(path)
    targets = book.targets([COURSE.section(section) for section in grades], named or {}, scale=scale)
    return book.fill(grades, targets, people)


@pytest.fixture
def gradebook(tmp_path: Path) -> Path:
    return written(tmp_path / "gradebook.csv", rows(ADA, BOB, EVE, TEST))


def test_importer_reads_the_points_and_everything_else_is_as_it_was(gradebook: Path) -> None:
    grades = given(("ada", entropy(15.25)), ("bob", entropy(16)), ("ada", explained("judged", 1.5)))
    before = canvas_import(gradebook.read_bytes())

    result = filled(gradebook, grades, directory("canvas", grades))

    after = canvas_import(result.content)
    assert {key: grade for key, grade in after.items() if before[key] != grade} == {
        ("101", "11"): "15.25", ("102", "11"): "16", ("101", "12"): "7.5",
    }  # fmt: skip
    assert result.changed == 3


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("bom", [False, True])
def test_bytes_of_other_cells_stay(tmp_path: Path, separator: str, end: str, quoting: int, bom: bool) -> None:
    table = rows(ADA, BOB, EVE)
    path = written(tmp_path / "g.csv", table, separator, end, bom, quoting=quoting)
    grades = given(("bob", entropy(15.5)))

    content = filled(path, grades, directory("canvas", grades)).content

    expected = [list(row) for row in table]
    expected[3][6] = "15.5"
    assert content == written(tmp_path / "expected.csv", expected, separator, end, bom, quoting=quoting).read_bytes()


@pytest.mark.parametrize(
    "odd",
    [
        b'Student,ID,SIS Login ID,Section,"1 Entropy ""new"" (11)",X (5)\r\n    Points Possible,,,,16,\n'
        b'"Lovelace, Ada",1,ada,"a ""b""\nc",,"  kept "\r\n\n,,,,,\nBob,2,bob,,,\xff\xfe\n',
        b"Student;ID;SIS Login ID;Section;1_entropy (11)\n    Points Possible;;;;16\nAda;1;ada;;\nBob;2;bob;;",
    ],
)
def test_nothing_to_fill_in_gives_the_same_bytes(tmp_path: Path, odd: bytes) -> None:
    (tmp_path / "g.csv").write_bytes(odd)
    grades = given(("nobody", entropy(16)))

    result = filled(tmp_path / "g.csv", grades, directory("canvas", grades), {"1_entropy": "11"})

    assert result.content == odd
    assert result.changed == 0


def test_decimals_have_the_mark_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "g.csv", rows(ADA, possible="16,00"), ";")
    grades = given(("ada", entropy(15.25)))

    content = filled(path, grades, directory("canvas", grades)).content

    assert b";15,25;" in content
    assert canvas_import(content)["101", "11"] == "15.25"


def test_manual_posting_first_and_last_names_and_own_columns_are_understood(tmp_path: Path) -> None:
    header = ["LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section"]
    table = [
        [*header, "Notes", "Entropy (11)"],
        ["", "", "", "", "", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "", "", "", "", "16"],
        ["Lovelace", "Ada", "101", "", "ada", "", "canvas.example", "One", "talks a lot", ""],
        ["Student", "Test", "9", "", "x", "", "", "", "", ""],
    ]
    path = written(tmp_path / "g.csv", table)
    grades = given(("ada", entropy(16)))

    result = filled(path, grades, directory("canvas", grades))

    assert canvas_import(result.content) == {("101", "11"): "16", ("9", "11"): ""}
    assert result.remarks == []


def test_late_points_are_those_after_the_penalty(gradebook: Path) -> None:
    grades = given(("ada", late(entropy(16), 1.6)), ("bob", late(entropy(16), 99)))

    after = canvas_import(filled(gradebook, grades, directory("canvas", grades)).content)

    assert (after["101", "11"], after["102", "11"]) == ("14.4", "0")


def test_what_waits_or_was_not_judged_stays_empty_and_is_named(gradebook: Path) -> None:
    broken = entropy(16, status="not judged")
    grades = given(("ada", explained()), ("bob", broken), ("ada", entropy(16)))

    result = filled(gradebook, grades, directory("canvas", grades))

    after = canvas_import(result.content)
    assert (after["101", "12"], after["102", "11"]) == ("", "")
    told = "\n".join(result.remarks)
    assert "3_explained: waits for a person, so no points: `Lovelace, Ada` (line 3); run `autograder review`" in told
    assert "1_entropy: could not be judged in full, so no points: `Bernoulli, Bob` (line 4); run `autograder" in told


def test_partial_points_are_handed_on_where_they_are_asked_for(gradebook: Path) -> None:
    items = {"exercise-3": item(full=6, status="not judged"), "exercise-3-explanation": explanation()}
    nothing = record(item(full=10), section="3_explained", status="needs review", items=items)
    grades = given(("ada", explained()), ("bob", nothing), partial=True)

    after = canvas_import(filled(gradebook, grades, directory("canvas", grades)).content)

    assert (after["101", "12"], after["102", "12"]) == ("6", "")


def test_everybody_who_is_only_here_or_only_there_is_named(gradebook: Path) -> None:
    grades = given(("ada", entropy(16)), ("zoe", entropy(16)))

    told = "\n".join(filled(gradebook, grades, directory("canvas", grades)).remarks)

    assert "1_entropy: has a grade here and is not in gradebook.csv: `zoe`" in told
    assert "`Bernoulli, Bob` (line 4), `O'\"Neil, Eve` (line 5)" in told
    assert "Student, Test" not in told


def test_students_are_known_by_roster_download_and_account_and_never_by_name(gradebook: Path) -> None:
    grades = given(*((student, entropy(16)) for student in ("lovelace_ada", "b", "eve", "bernoulli bob")))
    people = directory(
        "canvas",
        grades,
        Entry("eve", email="Eve@uni.example"),
        Entry("b", canvas_id="102"),
        collected=(HandedIn("lovelace_ada", "canvas", "101", "lovelaceada", file="lovelaceada_101_5_entropy.py"),),
    )

    result = filled(gradebook, grades, people)

    after = canvas_import(result.content)
    assert [after[number, "11"] for number in ("101", "102", "103")] == ["16", "16", "16"]
    assert any("`bernoulli bob`" in line for line in result.remarks)


def test_an_anonymous_id_is_no_users_number(gradebook: Path) -> None:
    grades = given(("anon-101", entropy(16)))
    people = directory(
        "canvas", grades, collected=(HandedIn("anon-101", "canvas", "101", "anon", file="anon_101_77_entropy.py"),)
    )

    assert canvas_import(filled(gradebook, grades, people).content)["101", "11"] == ""


def test_nobody_is_guessed_between_two(tmp_path: Path) -> None:
    """A number says one student and a login another; two rows that can be the same student; accents in two forms."""
    table = rows(ADA, BOB, ["Bernoulli, B.", "105", "", "BOB", "x"], ["Jose, J", "106", "", "jose\u0301", "x"])
    path = written(tmp_path / "g.csv", table)
    grades = given(*((student, entropy(16)) for student in ("ada", "chen", "bob", "jos\u00e9")))

    result = filled(path, grades, directory("canvas", grades, Entry("chen", canvas_id="101")))

    after = canvas_import(result.content)
    assert [after[number, "11"] for number in ("101", "102", "105", "106")] == ["", "", "", "16"]
    told = "\n".join(result.remarks)
    assert "`Lovelace, Ada` (line 3) can be `ada` or `chen`" in told
    assert "`Bernoulli, Bob` (line 4) is one of 2 rows that can be `bob`" in told
    assert "if two of these are one student, `autograder roster rename OLD NEW`" in told
    assert "has a grade here and is not in" not in told


@pytest.mark.parametrize("own", ["EX", "ex", "N/A"])
def test_what_only_canvas_may_decide_stays(tmp_path: Path, own: str) -> None:
    path = written(tmp_path / "g.csv", rows(ADA, cells=["", own, ""]))
    grades = given(("ada", entropy(16)))

    result = filled(path, grades, directory("canvas", grades))

    assert result.content == path.read_bytes()
    assert "in Canvas" in result.remarks[0]


def test_an_equal_grade_is_left_as_it_is_written_and_another_replaced(tmp_path: Path) -> None:
    grades = given(("ada", entropy(16)))
    for there, then in (("16.00", "16.00"), ("3", "16")):
        path = written(tmp_path / "g.csv", rows(ADA, cells=["", there, ""]))

        assert f",{then},," in filled(path, grades, directory("canvas", grades)).content.decode()


def test_columns_are_named_by_title_or_number(gradebook: Path) -> None:
    grades = given(("ada", entropy(15)))
    for name in ("Homework 0 (7)", "Homework 0", "7"):
        after = canvas_import(filled(gradebook, grades, directory("canvas", grades), {"1_entropy": name}, True).content)

        assert after["101", "7"] == "4.6875"


@pytest.mark.parametrize(
    ("titles", "named", "says"),
    [
        (["A (1)", "B (2)"], {}, 'no column for section 1_entropy; pass --assignment 1_entropy="NAME"'),
        (["Entropy (1)", "1_entropy (2)"], {}, "more than one column for section 1_entropy"),
        (["Entropy (1)", "Entropy (2)"], {}, "`Entropy (1)` and `Entropy (2)`"),
        (["Entropy (1)"], {"1_entropy": "Entrpy"}, "no column for `Entrpy`, which --assignment names for 1_entropy"),
        (["Final Grade (1)"], {"1_entropy": "Final Grade"}, "no column for `Final Grade`"),
    ],
)
def test_a_column_that_is_missing_or_ambiguous_is_asked_for(
    tmp_path: Path, titles: list[str], named: dict[str, str], says: str
) -> None:
    possible = ["16"] * len(titles)
    path = written(tmp_path / "g.csv", [[*TITLES, *titles], ["    Points Possible", "", "", "", "", *possible]])

    with pytest.raises(ExportError) as error:
        Gradebook(path).targets([ENTROPY], named, scale=False)

    assert says in str(error.value)


def test_two_sections_never_share_a_column(gradebook: Path) -> None:
    with pytest.raises(ExportError, match="can't both go to"):
        Gradebook(gradebook).targets([ENTROPY, EXPLAINED], {"3_explained": "11"}, scale=True)


@pytest.mark.parametrize(("possible", "says"), [("20", "--scale"), ("", "gives no points"), ("0", "gives no points"), ("(read only)", "read only")])  # fmt: skip
def test_other_points_are_refused(tmp_path: Path, possible: str, says: str) -> None:
    path = written(tmp_path / "g.csv", rows(ADA, possible=possible))

    with pytest.raises(ExportError, match=says):
        Gradebook(path).targets([ENTROPY], {}, scale=False)


def test_points_are_scaled_where_that_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path / "g.csv", rows(ADA, possible="100"))
    grades = given(("ada", entropy(15.5)))

    after = canvas_import(filled(path, grades, directory("canvas", grades), scale=True).content)

    assert float(after["101", "11"]) == pytest.approx(15.5 / 16 * 100)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a gradebook"),
        (b"student,section,total\nada,1_entropy,16\n", "not a gradebook"),
        (b"PK\x03\x04....", "is a spreadsheet or a zip"),
        ("Student,ID,Section\n".encode("utf-16"), "is UTF-16"),
        (b"Student,ID,Section\n\0", "not text"),
        (b"Student,ID,Section\nada,1,x\n", "no row `Points Possible`"),
        (b'Student,ID,Section\n    Points Possible,,\n"ada,1,x\n', "line 3: a quote is never closed"),
        (b"Student,ID,Section,A (1)\n    Points Possible,,,3\nada,1\n", "line 3: 2 cells where the header has 4"),
        (b'"' * 100_001, "a quote is never closed"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_a_reason(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "g.csv").write_bytes(content)

    with pytest.raises(ExportError) as error:
        Gradebook(tmp_path / "g.csv")

    assert says in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nowhere\.csv can't be read"):
        Gradebook(tmp_path / "nowhere.csv")


def test_hostile_names_are_shown_and_do_nothing(tmp_path: Path) -> None:
    name = "=cmd|' /C calc'!A0\x1b[31m\u202e" + "x" * 5000
    path = written(tmp_path / "g.csv", rows([name, "7", "", "nobody", ""]))
    grades = given(("\x1b]0;title\x07", entropy(16)))

    result = filled(path, grades, directory("canvas", grades))

    assert result.content == path.read_bytes()
    assert all(line.isprintable() and len(line) < 500 for line in result.remarks)
